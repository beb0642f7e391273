"""Worker processes that can be killed: a pure function on hostile bytes, in bounded time and memory. Edge."""
