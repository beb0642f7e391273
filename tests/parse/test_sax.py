"""feedparser is told by our driver what the usual one tells it."""

from io import BytesIO
from xml.sax import SAXException, xmlreader

import feedparser
import pytest

from aggregator.parse import sax
from aggregator.parse.decode import to_utf8
from tests.parse.feeds import atom, corpus, rss
from tests.parse.reference import as_it_comes, parsed, said


def assert_told_alike(document: bytes) -> None:
    with as_it_comes():
        theirs = said(parsed(document))
    assert said(parsed(document)) == theirs


def check_corpus(*, every: int) -> int:
    bodies = [body for number, (_, _, body) in enumerate(corpus()) if number % every == 0]
    for body in bodies:
        assert_told_alike(to_utf8(body, None).body)
    return len(bodies)


def test_a_sample_of_the_corpus_is_told_alike() -> None:
    assert check_corpus(every=19) > 30


@pytest.mark.slow
def test_the_corpus_is_told_alike() -> None:
    assert check_corpus(every=1) > 600


_XHTML = "http://www.w3.org/1999/xhtml"


@pytest.mark.parametrize(
    "document",
    [
        pytest.param(rss("<title>a</title>", "<link>/x</link>"), id="plain"),
        pytest.param(
            b"<rss xmlns='http://backend.userland.com/RSS2'><channel><item><title>a</title></item></channel></rss>",
            id="a namespace of Userland's",
        ),
        pytest.param(
            b"<rss xmlns:d='http://purl.org/dc/elements/1.1/'><channel><item><d:creator>a</d:creator></item></channel></rss>",
            id="a known namespace under another prefix",
        ),
        pytest.param(
            b"<rss xmlns:o='http://odd.example/'><channel><item><o:Thing o:a='1' b='2'>a</o:Thing></item></channel></rss>",
            id="an unknown namespace",
        ),
        pytest.param(
            b"<rss><channel><item><x xmlns='http://odd.example/'><y xmlns:o='http://odd.example/'>a</y></x></item></channel></rss>",
            id="a namespace that gets a prefix later",
        ),
        pytest.param(
            atom(
                f"<content type='xhtml'><div xmlns='{_XHTML}'>a &amp; b<svg xmlns='http://www.w3.org/2000/svg' xmlns:k='http://www.w3.org/1999/xlink'>"
                f"<title>c</title><a k:href='/x' xml:lang='ja' XML:base='/y'>d</a></svg><math xmlns='http://www.w3.org/1998/Math/MathML'><mi>e</mi></math></div></content>"
            ),
            id="drawings and formulas",
        ),
        pytest.param(
            atom(
                f"<h:x xmlns:h='{_XHTML}'/><content type='application/xhtml+xml'><h:div xmlns:h='{_XHTML}' h:id='1'>a</h:div></content>"
            ),
            id="prefixes inside content",
        ),
        pytest.param(
            rss("<title>a &amp; &lt;b&gt;\n<![CDATA[c\n & d]]>e</title>"), id="text in pieces"
        ),
        pytest.param(
            b"<!DOCTYPE rss PUBLIC 'x' 'http://127.0.0.1:9/x.dtd'><rss><channel><item><title>a&nbsp;b</title></item></channel></rss>",
            id="an entity from elsewhere",
        ),
        pytest.param(b"<rss><channel><item><title>a</title>", id="cut off"),
        pytest.param(
            b"<rss><channel><item><title>a&nbsp;b</title></item></channel></rss>", id="no XML"
        ),
    ],
)
def test_a_document_is_told_alike(document: bytes) -> None:
    assert_told_alike(document)


def test_a_broken_document_is_a_sax_error() -> None:
    driver = sax.create_parser()
    driver.setContentHandler(feedparser.api.StrictFeedParser("", None, "utf-8"))
    source = xmlreader.InputSource()
    source.setByteStream(BytesIO(b"<rss>"))
    with pytest.raises(SAXException, match="no element found"):
        driver.parse(source)
