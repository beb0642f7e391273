"""JSON Feed 1.0 and 1.1."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.errors import DocumentError, NotAFeed
from aggregator.parse.document import ParseLimits, parse
from tests.parse.feeds import HINTS, read

VERSION = "https://jsonfeed.org/version/1.1"


def feed(*items: Any, **fields: Any) -> bytes:
    return json.dumps(
        {"version": VERSION, "title": "毎朝", "items": list(items), **fields}
    ).encode()


def test_an_item() -> None:
    body = feed(
        {
            "id": "1", "url": "/a", "external_url": "https://elsewhere.example/", "title": "題 &amp; 名", "content_html": "<p onclick=x>" + "本文。" * 300,
            "summary": "要旨", "date_published": "2025-03-18T23:45:00+09:00", "date_modified": "2025-03-19T00:00:00Z", "authors": [{"name": "甲"}, {"name": "乙"}],
            "tags": ["国際", "国際", 3], "language": "ja-JP", "image": "/i.png", "attachments": [{"url": "/a.mp3", "mime_type": "audio/mpeg", "size_in_bytes": 5}],
        },
        home_page_url="https://news.example/", feed_url="/feed.json", language="ja", hubs=[{"type": "rssCloud", "url": "/x"}, {"type": "WebSub", "url": "/hub"}],
    )  # fmt: skip
    found = read(body)
    (entry,) = found.entries
    assert (found.format, found.title, found.homepage, found.language, found.total) == (
        "json",
        "毎朝",
        "https://news.example/",
        "ja",
        1,
    )
    assert (found.hints.hub, found.hints.self_url) == (
        "https://news.example/hub",
        "https://news.example/feed.json",
    )
    assert (entry.guid, entry.url, entry.title, entry.summary) == (
        "1",
        "https://news.example/a",
        "題 & 名",
        "要旨",
    )
    assert entry.content == "<p>" + "本文。" * 300 + "</p>"
    assert (entry.published, entry.updated) == (
        datetime(2025, 3, 18, 14, 45, tzinfo=UTC),
        datetime(2025, 3, 19, tzinfo=UTC),
    )
    assert (entry.author, entry.categories, entry.language, entry.image) == (
        "甲, 乙",
        ("国際",),
        "ja",
        "https://news.example/i.png",
    )
    assert [(e.url, e.type, e.length) for e in entry.enclosures] == [
        ("https://news.example/a.mp3", "audio/mpeg", 5)
    ]


def test_the_older_author_a_number_as_id_and_an_id_that_is_a_link() -> None:
    first, second = read(
        feed({"id": 7, "author": {"name": "丙"}}, {"id": "https://news.example/b"})
    ).entries
    assert (first.guid, first.author, first.url) == ("7", "丙", None)
    assert second.url == "https://news.example/b"


def test_the_external_link_is_not_the_item() -> None:
    (entry,) = read(feed({"id": "1", "external_url": "https://elsewhere.example/"})).entries
    assert entry.url is None


def test_known_items_are_left_out_and_a_change_is_new() -> None:
    items = [{"id": str(n), "title": f"t{n}"} for n in range(3)]
    whole = read(feed(*items))
    known = frozenset(entry.hash for entry in whole.entries[:2])
    part = parse(feed(*items), HINTS, known)
    assert part == replace(whole, entries=whole.entries[2:])
    items[0]["title"] = "changed"
    assert [e.title for e in parse(feed(*items), HINTS, whole.hashes).entries] == ["changed"]


def test_only_the_newest_items_are_kept() -> None:
    items = [{"id": str(n), "date_published": f"2025-01-{n + 1:02}"} for n in range(20)]
    found = read(feed(*items), ParseLimits(entries=5))
    assert [entry.guid for entry in found.entries] == ["15", "16", "17", "18", "19"]
    assert (found.total, found.dropped) == (20, 15)


def test_half_a_surrogate_pair_becomes_storable() -> None:
    (entry,) = read(
        b'{"version": "https://jsonfeed.org/version/1", "items": [{"id": "\\ud800", "title": "a\\u0000\\udc00b"}]}'
    ).entries
    assert (entry.guid, entry.title) == ("?", "a?b")


@pytest.mark.parametrize(
    "version", ["https://jsonfeed.org/version/1", "https://jsonfeed.org/version/1.1", "", 3]
)
def test_versions(version: object) -> None:
    assert read(feed({"id": "1"}, version=version)).total == 1
    if version in ("", 3):
        with pytest.raises(NotAFeed):
            read(feed({"id": "1"}, version=version, title=None))


_JSON = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=5,
)
_ITEM = st.dictionaries(
    st.sampled_from(
        [
            "id",
            "url",
            "title",
            "content_html",
            "content_text",
            "summary",
            "image",
            "date_published",
            "author",
            "authors",
            "tags",
            "language",
            "attachments",
        ]
    ),
    _JSON,
)


@given(
    items=st.lists(_ITEM | _JSON, max_size=4),
    fields=st.dictionaries(
        st.sampled_from(["title", "hubs", "feed_url", "home_page_url", "language"]), _JSON
    ),
)
@settings(deadline=None)
def test_any_types_anywhere_are_read_or_refused(items: list[Any], fields: dict[str, Any]) -> None:
    found = read(feed(*items, **fields))
    assert found.total == sum(isinstance(item, dict) for item in items)


@given(body=st.text(max_size=100))
def test_any_text_in_braces_is_read_or_refused(body: str) -> None:
    for text in ("{" + body, "{" + body + "}", "[" + body):
        with pytest.raises(DocumentError):
            read(text.encode())
