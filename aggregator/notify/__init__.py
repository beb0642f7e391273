"""Telling people: ntfy, signed webhooks. Edge."""
