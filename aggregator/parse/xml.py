"""RSS, RDF and Atom: feedparser's meaning, on no more of the document than is needed.

The only caller of feedparser, and where its types end. It is given bytes only (text would be
opened as a path or URL), clean UTF-8, its HTML cleaner and URI resolver off (both are quadratic).
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from html.entities import html5
from io import BytesIO
from typing import Any, Final

import feedparser

from aggregator.errors import DocumentError, NotAFeed, UnsafeDocument
from aggregator.model.entry import ParsedEntry, ParsedFeed
from aggregator.model.identifiers import EntryHash, digest63
from aggregator.parse import sax
from aggregator.parse.channel import Channel, read_channel
from aggregator.parse.dates import parse_date
from aggregator.parse.options import ParseHints, ParseLimits
from aggregator.parse.prolog import is_feed_root, root_name
from aggregator.parse.prune import newest, prune, without_entries
from aggregator.parse.scan import EntrySource, Scan, entry_tags, scan
from aggregator.parse.twins import with_twins
from aggregator.parse.xml_entry import EntryReader, last_of_each

# The libxml2 driver that feedparser prefers opens files that a document type names (feedparser#107).
feedparser.api.PREFERRED_XML_PARSERS[:] = [sax.__name__]
# It copies what it knows of each text deeply: strings alone, of which a flat copy takes a tenth of the time.
feedparser.FeedParserDict.__deepcopy__ = lambda known, _memo: feedparser.FeedParserDict(known)


def _read_by_us(text: str) -> tuple[int, ...] | None:
    """Read a date for feedparser, so that it takes apart only what is not read here."""
    read = parse_date(text)
    return None if read is None else read.utctimetuple()


feedparser.registerDateHandler(_read_by_us)

_HEADERS: Final = {"content-type": "application/xml; charset=utf-8"}
_NO_HASH: Final = EntryHash(0)
_SOUND: Final = frozenset((b"&amp;", b"&lt;", b"&gt;", b"&quot;", b"&apos;"))
_AMPERSAND: Final = re.compile(
    rb"<!\[CDATA\[.*?(?:\]\]>|\Z)|<!--.*?(?:-->|\Z)|&(?:#[0-9]+;|#[xX][0-9a-fA-F]+;|[A-Za-z][A-Za-z0-9]*;)?",
    re.DOTALL,
)
# feedparser looks for an address in an author with a quadratic pattern: 3 s for 20 KB (feedparser#562).
_LONG_AUTHOR: Final = re.compile(
    rb"(<(?:[\w.-]+:)?(?:author|creator|managingeditor|webmaster|publisher|name|email|owner)\b[^<>]*>)"
    rb"(?:[^<]{600,}|\s*<!\[CDATA\[(?:(?!\]\]>).){600,}(?:\]\]>|\Z))",
    re.DOTALL | re.IGNORECASE,
)
# A base of another scheme than http would take every relative link with it (reliability A35).
_FOREIGN_BASE: Final = re.compile(
    rb"""\s(?:xml:)?base\s*=\s*(?:"\s*(?!https?:)[A-Za-z][\w+.-]*:[^"<]*"|'\s*(?!https?:)[A-Za-z][\w+.-]*:[^'<]*')""",
    re.IGNORECASE,
)
# Begins with a letter, and knows no other case: ten times as fast.
_BASE: Final = re.compile(rb"""base\s*=\s*["']""")
_OUTER_BASE: Final = re.compile(rb"""base', ['"]https?:""", re.IGNORECASE)  # see scan._Outer
_TAG: Final = re.compile(rb"<(/?)[A-Za-z_](?:[^<>]*[^<>/])?(/?)>|<[^<>]{4096,}>")
_BROKEN_DEPTH: Final = 20  # times the limit: unclosed tags of a broken feed look like nesting


def parse_xml(
    document: bytes,
    hints: ParseHints,
    known: frozenset[EntryHash],
    limits: ParseLimits,
    problem: str | None,
) -> ParsedFeed:
    """Read a document of clean UTF-8; entries whose hash is known are not even parsed.

    Raises:
        NotAFeed: It holds no feed.
        UnsafeDocument: It is nested too deep or has too many attributes.
        DocumentError: feedparser breaks off beside its entries, or in a broken one.
    """
    base = hints.url.partition("#")[0].partition("?")[0]
    context = f"{base}\0{hints.timezone or ''}".encode("utf-8", "surrogatepass")
    found = scan(document, context, limits)
    if found is None:
        problem = problem or "not well-formed"
        document = mend_ampersands(document)
        found = scan(document, context, limits)
    if found and found.entries:
        feed = _parse_new(document, found, hints, known, limits)
        if feed:
            return replace(feed, malformed=problem)
    if found is None:
        _refuse_absurd(document, limits)
    elif is_feed_root(root_name(document)) and not entry_tags(document):
        channel = read_channel(document, hints.url, limits.title)
        return _feed(found.format, channel, (), frozenset(), total=0, dropped=0)
    return _parse_whole(document, hints, known, limits, problem)


def mend_ampersands(document: bytes) -> bytes:
    """Write lone ampersands and HTML's own entities in a way that XML allows: `A&B`, `&nbsp;`."""
    return _AMPERSAND.sub(_mended, document)


def _mended(match: re.Match[bytes]) -> bytes:
    found = match.group()
    if found[:1] == b"<" or found[1:2] == b"#" or found in _SOUND:
        return found
    character = html5.get(found[1:].decode("ascii"))
    if character is None or len(found) == 1:
        return b"&amp;" + found[1:]
    return "".join(f"&#{ord(c)};" for c in character).encode("ascii")


def _parse_new(
    document: bytes,
    found: Scan,
    hints: ParseHints,
    known: frozenset[EntryHash],
    limits: ParseLimits,
) -> ParsedFeed | None:
    """Give feedparser the document without its known entries; None if it counts otherwise than we do."""
    kept = newest(document, found.entries, limits.entries, hints.timezone)
    wanted = {id(entry) for entry in kept if entry.hash not in known}
    parsed: list[ParsedEntry] = []
    broken = 0
    if wanted:
        given = with_twins(document, kept, wanted)
        given = given | _lenders(document, kept, given)
        read = _read_entries(document, found, given)
        if read is None:
            return None
        reader = EntryReader(hints=hints, limits=limits, atom=found.format.startswith("atom"))
        parsed = [reader.entry(raw, source.hash) for raw, source in read]
        broken = len(given) - len(parsed)
    channel = read_channel(without_entries(document, found.entries), hints.url, limits.title)
    return _feed(
        found.format,
        channel,
        tuple(entry for entry in last_of_each(parsed) if entry.hash not in known),
        frozenset(entry.hash for entry in kept),
        total=len(found.entries),
        dropped=len(found.entries) - len(kept) + broken,
    )


def _lenders(document: bytes, entries: Sequence[EntrySource], wanted: set[int]) -> set[int]:
    """Return the entries that may give a base to a wanted one behind them.

    Where none is around, feedparser never finds back to having none.
    """
    if _BASE.search(document, entries[0].start, entries[-1].end) is None:
        return set()
    last = max(place for place, entry in enumerate(entries) if id(entry) in wanted)
    return {
        id(entry)
        for entry in entries[:last]
        if _BASE.search(document, entry.start, entry.end)
        and not _OUTER_BASE.search(entry.inherited)
    }


def _read_entries(
    document: bytes, found: Scan, wanted: set[int]
) -> list[tuple[Any, EntrySource]] | None:
    """Return what feedparser makes of each wanted entry; None if it counts otherwise than we do.

    It breaks off at a chapter of a podcast without a time, at a place of GML without its frame and
    the like, and the whole document with it. Such an entry is found by halves, and left out.

    Raises:
        DocumentError: It breaks off beside the entries.
    """
    pruned, expected = prune(document, found, wanted)
    try:
        entries = _feedparser(pruned)["entries"]
    except DocumentError:
        if not wanted:
            raise
        return _read_halves(document, found, wanted)
    if len(entries) != len(expected):
        return None
    pairs = zip(entries, expected, strict=True)
    return [(raw, source) for raw, source in pairs if source is not None]


def _read_halves(
    document: bytes, found: Scan, wanted: set[int]
) -> list[tuple[Any, EntrySource]] | None:
    if len(wanted) == 1:
        return _read_entries(document, found, set())
    in_order = [id(entry) for entry in found.entries if id(entry) in wanted]
    middle = len(in_order) // 2
    read: list[tuple[Any, EntrySource]] = []
    for half in (in_order[:middle], in_order[middle:]):
        part = _read_entries(document, found, set(half))
        if part is None:
            return None
        read += part
    return read


def _parse_whole(
    document: bytes,
    hints: ParseHints,
    known: frozenset[EntryHash],
    limits: ParseLimits,
    problem: str | None,
) -> ParsedFeed:
    """Give feedparser everything; hashes are then taken of what it made of each entry."""
    starts = entry_tags(document)
    if len(starts) > limits.entries:
        document = document[: starts[limits.entries]]
    result = _feedparser(document)
    raw_entries = result["entries"]
    root = root_name(document)
    if not raw_entries and not is_feed_root(root):
        raise NotAFeed(f"an XML document that is no feed (<{root[:40]}>)")
    format_ = _format_of(result.get("version") or "", root)
    reader = EntryReader(hints=hints, limits=limits, atom=format_.startswith("atom"))
    parsed = [_hashed(reader.entry(raw, _NO_HASH)) for raw in raw_entries]
    dropped = max(0, len(starts) - limits.entries)
    return replace(
        _feed(
            format_,
            read_channel(document, hints.url, limits.title),
            tuple(entry for entry in last_of_each(parsed) if entry.hash not in known),
            frozenset(entry.hash for entry in parsed),
            total=len(raw_entries) + dropped,
            dropped=dropped,
        ),
        malformed=problem,
    )


def _feed(
    format_: str,
    channel: Channel,
    entries: tuple[ParsedEntry, ...],
    hashes: frozenset[EntryHash],
    *,
    total: int,
    dropped: int,
) -> ParsedFeed:
    return ParsedFeed(
        format=format_,
        title=channel.title,
        homepage=channel.homepage,
        language=channel.language,
        hints=channel.hints,
        entries=entries,
        hashes=hashes,
        total=total,
        dropped=dropped,
    )


def _hashed(entry: ParsedEntry) -> ParsedEntry:
    return replace(entry, hash=EntryHash(digest63(repr(entry).encode("utf-8", "surrogatepass"))))


def _format_of(version: str, root: str) -> str:
    if version.startswith("rss09"):
        return "rss09"
    return {"rss": "rss20", "": "cdf" if root == "channel" else "xml"}.get(version, version)


def _refuse_absurd(document: bytes, limits: ParseLimits) -> None:
    """Refuse a broken document that would hold feedparser for long; whole ones were judged in the scan."""
    depth = 0
    for tag in _TAG.finditer(document):
        if tag.end() - tag.start() >= 4096 and tag.group().count(b"=") > limits.attributes:
            raise UnsafeDocument(f"an element has more than {limits.attributes} attributes")
        if not tag.group(2):
            depth = depth - 1 if tag.group(1) else depth + 1
        if depth > limits.depth * _BROKEN_DEPTH:
            raise UnsafeDocument("its elements are nested absurdly deep")


def _feedparser(document: bytes) -> Any:
    if b"base" in document:
        document = _FOREIGN_BASE.sub(b"", document)
    document = _LONG_AUTHOR.sub(rb"\1", document)
    try:
        return feedparser.parse(
            BytesIO(document),  # mere bytes it would first try to open as a file's name
            response_headers=_HEADERS,
            sanitize_html=False,
            resolve_relative_uris=False,
        )
    except MemoryError:
        raise
    except Exception as error:
        raise DocumentError(f"feedparser breaks off in it ({type(error).__name__})") from error
