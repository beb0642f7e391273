"""The news aggregator: polls feeds, recognises stories, tags topics, republishes."""

__version__ = "0.1.0"
