"""Which element becomes which field."""

import contextlib
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.errors import DocumentError
from aggregator.parse.document import ParseLimits
from tests.parse.feeds import atom, read, read_one, rss

_LONG = "停戦の協議は夜まで続いた。" * 60

_RDF = """<?xml version="1.0" encoding="utf-8"?>
<rdf:RDF xmlns="http://purl.org/rss/1.0/" xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
  xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:sy="http://purl.org/rss/1.0/modules/syndication/" xml:lang="ja">
<channel rdf:about="https://news.example/rss"><title>毎朝新聞 - 速報</title><link>https://news.example/</link>
<sy:updatePeriod>hourly</sy:updatePeriod><items><rdf:Seq><rdf:li rdf:resource="https://news.example/a/1"/></rdf:Seq></items></channel>
<item rdf:about="https://news.example/a/1"><title>A&B、C社と合併</title><link>https://news.example/a/1</link>
<dc:date>2025-03-18T23:45:00+09:00</dc:date><dc:subject>ニュース</dc:subject></item>
</rdf:RDF>"""


def test_an_rdf_feed_with_a_raw_ampersand_is_read_whole() -> None:
    feed = read(_RDF.encode())
    (entry,) = feed.entries
    assert (feed.format, feed.title, feed.homepage, feed.language) == (
        "rss10",
        "毎朝新聞 - 速報",
        "https://news.example/",
        "ja",
    )
    assert feed.hints.ttl == timedelta(hours=1)
    assert feed.malformed == "not well-formed"
    assert entry.title == "A&B、C社と合併"
    assert (entry.guid, entry.url) == ("https://news.example/a/1", "https://news.example/a/1")
    assert entry.published == datetime(2025, 3, 18, 14, 45, tzinfo=UTC)
    assert (entry.updated, entry.language, entry.categories) == (None, "ja", ("ニュース",))
    assert (entry.summary, entry.content) == ("", "")


def test_a_raw_ampersand_survives_in_a_feed_that_stays_broken() -> None:
    feed = read(rss("<title>Q&A B&C; &nbsp;x</title><oops>"))
    assert feed.entries[0].title == "Q&A B&C; x"


def test_an_atom_entry() -> None:
    body = atom(
        "<id>tag:news.example,2025:1</id><title>T</title><link href='/a'/><link rel='enclosure' href='/v.mp4' type='video/mp4' length='9'/>"
        "<published>2025-03-18T00:00:00Z</published><updated>2025-03-19T00:00:00Z</updated><author><name>A</name></author>"
        "<author><name>B</name></author><category term='x' label='Y'/><summary>S</summary>",
        head="<link href='https://news.example/'/><link rel='self' href='/f.atom'/><link rel='hub' href='https://hub.example/'/>",
    )
    feed = read(body)
    (entry,) = feed.entries
    assert (feed.format, feed.title, feed.homepage) == (
        "atom10",
        "Morning News",
        "https://news.example/",
    )
    assert (feed.hints.hub, feed.hints.self_url) == (
        "https://hub.example/",
        "https://news.example/f.atom",
    )
    assert (entry.guid, entry.url, entry.author, entry.categories) == (
        "tag:news.example,2025:1",
        "https://news.example/a",
        "A, B",
        ("Y",),
    )
    assert entry.published == datetime(2025, 3, 18, tzinfo=UTC)
    assert entry.updated == datetime(2025, 3, 19, tzinfo=UTC)
    assert [(e.url, e.type, e.length) for e in entry.enclosures] == [
        ("https://news.example/v.mp4", "video/mp4", 9)
    ]


def test_an_atom_entry_with_an_update_only_was_published_then() -> None:
    (entry,) = read(atom("<id>1</id><updated>2025-03-19T00:00:00Z</updated>")).entries
    assert (entry.published, entry.updated) == (datetime(2025, 3, 19, tzinfo=UTC), None)


def test_a_youtube_entry_has_its_thumbnail_and_description() -> None:
    (entry,) = read(
        atom(
            "<id>yt:video:1</id><title>T</title><link rel='alternate' href='https://video.example/1'/><media:group><media:title>T</media:title>"
            "<media:content url='https://video.example/v/1' type='application/x-shockwave-flash'/>"
            "<media:thumbnail url='https://i.example/1.jpg' width='480'/><media:description>詳しく説明</media:description></media:group>"
        )
    ).entries
    assert (entry.guid, entry.url, entry.image, entry.summary) == (
        "yt:video:1",
        "https://video.example/1",
        "https://i.example/1.jpg",
        "詳しく説明",
    )


@pytest.mark.parametrize(
    ("item", "guid", "url"),
    [
        ("<guid>https://news.example/1</guid>", "https://news.example/1", "https://news.example/1"),
        ("<guid isPermaLink='false'>https://news.example/1</guid>", "https://news.example/1", None),
        ("<guid>news-1</guid><link>/1</link>", "news-1", "https://news.example/1"),
        (
            "<link>https://news.example/jc/article?k=1&amp;g=pol</link>",
            None,
            "https://news.example/jc/article?k=1&g=pol",
        ),
        ("<link/><atom:link href='/2'/>", None, "https://news.example/2"),
        ("<link>javascript:x</link><guid>/3</guid>", "/3", None),
    ],
)
def test_guid_and_link(item: str, guid: str | None, url: str | None) -> None:
    entry = read_one(f"<title>x</title>{item}")
    assert (entry.guid, entry.url) == (guid, url)


def test_a_short_description_is_the_summary_and_there_is_no_content() -> None:
    entry = read_one(
        "<title>x</title><description>&lt;p&gt;短い&lt;b&gt;説明&lt;/b&gt;&lt;/p&gt;</description>"
    )
    assert (entry.summary, entry.content) == ("短い説明", "")


def test_content_beside_a_description_is_kept_as_clean_html() -> None:
    entry = read_one(
        f"<title>x</title><description>要旨</description><content:encoded><![CDATA[<p onclick=x>{_LONG}</p><img src=/i.png>]]></content:encoded>"
    )
    assert entry.summary == "要旨"
    assert entry.content.startswith(f"<p>{_LONG}</p><img")
    assert entry.image == "https://news.example/i.png"


def test_a_summary_is_made_of_content_that_stands_alone() -> None:
    entry = read_one(
        f"<title>x</title><content:encoded><![CDATA[<p>{_LONG}</p>]]></content:encoded>"
    )
    assert entry.summary.endswith("続いた。")
    assert 400 < len(entry.summary) <= 500
    assert entry.content == f"<p>{_LONG}</p>"


def test_a_description_as_long_as_an_article_is_content() -> None:
    entry = read_one(f"<title>x</title><description>&lt;p&gt;{_LONG * 2}&lt;/p&gt;</description>")
    assert len(entry.summary) <= 500
    assert entry.content == f"<p>{_LONG * 2}</p>"


def test_content_that_says_no_more_than_the_summary_is_left_out() -> None:
    entry = read_one(
        "<title>x</title><description>同じ文</description><content:encoded>&lt;p&gt;同じ文&lt;/p&gt;</content:encoded>"
    )
    assert (entry.summary, entry.content) == ("同じ文", "")


def test_huge_content_becomes_bounded_text() -> None:
    limits = ParseLimits(content=2000)
    markup = "&lt;p&gt;" + "a &amp;amp; b. " * 500 + "&lt;/p&gt;"
    (entry,) = read(rss(f"<title>x</title><description>{markup}</description>"), limits).entries
    assert 500 < len(entry.content) <= 2000
    assert "<p>" not in entry.content
    (entry,) = read(rss(f"<title>x</title><description>{markup * 3}</description>"), limits).entries
    assert 500 < len(entry.content) <= 2000


def test_long_fields_are_cut_and_lists_are_limited() -> None:
    many = "".join(f"<category>c{n}</category><enclosure url='/{n}.mp3'/>" for n in range(100))
    entry = read_one(
        f"<title>{'題' * 5000}</title><author>{'n' * 400}</author><category>{'類' * 900}</category>{many}"
    )
    assert (len(entry.title), len(entry.author or ""), len(entry.categories[0])) == (1000, 200, 200)
    assert (len(entry.categories), len(entry.enclosures)) == (32, 16)


@pytest.mark.parametrize(
    ("item", "author"),
    [
        ("<author>taro@news.example (山田太郎)</author>", "山田太郎"),
        ("<dc:creator>山田 太郎</dc:creator>", "山田 太郎"),
        ("<dc:creator>A</dc:creator><dc:creator>B</dc:creator>", "A, B"),
        ("<author>Taro &lt;taro@news.example&gt;</author>", "Taro"),
        (
            "<atom:author><atom:name>Taro</atom:name><atom:email>taro@news.example</atom:email></atom:author>",
            "Taro",
        ),
        ("<author>taro@news.example</author>", "taro@news.example"),
        ("<author></author>", None),
    ],
)
def test_authors_are_names(item: str, author: str | None) -> None:
    assert read_one(f"<title>x</title>{item}").author == author


def test_a_feed_without_entries_is_a_feed() -> None:
    feed = read(rss(channel="<language>ja-JP</language>"))
    assert (feed.entries, feed.total, feed.language, feed.format) == ((), 0, "ja", "rss20")


def test_formats_are_named() -> None:
    item = "<item><title>x</title></item>"
    assert read(f'<rss version="0.91"><channel>{item}</channel></rss>'.encode()).format == "rss09"
    assert read(f"<rss><channel>{item}</channel></rss>".encode()).format == "rss20"
    assert (
        read(
            b'<feed version="0.3" xmlns="http://purl.org/atom/ns#"><entry><title>x</title></entry></feed>'
        ).format
        == "atom03"
    )
    assert (
        read(
            f'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://my.netscape.com/rdf/simple/0.9/">{item}</rdf:RDF>'.encode()
        ).format
        == "rss09"
    )
    assert read(f"<channel>{item}<oops></channel>".encode()).format == "cdf"


@given(
    body=st.binary(max_size=300) | st.text(max_size=300).map(str.encode),
    charset=st.sampled_from([None, "utf-8", "shift_jis"]),
)
@settings(deadline=None)
def test_any_bytes_are_a_feed_or_a_document_error(body: bytes, charset: str | None) -> None:
    for whole in (body, b"<rss><channel><item>" + body, rss("@").replace(b"@", body)):
        with contextlib.suppress(DocumentError):
            read(whole, charset=charset)


@given(cut=st.integers(0, 600), flip=st.integers(0, 600), byte=st.integers(0, 255))
@settings(deadline=None)
def test_a_damaged_feed_is_read_or_refused(cut: int, flip: int, byte: int) -> None:
    body = bytearray(
        rss(
            "<title>題</title><description><![CDATA[<p>x</p>]]></description><guid>1</guid>",
            "<title>&amp;</title>",
        )
    )
    if flip < len(body):
        body[flip] = byte
    for damaged in (bytes(body[:cut]), bytes(body), bytes(body[cut:])):
        with contextlib.suppress(DocumentError):
            read(damaged)


@pytest.mark.parametrize(
    "name", ["https://a.example/x y", "https://a.example/x&#32;y", "x\ty", "x\u3000y"]
)
def test_a_namespace_that_holds_a_space_does_not_cost_the_feed(name: str) -> None:
    """xml.sax takes names apart at their spaces; feedparser raised ValueError (found by fuzzing)."""
    feed = read(
        f"<rss version='2.0' xmlns:odd = \"{name}\"><channel><title>t</title>"
        "<item odd:n='1'><title>a</title><guid>1</guid><odd:x>y</odd:x></item></channel></rss>".encode()
    )
    assert [entry.title for entry in feed.entries] == ["a"]
