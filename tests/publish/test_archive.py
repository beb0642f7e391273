"""Archive pages: nothing leaves an output without being readable behind it."""

import json
from dataclasses import replace
from datetime import datetime, timedelta

import feedparser  # the reader that most clients are like
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from aggregator.errors import RenderFailed
from aggregator.model.output import Audience, Output, Publication
from aggregator.publish.archive import archive_leaving
from aggregator.publish.channel import channel_of
from aggregator.publish.item import make_item
from aggregator.publish.render import render_archive, render_feed, render_output
from aggregator.publish.update import update_output
from tests.publish.newsroom import ALL, HOUR, NOW, Shelf, context, filed, outlet, story
from tests.publish.reading import read_json, read_xml

CTX = context(public_url="https://news.example", hub="https://hub.example/")
FOUR = replace(ALL, limit=4)
MINUTE = timedelta(minutes=1)


class ArchivedFeed(Shelf):
    """An output with its pages, kept as the pipeline keeps them."""

    def __init__(self, output: Output) -> None:
        super().__init__()
        self.output = output
        self.pages: list[tuple[str, ...]] = []

    def touch(self, *files, at=NOW, gone=()):
        stories = [file.story.id for file in files] + list(gone)
        current = self.shown
        changed = update_output(self.output, current, self.of(*stories), files, CTX, at)
        archived = archive_leaving(self.output, current, changed)
        self.write(archived.publications)
        self.pages += archived.pages
        return self

    def page(self, number: int) -> list[Publication]:
        return [self.kept[item] for item in self.pages[number - 1]]


def news(number: int, at: datetime | None = None):
    at = at or NOW + number * MINUTE
    return story(filed(f"記事{number}", outlet(number), at=at, id=f"e{number}"), id=number)


def test_what_the_limit_pushes_out_is_on_a_page_before_it_leaves():
    feed = ArchivedFeed(FOUR)
    for number in range(1, 5):
        feed.touch(news(number), at=NOW + number * MINUTE)
    assert feed.pages == []
    feed.touch(news(5), at=NOW + 5 * MINUTE)
    # The leaving one, filled up with the oldest that stays: half of the limit to a page.
    assert [[p.item.title for p in feed.page(1)]] == [["記事1", "記事2"]]
    feed.touch(news(6), at=NOW + 6 * MINUTE)
    assert len(feed.pages) == 1
    feed.touch(news(7), at=NOW + 7 * MINUTE)
    assert [p.item.title for p in feed.page(2)] == ["記事3", "記事4"]


def test_what_grows_too_old_is_on_a_page_too():
    feed = ArchivedFeed(FOUR).touch(news(1))
    feed.touch(at=NOW + FOUR.max_age + HOUR)
    assert feed.shown == []
    assert [p.item.title for p in feed.page(1)] == ["記事1"]


def test_what_is_hidden_stands_on_no_page():
    feed = ArchivedFeed(FOUR).touch(news(1))
    feed.touch(gone=[news(1).story.id])
    assert feed.pages == []


@given(st.lists(st.integers(1, 6), min_size=1, max_size=12), st.integers(1, 7))
def test_whoever_reads_the_output_and_its_pages_misses_nothing_that_was_ever_shown(bursts, limit):
    feed = ArchivedFeed(replace(ALL, limit=limit))
    ever: set[str] = set()
    number, pages = 0, list[tuple[str, ...]]()
    for burst in bursts:
        files = [news(number + k, at=NOW + (number + k) * MINUTE) for k in range(1, burst + 1)]
        number += burst
        feed.touch(*files, at=NOW + number * MINUTE)
        ever |= {p.item.id for p in feed.shown}
        assert feed.pages[: len(pages)] == pages  # a page's items never change
        pages = list(feed.pages)
        reached = {p.item.id for p in feed.shown} | {item for page in pages for item in page}
        assert ever <= reached
    on_pages = [item for page in pages for item in page]
    assert len(on_pages) == len(set(on_pages))


def test_a_story_that_was_withdrawn_since_leaves_its_page_for_good():
    feed = ArchivedFeed(replace(ALL, limit=1)).touch(news(1)).touch(news(2), at=NOW + 2 * MINUTE)
    feed.touch(gone=[news(1).story.id])
    (left,) = feed.page(1)
    assert left.left
    assert not left.archived
    feed.touch(news(1), at=NOW + HOUR)
    assert [p.item.title for p in feed.shown] == ["記事2"]
    assert (
        b"urn:uuid:00000000"
        not in render_archive(feed.output, 1, 1, feed.page(1), CTX)["feeds/all.1.rss"]
    )


def test_a_page_no_longer_says_what_was_withdrawn_of_a_story():
    one = filed("首相が訪米", outlet(1), at=NOW, id="one")
    other = filed("取り下げられた見出し", outlet(2), at=NOW + MINUTE, id="other")
    whole = story(one, other)
    feed = ArchivedFeed(replace(ALL, limit=1)).touch(whole, at=NOW + 2 * MINUTE)
    feed.touch(news(9, NOW + 9 * MINUTE), at=NOW + 9 * MINUTE)
    assert "取り下げられた見出し" in feed.page(1)[0].item.html
    feed.touch(story(one), at=NOW + 20 * MINUTE)
    after = feed.page(1)[0]
    assert after.left
    assert "取り下げられた見出し" not in after.item.html
    assert after.item.updated > after.item.published


def publications(*numbers: int) -> list[Publication]:
    feed = ArchivedFeed(FOUR)
    for number in numbers:
        feed.touch(news(number), at=NOW + number * MINUTE)
    return [replace(p, archived=True) for p in feed.shown]


def test_the_output_leads_to_its_newest_page_and_a_page_to_both_sides():
    shown = publications(1, 2)
    current = render_output(ALL, shown, CTX, 3)
    page = render_archive(ALL, 2, 3, shown, CTX)
    assert set(page) == {"feeds/all.2.rss", "feeds/all.2.atom", "feeds/all.2.json"}
    base = "https://news.example/feeds/all"
    for extension in ("rss", "atom"):
        links = feedparser.parse(current[f"feeds/all.{extension}"]).feed.links
        assert {link.rel: link.href for link in links if "archive" in link.rel} == {
            "prev-archive": f"{base}.3.{extension}"
        }
        links = feedparser.parse(page[f"feeds/all.2.{extension}"]).feed.links
        by_rel = {link.rel: link.href for link in links}
        assert by_rel["self"] == f"{base}.2.{extension}"
        assert by_rel["current"] == f"{base}.{extension}"
        assert by_rel["prev-archive"] == f"{base}.1.{extension}"
        assert by_rel["next-archive"] == f"{base}.3.{extension}"
        assert "hub" not in by_rel
    assert json.loads(current["feeds/all.json"])["next_url"] == f"{base}.3.json"
    assert json.loads(page["feeds/all.2.json"])["next_url"] == f"{base}.1.json"
    assert json.loads(page["feeds/all.2.json"])["feed_url"] == f"{base}.2.json"


def test_only_a_page_is_marked_as_an_archive_and_the_ends_of_the_chain_lead_nowhere():
    shown = publications(1, 2)
    mark = "{http://purl.org/syndication/history/1.0}archive"
    for number, without in ((1, b"prev-archive"), (2, b"next-archive")):
        page = render_archive(ALL, number, 2, shown, CTX)
        atom, rss = (page[f"feeds/all.{number}.{extension}"] for extension in ("atom", "rss"))
        assert etree.fromstring(atom).find(mark) is not None
        assert etree.fromstring(rss).find(f"channel/{mark}") is not None
        assert without not in atom
    first = render_archive(ALL, 1, 2, shown, CTX)
    assert "next_url" not in json.loads(first["feeds/all.1.json"])
    alone = render_archive(ALL, 1, 1, shown, CTX)["feeds/all.1.atom"]
    assert b'rel="current"' in alone
    assert etree.fromstring(alone).find(mark) is None
    plain = render_output(ALL, shown, CTX)
    assert not any(b"archive" in body or b"next_url" in body for body in plain.values())


def test_a_page_and_its_output_are_one_feed_and_all_formats_say_the_same():
    shown = publications(1, 2, 3)
    current = render_output(ALL, shown, CTX, 1)
    page = render_archive(ALL, 1, 1, shown, CTX)
    for extension in ("rss", "atom"):
        assert read_xml(page[f"feeds/all.1.{extension}"]) == read_xml(
            current[f"feeds/all.{extension}"]
        )
    assert read_json(page["feeds/all.1.json"]) == read_json(current["feeds/all.json"])
    ids = [
        feedparser.parse(document).feed.id
        for document in (page["feeds/all.1.atom"], current["feeds/all.atom"])
    ]
    assert ids[0] == ids[1]


def test_pages_show_a_wider_audience_nothing_that_was_written_for_the_operator_alone():
    (shown,) = publications(1)
    long = replace(shown, item=replace(shown.item, summary="あ" * 101))
    body = render_archive(ALL, 1, 1, [long], CTX)["feeds/all.1.json"]
    assert len(json.loads(body)["items"]) == 1
    public = replace(CTX, audience=Audience.PUBLIC)
    assert json.loads(render_archive(ALL, 1, 1, [long], public)["feeds/all.1.json"])["items"] == []


def test_a_private_output_names_no_hub():
    assert channel_of(ALL, (), CTX).hub == "https://hub.example/"
    assert channel_of(replace(ALL, private=True), (), CTX).hub is None


def test_a_document_that_cannot_be_made_or_read_back_is_refused():
    at = NOW.replace(microsecond=0)
    item = make_item(news(1), ALL, CTX, at, at)
    channel = channel_of(ALL, [item], CTX)
    assert set(render_feed("feeds/x", channel, [item])) == {
        "feeds/x.rss",
        "feeds/x.atom",
        "feeds/x.json",
    }
    for broken in (
        replace(channel, title="\x00"),  # lxml refuses it
        replace(channel, description="\ud800"),  # and JSON's encoder this
    ):
        with pytest.raises(RenderFailed, match=r"feeds/x\."):
            render_feed("feeds/x", broken, [item])
