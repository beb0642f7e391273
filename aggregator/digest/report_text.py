"""The texts of a report that can be quoted, as plain text: what a key point's span counts in."""

from collections.abc import Mapping
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Final

from typing_extensions import override

from aggregator.model.entry import Entry
from aggregator.model.identifiers import EntryId

_LONGEST: Final = 20_000  # characters of one text: beyond, no digest looks
_BLOCKS: Final = frozenset(
    "address article blockquote br dd div dl dt hr li main ol p pre section td th tr ul".split()
)
# What stands beside an article, never in it: pictures with captions, navigation, headings, tables.
_ASIDE: Final = frozenset(
    "aside button caption figcaption figure footer form h1 h2 h3 h4 h5 h6 header nav script style "
    "table".split()
)


@dataclass(frozen=True, slots=True)
class ReportText:
    """One text of a report."""

    field: str  # summary | content | article
    text: str


def texts_of(entry: Entry, articles: Mapping[EntryId, str]) -> tuple[ReportText, ...]:
    """Return the texts of a report that may be quoted, the fullest first; the title is none of them."""
    found = (
        ReportText("article", articles.get(entry.id, "")[:_LONGEST]),
        ReportText("content", plain_text(entry.content)),
        ReportText("summary", entry.summary[:_LONGEST]),
    )
    return tuple(one for one in found if one.text.strip())


def text_of(entry: Entry, field: str, articles: Mapping[EntryId, str]) -> str:
    """Return the text that a key point's span counts in; empty where it is gone."""
    return next((one.text for one in texts_of(entry, articles) if one.field == field), "")


def plain_text(html: str) -> str:
    """Return clean HTML as text: a line a block, without what only stands beside the article."""
    if not html:
        return ""
    reader = _Reader()
    reader.feed(html[:_LONGEST])
    reader.close()
    return "".join(reader.pieces)


class _Reader(HTMLParser):
    """Collects text; what was cleaned before has balanced elements."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._aside: list[str] = []

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _ASIDE:
            self._aside.append(tag)
        if tag in _BLOCKS or tag in _ASIDE:
            self.pieces.append("\n")

    @override
    def handle_endtag(self, tag: str) -> None:
        if tag in self._aside:
            while self._aside.pop() != tag:
                pass
        if tag in _BLOCKS or tag in _ASIDE:
            self.pieces.append("\n")

    @override
    def handle_data(self, data: str) -> None:
        if not self._aside:
            self.pieces.append(data.replace("\r", " ").replace("\n", " "))
