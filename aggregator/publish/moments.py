"""Times of items: whole seconds, each once in a feed, never in the future."""

from collections.abc import Container
from datetime import datetime, timedelta
from typing import Final

_SECOND: Final = timedelta(seconds=1)


def latest_free(at: datetime, now: datetime, *taken: Container[datetime]) -> datetime:
    """Return the latest whole second at or before `at` and `now` that nothing has taken yet."""
    moment = min(at, now).replace(microsecond=0)
    while any(moment in times for times in taken):
        moment -= _SECOND
    return moment
