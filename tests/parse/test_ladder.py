"""The skip ladder: what is known is not parsed, and what is parsed is as feedparser has it on the whole body.

Known exceptions, each deliberate:
- not well-formed only by lone ampersands or HTML's entities: mended first (`A&B` stays `A&B`, where
  feedparser's loose parser makes `A&B;` of it);
- two entries share an id, and an element inside the first has an id of its own before it: if only
  the later one is known, the earlier one is not recognised as its double (one of 727 documents);
- a base of another scheme than http is ignored, and authors of 600 bytes are left out;
- title, homepage and language of the feed itself are read by our own code (parse/channel.py), so
  that they are there when nothing is parsed.
"""

import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.errors import DocumentError
from aggregator.parse import xml
from aggregator.parse.decode import to_utf8
from aggregator.parse.document import ParseLimits, parse
from aggregator.parse.prolog import feed_document
from aggregator.parse.scan import scan
from tests.parse.feeds import HINTS, atom, corpus, read, rss
from tests.parse.reference import NO_HASH, entries_alone

# An id behind another element's id: see the exceptions above.
_EXCEPTIONS = {"kurtmckee__feedparser/wellformed--node_precedence--atom10_id.xml"}


def check(body: bytes, seed: int, *, reference: bool = True) -> None:
    """Compare with feedparser on the whole body: everything, and some of it with the rest known."""
    whole = parse(body, HINTS)
    if reference:
        assert [replace(entry, hash=NO_HASH) for entry in whole.entries] == entries_alone(
            body, HINTS
        )
    chance = random.Random(seed)
    known = frozenset(h for h in sorted(whole.hashes) if chance.random() < 0.6)
    part = parse(body, HINTS, known)
    assert part.entries == tuple(entry for entry in whole.entries if entry.hash not in known)
    assert replace(part, entries=whole.entries) == whole


def check_corpus(*, every: int) -> int:
    checked = 0
    for number, (name, _, body) in enumerate(corpus()):
        if number % every or name in _EXCEPTIONS:
            continue
        try:
            is_json = parse(body, HINTS).format == "json"
        except DocumentError:
            continue
        document = b"" if is_json else feed_document(to_utf8(body, None).body)
        well_formed = not is_json and scan(document, b"", ParseLimits()) is not None
        check(body, number, reference=well_formed)
        checked += 1
    return checked


def test_a_sample_of_the_corpus_is_read_as_feedparser_reads_it() -> None:
    assert check_corpus(every=23) > 25


@pytest.mark.slow
def test_the_corpus_is_read_as_feedparser_reads_it() -> None:
    assert check_corpus(every=1) > 700


_TEXTS = st.sampled_from(
    ["停戦協議", "a & b", "<b>x</b>", "1 < 2", "é ü", "", " x\n y ", "]]>"]
) | st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=30)
_ELEMENTS = (
    "<title>{}</title>", "<link>{}</link>", "<guid>{}</guid>", "<guid isPermaLink='false'>{}</guid>",
    "<description>{}</description>", "<content:encoded>{}</content:encoded>", "<dc:creator>{}</dc:creator>",
    "<pubDate>Tue, 18 Mar 2025 23:45:00 JST</pubDate>", "<dc:date>2025-03-18</dc:date>", "<category>{}</category>",
    "<media:group><media:title>{}</media:title><media:thumbnail url='/t.png'/></media:group>",
    "<image><url>{}</url></image>", "<source url='http://x/'>{}</source>", "<enclosure url='/a.mp3' length='1'/>",
    "<x:y xmlns:x='http://www.w3.org/2005/Atom'>{}</x:y>", "<!-- <item> {} -->", "<?p <item> ?>", "<author>{}</author>",
    "<div xmlns='http://www.w3.org/1999/xhtml'>{}</div>", "<dc:language>en</dc:language>",
)  # fmt: skip
_ATOM_ELEMENTS = (
    "<id>{}</id>", "<title>{}</title>", "<title type='html'>{}</title>", "<link href='/a'/>", "<updated>2025-03-18T00:00:00Z</updated>",
    "<summary>{}</summary>", "<content type='html'>{}</content>", "<content type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'><p>{}</p></div></content>",
    "<author><name>{}</name></author>", "<category term='x' label='y'/>", "<media:thumbnail url='/t.png'/>",
    "<source><id>feed</id><title>{}</title></source>", "<link rel='enclosure' href='/b.mp3'/>", "<published>2025-03-17</published>",
)  # fmt: skip

_BESIDE = (
    "<title>{}</title>", "<link>{}</link>", "<link href='/'/>", "<description>{}</description>", "<language>en</language>",
    "<image><url>/i.png</url><title>{}</title></image>", "<author><name>{}</name></author>", "<updated>2025-03-18</updated>",
    "<x:link xmlns:x='http://www.w3.org/2005/Atom' href='/'/>", "<skipDays><day>Monday</day></skipDays>", "<id>{}</id>",
    "<generator uri='/'>{}</generator>", "<subtitle type='html'>{}</subtitle>", "<category term='x'>{}</category>",
    "<description>{} <b>b</b></description>", "<summary>{}</summary>", "<media:thumbnail url='/t.png'/>", "<!-- {} -->",
)  # fmt: skip


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


@st.composite
def bodies(draw: st.DrawFn) -> bytes:
    is_atom = draw(st.booleans())
    elements = _ATOM_ELEMENTS if is_atom else _ELEMENTS
    items = []
    for _ in range(draw(st.integers(1, 6))):
        parts = draw(st.lists(st.sampled_from(elements), max_size=6))
        items.append("".join(p.replace("{}", _escaped(draw(_TEXTS))) for p in parts))
    attributes = draw(st.sampled_from(["", 'xml:lang="ja"', 'xml:base="/d/"']))
    beside = draw(st.lists(st.sampled_from(_BESIDE), max_size=4))
    head = "".join(part.replace("{}", _escaped(draw(_TEXTS))) for part in beside)
    if is_atom:
        return atom(*items, head=head, attributes=attributes)
    return rss(*items, channel=head, attributes=attributes)


@given(body=bodies(), seed=st.integers(0, 99))
@settings(max_examples=40, deadline=None)
def test_generated_feeds_are_read_as_feedparser_reads_them(body: bytes, seed: int) -> None:
    check(body, seed)


def items(*numbers: int) -> list[str]:
    return [f"<title>記事{n}</title><guid>g{n}</guid><link>/a/{n}</link>" for n in numbers]


def test_when_all_is_known_feedparser_is_not_called(monkeypatch: pytest.MonkeyPatch) -> None:
    body = rss(*items(1, 2, 3))
    known = parse(body, HINTS).hashes
    monkeypatch.setattr(xml, "_feedparser", lambda _: pytest.fail("feedparser was called"))
    feed = parse(body, HINTS, known)
    assert (feed.entries, feed.hashes, feed.total, feed.title) == ((), known, 3, "毎朝新聞")


def test_only_new_entries_reach_feedparser(seen: list[bytes]) -> None:
    known = parse(rss(*items(1, 2, 3)), HINTS).hashes
    feed = parse(rss(*items(4, 1, 2, 3)), HINTS, known)
    assert [entry.guid for entry in feed.entries] == ["g4"]
    assert "記事4".encode() in seen[-1]
    assert "記事1".encode() not in seen[-1]


def test_a_changed_entry_is_new() -> None:
    known = parse(rss(*items(1, 2)), HINTS).hashes
    changed = rss(items(1)[0].replace("記事1", "記事1（更新）"), items(2)[0])
    (entry,) = parse(changed, HINTS, known).entries
    assert entry.title == "記事1（更新）"


def test_hashes_do_not_hang_on_what_stands_around() -> None:
    first = parse(rss(*items(1, 2), channel="<lastBuildDate>1</lastBuildDate>"), HINTS)
    again = parse(rss(*items(2), "<title>neu</title>", *items(1), channel="<ttl>5</ttl>"), HINTS)
    assert first.hashes < again.hashes


@pytest.mark.parametrize("attributes", ['xml:base="/other/"', 'xml:lang="en"'])
def test_hashes_hang_on_what_entries_inherit(attributes: str) -> None:
    plain = parse(rss(*items(1, 2)), HINTS).hashes
    assert not plain & parse(rss(*items(1, 2), attributes=attributes), HINTS).hashes


def test_hashes_hang_on_address_and_zone_but_not_on_the_query() -> None:
    body = rss(*items(1, 2))
    plain = read(body).hashes
    assert read(body, url=HINTS.url + "?session=1#x").hashes == plain
    assert not read(body, url="https://elsewhere.example/").hashes & plain
    assert not read(body, timezone="UTC").hashes & plain


def test_a_broken_document_is_read_whole_and_known_entries_are_left_out() -> None:
    body = rss(*items(1, 2)).replace(b"</channel>", b"<oops></channel>")
    feed = parse(body, HINTS)
    assert feed.malformed == "not well-formed"
    assert [entry.guid for entry in feed.entries] == ["g1", "g2"]
    again = parse(body, HINTS, frozenset([feed.entries[0].hash]))
    assert again.entries == feed.entries[1:]
    assert again.hashes == feed.hashes


def test_an_item_in_an_item_is_left_to_feedparser() -> None:
    body = rss("<title>a</title><item><title>b</title></item>")
    assert [entry.title for entry in parse(body, HINTS).entries] == [
        entry.title for entry in entries_alone(body, HINTS)
    ]


def test_items_of_other_vocabularies_are_no_entries() -> None:
    body = rss('<title>a</title><x:item xmlns:x="http://other.example/"><title>b</title></x:item>')
    assert parse(body, HINTS).total == 1


def test_the_later_of_two_with_one_id_wins_even_if_it_is_known() -> None:
    first = parse(rss(*items(1), "<guid>g1</guid><title>別版</title>"), HINTS)
    (kept,) = first.entries
    changed = rss(items(1)[0].replace("記事1", "変更"), "<guid>g1</guid><title>別版</title>")
    assert parse(changed, HINTS, frozenset([kept.hash])).entries == ()


_BASED = "<title xml:base='https://elsewhere.example/'>x</title>"


@pytest.mark.parametrize("around", ["", "xml:base='/d/'", "xml:base='https://here.example/'"])
@pytest.mark.parametrize(
    "based",
    [
        _BASED,
        _BASED.replace("xml:base", "base"),
        _BASED.replace("https://elsewhere.example/", "e/"),
    ],
)
def test_a_base_that_feedparser_carries_on_is_carried_on_from_known_entries_too(
    around: str, based: str
) -> None:
    behind = ("<guid>a</guid><link>b</link>", _BASED + "<guid>c</guid>", "<guid>d</guid>")
    body = rss(based, *behind, attributes=around)
    for seed in range(8):
        check(body, seed)


@pytest.mark.parametrize(
    ("place", "around", "given"),
    [(0, "", 1), (2, "", 3), (2, "xml:base='https://here.example/'", 1)],
    ids=["first", "last", "last, with a base around"],
)
def test_no_entry_is_read_again_for_a_base_that_it_cannot_give(
    place: int, around: str, given: int, seen: list[bytes]
) -> None:
    based = [f"{_BASED}<guid>g{n}</guid>" for n in range(3)]
    known = parse(rss(*based[:2], attributes=around), HINTS).hashes
    parse(rss(*based[:place], "<guid>neu</guid>", *based[place:2], attributes=around), HINTS, known)
    assert seen[-1].count(b"<guid>") == given


@pytest.mark.parametrize(
    "second", ["<id>b</id>", "<source><id>f</id></source><id>b</id>", "<guid>b</guid>"]
)
def test_an_entry_with_two_ids_is_read_together_with_its_twins(second: str) -> None:
    twins = f"<entry><id>a</id>{second}</entry><entry><id>b</id></entry>"
    body = f'<feed xmlns="http://www.w3.org/2005/Atom">{twins}</feed>'.encode()
    for seed in range(8):
        check(body, seed)


def test_entries_taken_from_one_feed_are_no_twins(seen: list[bytes]) -> None:
    entries = [f"<entry><id>{n}</id><source><id>f</id></source></entry>" for n in range(3)]
    feed = '<feed xmlns="http://www.w3.org/2005/Atom">'
    known = parse(f"{feed}{''.join(entries[:2])}</feed>".encode(), HINTS).hashes
    found = parse(f"{feed}{''.join(entries)}</feed>".encode(), HINTS, known)
    assert [entry.guid for entry in found.entries] == ["2"]
    assert seen[-1].count(b"<id>") == 2


def test_empty_entry_elements_and_odd_attribute_values_are_found() -> None:
    written = [
        b"<item/>",
        b'<item a="x>y" />',
        b"<item b='/>'><title>z</title>/></item>",
        b"<item></item>",
    ]
    body = b'<rss version="2.0"><channel>' + b"".join(written) + b"</channel></rss>"
    found = scan(body, b"", ParseLimits())
    assert found is not None
    assert [entry.raw(body) for entry in found.entries] == written
    feed = parse(body, HINTS)
    assert [entry.title for entry in feed.entries] == ["", "", "z", ""]
    assert feed.total == 4
