"""What drives the steps: a few ticks in one process, or workers on many."""
