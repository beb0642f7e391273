"""The main job on real documents: each from a host of its own, polled by the command, twice."""

import csv
import hashlib
from contextlib import AsyncExitStack

import feedparser
import pytest

from tests.fakes.origin import origin
from tests.flows.conftest import LOOPBACK, SHARED

FEEDS = SHARED / "corpus" / "feeds"

pytestmark = pytest.mark.skipif(not FEEDS.is_dir(), reason=f"no corpus of real feeds at {FEEDS}")


def real_documents(count: int) -> list[tuple[str, bytes]]:
    """Return real feed documents that feedparser finds entries in, in an order that means nothing."""
    with (FEEDS / "index.csv").open(encoding="utf-8") as stream:
        rows = [row for row in csv.DictReader(stream) if row["kind"] == "real"]
    found = []
    for row in sorted(rows, key=lambda row: row["sha256"]):
        body = (FEEDS / row["file"]).read_bytes()
        if int(row["n_entries"] or 0) > 0 and len(body) < 10 * 1024 * 1024:
            found.append((row["file"], body))
    return found[:count]


def distinct_entries(body: bytes) -> int:
    """Return how many entries feedparser tells apart: by id, else by link, else by title."""
    parsed = feedparser.parse(body, sanitize_html=False, resolve_relative_uris=False)
    keys = {
        entry.get("id") or entry.get("link") or entry.get("title") or repr(entry)
        for entry in parsed.entries
    }
    return len(keys)


@pytest.mark.parametrize("count", [30, pytest.param(120, marks=pytest.mark.slow)])
async def test_real_documents_give_all_their_entries_and_a_second_round_brings_nothing(
    place, count
):
    documents = real_documents(count)
    async with AsyncExitStack() as stack:
        sites = []
        for number, (_, body) in enumerate(documents):
            site = await stack.enter_async_context(
                origin(host=f"127.1.{number // 250}.{number % 250 + 1}")
            )
            etag = f'"{hashlib.sha256(body).hexdigest()}"'
            site.answer("/feed", body=body, headers={"ETag": etag})
            sites.append(site)
        place.write(
            settings=LOOPBACK,
            sources={
                "sources": [
                    {"id": f"s{number}", "name": name, "url": site.url("/feed")}
                    for number, ((name, _), site) in enumerate(zip(documents, sites, strict=True))
                ]
            },
            outputs={
                "outputs": [
                    {"id": "all", "title": "all", "backfill": "36500d", "max_age": "36500d"}
                ]
            },
        )
        first = await place.run("poll", "--all", "--json")
        assert first.json["feeds"] == len(documents), first.err
        stored: dict[str, int] = {}
        for entry in await place.entries():
            stored[entry["source"]] = stored.get(entry["source"], 0) + 1
        short = {
            name: (stored.get(f"s{number}", 0), distinct_entries(body))
            for number, (name, body) in enumerate(documents)
            if stored.get(f"s{number}", 0) < min(distinct_entries(body), 1000)
        }
        assert len(short) <= 0.03 * len(documents), short

        second = await place.run("poll", "--all", "--json")
        again = second.json
        assert (again["new_entries"], again["updated_entries"]) == (0, 0), second.err
        assert (again["fetched"], again["not_modified"]) == (0, first.json["fetched"])

        for (_, body), site in zip(documents, sites, strict=True):
            site.answer("/feed", body=body)  # no validators any more
        third = await place.run("poll", "--all", "--json")
        bare = third.json
        assert bare["fetched"] == first.json["fetched"]
        assert (bare["new_entries"], bare["updated_entries"]) == (0, 0), third.err
