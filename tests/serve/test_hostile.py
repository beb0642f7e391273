"""What strangers write never becomes markup, a script or a request on our pages."""

from dataclasses import replace

import html5lib
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient
from typing_extensions import override

from aggregator.errors import StoreError
from aggregator.model.query import Page, StoryQuery
from aggregator.model.story import Story
from aggregator.serve.app import make_app
from tests.fakes.library import Library, configuration, make_entry, make_source, make_story
from tests.serve.conftest import ClientFactory, make_desk

VECTORS = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<iframe srcdoc='<script>alert(1)</script>'>",
    "</main></body></html><script>alert(1)</script>",
    '"><script>alert(1)</script>',
    "' onmouseover='alert(1)",
    '" autofocus onfocus="alert(1)',
    "<a href=javascript:alert(1)>x</a>",
    "<math><mtext></mtext><script>alert(1)</script></math>",
    "<style>*{display:none}</style>",
    "<base href=//evil.example>",
    "<meta http-equiv=refresh content=0;url=//evil.example>",
    "<form action=//evil.example><button>x</button></form>",
    "<!--><script>alert(1)</script>-->",
    "]]><script>alert(1)</script>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "{{ 7*7 }}{% raw %}",
    "＜script＞alert(1)＜/script＞",
    "\u202e<script>\u2066",
    "\x00<scr\x00ipt>",
    "\ud800<script>",
    "<textarea><title><script>alert(1)</script>",
    "{n}{title.__class__}",
)
URLS = (
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "java\nscript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:x",
    '//evil.example/x"onclick=alert(1)',
    'https://ok.example/"><script>alert(1)</script>',
)
ACTIVE = {"script", "style", "iframe", "base", "object", "embed", "svg", "math", "img", "meta"}


def library_of(text: str, url: str | None = "https://ok.example/1") -> tuple[Library, str]:
    entries = [
        replace(make_entry("evil", "x", 9), title=text, summary=f"{text} {text}", url=url),
        replace(make_entry("evil", "y", 8), title=f"2 {text}", url=url, revision=1),
    ]
    story = make_story(entries, copies=[1])
    return Library(stories=[story]), f"/stories/{story.story.id}"


def client_with(text: str, url: str | None = "https://ok.example/1") -> tuple[TestClient, str]:
    library, page = library_of(text, url)
    source = make_source("evil", text, note=text)
    desk = make_desk(library, configuration(sources=(source,)))
    desk.health.config_problems = (text,)
    return TestClient(make_app(desk)), page


@pytest.fixture(autouse=True)
def known_source(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the library make entries of the hostile source."""
    monkeypatch.setattr("tests.fakes.library.SOURCES", (make_source("evil", "x"),))


def assert_harmless(page: str) -> None:
    tree = html5lib.parse(page, namespaceHTMLElements=False)
    assert not [e for e in tree.find("body").iter() if e.tag in ACTIVE]
    assert not [k for e in tree.iter() for k in e.attrib if k.startswith("on") or k == "style"]
    for element in tree.iter():
        for name in ("href", "src", "action"):
            value = element.get(name, "")
            assert value.startswith(("/", "#", "https://ok.example/", "http://127.0.0.1")) or (
                value.startswith("feed:http://127.0.0.1") or value == ""
            ), value
    assert [e.tag for e in tree.find("body")] == ["a", "header", "p", "main", "footer"]


@pytest.mark.parametrize("text", VECTORS)
def test_no_text_of_strangers_is_ever_markup(text: str) -> None:
    client, story = client_with(text)
    for address in ("/", story, "/search?q=1", "/sources", "/sources/evil", "/status"):
        answer = client.get(address)
        assert answer.status_code == 200
        assert_harmless(answer.text)


@pytest.mark.parametrize("url", URLS)
def test_no_address_of_strangers_is_ever_a_script(url: str) -> None:
    client, story = client_with("見出し", url)
    for address in ("/", story, "/search?q=見出し", "/sources/evil"):
        assert_harmless(client.get(address).text)


def test_a22_a_headline_stands_apart_from_the_words_around_it() -> None:
    """One in a script of the other direction would turn around what follows it."""
    hostile = "عنوان العربية"
    library, story = library_of(hostile)
    client = TestClient(make_app(make_desk(library)))
    places = 0
    for address in ("/", story, "/search?q=1", "/sources/evil"):
        tree = html5lib.parse(client.get(address).text, namespaceHTMLElements=False)
        parents = {child: parent for parent in tree.iter() for child in parent}
        for element in tree.find("body").iter():
            if hostile in (element.text or "") and element.tag not in ("input", "title"):
                above = element
                while above.tag not in ("bdi", "details", "body"):  # a reason quotes it in 「」
                    above = parents[above]
                assert above.tag != "body", f"{address}: <{element.tag}>"
                places += 1
    assert places > 4


@settings(max_examples=25, deadline=None)
@given(st.text(min_size=1, max_size=60))
def test_any_text_at_all_leaves_the_page_whole(text: str) -> None:
    library, story = library_of(text)
    client = TestClient(make_app(make_desk(library)))
    for address in ("/", story):
        tree = html5lib.parse(client.get(address).text, namespaceHTMLElements=False)
        assert [e.tag for e in tree.find("body")] == ["a", "header", "main", "footer"]


@pytest.mark.parametrize("value", ['"><script>', "'", "%00", "𠮷" * 50, "../../etc/passwd"])
@pytest.mark.parametrize(
    "address",
    ["/?topic={}", "/?source={}", "/?language={}", "/?lang={}", "/?since={}", "/sources?page={}"],
)
def test_nothing_in_the_address_breaks_a_page(client: TestClient, address: str, value: str) -> None:
    answer = client.get(address.format(value))
    assert answer.status_code == 200
    assert "<script>" not in answer.text


class BrokenLibrary(Library):
    """A store that cannot be read just now."""

    @override
    async def stories(self, query: StoryQuery) -> Page[Story]:
        raise StoreError("disk I/O error at /secret/place")


def test_when_the_store_fails_pages_say_so_calmly_and_feeds_go_on(client_of: ClientFactory) -> None:
    client = client_of(make_desk(BrokenLibrary()))
    for address in ("/", "/api/v1/stories"):
        answer = client.get(address)
        assert answer.status_code == 503
        assert "secret" not in answer.text
    assert client.get("/feeds/all.rss").status_code == 200
    assert client.get("/healthz").status_code == 200
