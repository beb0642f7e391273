"""One pass over an XML feed: where its entries lie, what each inherits, and whether it is safe to parse.

It is made by expat, as feedparser's own strict parser is: what expat accepts here it accepts there,
and a document cut down to some of its entries is read as the whole one would be. (lxml costs
twice as much for the same pass, and does not tell where an element lies in the source.)
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final
from xml.parsers import expat

from aggregator.errors import UnsafeDocument
from aggregator.model.identifiers import EntryHash, begin63, end63
from aggregator.parse.beside import Beside
from aggregator.parse.options import ParseLimits

Declaration = tuple[str | None, str]
"""A namespace: prefix (None for the default one) and name."""

_Handler = Callable[..., Any]

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
_RAW_DATE: Final = re.compile(
    rb"<(?:pubDate|updated|published|modified|issued|dc:date)\b[^>]*>\s*(?:<!\[CDATA\[)?\s*([^<\]]{6,60})"
)
_START_TAG: Final = re.compile(rb"""<[^\s/>"']+(?:[^"'>]|"[^"]*"|'[^']*')*>""")
_NONE: Final = EntryHash(0)


@dataclass(slots=True)
class EntrySource:
    """One entry element in the source."""

    start: int
    inherited: bytes
    declared_on_itself: list[Declaration]  # namespaces
    declared: list[Declaration]  # those, and all inside it
    end: int = 0
    hash: EntryHash = _NONE

    def raw(self, document: bytes) -> bytes:
        """Return its bytes."""
        return document[self.start : self.end]


@dataclass(slots=True)
class Scan:
    """A well-formed document's entries, what beside them can be left out, and the format that its root names."""

    format: str
    entries: list[EntrySource]
    beside: list[tuple[int, int]]  # starts and ends


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
    _hash_entries(document, context, reader.entries)
    return Scan(reader.format, reader.entries, reader.beside.places())


def _hash_entries(document: bytes, context: bytes, entries: list[EntrySource]) -> None:
    """Give each entry the hash of its bytes, and of what it inherits and `context` say before them."""
    view = memoryview(document)
    begun = {
        inherited: begin63(b"\0".join((_SCAN_VERSION, context, inherited, b"")))
        for inherited in {entry.inherited for entry in entries}
    }
    for entry in entries:
        digest = begun[entry.inherited].copy()
        digest.update(view[entry.start : entry.end])
        entry.hash = EntryHash(end63(digest))


def raw_date(document: bytes, entry: EntrySource) -> str:
    """Return the first date of an entry as it is written, or an empty string."""
    match = _RAW_DATE.search(document, entry.start, entry.end)
    return match.group(1).decode("utf-8", "replace").strip() if match else ""


def entry_tags(document: bytes) -> list[int]:
    """Return where entries seem to start in a document that is not well-formed."""
    return [
        m.start()
        for m in re.finditer(rb"<(?:[\w.-]+:)?(?:item|entry)[\s>/]", document, re.IGNORECASE)
    ]


class _Reader:
    """The state of one pass. Inside an entry, which is most of a feed, other handlers do less."""

    def __init__(self, document: bytes, limits: ParseLimits) -> None:
        self.document = document
        self.entries: list[EntrySource] = []
        self.format = ""
        self.beside = Beside()
        self._limits = limits
        self._outer: list[_Outer] = []  # the open elements around entries
        self._inherited: bytes | None = None  # from all of them
        self._declared: list[Declaration] = []  # of the element that starts next
        self._entry: EntrySource | None = None
        self._parser = expat.ParserCreate("utf-8", " ")

    def read(self) -> None:
        self._inside = self._handlers_inside()
        self._outside = (self._start, self._end)
        parser = self._parser
        parser.ordered_attributes = True
        parser.StartElementHandler, parser.EndElementHandler = self._outside
        parser.StartNamespaceDeclHandler = self._declare
        parser.Parse(self.document, True)

    def _declare(self, prefix: str | None, uri: str | None) -> None:
        self._declared.append((prefix, uri or ""))
        if self._entry is not None:
            self._entry.declared.append((prefix, uri or ""))

    def _start(self, name: str, attributes: list[str]) -> None:
        self._judge(len(self._outer) + 1, attributes)
        if name[-1] in "myMY" and _is_entry(name):
            self._open_entry()
            return
        outer = _Outer(name, attributes, self._declared, self._parser.CurrentByteIndex)
        self.beside.start(name, attributes, outer.start, declares=bool(outer.declared))
        self._outer.append(outer)
        self._inherited = None
        self._declared = []
        if len(self._outer) == 1:
            self.format = _format(outer)

    def _end(self, _name: str) -> None:
        self.beside.end(self._end_of(self._outer.pop().start))
        self._inherited = None

    def _judge(self, depth: int, attributes: list[str]) -> None:
        limits = self._limits
        if depth > limits.depth:
            raise UnsafeDocument(f"its elements are nested more than {limits.depth} deep")
        if len(attributes) > 2 * limits.attributes:
            raise UnsafeDocument(f"an element has more than {limits.attributes} attributes")

    def _open_entry(self) -> None:
        if self._inherited is None:
            self._inherited = b"".join(outer.inherited() for outer in self._outer)
        declared, self._declared = self._declared, []
        if not self._outer:
            self.format = _format(_Outer("entry", [], declared, 0))
        self._entry = EntrySource(
            self._parser.CurrentByteIndex, self._inherited, declared, list(declared)
        )
        self.entries.append(self._entry)
        self.beside.entry()
        self._parser.StartElementHandler, self._parser.EndElementHandler = self._inside

    def _handlers_inside(self) -> tuple[_Handler, _Handler]:
        """Return what looks at depth and attributes alone until an entry ends: most of a feed is inside."""
        depth = 0  # in the entry
        deepest, most = self._limits.depth, 2 * self._limits.attributes

        def start(name: str, attributes: list[str]) -> None:
            nonlocal depth
            depth += 1
            if depth >= deepest or len(attributes) > most:
                self._judge(len(self._outer) + 1 + depth, attributes)
            if name[-1] in "myMY" and _is_entry(name):
                raise _Nested

        def end(_name: str) -> None:
            nonlocal depth
            if depth:
                depth -= 1
            else:
                self._close_entry()

        return start, end

    def _close_entry(self) -> None:
        entry = self.entries[-1]
        entry.end = self._end_of(entry.start)
        self._entry = None
        self._declared = []
        self._parser.StartElementHandler, self._parser.EndElementHandler = self._outside

    def _end_of(self, start: int) -> int:
        """Return where the element that began at `start`, and ends now, has its end."""
        # At an end tag expat stands before it; at an empty element behind it.
        position = self._parser.CurrentByteIndex
        if self.document[position - 2 : position] == b"/>" and (
            position == _end_of_start_tag(self.document, start)
        ):
            return position
        return self.document.index(b">", position) + 1


@dataclass(slots=True)
class _Outer:
    """An element around entries."""

    name: str
    attributes: list[str]
    declared: list[Declaration]
    start: int
    taken: bytes | None = None

    def inherited(self) -> bytes:
        """Return what entries take over from it, the same bytes for the same."""
        if self.taken is None:
            pairs = zip(self.attributes[::2], self.attributes[1::2], strict=True)
            taken = [pair for pair in pairs if pair[0].rpartition(" ")[2].lower() in _INHERITED]
            said = repr((self.name, taken, self.declared))
            self.taken = said.encode("utf-8", "surrogatepass")
        return self.taken


def _end_of_start_tag(document: bytes, start: int) -> int:
    """Return where a start tag ends: attribute values may hold `>`, too."""
    tag = _START_TAG.match(document, start)
    return tag.end() if tag else start


@lru_cache(maxsize=256)  # a document has few names
def _is_entry(name: str) -> bool:
    namespace, _, local = name.rpartition(" ")
    if local.lower() not in _ENTRY_NAMES:
        return False
    namespace = namespace.lower()
    return namespace in _ENTRY_NAMESPACES or "backend.userland.com/rss" in namespace


def _format(root: _Outer) -> str:
    """Return the format that a root element names, in feedparser's words, but one word for all of RSS 0.9x."""
    local = root.name.rpartition(" ")[2].lower()
    attributes = dict(zip(root.attributes[::2], root.attributes[1::2], strict=True))
    version = attributes.get("version", "")
    uris = {uri.lower() for _, uri in root.declared}
    if local == "rdf":
        return "rss09" if "http://my.netscape.com/rdf/simple/0.9/" in uris else "rss10"
    if local == "rss":
        return "rss09" if version.startswith("0.9") else "rss20"
    if local in ("feed", "entry"):
        if "http://www.w3.org/2005/atom" in uris:
            return "atom10"
        return "atom03" if version == "0.3" or "http://purl.org/atom/ns#" in uris else "atom"
    return "cdf" if local == "channel" else "xml"
