from datetime import timedelta

import pytest

from aggregator.serve.access import (
    SECRET_STATE,
    SESSION,
    Keys,
    Throttle,
    came_from_our_page,
    end_sessions,
    hash_token,
    load_keys,
    new_token,
    token_matches,
)
from aggregator.serve.visit import bearer
from tests.fakes.library import NOW, Library

KEYS = Keys(b"a secret of this test")
HOME = "http://127.0.0.1:8080"


def test_d06_a_token_is_known_by_its_hash_alone() -> None:
    token = new_token()
    assert len(token) == 32
    assert token not in hash_token(token)
    assert token_matches(token, hash_token(token))
    assert token_matches(f" {token}\n", hash_token(token).upper())
    assert not token_matches(new_token(), hash_token(token))
    assert not token_matches("", None)


def test_d06_each_token_opens_what_it_is_for() -> None:
    assert KEYS.opens_pages(KEYS.reading())
    assert not KEYS.opens_pages(KEYS.output("diary"))
    assert not KEYS.opens_pages(None)
    assert KEYS.opens_output(KEYS.output("diary"), "diary")
    assert KEYS.opens_output(KEYS.reading(), "diary")
    assert not KEYS.opens_output(KEYS.output("other"), "diary")
    assert not KEYS.opens_output(None, "diary")
    assert not KEYS.opens_output("漢字", "diary")
    assert Keys(b"another").reading() != KEYS.reading()


async def test_the_secret_is_made_once_and_kept() -> None:
    library = Library()
    first = await load_keys(library)  # type: ignore[arg-type]  # the half of a store that is asked
    again = await load_keys(library)  # type: ignore[arg-type]
    assert first == again
    assert len(bytes.fromhex(library.states[SECRET_STATE])) == 32


def test_d06_a_session_ends_by_itself_and_with_the_admin_token() -> None:
    hashed = hash_token("x")
    session = KEYS.session(NOW, hashed)
    assert KEYS.session_holds(session, NOW + SESSION - timedelta(seconds=2), hashed)
    assert not KEYS.session_holds(session, NOW + SESSION, hashed)
    assert not KEYS.session_holds(session, NOW, hash_token("y"))
    assert not KEYS.session_holds(session, NOW, None)


async def test_the_end_of_all_sessions_outlasts_a_restart() -> None:
    library = Library()
    keys = await load_keys(library)  # type: ignore[arg-type]
    session = keys.session(NOW, hash_token("x"))
    keys = await end_sessions(library, keys)  # type: ignore[arg-type]
    for now_known in (keys, await load_keys(library)):  # type: ignore[arg-type]
        assert not now_known.session_holds(session, NOW, hash_token("x"))
        assert now_known.session_holds(keys.session(NOW, hash_token("x")), NOW, hash_token("x"))
        assert now_known.reading() == keys.reading()  # readers' addresses stay


@pytest.mark.parametrize(
    "session", ["", ".", "9999999999.", "x.y", "９９９.x", "9" * 400 + ".x", "\x00.\udcff"]
)
def test_a_made_up_session_is_none(session: str) -> None:
    assert not KEYS.session_holds(session, NOW, hash_token("x"))


@pytest.mark.parametrize(
    ("headers", "ours"),
    [
        ({"sec-fetch-site": "same-origin"}, True),
        ({"sec-fetch-site": "same-site", "origin": HOME}, False),
        ({"sec-fetch-site": "cross-site"}, False),
        ({"sec-fetch-site": "none"}, False),
        ({"origin": HOME, "host": "other"}, True),
        ({"origin": "http://192.168.1.20:8080", "host": "192.168.1.20:8080"}, True),
        ({"origin": "https://evil.example", "host": "127.0.0.1:8080"}, False),
        ({"origin": "null", "host": "127.0.0.1:8080"}, False),
        ({}, False),
    ],
)
def test_d06_only_our_own_pages_forms_are_taken(headers: dict[str, str], ours: bool) -> None:
    assert came_from_our_page(headers, HOME) is ours


def test_guessing_is_slowed_down_address_by_address() -> None:
    throttle = Throttle(failures=3, seconds=60, addresses=2)
    for at in range(3):
        assert not throttle.blocks("a", at)
        throttle.note_failure("a", at)
    assert throttle.blocks("a", 3)
    assert not throttle.blocks("b", 3)
    assert not throttle.blocks("a", 62)
    throttle.note_failure("b", 3)
    throttle.note_failure("c", 3)
    assert not throttle.blocks("a", 4), "only so many addresses are remembered"


def test_a_bearer_token_is_read_from_its_header() -> None:
    assert bearer("Bearer abc") == "abc"
    assert bearer("bearer  abc ") == "abc"
    assert bearer("Basic abc") is None
    assert bearer("Bearer") is None
