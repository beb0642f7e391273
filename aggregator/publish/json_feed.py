"""JSON Feed 1.1 (jsonfeed.org/version/1.1), from the same items as RSS and Atom."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from aggregator.model.output import Item
from aggregator.publish.channel import Channel, media_type_of
from aggregator.publish.fragments import Cut

_END: Final = "]}"
_JOINT: Final = ",\n"
# json.dumps with an indent is Python code throughout: five times the cost of an item.
_compact: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def render_json(channel: Channel, items: Sequence[Item]) -> bytes:
    """Return a JSON Feed document of sound items (soundness.py) in the order given, one a line."""
    feed: dict[str, object] = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": channel.title,
        "home_page_url": channel.home_url,
        "feed_url": channel.self_url("json"),
        "description": channel.description,
        "next_url": f"{channel.chain.previous}.json" if channel.chain.previous else None,
        "language": channel.language,
        "hubs": [{"type": "WebSub", "url": channel.hub}] if channel.hub is not None else None,
        "items": [],
    }
    head = _compact(_given(feed)).removesuffix(_END) + "\n"
    lines = _JOINT.join(_compact(_item(item)) for item in items)
    return f"{head}{lines}\n{_END}\n".encode()


def cut_json(document: bytes) -> Cut:
    """Take apart what `render_json` made."""
    tail, joint = f"\n{_END}\n".encode(), _JOINT.encode()
    head, end, lines = document.removesuffix(tail).partition(b"\n")
    return Cut(head=head + end, items=lines.split(joint) if lines else (), tail=tail, joint=joint)


def _item(item: Item) -> dict[str, object]:
    return _given(
        {
            "id": item.id,
            "url": item.url,
            "title": item.title,
            "content_html": item.html,
            "summary": item.summary or None,
            "image": item.image,
            "date_published": _moment(item.published),
            "date_modified": _moment(item.updated),
            "authors": [{"name": item.outlet}],
            "tags": [label for _, label in item.topics] or None,
            "language": item.language,
            "attachments": _attachments(item),
            "_aggregator": _given(
                {
                    "story": item.story or None,  # none in the feed about sources
                    "sources": list(item.sources),
                    "entries": list(item.entries),
                    "topics": [topic for topic, _ in item.topics],
                }
            ),
        }
    )


def _attachments(item: Item) -> list[dict[str, object]] | None:
    if item.enclosure is None:
        return None
    enclosure = item.enclosure
    return [
        _given(
            {
                "url": enclosure.url,
                "mime_type": media_type_of(enclosure),
                "size_in_bytes": enclosure.length or None,
            }
        )
    ]


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()


def _given(fields: dict[str, object]) -> dict[str, object]:
    """Return the fields that have a value: JSON Feed has no use for null."""
    return {name: value for name, value in fields.items() if value is not None}
