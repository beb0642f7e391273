"""What a reader finds in a published document: the same shape for all three formats."""

import calendar
import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from html import unescape
from time import struct_time
from typing import Any

import feedparser

from aggregator.model.output import Item


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """One item as a reader sees it."""

    id: str
    url: str | None
    title: str
    html: str
    summary: str
    outlet: str
    language: str | None
    published: datetime
    updated: datetime
    tags: tuple[str, ...]
    enclosure: tuple[str, str] | None


def expected(item: Item) -> Read:
    """Return what every format is to say of an item."""
    enclosure = item.enclosure
    return Read(
        id=item.id,
        url=item.url,
        title=item.title,
        html=item.html,
        summary=item.summary,
        outlet=item.outlet,
        language=item.language,
        published=item.published,
        updated=item.updated,
        tags=tuple(label for _, label in item.topics),
        enclosure=(enclosure.url, enclosure.type or "") if enclosure is not None else None,
    )


def as_feedparser_reads(read: Read) -> Read:
    """Return what feedparser makes of an item: Latin-1 text that could be UTF-8, it takes for UTF-8."""
    texts = {"title": read.title, "html": read.html, "summary": read.summary, "outlet": read.outlet}
    return replace(read, **{name: _mended(text) for name, text in texts.items()})  # type: ignore[arg-type]  # text for text


def _mended(text: str) -> str:
    try:
        return text.encode("iso-8859-1").decode("utf-8")
    except UnicodeError:
        return text


def parse(document: bytes) -> Any:
    """Parse RSS or Atom as feedparser does, but leave all text as it is."""
    parsed = feedparser.parse(document, sanitize_html=False, resolve_relative_uris=False)
    assert not parsed.bozo, parsed.get("bozo_exception")
    return parsed


def read_xml(document: bytes) -> list[Read]:
    """Return the items of an RSS or Atom document."""
    return [_entry(entry) for entry in parse(document).entries]


def read_json(document: bytes) -> list[Read]:
    """Return the items of a JSON Feed."""
    return [_item(item) for item in json.loads(document)["items"]]


def _entry(entry: Any) -> Read:
    content = entry.get("content")
    summary = unescape(entry.summary) if content and entry.summary != content[0].value else ""
    enclosures = [
        (link.href, link.type) for link in entry.get("links", ()) if link.rel == "enclosure"
    ]
    return Read(
        id=entry.id,
        url=entry.link if "link" in entry and entry.link != entry.id else None,  # its stand-in
        title=entry.title,
        html=content[0].value if content else entry.summary,
        summary=summary,
        outlet=entry.author,
        language=entry.get("language") or entry.title_detail.language,
        published=_moment(entry.published_parsed),
        updated=_moment(entry.updated_parsed),
        tags=tuple(tag.label or tag.term for tag in entry.get("tags", ())),
        enclosure=enclosures[0] if enclosures else None,
    )


def _item(item: dict[str, Any]) -> Read:
    attachments = [(a["url"], a["mime_type"]) for a in item.get("attachments", ())]
    return Read(
        id=item["id"],
        url=item.get("url"),
        title=item["title"],
        html=item["content_html"],
        summary=item.get("summary", ""),
        outlet=item["authors"][0]["name"],
        language=item.get("language"),
        published=datetime.fromisoformat(item["date_published"]),
        updated=datetime.fromisoformat(item["date_modified"]),
        tags=tuple(item.get("tags", ())),
        enclosure=attachments[0] if attachments else None,
    )


def _moment(parsed: struct_time) -> datetime:
    return datetime.fromtimestamp(calendar.timegm(parsed), UTC)
