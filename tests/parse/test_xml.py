"""Where feedparser itself breaks off, it takes no more along than the entry at which it does."""

import pytest

from aggregator.errors import DocumentError
from aggregator.parse import xml
from aggregator.parse.options import ParseLimits
from tests.parse.feeds import HINTS, read, rss

_SOUND = [f"<title>記事{n}</title><guid>g{n}</guid>" for n in range(9)]
_BREAKING = {
    "a chapter without a time": "<psc:chapters xmlns:psc='http://podlove.org/simple-chapters'><psc:chapter/></psc:chapters>",
    "a place without its frame": "<gml:pos xmlns:gml='http://www.opengis.net/gml'>35 139</gml:pos>",
    "a width in a text": "<description><width>1</width></description>",
}


@pytest.mark.parametrize("breaking", _BREAKING.values(), ids=_BREAKING.keys())
@pytest.mark.parametrize("place", [0, 4, 9])
def test_an_entry_at_which_feedparser_breaks_off_is_left_out_alone(
    breaking: str, place: int
) -> None:
    items = [*_SOUND[:place], f"<title>x</title><guid>x</guid>{breaking}", *_SOUND[place:]]
    feed = read(rss(*items))
    assert [entry.guid for entry in feed.entries] == [f"g{n}" for n in range(9)]
    assert (feed.total, feed.dropped, len(feed.hashes)) == (10, 1, 10)


@pytest.mark.parametrize("known", [0, 9])
def test_a_new_entry_at_which_feedparser_breaks_off_is_no_failure_of_its_feed(known: int) -> None:
    hashes = read(rss(*_SOUND[:known])).hashes if known else frozenset()
    body = rss(_BREAKING["a chapter without a time"], *_SOUND[:known])
    feed = xml.parse_xml(body, HINTS, hashes, ParseLimits(), None)
    assert (feed.entries, feed.total, feed.dropped) == ((), known + 1, 1)


def test_an_entry_that_was_left_out_is_not_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    body = rss(*_SOUND, _BREAKING["a width in a text"])
    known = read(body).hashes
    monkeypatch.setattr(xml, "_feedparser", lambda _: pytest.fail("feedparser was called"))
    assert xml.parse_xml(body, HINTS, known, ParseLimits(), None).dropped == 0


_NAMES = (
    "authors", "links", "tags", "content", "title_detail", "summary_detail", "media_content", "media_thumbnail",
    "published_parsed", "updated_parsed", "author_detail", "enclosures", "guidislink",
)  # fmt: skip


@pytest.mark.parametrize("name", _NAMES)
@pytest.mark.parametrize("before", [True, False])
def test_an_element_with_the_name_of_what_feedparser_says_is_no_obstacle(
    name: str, before: bool
) -> None:
    odd, told = f"<{name}>何か</{name}>", "<title>見出し</title><pubDate>いつか の日</pubDate>"
    for mark in ("", "<oops>"):
        body = rss(odd + told if before else told + odd).replace(b"</channel>", mark.encode())
        assert [entry.title for entry in read(body).entries] == ["見出し"]


@pytest.mark.parametrize(
    "body",
    [
        rss(*_SOUND, channel="<image><description><width>1</width></description></image>"),
        rss(*_SOUND, "<description><width>1</width></description><oops>"),
    ],
    ids=["beside the entries", "in a broken document"],
)
def test_a_document_in_which_feedparser_breaks_off_is_refused_in_words(body: bytes) -> None:
    with pytest.raises(DocumentError, match=r"^feedparser breaks off in it \(TypeError\)$"):
        read(body)


def test_memory_that_gave_out_is_no_fault_of_the_document(monkeypatch: pytest.MonkeyPatch) -> None:
    def exhausted(*_args: object, **_options: object) -> None:
        raise MemoryError

    monkeypatch.setattr("feedparser.parse", exhausted)
    with pytest.raises(MemoryError):
        read(rss(*_SOUND))
