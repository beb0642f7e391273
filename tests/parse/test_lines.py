"""The JSON Lines of `import`."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.parse.lines import ImportedLine, LineProblem, parse_lines
from tests.parse.feeds import HINTS

GOOD = {"source": "mainichi", "guid": "1", "title": "題"}


def read(fields: Any) -> ImportedLine | LineProblem:
    (found,) = parse_lines(json.dumps(fields).encode(), 1, HINTS)
    return found


def taken(**fields: Any) -> ImportedLine:
    found = read({**GOOD, **fields})
    assert isinstance(found, ImportedLine)
    return found


def test_all_fields() -> None:
    found = taken(
        outlet="毎日新聞", url="https://news.example/1", summary="a < b\n 要旨", content="<p onclick=x>" + "本文。" * 9 + "<a href='/x'>y</a>", author="甲",
        published="2025-03-18T23:45:00+09:00", updated="2025-03-19T00:00:00Z", language="ja-JP", categories=["国際", ""], unknown={"x": 1},
    )  # fmt: skip
    entry = found.entry
    assert (found.line, found.source, found.outlet) == (1, "mainichi", "毎日新聞")
    assert (entry.guid, entry.url, entry.title, entry.summary) == (
        "1",
        "https://news.example/1",
        "題",
        "a < b 要旨",
    )
    assert entry.content.startswith("<p>本文。")
    assert 'href="https://news.example/x"' in entry.content
    assert (entry.author, entry.language, entry.categories) == ("甲", "ja", ("国際",))
    assert (entry.published, entry.updated) == (
        datetime(2025, 3, 18, 14, 45, tzinfo=UTC),
        datetime(2025, 3, 19, tzinfo=UTC),
    )


def test_null_counts_as_absent() -> None:
    nothing = dict.fromkeys(
        [
            "outlet",
            "url",
            "summary",
            "content",
            "author",
            "published",
            "updated",
            "language",
            "categories",
        ]
    )
    assert taken(**nothing) == ImportedLine(
        line=1, source="mainichi", outlet=None, entry=taken(**nothing).entry
    )
    assert taken(**nothing).entry.published is None


@pytest.mark.parametrize(
    ("source", "source_id"),
    [
        ("bbc-world", "bbc-world"),
        ("BBC", "bbc"),
        ("BBC World", "bbc-world-a38ffc81"),
        ("ロイター", "source-e6743419"),
        ("../etc", "etc-0fa2b735"),
    ],
)
def test_a_name_that_is_no_id_becomes_one_and_names_the_outlet(source: str, source_id: str) -> None:
    found = taken(source=source)
    assert found.source == source_id
    assert (found.outlet is None) == (source == source_id)
    assert taken(source=source, outlet="通信社").outlet == "通信社"


def test_names_that_differ_by_what_no_id_can_hold_stay_apart() -> None:
    names = ["\ud800", "毎日新聞", "読売新聞", "BBC_1", "BBC 1", "bbc-1", "b" * 101, "b" * 102]
    assert len({taken(source=name).source for name in names}) == len(names)


def test_a_long_summary_is_kept_and_a_missing_one_is_made_of_the_content() -> None:
    assert taken(summary="長い。" * 1000).entry.summary == "長い。" * 1000
    entry = taken(content="<p>" + "本文。" * 1000 + "</p>").entry
    assert entry.summary == "本文。" * 166
    assert entry.content


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"source": None}, "source: is required"),
        ({"source": ""}, "source: is required"),
        ({"source": 3}, "source: must be a string"),
        ({"title": None}, "title: is required"),
        ({"title": "\u200b"}, "title: is empty"),
        ({"title": ["x"]}, "title: must be a string"),
        ({"guid": None}, "guid, url: one of them is required"),
        ({"guid": 5}, "guid: must be a string"),
        ({"url": "javascript:x"}, "url: not an http or https address"),
        ({"url": "/relative"}, "url: not an http or https address"),
        ({"published": "yesterday"}, "published: not a date"),
        ({"published": 1742309100}, "published: must be a string"),
        ({"updated": "2025-02-30T00:00:00Z"}, "updated: not a date"),
        ({"language": "Japanese!"}, "language: not a language code"),
        ({"categories": "国際"}, "categories: must be a list of strings"),
        ({"categories": [1]}, "categories: must be a list of strings"),
        ({"content": {}}, "content: must be a string"),
    ],
)
def test_problems_name_the_field(fields: dict[str, Any], message: str) -> None:
    found = read({**GOOD, **fields})
    assert isinstance(found, LineProblem)
    assert found.message.startswith(message)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b"{", "not JSON"),
        (b"[1]", "not a JSON object"),
        (b'{"a": "\xff"}', "not UTF-8"),
        (b"[" * 100_000, "not JSON"),
    ],
)
def test_lines_that_are_no_objects(line: bytes, message: str) -> None:
    assert parse_lines(line, 7, HINTS) == (LineProblem(line=7, message=message),)


def test_lines_are_numbered_and_one_problem_stops_no_other() -> None:
    good = json.dumps(GOOD).encode()
    found = parse_lines(b"\xef\xbb\xbf" + good + b"\r\n\n  \noops\n" + good + b"\n", 10, HINTS)
    assert [(type(f).__name__, f.line) for f in found] == [
        ("ImportedLine", 10),
        ("LineProblem", 13),
        ("ImportedLine", 14),
    ]


@given(
    chunk=st.binary(max_size=200),
    fields=st.dictionaries(
        st.sampled_from(
            ["source", "title", "guid", "url", "summary", "content", "published", "categories"]
        ),
        st.none() | st.integers() | st.text(max_size=20),
    ),
)
def test_anything_is_an_entry_or_a_problem(chunk: bytes, fields: dict[str, Any]) -> None:
    for found in parse_lines(chunk + b"\n" + json.dumps({**GOOD, **fields}).encode(), 1, HINTS):
        assert isinstance(found, ImportedLine) or found.message
