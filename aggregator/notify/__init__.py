"""Telling people: which stories when, and as which messages; the client that sends them is handed in."""
