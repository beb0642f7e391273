"""The sandbox, on real processes."""
