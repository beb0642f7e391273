import string

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from aggregator.identify.canonical_url import canonical_url, host_of, identifies

SAME = [
    (
        "http://www.asahi.com/articles/ASV7P03.html?ref=rss",
        "https://asahi.com/articles/ASV7P03.html",
    ),
    (
        "https://www.asahi.com/articles/ASV7P03.html",
        "http://www.asahi.com:80/articles/ASV7P03.html",
    ),
    (
        "https://www.jiji.com/jc/article?k=2026072700122&g=pol",
        "https://www.jiji.com/sp/article?g=pol&m=rss&k=2026072700122",
    ),
    (
        "https://newsdig.tbs.co.jp/articles/-/2100001?display=1&mwplay=1",
        "https://newsdig.tbs.co.jp/articles/-/2100001?station=tbs",
    ),
    (
        "https://www.bbc.co.uk/news/articles/c1?at_medium=RSS&at_campaign=rss",
        "https://www.bbc.co.uk/news/articles/c1",
    ),
    ("https://www.aljazeera.com/news/1?traffic_source=rss", "https://www.aljazeera.com/news/1/"),
    ("https://www.dw.com/en/a/a-1?maca=en-rss-en-world-4025-rdf", "https://m.dw.com/en/a/a-1"),
    ("https://news.yahoo.co.jp/articles/0f?source=rss", "https://news.yahoo.co.jp/articles/0f"),
    ("https://sp.m.example.jp/a", "https://www.example.jp/a"),
    ("https://amp.theguardian.com/world/a", "https://www.theguardian.com/world/a?CMP=twt"),
    ("https://example.com/news/amp/world-1", "https://example.com/news/world-1"),
    ("https://example.com/2026/story/amp/", "https://example.com/2026/story"),
    ("https://example.com/story.amp.html", "https://example.com/story"),
    ("https://example.com/story?outputType=amp", "https://example.com/story"),
    ("https://www.google.com/amp/s/www.example.com/story", "https://example.com/story"),
    ("https://example-com.cdn.ampproject.org/c/s/example.com/story", "https://example.com/story"),
    ("https://example.com/a/index.html", "https://example.com/a"),
    ("https://example.com/a#section", "https://EXAMPLE.com./a"),
    ("https://user:secret@example.com/a", "https://example.com/a"),
    ("https://example.com/a?b=1&a=2", "https://example.com/a?a=2&b=1"),
    ("https://example.com/%7euser/%e6%97%a5", "https://example.com/~user/日"),
    ("https://example.com/a?q=x+y", "https://example.com/a?q=x%20y"),
    ("https://日本語.jp/a", "https://xn--wgv71a119e.jp/a"),
    ("https://example.com", "http://www.example.com/"),
    (" https://example.com/a\n b", "https://example.com/ab"),
    ("http://[2001:db8::1]:80/a", "https://[2001:DB8::1]/a"),
]
DIFFERENT = [
    ("https://www.jiji.com/jc/article?k=1&g=pol", "https://www.jiji.com/jc/article?k=2&g=pol"),
    ("https://www.youtube.com/watch?v=a", "https://www.youtube.com/watch?v=b"),
    ("https://example.com/?p=1", "https://example.com/?p=2"),
    ("https://example.com/a?id=1", "https://example.com/a?id=2"),
    ("https://example.com/a?articleid=1", "https://example.com/a?articleid=2"),
    ("https://example.com/a?source=reuters", "https://example.com/a?source=ap"),
    ("https://example.com/A", "https://example.com/a"),
    ("https://example.com/a%2Fb", "https://example.com/a/b"),
    ("https://m.co.jp/a", "https://co.jp/a"),
    ("https://example.com:8080/a", "https://example.com/a"),
    ("https://example.com/amp", "https://example.com/"),
    ("https://english.example.com/a", "https://example.com/a"),
]
NO_LINKS = [
    "",
    "ftp://example.com/a",
    "data:text/plain,x",
    "/relative",
    "//example.com/a",
    "https://",
    "https://exa<mple.com/a",
    "https://example.com:99999/a",
    "https://[broken/a",
    "https://a\u0301\u200d.\u2488com/a",
    "https://example.com/" + "a" * 2048,
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_two_forms_of_one_link_are_equal(one: str, other: str):
    assert canonical_url(one) == canonical_url(other) is not None


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_links_of_two_articles_stay_different(one: str, other: str):
    assert canonical_url(one) != canonical_url(other)


@pytest.mark.parametrize("url", NO_LINKS)
def test_what_is_no_link_has_no_canonical_form(url: str):
    assert canonical_url(url) is None


def test_a_source_says_which_parameters_are_identity():
    url = "https://www.jiji.com/jc/article?k=1&g=pol&utm_id=7"
    assert canonical_url(url) == "https://jiji.com/jc/article?k=1"
    assert canonical_url(url, ("G", "utm_id")) == "https://jiji.com/jc/article?g=pol&k=1&utm_id=7"


def test_only_the_video_counts_on_youtube():
    url = "https://www.youtube.com/watch?feature=shared&v=fb01ds-4IC4&ab_channel=X"
    assert canonical_url(url) == "https://youtube.com/watch?v=fb01ds-4IC4"


def test_a_front_page_identifies_no_article():
    front, article = (
        canonical_url("https://example.com/"),
        canonical_url("https://example.com/?p=1"),
    )
    assert not identifies(front)
    assert not identifies(None)
    assert identifies(article)
    assert article is not None
    assert host_of(article) == "example.com"


_PIECES = st.lists(
    st.sampled_from(
        [
            "/",
            "amp",
            "index.html",
            ".amp",
            "%",
            "%41",
            "%2f",
            "日",
            "sp",
            "?",
            "&",
            "=",
            "#",
            "a",
            ";",
        ]
    ),
    max_size=12,
).map("".join)
_HOSTS = st.sampled_from(
    [
        "www.jiji.com",
        "m.example.com",
        "amp.www.a.co.jp",
        "www.google.com/amp/s/b.org",
        "日本.jp",
        "h:81",
    ]
)


@given(st.builds("{}://{}/{}".format, st.sampled_from(["http", "HTTPS"]), _HOSTS, _PIECES))
@example("https://example.com/%%34")
@example("https://a.cdn.ampproject.org/c/s/b.com/amp")
def test_canonical_twice_is_canonical_once(url: str):
    once = canonical_url(url)
    assert once is None or canonical_url(once) == once


@given(st.text(alphabet=string.printable + "日本語é\u3000\ud800", max_size=60))
def test_any_text_is_survived(text: str):
    for url in (text, f"https://{text}", f"https://example.com/{text}"):
        once = canonical_url(url)
        assert once is None or canonical_url(once) == once
