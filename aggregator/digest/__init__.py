"""Digests: what happened, in the outlets' own words, with every source named. Pure."""
