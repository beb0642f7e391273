"""One pass over an XML feed: where its entries lie, what each inherits, and whether it is safe to parse.

It is made by expat, as feedparser's own strict parser is: what expat accepts here it accepts there,
and a document cut down to some of its entries is read as the whole one would be. (lxml costs
twice as much for the same pass, and does not tell where an element lies in the source.)
"""

import re
from dataclasses import dataclass, field
from typing import Final
from xml.parsers import expat

from aggregator.errors import UnsafeDocument
from aggregator.model.identifiers import EntryHash, digest63
from aggregator.parse.options import ParseLimits

Declaration = tuple[str | None, str]
"""A namespace: prefix (None for the default one) and name."""

_ENTRY_NAMES: Final = frozenset(("item", "entry"))
# The namespaces whose elements are a feed's own, as feedparser knows them, in lower case.
_ENTRY_NAMESPACES: Final = frozenset((
    "", "http://backend.userland.com/rss", "http://blogs.law.harvard.edu/tech/rss", "http://purl.org/rss/1.0/",
    "http://my.netscape.com/rdf/simple/0.9/", "http://purl.org/atom/ns#", "http://www.w3.org/2005/atom",
    "http://purl.org/rss/1.0/modules/rss091#", "http://purl.org/pie/", "http://purl.org/echo/",
    "uri/of/echo/namespace#", "http://example.com/newformat#", "http://example.com/necho",
))  # fmt: skip
_INHERITED: Final = frozenset(("base", "lang", "version"))
_SCAN_VERSION: Final = (
    b"1"  # changes when entries are to be read again because we read them otherwise
)
_RAW_ID: Final = re.compile(
    rb"""<(?:guid|id)\b[^>]*>\s*(.*?)\s*</|<(?:\w+:)?item\b[^>]*?\babout\s*=\s*["'](.*?)["']""",
    re.DOTALL,
)
_RAW_DATE: Final = re.compile(
    rb"<(?:pubDate|updated|published|modified|issued|dc:date)\b[^>]*>\s*(?:<!\[CDATA\[)?\s*([^<\]]{6,60})"
)


@dataclass(slots=True)
class EntrySource:
    """One entry element in the source."""

    start: int
    end: int = 0
    hash: EntryHash = EntryHash(0)
    inherited: bytes = b""
    declared_on_itself: list[Declaration] = field(default_factory=list)  # namespaces
    declared: list[Declaration] = field(default_factory=list)  # those, and all inside it

    def raw(self, document: bytes) -> bytes:
        """Return its bytes."""
        return document[self.start : self.end]


@dataclass(slots=True)
class Scan:
    """A well-formed document's entries, and the format that its root names."""

    format: str
    entries: list[EntrySource]


class _Nested(Exception):
    """An entry lies inside another: only feedparser knows what to make of it."""


def scan(document: bytes, context: bytes, limits: ParseLimits) -> Scan | None:
    """Return where the entries lie, or None for what is not well-formed or not plainly a list of entries.

    `context` is what every entry's meaning depends on besides the document.

    Raises:
        UnsafeDocument: More nested, or with more attributes, than any feed is.
    """
    reader = _Reader(document, limits)
    try:
        reader.read()
    except (expat.ExpatError, _Nested):
        return None
    prefix = _SCAN_VERSION + b"\0" + context + b"\0"
    for entry in reader.entries:
        entry.hash = EntryHash(digest63(prefix + entry.inherited + b"\0" + entry.raw(document)))
    return Scan(reader.format, reader.entries)


def same_ids(document: bytes, entries: list[EntrySource]) -> dict[bytes, list[EntrySource]]:
    """Return entries that seem to share an id, by it: they must be read together (the last one wins)."""
    by_id: dict[bytes, list[EntrySource]] = {}
    for entry in entries:
        if match := _RAW_ID.search(document, entry.start, entry.end):
            by_id.setdefault(match.group(1) or match.group(2) or b"", []).append(entry)
    return {raw: group for raw, group in by_id.items() if len(group) > 1}


def raw_date(document: bytes, entry: EntrySource) -> str:
    """Return the first date of an entry as it is written, or an empty string."""
    match = _RAW_DATE.search(document, entry.start, entry.end)
    return match.group(1).decode("utf-8", "replace").strip() if match else ""


def count_entry_tags(document: bytes) -> list[int]:
    """Return where entries seem to start in a document that is not well-formed."""
    return [
        m.start()
        for m in re.finditer(rb"<(?:[\w.-]+:)?(?:item|entry)[\s>/]", document, re.IGNORECASE)
    ]


class _Reader:
    """The state of one pass."""

    def __init__(self, document: bytes, limits: ParseLimits) -> None:
        self.document = document
        self.entries: list[EntrySource] = []
        self.format = ""
        self._limits = limits
        self._path: list[tuple[str, list[str], list[Declaration]]] = []
        self._declared: list[Declaration] = []
        self._open: EntrySource | None = None
        self._open_depth = 0
        self._known_path: tuple[int, bytes] = (-1, b"")
        self._elements = 0
        self._parent_ids: list[int] = []

    def read(self) -> None:
        parser = expat.ParserCreate("utf-8", " ")
        parser.ordered_attributes = True
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.StartNamespaceDeclHandler = self._declare
        self._parser = parser
        parser.Parse(self.document, True)

    def _declare(self, prefix: str | None, uri: str | None) -> None:
        self._declared.append((prefix, uri or ""))

    def _start(self, name: str, attributes: list[str]) -> None:
        path, declared = self._path, self._declared
        if len(path) >= self._limits.depth:
            raise UnsafeDocument(f"its elements are nested more than {self._limits.depth} deep")
        if len(attributes) > 2 * self._limits.attributes:
            raise UnsafeDocument(f"an element has more than {self._limits.attributes} attributes")
        if declared:
            self._declared = []
            if self._open is not None:
                self._open.declared.extend(declared)
        if not path:
            self.format = _format(name, attributes, declared)
        if name[-1:] in "myMY" and _is_entry(name):
            if self._open is not None:
                raise _Nested
            self._open = EntrySource(
                self._parser.CurrentByteIndex,
                inherited=self._inherited(),
                declared_on_itself=declared,
                declared=list(declared),
            )
            self._open_depth = len(path)
        self._elements += 1
        path.append((name, attributes, declared))
        self._parent_ids.append(self._elements)

    def _end(self, name: str) -> None:
        self._path.pop()
        self._parent_ids.pop()
        if self._open is not None and len(self._path) == self._open_depth:
            # At an end tag expat stands before it; at an empty element still before that.
            self._open.end = self.document.index(b">", self._end_of_tag()) + 1
            self.entries.append(self._open)
            self._open = None

    def _end_of_tag(self) -> int:
        position = self._parser.CurrentByteIndex
        if self._open is not None and position == self._open.start:
            return _end_of_empty_tag(self.document, position)
        return position

    def _inherited(self) -> bytes:
        """Return what an entry takes over from the elements around it, the same bytes for the same."""
        parent = self._parent_ids[-1] if self._parent_ids else 0
        if self._known_path[0] != parent:
            taken = [
                (name, [pair for pair in zip(attributes[::2], attributes[1::2], strict=True)
                        if pair[0].rpartition(" ")[2].lower() in _INHERITED], declared)
                for name, attributes, declared in self._path
            ]  # fmt: skip
            self._known_path = (parent, repr(taken).encode("utf-8", "surrogatepass"))
        return self._known_path[1]


def _end_of_empty_tag(document: bytes, start: int) -> int:
    """Return where the `>` of an empty-element tag is: attribute values may hold that character."""
    tag = re.compile(rb"""<[^\s/>"']+(?:[^"'>]|"[^"]*"|'[^']*')*""").match(document, start)
    return tag.end() if tag else start


def _is_entry(name: str) -> bool:
    namespace, _, local = name.rpartition(" ")
    if local.lower() not in _ENTRY_NAMES:
        return False
    namespace = namespace.lower()
    return namespace in _ENTRY_NAMESPACES or "backend.userland.com/rss" in namespace


def _format(name: str, attributes: list[str], declared: list[Declaration]) -> str:
    """Return the format that a root element names, in feedparser's words, but one word for all of RSS 0.9x."""
    local = name.rpartition(" ")[2].lower()
    version = dict(zip(attributes[::2], attributes[1::2], strict=True)).get("version", "")
    uris = {uri.lower() for _, uri in declared}
    if local == "rdf":
        return "rss09" if "http://my.netscape.com/rdf/simple/0.9/" in uris else "rss10"
    if local == "rss":
        return "rss09" if version.startswith("0.9") else "rss20"
    if local in ("feed", "entry"):
        if "http://www.w3.org/2005/atom" in uris:
            return "atom10"
        return "atom03" if version == "0.3" or "http://purl.org/atom/ns#" in uris else "atom"
    return "cdf" if local == "channel" else "xml"
