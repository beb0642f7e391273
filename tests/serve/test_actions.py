import pytest
from starlette.testclient import TestClient

from aggregator.errors import UsageError
from aggregator.serve.access import hash_token
from aggregator.settings.configuration import ServerSettings, Settings
from tests.fakes.library import LEAD, TALKS, TRADE, configuration
from tests.serve.conftest import ClientFactory, make_desk

TOKEN = "a-token-of-the-operator"
OURS = {"sec-fetch-site": "same-origin"}
FOREIGN = {"sec-fetch-site": "cross-site"}


OTHERS = (
    "00000000-0000-5000-8000-000000000000"  # where the rest goes when the first entry is split off
)


class Hand:
    """Notes what it was asked to do."""

    def __init__(self) -> None:
        self.done: list[tuple[str, tuple[str, ...]]] = []

    async def __call__(self, name: str, arguments: tuple[str, ...]) -> str:
        if arguments[0] == "unknown":
            raise UsageError("there is no entry <unknown>")
        self.done.append((name, arguments))
        return f"{OTHERS}, {TALKS.story.id}"


@pytest.fixture
def hand() -> Hand:
    return Hand()


@pytest.fixture
def client(client_of: ClientFactory, hand: Hand) -> TestClient:
    settings = Settings(server=ServerSettings(admin_token_hash=hash_token(TOKEN)))
    return client_of(make_desk(config=configuration(settings=settings), act=hand))


def sign_in(client: TestClient, token: str = TOKEN, **fields: str) -> int:
    answer = client.post("/sign-in", data={"admin_token": token, **fields}, headers=OURS)
    return answer.status_code


def test_d06_reading_sets_no_cookie(client: TestClient) -> None:
    for address in ("/", "/status", "/sign-in"):
        assert "set-cookie" not in client.get(address).headers


def test_d06_signing_in_gives_a_session_that_scripts_and_other_sites_cannot_use(
    client: TestClient,
) -> None:
    answer = client.post("/sign-in", data={"admin_token": TOKEN, "next": "/status"}, headers=OURS)
    assert (answer.status_code, answer.headers["location"]) == (303, "/status")
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert TOKEN not in cookie


@pytest.mark.parametrize(
    "elsewhere", ["//evil.example", "https://evil.example", "/\\evil", "/a\nb"]
)
def test_signing_in_never_leads_elsewhere(client: TestClient, elsewhere: str) -> None:
    answer = client.post("/sign-in", data={"admin_token": TOKEN, "next": elsewhere}, headers=OURS)
    assert answer.headers["location"] == "/"


def test_d06_a_wrong_token_is_refused_and_soon_no_more_are_tried(client: TestClient) -> None:
    assert [sign_in(client, "wrong") for _ in range(6)] == [401] * 5 + [429]
    assert sign_in(client) == 429, "even the right one has to wait"


def test_a_split_can_be_undone_by_who_is_signed_in(client: TestClient) -> None:
    assert sign_in(client) == 303
    answer = client.post("/actions/split", data={"subject": LEAD.id}, headers=OURS)
    assert f"undo={OTHERS}" in answer.headers["location"]
    moved = client.get(answer.headers["location"])  # from the entry to the story that has it
    page = client.get(moved.headers["location"])
    assert f'name="subject" value="{OTHERS}"' in page.text
    assert "元に戻す" in page.text
    client.cookies.clear()
    assert "元に戻す" not in client.get(moved.headers["location"]).text


def test_d06_forms_of_other_sites_change_nothing(client: TestClient, hand: Hand) -> None:
    assert sign_in(client) == 303
    for path in ("/sign-in", "/sign-out", "/actions/split"):
        answer = client.post(path, data={"subject": LEAD.id}, headers=FOREIGN)
        assert answer.status_code == 403
    assert client.post("/actions/split", data={"subject": LEAD.id}).status_code == 403
    assert hand.done == []


def test_nobody_changes_anything_unless_signed_in(client: TestClient, hand: Hand) -> None:
    answer = client.post("/actions/split", data={"subject": LEAD.id}, headers=OURS)
    assert answer.status_code == 401
    assert hand.done == []


def test_d06_changes_are_made_by_post_alone(client: TestClient, hand: Hand) -> None:
    sign_in(client)
    assert client.get(f"/actions/split?subject={LEAD.id}").status_code == 405
    assert hand.done == []


def test_a_signed_in_person_splits_joins_mutes_and_withdraws(
    client: TestClient, hand: Hand
) -> None:
    sign_in(client)
    asked = {
        "split": {"subject": str(LEAD.id)},
        "join": {"subject": str(TALKS.story.id), "object": str(TRADE.story.id)},
        "mute": {"subject": str(TRADE.story.id)},
        "withdraw": {"subject": str(LEAD.id)},
    }
    for name, fields in asked.items():
        answer = client.post(f"/actions/{name}", data=fields, headers=OURS)
        assert answer.status_code == 303
        assert client.get(answer.headers["location"]).status_code in (200, 301)
    assert hand.done == [(name, tuple(fields.values())) for name, fields in asked.items()]


def test_the_forms_stand_on_the_story_page_of_a_signed_in_person_alone(client: TestClient) -> None:
    page = f"/stories/{TALKS.story.id}"
    assert "/actions/" not in client.get(page).text
    sign_in(client)
    assert "/actions/split" in client.get(page).text
    client.post("/sign-out", headers=OURS)
    assert "/actions/" not in client.get(page).text


def test_d06_a_session_that_was_copied_ends_with_its_sign_out(
    client: TestClient, hand: Hand
) -> None:
    sign_in(client)
    copied = client.cookies["session"]

    def split() -> int:
        headers = OURS | {"cookie": f"session={copied}"}
        return client.post("/actions/split", data={"subject": LEAD.id}, headers=headers).status_code

    client.cookies.clear()
    client.post("/sign-out", headers=OURS)  # by somebody who is not signed in
    assert split() == 303
    client.post("/sign-out", headers=OURS | {"cookie": f"session={copied}"})
    assert split() == 401
    assert len(hand.done) == 1
    assert sign_in(client) == 303
    assert client.post("/actions/mute", data={"subject": "x"}, headers=OURS).status_code == 303


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("erase", {"subject": "x"}),
        ("split", {}),
        ("join", {"subject": "x"}),
        ("mute", {"subject": "x", "object": "y"}),
    ],
)
def test_what_cannot_be_asked_is_refused(
    client: TestClient, hand: Hand, name: str, fields: dict[str, str]
) -> None:
    sign_in(client)
    assert client.post(f"/actions/{name}", data=fields, headers=OURS).status_code == 400
    assert hand.done == []


def test_why_something_was_not_done_is_told_and_escaped(client: TestClient) -> None:
    sign_in(client)
    answer = client.post("/actions/split", data={"subject": "unknown"}, headers=OURS)
    assert answer.status_code == 400
    assert "there is no entry &lt;unknown&gt;" in answer.text


def test_a_program_brings_the_admin_token_itself(client: TestClient, hand: Hand) -> None:
    def split(token: str) -> int:
        headers = {"authorization": f"Bearer {token}"}
        return client.post("/actions/split", data={"subject": "e"}, headers=headers).status_code

    assert split(TOKEN) == 303
    assert hand.done == [("split", ("e",))]
    assert [split("wrong") for _ in range(6)] == [403] * 5 + [429]


def test_a_form_of_absurd_size_is_refused(client: TestClient) -> None:
    many = "&".join(f"a{n}=1" for n in range(50))
    form = {"content-type": "application/x-www-form-urlencoded", **OURS}
    assert client.post("/sign-in", content=many, headers=form).status_code == 400
    assert client.post("/sign-in", content="x" * 100_000, headers=form).status_code == 413


def test_without_an_admin_token_there_is_nothing_to_sign_in_to(
    client_of: ClientFactory, hand: Hand
) -> None:
    client = client_of(make_desk(act=hand))
    assert "admin_token_hash" in client.get("/sign-in").text
    assert sign_in(client, "") == 401
