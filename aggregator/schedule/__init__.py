"""When to poll next: cadence by behaviour, backoff after failure, hints of the publisher. Pure."""
