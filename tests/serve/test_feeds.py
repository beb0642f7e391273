import gzip
from dataclasses import replace
from typing import cast

import pytest
from starlette.testclient import TestClient

from aggregator.serve.access import load_keys
from aggregator.serve.app import Desk
from aggregator.settings.configuration import ServerSettings, Settings
from tests.fakes.library import TALKS, Library, configuration
from tests.serve.conftest import ClientFactory, OpenShelf, make_desk

BROWSER = {"accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


@pytest.mark.parametrize(
    ("address", "media_type"),
    [
        ("/feeds/all.rss", "application/rss+xml; charset=utf-8"),
        ("/feeds/all.atom", "application/atom+xml; charset=utf-8"),
        ("/feeds/all.json", "application/feed+json; charset=utf-8"),
        ("/feeds.opml", "text/x-opml; charset=utf-8"),
        ("/sources.opml", "text/x-opml; charset=utf-8"),
    ],
)
def test_each_form_has_its_media_type_and_what_a_cache_needs(
    client: TestClient, address: str, media_type: str
) -> None:
    answer = client.get(address)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == media_type
    assert answer.headers["etag"].startswith('"')
    assert answer.headers["last-modified"].endswith(" GMT")
    assert answer.headers["cache-control"] == "public, max-age=60"
    assert answer.headers["vary"] == "Accept, Accept-Encoding"
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_who_holds_the_current_feed_gets_a_304_with_its_validators(client: TestClient) -> None:
    first = client.get("/feeds/all.rss")
    again = client.get("/feeds/all.rss", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    for name in ("etag", "last-modified", "cache-control", "vary"):
        assert again.headers[name] == first.headers[name]
    dated = {"if-modified-since": first.headers["last-modified"]}
    assert client.get("/feeds/all.rss", headers=dated).status_code == 304


def test_a_tag_decides_even_where_the_date_would_say_unchanged(client: TestClient) -> None:
    first = client.get("/feeds/all.rss")
    headers = {
        "if-none-match": '"another"',
        "if-modified-since": first.headers["last-modified"],
    }
    assert client.get("/feeds/all.rss", headers=headers).status_code == 200


def test_gzip_comes_from_the_prepared_bytes_under_a_tag_of_its_own(
    client: TestClient, desk: Desk
) -> None:
    document = desk.shelf.get("feeds/all.rss")
    assert document is not None
    with client.stream("GET", "/feeds/all.rss", headers={"accept-encoding": "gzip"}) as answer:
        raw = b"".join(answer.iter_raw())
    assert raw == document.compressed
    assert gzip.decompress(raw) == document.body
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["etag"] == document.compressed_etag
    plain = client.get("/feeds/all.rss", headers={"accept-encoding": "identity"})
    assert plain.content == document.body
    assert plain.headers["etag"] == document.etag
    held = {"if-none-match": f"W/{document.compressed_etag}", "accept-encoding": "identity"}
    assert client.get("/feeds/all.rss", headers=held).status_code == 304


def test_head_says_the_same_without_the_body(client: TestClient) -> None:
    get, head = client.get("/feeds/all.rss"), client.head("/feeds/all.rss")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers == get.headers


def test_a72_ranges_are_ignored_however_many(client: TestClient) -> None:
    ranges = "bytes=" + ",".join(f"{n}-{n}" for n in range(1000))
    answer = client.get("/feeds/all.rss", headers={"range": ranges})
    assert answer.status_code == 200
    assert "accept-ranges" not in answer.headers


@pytest.mark.parametrize(
    "address",
    [
        "/feeds/unknown.rss",
        "/feeds/all.exe",
        "/feeds/all",
        "/feeds/%2e%2e%2fsettings.yaml",
        "/feeds/..%5cx.rss",
        "/feeds/all.rss/x",
        "/feeds/%00.rss",
    ],
)
def test_a68_a72_what_is_not_published_is_not_found(client: TestClient, address: str) -> None:
    assert client.get(address).status_code == 404


def test_feeds_cannot_be_written_to(client: TestClient) -> None:
    answer = client.post("/feeds/all.rss")
    assert answer.status_code == 405
    assert set(answer.headers["allow"].replace(" ", "").split(",")) == {"GET", "HEAD"}


def test_a_browser_is_told_what_a_feed_is_and_where_to_subscribe(client: TestClient) -> None:
    page = client.get("/feeds/combined.atom", headers=BROWSER)
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "Accept" in page.headers["vary"]
    assert "これはフィードです" in page.text
    assert "feed:http://127.0.0.1:8080/feeds/combined.atom" in page.text
    assert client.get("/feeds/combined.atom?raw=1", headers=BROWSER).content.startswith(
        b"<combined"
    )


def test_a72_addresses_come_from_the_configuration_whatever_host_is_asked(
    client: TestClient,
) -> None:
    page = client.get("/feeds/all.rss", headers={**BROWSER, "host": "evil.example"})
    assert "evil.example" not in page.text


async def test_d06_a_private_feed_opens_with_its_own_token_and_no_other(
    desk: Desk, client: TestClient
) -> None:
    keys = await load_keys(desk.store)
    assert client.get("/feeds/diary.rss").status_code == 401
    assert client.get("/feeds/diary.rss?token=wrong").status_code == 401
    assert client.get(f"/feeds/diary.rss?token={keys.output('combined')}").status_code == 401
    opened = client.get(f"/feeds/diary.rss?token={keys.output('diary')}")
    assert opened.status_code == 200
    assert opened.headers["cache-control"].startswith("private")
    bearer = {"authorization": f"Bearer {keys.reading()}"}
    assert client.get("/feeds/diary.rss", headers=bearer).status_code == 200
    held = {"if-none-match": opened.headers["etag"]}
    assert client.get("/feeds/diary.rss", headers=held).status_code == 401


async def test_where_a_token_is_asked_for_no_feed_tells_even_whether_it_exists(
    client_of: ClientFactory,
) -> None:
    settings = Settings(server=ServerSettings(access="token"))
    desk = make_desk(config=configuration(settings=settings))
    client = client_of(desk)
    for address in ("/feeds/all.rss", "/feeds/none.rss", "/feeds.opml"):
        assert client.get(address).status_code == 401
    token = (await load_keys(desk.store)).reading()
    assert client.get(f"/feeds/all.rss?token={token}").status_code == 200
    assert client.get(f"/feeds/none.rss?token={token}").status_code == 404


def test_a_reload_that_makes_an_output_private_closes_it_at_once(
    desk: Desk, client_of: ClientFactory
) -> None:
    shown = [desk.configuration()]
    client = client_of(replace(desk, configuration=lambda: shown[0]))
    assert client.get("/feeds/all.rss").status_code == 200
    closed = tuple(replace(output, private=True) for output in shown[0].outputs)
    shown[0] = replace(shown[0], outputs=closed)
    assert client.get("/feeds/all.rss").status_code == 401


# -- made when asked for ------------------------------------------------------------------------------


def desk_with(**made: bytes) -> tuple[Desk, list[str]]:
    """Return a desk that can make these documents, and the names that it was asked for."""
    asked: list[str] = []
    desk = make_desk()

    async def on_demand(name: str) -> bool:
        asked.append(name)
        stem, _, extension = name.removeprefix("feeds/").rpartition(".")
        body = made.get(stem.replace("-", "_").replace(".", "__"))
        if body is not None:
            cast("OpenShelf", desk.shelf).put(f"feeds/{stem}.{extension}", body)
        return body is not None

    return replace(desk, on_demand=on_demand), asked


def test_a_storys_feed_is_made_when_it_is_first_asked_for(client_of: ClientFactory) -> None:
    desk, asked = desk_with(story_1=b"<rss/>")
    client = client_of(desk)
    first = client.get("/feeds/story-1.rss")
    assert (first.status_code, first.content) == (200, b"<rss/>")
    held = {"if-none-match": first.headers["etag"]}
    assert client.get("/feeds/story-1.rss", headers=held).status_code == 304
    assert asked == ["feeds/story-1.rss"]
    assert client.get("/feeds/story-2.rss").status_code == 404
    assert client.get("/feeds/story-1.exe").status_code == 404


def test_the_feed_of_a_joined_story_leads_on_to_the_other_with_its_token(
    client_of: ClientFactory,
) -> None:
    library = Library()
    library.redirects["gone"] = TALKS.story.id
    client = client_of(make_desk(library))
    answer = client.get("/feeds/story-gone.atom?token=t")
    assert answer.status_code == 301
    assert answer.headers["location"] == f"/feeds/story-{TALKS.story.id}.atom?token=t"
    assert client.get("/feeds/story-gone.exe").status_code == 404
    assert client.get("/feeds/story-never.atom").status_code == 404


async def test_archive_pages_are_as_private_as_their_output(client_of: ClientFactory) -> None:
    desk, asked = desk_with(diary__1=b"<feed/>", all__1=b"<feed/>")
    client, keys = client_of(desk), await load_keys(desk.store)
    assert client.get("/feeds/diary.1.atom").status_code == 401
    assert asked == []
    opened = client.get(f"/feeds/diary.1.atom?token={keys.output('diary')}")
    assert (opened.status_code, opened.content) == (200, b"<feed/>")
    assert client.get("/feeds/all.1.atom").status_code == 200


def test_the_list_of_feeds_names_no_archive_pages(client_of: ClientFactory) -> None:
    desk, _ = desk_with(all__1=b"<feed/>")
    client = client_of(desk)
    assert client.get("/feeds/all.1.rss").status_code == 200
    assert "all.1" not in client.get("/feeds").text


def test_the_page_of_a_story_leads_to_its_feed_where_one_can_be_made(
    client_of: ClientFactory, client: TestClient
) -> None:
    desk, _ = desk_with()
    address = f"/feeds/story-{TALKS.story.id}.rss"
    assert address in client_of(desk).get(f"/stories/{TALKS.story.id}").text
    assert address not in client.get(f"/stories/{TALKS.story.id}").text
