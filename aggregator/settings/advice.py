"""What is wrong with feeds, and in which line of sources.yaml each stands: for doctor and the pages."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from aggregator.model.feed import Feed
from aggregator.model.identifiers import FeedUrl
from aggregator.model.incident import Trouble
from aggregator.schedule.advice import troubles_of
from aggregator.settings.places import feed_places


@dataclass(frozen=True, slots=True)
class Advice:
    """A trouble with the line to change."""

    trouble: Trouble
    place: str | None  # config/sources.yaml:14:5; None: the feed is not listed there

    @property
    def line(self) -> str | None:
        """Return the place without its folder, which is nobody's business who only reads pages."""
        return Path(self.place).name if self.place else None


def advice_on(
    feeds: Iterable[Feed], directory: Path, now: datetime, language: str = "en"
) -> list[Advice]:
    """Return all that is wrong with feeds, in their order, worst first for each.

    The file is looked at only where something is wrong; that may take a second, off the event loop.
    """
    troubles = [trouble for feed in feeds for trouble in troubles_of(feed, now, language)]
    places = feed_places(directory) if troubles else {}
    return [
        Advice(trouble, places.get((trouble.source, FeedUrl(trouble.feed)))) for trouble in troubles
    ]
