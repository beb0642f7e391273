"""JSON Feed 1.0 and 1.1 (https://jsonfeed.org/version/1.1)."""

import json
import re
from typing import Any, Final

from aggregator.errors import NotAFeed, UnsafeDocument
from aggregator.model.entry import Enclosure, ParsedEntry, ParsedFeed
from aggregator.model.feed import FeedHints
from aggregator.model.identifiers import EntryHash, digest63
from aggregator.parse.channel import language_code
from aggregator.parse.dates import parse_date
from aggregator.parse.enclosures import enclosure
from aggregator.parse.options import ParseHints, ParseLimits
from aggregator.parse.plain import plain_title
from aggregator.parse.texts import Fragment, bounded_id, texts_from
from aggregator.parse.urls import safe_url

_STRING: Final = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)
_NOT_BRACKETS: Final = bytes(b for b in range(256) if b not in b"[]{}")
_HASH_VERSION: Final = "1"  # changes when items are to be read again because we read them otherwise


def parse_json(
    document: bytes,
    hints: ParseHints,
    known: frozenset[EntryHash],
    limits: ParseLimits,
    problem: str | None,
) -> ParsedFeed:
    """Read a document of clean UTF-8; items whose hash is known are left out.

    Raises:
        NotAFeed: It is not JSON, or not a feed.
        UnsafeDocument: It is nested too deep.
    """
    root = _load(document, limits)
    given = root.get("items")
    items = [item for item in given if isinstance(item, dict)] if isinstance(given, list) else None
    if items is None or not (
        "jsonfeed.org/version/" in _text(root.get("version")) or root.get("title")
    ):
        raise NotAFeed("a JSON document that is no feed")
    kept = _newest(items, limits.entries, hints.timezone)
    hashes = [_hash(item, hints) for item in kept]
    # Of items with one id the last one counts (reliability A40).
    last = {_id(item): index for index, item in enumerate(kept)}
    return ParsedFeed(
        format="json",
        title=plain_title(_text(root.get("title")))[: limits.title] or None,
        homepage=_url(root.get("home_page_url"), hints),
        language=language_code(_text(root.get("language"))),
        hints=FeedHints(hub=_hub(root, hints), self_url=_url(root.get("feed_url"), hints)),
        entries=tuple(
            _entry(item, item_hash, hints, limits)
            for index, (item, item_hash) in enumerate(zip(kept, hashes, strict=True))
            if item_hash not in known and (_id(item) is None or last[_id(item)] == index)
        ),
        hashes=frozenset(hashes),
        total=len(items),
        dropped=len(items) - len(kept),
        malformed=problem,
    )


def _load(document: bytes, limits: ParseLimits) -> dict[str, Any]:
    depth = deepest = 0
    for bracket in _STRING.sub(b"", document).translate(None, _NOT_BRACKETS):
        depth += 1 if bracket in b"[{" else -1
        deepest = max(deepest, depth)
    if deepest > limits.json_depth:
        raise UnsafeDocument(f"its JSON is nested more than {limits.json_depth} deep")
    try:
        root = json.loads(document)
    except (ValueError, RecursionError) as error:
        raise NotAFeed("broken JSON") from error
    if not isinstance(root, dict):
        raise NotAFeed("a JSON document that is no feed")
    return root


def _entry(
    item: dict[str, Any], item_hash: EntryHash, hints: ParseHints, limits: ParseLimits
) -> ParsedEntry:
    html, text = _text(item.get("content_html")), _text(item.get("content_text"))
    summary = _text(item.get("summary"))
    texts = texts_from(
        Fragment(summary, markup=False) if summary else None,
        Fragment(html, markup=True, base=hints.url)
        if html
        else Fragment(text, markup=False)
        if text
        else None,
        limits,
    )
    published = parse_date(_text(item.get("date_published")), hints.timezone)
    updated = parse_date(_text(item.get("date_modified")), hints.timezone)
    tags = item.get("tags")
    words = (
        [plain_title(_text(tag))[: limits.category] for tag in tags]
        if isinstance(tags, list)
        else []
    )
    return ParsedEntry(
        guid=_id(item),
        # `external_url` is what the item is about, not where it is: a link blog would merge with its subjects.
        url=_url(item.get("url"), hints) or safe_url(_id(item) or "", None),
        title=plain_title(_text(item.get("title")))[: limits.title],
        summary=texts.summary,
        content=texts.content,
        author=_authors(item, limits),
        published=published or updated,
        updated=updated if published else None,
        language=language_code(_text(item.get("language"))),
        categories=tuple(dict.fromkeys(word for word in words if word))[: limits.categories],
        image=_url(item.get("image"), hints)
        or _url(item.get("banner_image"), hints)
        or texts.image,
        enclosures=_enclosures(item, hints, limits),
        hash=item_hash,
    )


def _newest(items: list[dict[str, Any]], limit: int, zone: str | None) -> list[dict[str, Any]]:
    """Return the newest items in their order; without dates the first ones."""
    if len(items) <= limit:
        return items

    def age(index: int) -> float:
        date = parse_date(_text(items[index].get("date_published")), zone)
        return -date.timestamp() if date else 0.0

    return [items[index] for index in sorted(sorted(range(len(items)), key=age)[:limit])]


def _hash(item: dict[str, Any], hints: ParseHints) -> EntryHash:
    base = hints.url.partition("#")[0].partition("?")[0]
    said = json.dumps([_HASH_VERSION, base, hints.timezone, item], sort_keys=True)
    return EntryHash(digest63(said.encode()))


def _id(item: dict[str, Any]) -> str | None:
    """Return the id; numbers are forgiven, as the specification asks."""
    given = item.get("id")
    if isinstance(given, bool) or not isinstance(given, (str, int, float)):
        return None
    return bounded_id(_storable(str(given)))


def _text(value: object) -> str:
    return _storable(value) if isinstance(value, str) else ""


def _storable(text: str) -> str:
    """Return text that UTF-8 can hold: JSON can write half a surrogate pair."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def _url(value: object, hints: ParseHints) -> str | None:
    return safe_url(value, hints.url) if isinstance(value, str) else None


def _hub(root: dict[str, Any], hints: ParseHints) -> str | None:
    hubs = root.get("hubs")
    for hub in hubs if isinstance(hubs, list) else ():
        if (
            isinstance(hub, dict)
            and hub.get("type") == "WebSub"
            and (url := _url(hub.get("url"), hints))
        ):
            return url
    return None


def _authors(item: dict[str, Any], limits: ParseLimits) -> str | None:
    authors = item.get("authors")  # 1.1; 1.0 had one `author`
    given = authors if isinstance(authors, list) else [item.get("author")]
    names = (plain_title(_text(author.get("name"))) for author in given if isinstance(author, dict))
    return ", ".join(dict.fromkeys(name for name in names if name))[: limits.author] or None


def _enclosures(
    item: dict[str, Any], hints: ParseHints, limits: ParseLimits
) -> tuple[Enclosure, ...]:
    given = item.get("attachments")
    found = (
        enclosure(a.get("url"), a.get("mime_type"), a.get("size_in_bytes"), hints.url)
        for a in (given if isinstance(given, list) else ())
        if isinstance(a, dict)
    )
    return tuple({e.url: e for e in found if e}.values())[: limits.enclosures]
