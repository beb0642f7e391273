"""Is this entry new, changed or known? Keys, canonical URLs, fingerprints. Pure."""
