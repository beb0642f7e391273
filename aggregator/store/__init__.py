"""The store: what we keep. Edge. It decides nothing; it applies what was decided in one transaction."""
