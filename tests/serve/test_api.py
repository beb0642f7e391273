from typing import Any

import pytest
from jsonschema_rs import Draft202012Validator, meta
from starlette.routing import Route
from starlette.testclient import TestClient

from aggregator.serve.api import Api
from aggregator.serve.app import Desk
from aggregator.serve.front_desk import FrontDesk
from aggregator.serve.openapi import PATHS, SCHEMAS, document
from aggregator.settings.configuration import ServerSettings, Settings
from tests.fakes.library import LEAD, NOW, SOURCES, STORIES, TALKS, TRADE, configuration
from tests.serve.conftest import ClientFactory, make_desk

API = "/api/v1"


def test_the_description_names_every_address_and_no_other(desk: Desk) -> None:
    routes = {route.path for route in Api(FrontDesk(desk)).routes() if isinstance(route, Route)}
    assert set(PATHS) == routes


@pytest.mark.parametrize(
    ("path", "address"),
    [
        ("/stories", "/stories?limit=3"),
        ("/stories/{id}", f"/stories/{TALKS.story.id}"),
        ("/entries", "/entries"),
        ("/search", "/search?q=停戦"),
        ("/topics", "/topics"),
        ("/sources", "/sources"),
        ("/openapi.json", "/openapi.json"),
    ],
)
def test_answers_are_as_described(client: TestClient, path: str, address: str) -> None:
    answer = client.get(API + address)
    assert answer.status_code == 200
    described: dict[str, Any] = PATHS[path]["get"]["responses"]["200"]
    schema = described["content"]["application/json"]["schema"]
    whole = {**schema, "components": {"schemas": SCHEMAS}, "unevaluatedProperties": False}
    if path != "/openapi.json":
        Draft202012Validator(whole).validate(answer.json())
    assert set(answer.json()) >= set(schema.get("required", ()))


def test_pages_of_answers_go_on_by_cursor_until_all_is_said(client: TestClient) -> None:
    seen: list[str] = []
    cursor = ""
    while True:
        page = client.get(f"{API}/entries?limit=5&cursor={cursor}").json()
        seen += [item["id"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == sum(len(story.entries) for story in STORIES)


def test_what_is_asked_for_is_what_comes(client: TestClient) -> None:
    def ids(query: str) -> list[str]:
        return [item["id"] for item in client.get(f"{API}/stories?{query}").json()["items"]]

    assert ids("topic=us-russia") == [TALKS.story.id]
    assert ids("source=dw&source=bbc") == [TALKS.story.id, TRADE.story.id]
    assert ids("language=en") == [TALKS.story.id, TRADE.story.id]
    recent = (NOW).isoformat().replace("+00:00", "Z")
    assert ids(f"since={recent}") == []
    assert len(ids("before=2026-11-24")) == 3
    assert ids("since=2026-11-24T14:00:00%2B09:00") == [TALKS.story.id]


@pytest.mark.parametrize(
    "address",
    [
        "/stories?limit=0",
        "/stories?limit=1000",
        "/stories?limit=x",
        "/entries?since=yesterday",
        "/entries?before=0001-01-01T00:00:00%2B14:00",
        "/search",
        "/stories?cursor=invented",
        "/entries?cursor=%00",
        "/search?q=%20",
        f"/search?q={'x' * 201}",
    ],
)
def test_what_cannot_be_read_is_refused_with_the_reason(client: TestClient, address: str) -> None:
    answer = client.get(API + address)
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"]


def test_a_story_comes_with_its_reports_and_never_an_articles_body(client: TestClient) -> None:
    story = client.get(f"{API}/stories/{LEAD.id}").json()
    assert story["id"] == TALKS.story.id
    assert [report["id"] for report in story["reports"]] == list(TALKS.story.entries)
    copy = story["reports"][2]
    assert copy["copy_of"] == LEAD.id
    assert "content" not in copy
    assert copy["topics"][0]["evidence"][0]["term"] == "ウクライナ"


def test_what_is_not_there_is_404_as_json(client: TestClient) -> None:
    for address in ("/stories/unknown", "/nothing"):
        answer = client.get(API + address)
        assert answer.status_code == 404
        assert answer.json()["status"] == 404
    assert client.post(f"{API}/stories").status_code == 405


def test_an_answer_that_did_not_change_is_a_304(client: TestClient) -> None:
    first = client.get(f"{API}/stories")
    again = client.get(f"{API}/stories", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_sources_come_in_pages(client: TestClient) -> None:
    first = client.get(f"{API}/sources?limit=6").json()
    second = client.get(f"{API}/sources?limit=6&cursor={first['next_cursor']}").json()
    ids = [source["id"] for source in first["items"] + second["items"]]
    assert ids == [source.id for source in SOURCES]
    assert second["next_cursor"] is None
    assert client.get(f"{API}/sources?cursor=unknown").status_code == 400


def test_sources_never_show_the_headers_we_send(client: TestClient) -> None:
    assert "headers" not in client.get(f"{API}/sources").text


def test_the_api_is_closed_where_a_token_is_asked_for(client_of: ClientFactory) -> None:
    settings = Settings(server=ServerSettings(access="token"))
    client = client_of(make_desk(config=configuration(settings=settings)))
    answer = client.get(f"{API}/stories")
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"


def test_the_description_is_openapi_3_1() -> None:
    described = document("1.2.3", "http://127.0.0.1:8080/")
    assert described["openapi"] == "3.1.0"
    assert described["servers"] == [{"url": "http://127.0.0.1:8080/api/v1"}]
    for schema in SCHEMAS.values():
        assert meta.is_valid(schema)
