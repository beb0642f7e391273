"""What stands beside entries is left out where feedparser reads the entries the same without it."""

import feedparser
import pytest

from aggregator.parse.document import parse
from tests.parse.feeds import HINTS
from tests.parse.test_ladder import check, items

_NAMESPACES = {
    "admin": "http://webns.net/mvcb/", "cc": "http://web.resource.org/cc/", "content": "http://purl.org/rss/1.0/modules/content/",
    "creativecommons": "http://backend.userland.com/creativeCommonsRssModule", "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/", "feedburner": "http://rssnamespace.org/feedburner/ext/1.0", "georss": "http://www.georss.org/georss",
    "gml": "http://www.opengis.net/gml", "itunes": "http://www.itunes.com/DTDs/PodCast-1.0.dtd", "media": "http://search.yahoo.com/mrss/",
    "psc": "http://podlove.org/simple-chapters", "xhtml": "http://www.w3.org/1999/xhtml", "odd": "http://odd.example/",
    "atom": "http://www.w3.org/2005/Atom",
}  # fmt: skip
_DECLARED = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in _NAMESPACES.items())
_ENTRY = (
    "<title>記事{n}</title><guid>g{n}</guid><link>/a/{n}</link><summary>短く</summary><description>長く <b>x</b></description>"
    "<content:encoded>全文</content:encoded><dc:creator>山田</dc:creator><author>a@b.example (c)</author><category>経済</category>"
    "<image><title>図</title><url>/p.png</url><link>/b</link></image><media:content url='/m.png' medium='image'/>"
    "<enclosure url='/s.mp3' type='audio/mpeg'/><pubDate>Tue, 18 Mar 2025 23:45:00 JST</pubDate><source url='/s'>紙</source>"
)


def document(beside: str, entries: int = 2) -> bytes:
    """Return a feed with something before, between and after its entries."""
    one, *rest = (f"<item>{_ENTRY.format(n=n)}</item>" for n in range(entries))
    return (
        f"<rss version='2.0' {_DECLARED}><channel><title>紙面</title>{beside}{one}{beside}{''.join(rest)}{beside}</channel></rss>"
    ).encode()


def known_elements() -> list[str]:
    """Return the names of all elements for which feedparser does something, and of two unknown ones."""
    parser = feedparser.api.StrictFeedParser
    starts = {
        name.partition("_start_")[2] for name in dir(parser) if name.startswith("_start_")
    } | {name.partition("_end_")[2] for name in dir(parser) if name.startswith("_end_")}
    names = (name.replace("_", ":", name.partition("_")[0] in _NAMESPACES) for name in starts)
    return sorted({*names, "odd:thing", "thing", "atom:link"})


# feedparser itself fails on these in a feed that does not say what they are about.
_BREAKING = {"gml:pos", "gml:poslist", "item", "entry", "newlocation"}


@pytest.mark.parametrize("name", [name for name in known_elements() if name not in _BREAKING])
def test_entries_are_read_as_beside_the_element(name: str) -> None:
    for attributes in (
        "",
        ' href="/h" url="/u" rel="self" type="text/html" text="x" xml:lang="en"',
    ):
        check(document(f"<{name}{attributes}>1</{name}>"), seed=1)


@pytest.mark.parametrize(
    "beside",
    [
        "<title>t</title>",
        "<author><name>n</name><email>e@x.example</email></author>",
        "<skipHours><hour>1</hour></skipHours>",
        "<atom:link rel='self' href='/feed'/>",
        "<odd:thing a='1'>x</odd:thing>",
    ],
)
def test_feedparser_is_not_given_what_it_forgets(beside: str, seen: list[bytes]) -> None:
    parse(document(beside), HINTS)
    assert seen[-1].partition(b"<channel>")[2].startswith(b"<item>")
    assert seen[-1].endswith(b"</item></channel></rss>")


@pytest.mark.parametrize(
    "beside",
    [
        "<itunes:summary>s</itunes:summary>",
        "<description>a <b>b</b></description>",
        "<content:encoded>x</content:encoded>",
        "<link xml:base='https://elsewhere.example/'>/</link>",
    ],
)
def test_beside_what_leaks_into_entries_nothing_is_left_out(beside: str, seen: list[bytes]) -> None:
    body = document(beside)
    parse(body, HINTS)
    assert seen[-1] == body


def test_what_is_remembered_stays_and_the_rest_goes(seen: list[bytes]) -> None:
    parse(document("<image><url>/i.png</url></image><ttl>5</ttl>"), HINTS)
    assert b"<channel><image></image><item>" in seen[-1]


def test_what_declares_a_namespace_stays(seen: list[bytes]) -> None:
    parse(document("<x:y xmlns:x='http://x.example/'/><ttl>5</ttl>"), HINTS)
    assert b"<channel><x:y xmlns:x='http://x.example/'/><item>" in seen[-1]


def test_of_rdf_only_root_and_items_are_given(seen: list[bytes]) -> None:
    listed = "".join(f"<rdf:li rdf:resource='/{n}'/>" for n in range(3))
    told = "".join(f"<item rdf:about='/{n}'>{one}</item>" for n, one in enumerate(items(1, 2)))
    body = (
        "<rdf:RDF xmlns='http://purl.org/rss/1.0/' xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>"
        f"<channel rdf:about='/'><title>t</title><items><rdf:Seq>{listed}</rdf:Seq></items></channel>"
        f"{told}</rdf:RDF>"
    ).encode()
    check(body, seed=2)
    assert b"ns#'><item" in seen[0]
