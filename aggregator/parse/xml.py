"""RSS, RDF and Atom: feedparser's meaning, on no more of the document than is needed.

The only caller of feedparser, and where its types end. It is given bytes only (text would be
opened as a path or URL), clean UTF-8, its HTML cleaner and URI resolver off (both are quadratic).
"""

import re
from dataclasses import replace
from html.entities import html5
from itertools import pairwise
from typing import Any, Final

import feedparser

from aggregator.errors import NotAFeed, UnsafeDocument
from aggregator.model.entry import Enclosure, ParsedEntry, ParsedFeed
from aggregator.model.identifiers import EntryHash, digest63
from aggregator.parse.channel import Channel, language_code, read_channel
from aggregator.parse.dates import date_from_struct, parse_date
from aggregator.parse.enclosures import enclosure
from aggregator.parse.options import ParseHints, ParseLimits
from aggregator.parse.plain import plain_title
from aggregator.parse.prolog import is_feed_root, root_name
from aggregator.parse.scan import (
    Declaration,
    EntrySource,
    Scan,
    count_entry_tags,
    raw_date,
    same_ids,
    scan,
)
from aggregator.parse.texts import Fragment, texts_from
from aggregator.parse.urls import safe_url

# The libxml2 driver that feedparser prefers opens files that a document type names (feedparser#107).
feedparser.api.PREFERRED_XML_PARSERS.clear()

_HEADERS: Final = {"content-type": "application/xml; charset=utf-8"}
_SOUND: Final = frozenset((b"&amp;", b"&lt;", b"&gt;", b"&quot;", b"&apos;"))
_AMPERSAND: Final = re.compile(
    rb"<!\[CDATA\[.*?(?:\]\]>|\Z)|<!--.*?(?:-->|\Z)|&(?:#[0-9]+;|#[xX][0-9a-fA-F]+;|[A-Za-z][A-Za-z0-9]*;)?",
    re.DOTALL,
)
# feedparser looks for an address in an author with a quadratic pattern: 3 s for 20 KB (feedparser#562).
_LONG_AUTHOR: Final = re.compile(
    rb"(<(?:[\w.-]+:)?(?:author|creator|managingeditor|webmaster|publisher|name|email|owner)\b[^<>]*>)"
    rb"(?:[^<]{1000,}|\s*<!\[CDATA\[(?:(?!\]\]>).){1000,}(?:\]\]>|\Z))",
    re.DOTALL | re.IGNORECASE,
)
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
    kept = _newest(document, found.entries, limits.entries, hints.timezone)
    wanted = {id(entry) for entry in kept if entry.hash not in known}
    if wanted:
        for group in same_ids(document, kept).values():
            if any(id(entry) in wanted for entry in group):
                wanted.update(id(entry) for entry in group)
    pieces, expected = _prune(document, found.entries, wanted)
    parsed: list[ParsedEntry] = []
    if wanted:
        result = _feedparser(b"".join(pieces))
        if len(result["entries"]) != len(expected):
            return None
        base = hints.url
        parsed = [
            _entry(raw, source.hash, base, hints, limits)
            for raw, source in zip(result["entries"], expected, strict=True)
            if source is not None
        ]
    channel = read_channel(_head(document, found.entries), hints.url, limits.title)
    return _feed(
        found.format,
        channel,
        tuple(entry for entry in last_of_each(parsed) if entry.hash not in known),
        frozenset(entry.hash for entry in kept),
        total=len(found.entries),
        dropped=len(found.entries) - len(kept),
    )


def _prune(
    document: bytes, entries: list[EntrySource], wanted: set[int]
) -> tuple[list[bytes], list[EntrySource | None]]:
    """Return the document in pieces without unwanted entries, and what each entry left in it is.

    An unwanted entry that declares namespaces leaves an empty one behind that declares the same:
    feedparser takes its idea of the format from them, and remembers prefixes to the end.
    """
    pieces: list[bytes] = []
    expected: list[EntrySource | None] = []
    declared: set[Declaration] = set()
    position = 0
    for entry in entries:
        if id(entry) in wanted:
            expected.append(entry)
            continue
        pieces.append(document[position : entry.start])
        position = entry.end
        new = [pair for pair in entry.declared if pair not in declared]
        if new:
            declared.update(new)
            pieces.append(_placeholder(document, entry, new))
            expected.append(None)
    pieces.append(document[position:])
    return pieces, expected


def _placeholder(document: bytes, entry: EntrySource, declared: list[Declaration]) -> bytes:
    """Return an entry that says nothing but declares the same namespaces."""
    match = re.compile(rb"<([^\s/>]+)").match(document, entry.start)
    tag = match.group(1) if match else b"item"
    own = b"".join(map(_written, entry.declared_on_itself))
    inner = b"".join(
        b"<%bx%b/>" % (f"{pair[0]}:".encode() if pair[0] else b"", _written(pair))
        for pair in declared
        if pair not in entry.declared_on_itself
    )
    return b"<%b%b>%b</%b>" % (tag, own, inner, tag)


def _written(declaration: Declaration) -> bytes:
    prefix, uri = declaration
    value = uri.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")
    return f' xmlns{":" + prefix if prefix else ""}="{value}"'.encode()


def _head(document: bytes, entries: list[EntrySource]) -> bytes:
    pieces = [document[a.end : b.start] for a, b in pairwise(entries)]
    between = b"".join(piece for piece in pieces if not piece.isspace())
    return document[: entries[0].start] + between + document[entries[-1].end :]


def _newest(
    document: bytes, entries: list[EntrySource], limit: int, zone: str | None
) -> list[EntrySource]:
    """Return the newest entries in their order; without dates the first ones."""
    if len(entries) <= limit:
        return entries
    dates = {id(entry): parse_date(raw_date(document, entry), zone) for entry in entries}

    def age(entry: EntrySource) -> float:
        date = dates[id(entry)]
        return -date.timestamp() if date else 0.0

    chosen = {id(entry) for entry in sorted(entries, key=age)[:limit]}
    return [entry for entry in entries if id(entry) in chosen]


def _parse_whole(
    document: bytes,
    hints: ParseHints,
    known: frozenset[EntryHash],
    limits: ParseLimits,
    problem: str | None,
) -> ParsedFeed:
    """Give feedparser everything; hashes are then taken of what it made of each entry."""
    starts = count_entry_tags(document)
    if len(starts) > limits.entries:
        document = document[: starts[limits.entries]]
    result = _feedparser(document)
    raw_entries = result["entries"]
    root = root_name(document)
    if not raw_entries and not is_feed_root(root):
        raise NotAFeed(f"an XML document that is no feed (<{root[:40]}>)")
    parsed = [_hashed(_entry(raw, EntryHash(0), hints.url, hints, limits)) for raw in raw_entries]
    dropped = max(0, len(starts) - limits.entries)
    return replace(
        _feed(
            _format_of(result.get("version") or "", root),
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


def last_of_each(entries: list[ParsedEntry]) -> list[ParsedEntry]:
    """Return the entries in order, of those with one guid only the last (reliability A40)."""
    last = {entry.guid: index for index, entry in enumerate(entries) if entry.guid}
    return [e for index, e in enumerate(entries) if not e.guid or last[e.guid] == index]


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
    return feedparser.parse(
        _LONG_AUTHOR.sub(rb"\1", document),
        response_headers=_HEADERS,
        sanitize_html=False,
        resolve_relative_uris=False,
    )


def _entry(
    raw: Any, entry_hash: EntryHash, feed_base: str, hints: ParseHints, limits: ParseLimits
) -> ParsedEntry:
    """Turn feedparser's dictionary of one entry into ours."""
    fields: dict[str, Any] = dict(raw.items())
    texts = texts_from(_summary(fields, feed_base), _content(fields, feed_base), limits)
    published = _date(fields, "published", hints) or _date(fields, "created", hints)
    updated = _date(fields, "updated", hints)
    guid = str(fields.get("id") or "").strip() or None
    return ParsedEntry(
        guid=guid,
        url=_link(fields, feed_base),
        title=_title(fields, limits),
        summary=texts.summary,
        content=texts.content,
        author=_author(fields, limits),
        published=published or updated,
        updated=updated if published else None,
        language=_language(fields),
        categories=_categories(fields, limits),
        image=_image(fields, feed_base) or texts.image,
        enclosures=_enclosures(fields, feed_base, limits),
        hash=entry_hash,
    )


def _title(fields: dict[str, Any], limits: ParseLimits) -> str:
    kind = (fields.get("title_detail") or {}).get("type", "text/html")
    return plain_title(str(fields.get("title") or ""), markup=kind != "text/plain")[: limits.title]


def _base(detail: Any, feed_base: str) -> str:
    given = detail.get("base") if detail else None
    return (safe_url(str(given), feed_base) if given else None) or feed_base


def _summary(fields: dict[str, Any], feed_base: str) -> Fragment | None:
    value = fields.get("summary")
    if not value:
        return None
    detail = fields.get("summary_detail") or {}
    markup = detail.get("type", "text/html") != "text/plain"
    return Fragment(str(value), markup, _base(detail, feed_base))


def _content(fields: dict[str, Any], feed_base: str) -> Fragment | None:
    """Return the longest text among an entry's contents; pictures and sounds inline are not text."""
    best: Fragment | None = None
    for content in fields.get("content") or ():
        kind = str(content.get("type") or "text/html")
        value = str(content.get("value") or "")
        if value and (kind.startswith("text/") or "html" in kind or kind.endswith("xml")):
            found = Fragment(value, kind != "text/plain", _base(content, feed_base))
            if best is None or len(found.value) > len(best.value):
                best = found
    return best


def _link(fields: dict[str, Any], feed_base: str) -> str | None:
    links = [fields.get("link")]
    links += [
        link.get("href") for link in fields.get("links") or () if link.get("rel") == "alternate"
    ]
    links.append(fields.get("id") if fields.get("guidislink") else None)
    for link in links:
        if link and (url := safe_url(str(link), feed_base)):
            return url
    return None


def _date(fields: dict[str, Any], name: str, hints: ParseHints) -> Any:
    raw = fields.get(name)
    if not raw:
        return None
    return parse_date(str(raw), hints.timezone) or date_from_struct(fields.get(f"{name}_parsed"))


def _author(fields: dict[str, Any], limits: ParseLimits) -> str | None:
    names = [str(author.get("name") or "") for author in fields.get("authors") or () if author]
    said = ", ".join(dict.fromkeys(name for name in map(plain_title, names) if name))
    return (said or plain_title(str(fields.get("author") or "")))[: limits.author] or None


def _language(fields: dict[str, Any]) -> str | None:
    if code := language_code(fields.get("language")):
        return code
    details = [
        fields.get("title_detail"),
        fields.get("summary_detail"),
        *(fields.get("content") or ()),
    ]
    return next((code for d in details if d and (code := language_code(d.get("language")))), None)


def _categories(fields: dict[str, Any], limits: ParseLimits) -> tuple[str, ...]:
    words = (
        plain_title(str(tag.get("label") or tag.get("term") or ""))
        for tag in fields.get("tags") or ()
    )
    return tuple(dict.fromkeys(word[: limits.category] for word in words if word))[
        : limits.categories
    ]


def _image(fields: dict[str, Any], feed_base: str) -> str | None:
    media = [m for m in fields.get("media_content") or () if _is_picture(m)]
    links = [
        link
        for link in fields.get("links") or ()
        if link.get("rel") == "enclosure" and _is_picture(link)
    ]
    image = fields.get("image")
    candidates = [
        *(fields.get("media_thumbnail") or ()),
        *media,
        *links,
        *([image] if isinstance(image, dict) else ()),
    ]
    for candidate in candidates:
        url = candidate.get("url") or candidate.get("href")
        if url and (safe := safe_url(str(url), feed_base)):
            return safe
    return None


def _is_picture(media: Any) -> bool:
    return str(media.get("medium") or "") == "image" or str(media.get("type") or "").startswith(
        "image/"
    )


def _enclosures(
    fields: dict[str, Any], feed_base: str, limits: ParseLimits
) -> tuple[Enclosure, ...]:
    given = [
        (link.get("href"), link.get("type"), link.get("length"))
        for link in fields.get("links") or ()
        if link.get("rel") == "enclosure"
    ]
    given += [
        (media.get("url"), media.get("type"), media.get("filesize"))
        for media in fields.get("media_content") or ()
        if not _is_picture(media)
    ]
    found = (enclosure(url, kind, length, feed_base) for url, kind, length in given)
    return tuple({e.url: e for e in found if e}.values())[: limits.enclosures]
