"""What is seen of a running daemon: the clock, logs, metrics, health."""
