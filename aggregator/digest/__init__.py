"""Digests: key points word for word, timeline, editions. Pure."""
