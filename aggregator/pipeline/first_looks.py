"""Documents that `sources add` fetched already: a feed's first poll takes them, and asks nobody (C16)."""

import contextlib
import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from aggregator.model.exchange import Fetched, Freshness
from aggregator.model.feed import Validators
from aggregator.model.identifiers import FeedUrl
from aggregator.store.codec import Codec

_KEPT_FOR: Final = timedelta(hours=1)  # then the document is no longer news


@dataclass(frozen=True, slots=True, kw_only=True)
class _Head:
    """A fetched document without its body."""

    at: datetime
    url: str
    content_type: str | None = None
    charset: str | None = None
    validators: Validators = field(default_factory=Validators)
    freshness: Freshness = field(default_factory=Freshness)
    moved_to: str | None = None
    hub: str | None = None
    self_url: str | None = None
    received: int = 0
    seconds: float = 0.0


_HEAD: Final = Codec(_Head)
_SHARED: Final = tuple(name for name in _Head.__slots__ if name != "at")


class FirstLooks:
    """A folder of such documents, each for one feed and to be taken once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, feed: FeedUrl, document: Fetched, now: datetime) -> None:
        """Keep a feed's document for its first poll."""
        self._folder.mkdir(parents=True, exist_ok=True)
        head = _Head(at=now, **{name: getattr(document, name) for name in _SHARED})
        self._file(feed).write_bytes(_HEAD.dump(head).encode() + b"\n" + document.body)

    def take(self, feed: FeedUrl, now: datetime) -> Fetched | None:
        """Return what was kept for a feed within the hour, and forget it."""
        file = self._file(feed)
        try:
            line, _, body = file.read_bytes().partition(b"\n")
            head = _HEAD.load(line.decode())
        except (OSError, ValueError, KeyError, TypeError, AttributeError):  # absent, or damaged
            return None
        finally:
            with contextlib.suppress(OSError):
                file.unlink()
        if not timedelta(0) <= now - head.at <= _KEPT_FOR:
            return None
        return Fetched(body=body, **{name: getattr(head, name) for name in _SHARED})

    def _file(self, feed: FeedUrl) -> Path:
        return self._folder / hashlib.blake2b(feed.encode(), digest_size=16).hexdigest()
