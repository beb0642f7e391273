from dataclasses import replace

from starlette.testclient import TestClient

from aggregator.serve.access import load_keys
from aggregator.serve.app import Desk
from aggregator.settings.configuration import ServerSettings, Settings
from tests.fakes.library import configuration
from tests.serve.conftest import ClientFactory, make_desk


def test_alive_is_always_200_and_says_how_the_configuration_is(
    desk: Desk, client: TestClient
) -> None:
    answer = client.get("/healthz")
    assert answer.status_code == 200
    assert answer.json() == {
        "status": "ok",
        "config": "ok",
        "problems": [],
        "restart_needed": [],
        "version": "0.1.0",
        "libraries": {},
    }
    desk.health.config_problems = ("config/topics.yaml:3:1: topics: unknown key",)
    desk.health.storage_problem = "the disk is full"
    answer = client.get("/healthz")
    assert answer.status_code == 200
    assert answer.json()["config"] == "broken"
    assert answer.json()["problems"] == [*desk.health.config_problems, "the disk is full"]


def test_ready_means_that_outputs_can_be_served(desk: Desk, client: TestClient) -> None:
    assert client.get("/readyz").status_code == 200
    desk.health.stopping = True
    assert client.get("/readyz").json() == {"status": "stopping"}
    desk.health.stopping, desk.health.outputs_ready = False, False
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (503, {"status": "starting"})


def test_metrics_are_given_as_they_are_kept(
    desk: Desk, client: TestClient, client_of: ClientFactory
) -> None:
    answer = client.get("/metrics")
    assert answer.content == b"aggregator_up 1\n"
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert client_of(replace(desk, metrics=None)).get("/metrics").status_code == 404


async def test_d06_strangers_learn_little_where_a_token_is_asked_for(
    client_of: ClientFactory,
) -> None:
    settings = Settings(server=ServerSettings(access="token"))
    desk = make_desk(config=configuration(settings=settings))
    client = client_of(desk)
    assert client.get("/healthz").json() == {"status": "ok", "config": "ok"}
    assert client.get("/readyz").status_code == 200
    assert client.get("/metrics").status_code == 401
    headers = {"authorization": f"Bearer {(await load_keys(desk.store)).reading()}"}
    assert client.get("/metrics", headers=headers).status_code == 200
    assert client.get("/healthz", headers=headers).json()["version"] == "0.1.0"
