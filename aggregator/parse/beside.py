"""What stands beside the entries of a document and can be left out: feedparser reads entries the same without.

The document's own title, links and dates are read by `channel.py`. That they leave no trace in
feedparser's state is tested for every element that it knows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

# Once the feed has a picture or a form, feedparser takes what an entry's own holds for the feed's.
_REMEMBERED: Final = frozenset(("image", "textinput"))
# These change how the entry that follows is read, or are entries or roots to feedparser.
_LEAKING: Final = frozenset((
    "summary", "content", "encoded", "body", "fullitem", "svg", "math", "item", "entry", "rss", "feed", "rdf",
))  # fmt: skip
_ITUNES: Final = "podcast-1.0.dtd "  # summaries and pictures by other names
# What holds elements; in any other that does, feedparser takes them for markup.
_HOLDERS: Final = _REMEMBERED | {"channel", "items", "seq", "author", "skiphours", "skipdays"}


@dataclass(slots=True)
class _Element:
    """An open element."""

    name: str
    start: int
    stays: bool
    leaks: bool
    holds: bool = False  # other elements
    around: bool = False  # an entry


class Beside:
    """Follows the elements outside of entries."""

    def __init__(self) -> None:
        self._open: list[_Element] = []
        self._places: list[tuple[int, int]] = []
        self._leaks = False

    def start(self, name: str, attributes: Sequence[str], at: int, *, declares: bool) -> None:
        """Take up an element; one that declares namespaces stays."""
        if self._open:
            self._open[-1].holds = True
        # feedparser never finds back to having no base.
        based = bool(attributes) and any(one.lower().endswith("base") for one in attributes[::2])
        self._open.append(_Element(name.lower(), at, declares, based))

    def entry(self) -> None:
        """Note that an entry starts here."""
        if self._open:
            self._open[-1].around = True

    def end(self, at: int) -> None:
        """Note that the innermost element ends here."""
        ended = self._open.pop()
        if not ended.around:
            self._judge(ended)
            if not ended.stays:
                while self._places and self._places[-1][0] > ended.start:
                    self._places.pop()
                self._places.append((ended.start, at))
        if self._open:
            self._open[-1].stays |= ended.stays
            self._open[-1].around |= ended.around

    def _judge(self, ended: _Element) -> None:
        local = ended.name.rpartition(" ")[2]
        self._leaks |= (
            ended.leaks
            or local in _LEAKING
            or _ITUNES in ended.name
            or (ended.holds and local not in _HOLDERS)
        )
        ended.stays |= local in _REMEMBERED

    def places(self) -> list[tuple[int, int]]:
        """Return what can be left out, by start and end: nothing where something leaks into entries."""
        return [] if self._leaks else self._places
