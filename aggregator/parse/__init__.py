"""A body in, entries out: decoding, formats, dates, markup. Pure; runs in the sandbox."""
