"""Times of items: whole seconds, each once in a feed, never in the future."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

_SECOND: Final = timedelta(seconds=1)


class Moments:
    """The seconds that are taken in one feed; who comes later moves back to the next free one."""

    def __init__(self, taken: Iterable[datetime]) -> None:
        self._taken = set(taken)

    def take(self, at: datetime, now: datetime) -> datetime:
        """Return the latest free second at or before `at` and `now`, and take it."""
        moment = min(at, now).replace(microsecond=0)
        while moment in self._taken:
            moment -= _SECOND
        self._taken.add(moment)
        return moment
