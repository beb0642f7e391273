"""Topics: rules compiled once, matched in one pass, with evidence. Pure."""
