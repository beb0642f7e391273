"""How much one document may say altogether (reliability P3: what a body costs the daemon)."""

import pickle
import tracemalloc

import pytest

from aggregator.model.entry import ParsedFeed
from aggregator.parse.document import ParseLimits, parse
from tests.parse.feeds import HINTS, read, rss

ROOM = 1024 * 1024
LIMITS = ParseLimits(document=ROOM)


def memory(feed: ParsedFeed) -> int:
    """Return what a document takes where it arrives, and with the UTF-8 of its texts kept beside them."""
    travelling = pickle.dumps(feed)
    tracemalloc.start()
    arrived = pickle.loads(travelling)
    pickle.dumps(arrived)  # has CPython make that UTF-8, as sqlite3 does
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return size


def items(rest: str, count: int) -> bytes:
    every = (
        f"<title>t{n}</title><guid>g{n}</guid>{rest.replace('%', str(n))}" for n in range(count)
    )
    return rss(*every)


@pytest.mark.parametrize(
    "rest",
    [
        f"<description>%😀{'word ' * 2000}</description>",
        "".join(f"<category>%-{n}😀{'x' * 190}</category>" for n in range(30)),
        "".join(f'<enclosure url="/%/{n}/{"停戦" * 90}"/>' for n in range(16)),
    ],
    ids=["texts", "categories", "enclosures"],
)
def test_what_is_small_on_the_wire_and_large_in_memory_is_bounded(rest: str) -> None:
    feed = read(items(rest, 150), LIMITS)
    assert memory(feed) < 1.3 * ROOM
    assert [entry.title for entry in feed.entries] == [f"t{n}" for n in range(150)]
    assert (feed.total, feed.dropped, len(feed.hashes)) == (150, 0, 150)


def test_the_first_entries_keep_their_content_and_all_their_summaries() -> None:
    feed = read(items(f"<description>%{'words and ' * 500}</description>", 200), LIMITS)
    whole = [bool(entry.content) for entry in feed.entries]
    assert 0 < sum(whole) < 200
    assert whole == sorted(whole, reverse=True)
    assert all(entry.summary for entry in feed.entries)


def test_a_short_entry_behind_a_long_one_keeps_its_content() -> None:
    long, short = "letters " * 100_000, "letters " * 300
    body = rss(
        *(
            f"<guid>{n}</guid><description>{text}</description>"
            for n, text in enumerate((long * 2, short))
        )
    )
    first, second = read(body, LIMITS).entries
    assert (bool(first.content), bool(second.content)) == (False, True)


def test_entries_that_do_not_fit_even_so_are_left_for_a_later_poll() -> None:
    body = items(f"<link>https://news.example/%/{'x' * 1900}</link>", 800)
    first = read(body, LIMITS)
    assert 0 < len(first.entries) < 800
    assert (first.dropped, len(first.hashes)) == (800 - len(first.entries), len(first.entries))
    then = parse(body, HINTS, first.hashes, LIMITS)
    titles = [entry.title for entry in (*first.entries, *then.entries)]
    assert titles == [f"t{n}" for n in range(800)]


def test_an_ordinary_document_is_left_as_it_is() -> None:
    feed = read(items("<description>本文。</description><category>国際</category>", 100))
    assert all(entry.categories for entry in feed.entries)
    assert feed.dropped == 0
