"""Nothing that acts comes out of a newsroom: polled, stored, then read in pages, RSS, Atom and JSON.

Each case is a feed of its own, or an entry of one, on a real server; what is published is read with an
HTML parser, and every element, attribute and scheme must be on a list (tests/fakes/active_content.py).
"""

import re
import subprocess
import sys
import tarfile
from collections.abc import Iterator, Mapping
from html import escape
from importlib.metadata import version
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from aggregator.model.identifiers import SourceId
from aggregator.model.query import EntryQuery
from aggregator.observe.clock import SystemClock
from aggregator.observe.health import Health
from aggregator.parse.markup import clean_html
from aggregator.pipeline.round import Wanted
from aggregator.serve.app import Desk, make_app
from tests.fakes.active_content import (
    VECTORS,
    acts_in_feed,
    acts_in_json,
    acts_in_prose,
    acts_on_page,
)
from tests.fakes.origin import origin

EVERYTHING = [{"id": "all", "title": "all", "limit": 1000, "items": "entries"}]
A_ROUND = 50
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")  # a feed cannot carry these at all


def test_there_are_more_than_a_hundred_cases_no_two_alike():
    assert len(set(VECTORS)) == len(VECTORS) > 100


@pytest.mark.parametrize("vector", VECTORS)
def test_d01_a_body_is_clean_whatever_is_in_it(vector: str):
    for html in (
        vector,
        f"<p>a</p>{vector}<p>b</p>",
        f"<table><tr>{vector}",
        f"<b>{vector}</b></b>",
    ):
        assert acts_in_prose(clean_html(html, "https://ok.example/")) == []


async def test_d01_nothing_of_our_own_cases_acts_in_pages_or_feeds(room):
    texts = [_NOT_XML.sub("", vector) for vector in VECTORS]
    items = "".join(_rss_item(number, text) for number, text in enumerate(texts))
    feeds = {"/rss": f"<rss version='2.0'><channel><title>{escape(texts[0])}</title>{items}</channel></rss>"}  # fmt: skip
    await assert_harmless(room, {path: body.encode() for path, body in feeds.items()}, len(texts))


def _rss_item(number: int, text: str) -> str:
    hostile = escape(text)
    address = re.search(r"(?:href|src)='?([^'>]+)", text)
    link = escape(address.group(1)) if address else f"https://ok.example/{number}"
    return (
        f"<item><guid isPermaLink='false'>{number}{hostile}</guid><title>{number} {hostile}</title>"
        f"<link>{link}</link><description>{hostile}</description><author>{hostile}</author>"
        f"<category>{hostile}</category><enclosure url='{link}' type='{hostile}' length='1'/>"
        f"<encoded xmlns='http://purl.org/rss/1.0/modules/content/'>{hostile}</encoded></item>"
    )


@pytest.fixture(scope="module")
def feedparsers_cases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, bytes]]:
    """Fetch feedparser's own cases for its sanitiser: they are in its source distribution alone."""
    folder = tmp_path_factory.mktemp("feedparser")
    asked = f"feedparser=={version('feedparser')}"
    pip = [
        sys.executable,
        "-m",
        "pip",
        "download",
        "--quiet",
        "--no-deps",
        "--no-binary",
        "feedparser",
    ]
    fetched = subprocess.run([*pip, "--dest", str(folder), asked], check=False, capture_output=True)
    archives = list(folder.glob("feedparser-*.tar.gz"))
    if fetched.returncode or not archives:
        pytest.skip(f"the source distribution of {asked} cannot be had from the package index")
    with tarfile.open(archives[0]) as archive:
        yield {
            f"/{Path(member.name).name}": file.read()
            for member in archive
            if "/wellformed/sanitize/" in member.name and member.name.endswith(".xml")
            if (file := archive.extractfile(member)) is not None
        }


@pytest.mark.slow
@pytest.mark.timeout(900)
async def test_nothing_of_feedparsers_cases_acts_in_pages_or_feeds(
    room, feedparsers_cases: Mapping[str, bytes]
):
    assert len(feedparsers_cases) >= 745
    with_entries = sum(b"<entry" in body or b"<item" in body for body in feedparsers_cases.values())
    await assert_harmless(room, feedparsers_cases, with_entries // 2)


async def assert_harmless(room, feeds: Mapping[str, bytes], at_least: int) -> None:
    """Poll the feeds, and read all that comes of them as a reader or a browser does."""
    async with origin() as site:
        sources = []
        for number, (path, body) in enumerate(feeds.items()):
            site.answer(path, body=body, headers={"Content-Type": "application/xml"})
            sources.append(
                {"id": f"s{number}", "name": f"S{number}", "url": site.url(path), "images": True}
            )
        async with room(sources, outputs=EVERYTHING) as newsroom:
            ids = [SourceId(f"s{number}") for number in range(len(sources))]
            for start in range(0, len(ids), A_ROUND):  # a host is asked for so many feeds at a time
                some = frozenset(ids[start : start + A_ROUND])
                await newsroom.poll(Wanted(sources=some, all_feeds=True), defer=True)
            await newsroom.understand()
            stored = (await newsroom.parts.store.entries(EntryQuery(limit=10_000))).items
            assert len(stored) >= at_least
            for filed in stored:
                assert acts_in_prose(filed.entry.content) == []
            shelf = newsroom.parts.shelf
            for name in shelf.names():
                body = shelf.get(name).body
                assert (acts_in_json if name.endswith(".json") else acts_in_feed)(body) == [], name
            clock = SystemClock()
            desk = Desk(
                store=newsroom.parts.store,
                shelf=shelf,
                configuration=lambda: newsroom.configuration,
                health=Health(started_at=clock.now(), version="0"),
                clock=clock,
            )
            addresses = ["/", "/sources", "/sources/s0", "/search?q=alert", "/search?q=description"]
            addresses += sorted({f"/stories/{f.placement.story}" for f in stored if f.placement})
            client = TestClient(make_app(desk))
            for address in addresses:
                assert acts_on_page(client.get(address).text) == [], address
