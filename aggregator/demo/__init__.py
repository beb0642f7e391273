"""The loopback newsroom and its sample news."""
