"""The running service: start, signals, reload, orderly stop, commands from outside."""
