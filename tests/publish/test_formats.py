import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from lxml import etree

from aggregator.model.entry import Enclosure
from aggregator.model.output import Item, Publication
from aggregator.publish.channel import EMPTY_SINCE, channel_of
from aggregator.publish.item import make_item
from aggregator.publish.json_feed import render_json
from aggregator.publish.opml import outputs_opml
from aggregator.publish.render import render_feed, render_output
from aggregator.publish.rss_atom import render_atom, render_rss
from tests.publish.newsroom import (
    ALL,
    BBC,
    HOUR,
    JIJI,
    MAINICHI,
    NOW,
    SOURCES,
    context,
    filed,
    story,
)
from tests.publish.reading import expected, parse, read_json, read_xml

CTX = context(
    public_url="https://news.example",
    hub="https://hub.example/",
    sources={**SOURCES, MAINICHI.id: replace(MAINICHI, images=True)},
)
ATOM = {"a": "http://www.w3.org/2005/Atom"}
MINUTE = timedelta(minutes=1)


def item(number: int = 1, **changes: Any) -> Item:
    """Return the item of a story that two outlets report."""
    lead = filed(
        "停戦で合意",
        summary="両国は停戦で合意した。",
        topics=["ceasefire"],
        image="https://m.example/1.jpg",
        enclosures=(Enclosure(url="https://m.example/1.mp3", type="audio/mpeg", length=7),),
    )
    file = story(lead, filed("Ceasefire agreed", BBC), id=number)
    moment = (NOW - number * MINUTE).replace(microsecond=0)
    return replace(make_item(file, ALL, CTX, moment, moment), **changes)


def rss(*items: Item) -> etree._Element:
    return etree.fromstring(render_rss(channel_of(ALL, items, CTX), items))


def atom(*items: Item) -> etree._Element:
    return etree.fromstring(render_atom(channel_of(ALL, items, CTX), items))


def feed(*items: Item) -> Any:
    return json.loads(render_json(channel_of(ALL, items, CTX), items))


# -- all three ----------------------------------------------------------------------------------------


def test_rss_atom_and_json_say_the_same_in_the_same_order():
    items = [item(n) for n in range(1, 4)]
    channel = channel_of(ALL, items, CTX)
    wanted = [expected(i) for i in items]
    assert read_xml(render_rss(channel, items)) == wanted
    assert read_xml(render_atom(channel, items)) == wanted
    assert read_json(render_json(channel, items)) == wanted


def test_the_same_items_give_the_same_bytes():
    items = [item(1)]
    for render in (render_rss, render_atom, render_json):
        assert render(channel_of(ALL, items, CTX), items) == render(
            channel_of(ALL, items, CTX), items
        )


def test_a_feed_is_dated_by_its_newest_change_never_by_now():
    old, updated = item(1), item(2, updated=NOW + HOUR)
    assert channel_of(ALL, (old, updated), CTX).updated == NOW + HOUR
    assert parse(etree.tostring(rss(old, updated))).feed.updated.startswith(
        "Tue, 18 Mar 2025 15:45"
    )
    assert atom(old, updated).findtext("a:updated", "", ATOM).startswith("2025-03-18T15:45:30")


def test_an_empty_feed_is_valid_and_always_the_same():
    assert channel_of(ALL, (), CTX).updated == EMPTY_SINCE
    assert parse(render_rss(channel_of(ALL, (), CTX), ())).entries == []
    assert parse(render_atom(channel_of(ALL, (), CTX), ())).entries == []
    assert feed()["items"] == []


@pytest.mark.parametrize(
    "damage",
    [
        {"title": "a\x00b"},
        {"html": "<p>\ud800</p>"},
        {"summary": "\ufffe"},
        {"outlet": "\x08"},
        {"feed_title": "\x1f"},
        {"language": "<>"},
        {"url": "javascript:alert(1)"},
        {"image": "data:x"},
        {"title": " "},
        {"html": ""},
        {"enclosure": Enclosure(url="file:///x", type="audio/mpeg")},
        {"topics": (("ceasefire", "\x00"),)},
    ],
)
def test_d05_an_item_that_no_format_can_carry_is_replaced_by_plain_text_and_blocks_nothing(
    damage: dict[str, Any],
):
    items = [item(1), item(2, **damage), item(3)]
    channel = channel_of(ALL, items, CTX)
    documents = render_feed("feeds/all", channel, items)
    for found in (
        read_xml(documents["feeds/all.rss"]),
        read_xml(documents["feeds/all.atom"]),
        read_json(documents["feeds/all.json"]),
    ):
        assert [read.id for read in found] == [i.id for i in items]
        assert found[0] == expected(items[0])
        assert found[1].html in ("<p>両国は停戦で合意した。</p>", "<p>停戦で合意</p>")
        assert found[1].url in (items[1].url, None)


def test_a23_the_end_of_a_cdata_section_is_text_like_any_other():
    nasty = item(html="<p>a]]&gt;b]]><b>c</b></p>", title="]]>")
    assert read_xml(etree.tostring(rss(nasty))) == [expected(nasty)]
    assert read_xml(etree.tostring(atom(nasty))) == [expected(nasty)]


def test_an_ampersand_in_a_title_is_written_so_that_nobody_takes_it_for_html():
    market = item(title="S&P500 <独自>")
    for render in (render_rss, render_atom):
        document = render(channel_of(ALL, [market], CTX), [market])
        assert "<title>S&#x26;P500 &#x3C;独自&gt;</title>".encode() in document
        assert read_xml(document) == [expected(market)]


def test_without_summary_and_link_the_formats_still_agree():
    bare = item(summary="", url=None, enclosure=None, image=None, related=(), topics=())
    channel = channel_of(ALL, [bare], CTX)
    for read in (
        read_xml(render_rss(channel, [bare])),
        read_xml(render_atom(channel, [bare])),
        read_json(render_json(channel, [bare])),
    ):
        assert read == [expected(bare)]


# -- RSS ------------------------------------------------------------------------------------------------


def test_rss_names_itself_and_its_hub():
    links = rss().findall("channel/{http://www.w3.org/2005/Atom}link")
    assert [(link.get("rel"), link.get("href")) for link in links] == [
        ("self", "https://news.example/feeds/all.rss"),
        ("hub", "https://hub.example/"),
    ]
    assert rss().findtext("channel/link") == "https://news.example/"
    assert rss().findtext("channel/generator") == "Aggregator"
    assert rss().findtext("channel/language") == "ja"


def test_an_rss_item_names_outlet_source_topics_and_a_guid_that_is_no_link():
    found = rss(item()).find("channel/item")
    assert found is not None
    guid, source = found.find("guid"), found.find("source")
    assert guid is not None
    assert source is not None
    assert guid.get("isPermaLink") == "false"
    assert (source.get("url"), source.text) == (
        "https://mainichi.example/feed",
        "毎日新聞のフィード",
    )
    assert found.findtext("{http://purl.org/dc/elements/1.1/}creator") == "毎日新聞"
    assert found.findtext("category") == "停戦"
    thumbnail = found.find("{http://search.yahoo.com/mrss/}thumbnail")
    assert thumbnail is not None
    assert thumbnail.get("url") == "https://m.example/1.jpg"


def test_an_imported_lead_has_no_rss_source():
    assert rss(item(feed_url="import:mainichi")).find("channel/item/source") is None


# -- Atom -------------------------------------------------------------------------------------------------


def test_d05_an_atom_entry_keeps_its_source_and_its_language():
    entry = atom(item()).find("a:entry", ATOM)
    assert entry is not None
    assert entry.get("{http://www.w3.org/XML/1998/namespace}lang") == "ja"
    assert entry.findtext("a:source/a:id", "", ATOM) == "https://mainichi.example/feed"
    assert entry.findtext("a:source/a:title", "", ATOM) == "毎日新聞のフィード"
    assert entry.findtext("a:source/a:updated", "", ATOM)
    categories = entry.findall("a:category", ATOM)
    assert [(c.get("term"), c.get("label")) for c in categories] == [("ceasefire", "停戦")]


def test_an_imported_leads_source_still_has_a_proper_id():
    entry = atom(item(feed_url="import:mainichi")).find("a:entry", ATOM)
    assert entry is not None
    assert entry.findtext("a:source/a:id", "", ATOM).startswith("urn:uuid:")
    assert entry.find("a:source/a:link", ATOM) is None


def test_atom_links_the_lead_the_other_reports_and_the_recording():
    links = atom(item()).findall("a:entry/a:link", ATOM)
    assert [(link.get("rel"), link.get("hreflang"), link.get("title")) for link in links] == [
        ("alternate", "ja", None),
        ("related", "en", "Ceasefire agreed"),
        ("enclosure", None, None),
    ]
    assert (links[2].get("type"), links[2].get("length")) == ("audio/mpeg", "7")


def test_a_report_without_headline_or_length_has_no_empty_attribute():
    related = replace(item().related[0], title="")
    enclosure = Enclosure(url="https://m.example/1", type=None)
    links = atom(item(related=(related,), enclosure=enclosure)).findall("a:entry/a:link", ATOM)
    assert "title" not in links[1].attrib
    assert links[2].get("type") == "application/octet-stream"
    assert "length" not in links[2].attrib


def test_atom_names_itself_and_its_hub():
    links = atom().findall("a:link", ATOM)
    assert [link.get("rel") for link in links] == ["self", "hub", "alternate"]
    assert links[0].get("href") == "https://news.example/feeds/all.atom"
    assert atom().get("{http://www.w3.org/XML/1998/namespace}lang") == "ja"


def test_a_feed_describes_itself_in_its_own_language():
    assert "1件にまとめて" in channel_of(ALL, (), CTX).description
    english = channel_of(replace(ALL, language="en"), (), CTX)
    assert "one item per story" in english.description


def test_the_id_of_a_feed_is_its_own_and_lasting():
    one = channel_of(ALL, (), CTX)
    assert one.id.startswith("urn:uuid:")
    assert one.id == channel_of(ALL, [item()], CTX).id
    assert one.id != channel_of(replace(ALL, id="other"), (), CTX).id  # type: ignore[arg-type]  # an id in short


# -- JSON Feed -----------------------------------------------------------------------------------------------


def test_json_feed_has_what_version_1_1_asks_for():
    document = feed(item())
    assert document["version"] == "https://jsonfeed.org/version/1.1"
    assert document["feed_url"] == "https://news.example/feeds/all.json"
    assert document["home_page_url"] == "https://news.example/"
    assert document["hubs"] == [{"type": "WebSub", "url": "https://hub.example/"}]
    assert document["items"][0]["attachments"][0]["size_in_bytes"] == 7
    assert document["items"][0]["image"] == "https://m.example/1.jpg"


def test_json_feed_names_story_sources_entries_and_topics():
    published = item()
    assert feed(published)["items"][0]["_aggregator"] == {
        "story": published.story,
        "sources": ["mainichi", "bbc"],
        "entries": list(published.entries),
        "topics": ["ceasefire"],
    }


def test_json_feed_has_no_null():
    text = render_json(channel_of(ALL, (), context()), [item(url=None, summary="", topics=())])
    assert b"null" not in text


# -- outputs -----------------------------------------------------------------------------------------------


def publication(of: Item, *, left: bool = False) -> Publication:
    return Publication(
        output=ALL.id, item=of, lead=of.entries[0], lead_since=NOW, independent=1, left=left
    )


def test_an_output_has_a_document_per_format_newest_first_without_what_left():
    publications = [publication(item(3)), publication(item(1)), publication(item(2), left=True)]
    documents = render_output(ALL, publications, CTX)
    assert list(documents) == ["feeds/all.rss", "feeds/all.atom", "feeds/all.json"]
    found = read_xml(documents["feeds/all.rss"])
    assert [read.id for read in found] == [item(1).id, item(3).id]


def test_an_output_never_shows_more_than_its_limit():
    publications = [publication(item(n)) for n in (1, 2, 3)]
    documents = render_output(replace(ALL, limit=2), publications, CTX)
    assert len(read_json(documents["feeds/all.json"])) == 2


def test_the_outputs_are_listed_as_opml():
    english = replace(ALL, id="en", title='World & "News"', language="en")  # type: ignore[arg-type]  # an id in short
    opml = etree.fromstring(outputs_opml([ALL, english], CTX))
    outlines = opml.findall("body/outline")
    assert [o.get("text") for o in outlines] == ["すべてのニュース", 'World & "News"']
    assert outlines[1].get("xmlUrl") == "https://news.example/feeds/en.rss"
    assert outlines[0].get("type") == "rss"
    more = etree.fromstring(outputs_opml([ALL], CTX, digests={"digests": "ダイジェスト"}))
    digests = more.findall("body/outline")[1]
    assert digests.get("xmlUrl") == "https://news.example/feeds/digests.rss"
    assert digests.get("text") == "ダイジェスト"


def test_another_outlets_name_cannot_make_markup():
    sneaky = replace(JIJI, name="<b>時事</b>")
    ctx = context(sources={**SOURCES, JIJI.id: sneaky})
    made = make_item(story(filed(source=JIJI)), ALL, ctx, NOW, NOW)
    assert "<b>" not in made.html
    assert made.outlet == "＜b>時事＜/b>"
