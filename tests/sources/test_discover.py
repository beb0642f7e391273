import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.sources.discover import FeedLink, feed_links

BASE = "https://news.example/section/page.html"


def sure(page: str | bytes, base: str = BASE) -> list[FeedLink]:
    body = page.encode() if isinstance(page, str) else page
    return [link for link in feed_links(body, base) if link.type != "guess"]


def test_declared_feeds_come_first_and_those_of_comments_last():
    page = """<html><head>
      <link rel="alternate" type="application/rss+xml" title="コメント" href="/comments.xml">
      <link rel="stylesheet alternate" type="application/rss+xml" href="/style">
      <LINK REL="Alternate" TYPE="application/atom+xml; charset=utf-8" TITLE=" 新着
        ニュース " HREF="../atom">
      <link rel="alternate" hreflang="en" href="/en">
      <link rel="feed" href="https://other.example/f#top">
    </head><body><a href="/rss/sports.rdf">スポーツ<b>一覧</b></a> <a href="/about">about</a></body></html>"""
    assert sure(page) == [
        FeedLink(
            url="https://news.example/atom", title="新着 ニュース", type="application/atom+xml"
        ),
        FeedLink(url="https://other.example/f", title="", type="link"),
        FeedLink(url="https://news.example/rss/sports.rdf", title="スポーツ一覧", type="link"),
        FeedLink(
            url="https://news.example/comments.xml", title="コメント", type="application/rss+xml"
        ),
    ]


@pytest.mark.parametrize(
    "href", ["/index.rdf", "/feed", "/feed/", "/a/rss", "/list/feed/rss", "/news.rss", "/atom.xml", "/feed.json", "/x/feeds/videos"]
)  # fmt: skip
def test_links_that_look_like_feeds(href):
    assert [link.url for link in sure(f'<a href="{href}">x</a>')] == [f"https://news.example{href}"]


@pytest.mark.parametrize(
    "href",
    [
        "/feedback",
        "/sitemap.xml",
        "/rssaurus",
        "mailto:rss@x.example",
        "javascript:rss",
        "",
        "http://[::1/rss",
    ],
)
def test_links_that_do_not(href):
    assert sure(f'<a href="{href}">x</a>') == []


def test_the_pages_own_base_counts():
    page = '<base href="https://cdn.example/x/"><link rel="alternate" type="text/xml" href="f">'
    assert [link.url for link in sure(page)] == ["https://cdn.example/x/f"]


@pytest.mark.parametrize("encoding", ["utf-8", "shift_jis", "euc-jp"])
def test_japanese_titles_are_read_in_the_pages_encoding(encoding):
    meta = "" if encoding == "utf-8" else f'<meta charset="{encoding}">'
    page = f'{meta}<link rel="alternate" type="application/rss+xml" title="新着" href="/f">'
    assert [link.title for link in sure(page.encode(encoding))] == ["新着"]


def test_usual_places_are_guessed_last_and_never_twice():
    links = feed_links(b'<a href="/feed">x</a>', BASE)
    assert [link.type for link in links[:2]] == ["link", "guess"]
    urls = [link.url for link in links]
    assert urls.count("https://news.example/feed") == 1
    assert "https://news.example/index.rdf" in urls


def test_a_page_without_anything_gives_guesses_alone():
    assert {link.type for link in feed_links(b"", BASE)} == {"guess"}


def test_a_page_of_many_links_gives_no_more_than_fifty():
    page = "".join(f'<a href="/rss/{i}.rdf">x</a>' for i in range(500))
    assert len(sure(page)) == 50


def test_a_page_without_end_is_read_as_far_as_its_head():
    page = '<link rel="alternate" type="text/xml" title="新" href="/f">' + "<p>新聞</p>" * 200_000
    assert [link.title for link in sure(page)] == ["新"]


@given(
    st.binary(max_size=300)
    | st.text(max_size=300).map(lambda text: f"<a href='{text}'>".encode("utf-8", "replace"))
)
def test_any_bytes_give_addresses_of_the_web_alone(page):
    assert all(link.url.startswith(("http://", "https://")) for link in feed_links(page, BASE))
