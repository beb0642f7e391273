"""Language, as several stages need it: normalising, scripts, terms, numbers, sentences. Pure."""
