import re
import string
from importlib.resources import files

import pytest

from aggregator.model.digest import EditionKind
from aggregator.model.feed import FeedStanding
from aggregator.model.source import Access
from aggregator.serve.wording import LANGUAGES, WORDINGS

_SERVE = files("aggregator.serve")
_USED = re.compile(r"""(?:visit\.t|words)\(\s*f?["']([a-z_]+\.[a-z_]*)["']""")


def _sources() -> str:
    folder = _SERVE.joinpath("templates")
    texts = [item.read_text("utf-8") for item in folder.iterdir()]
    texts += [i.read_text("utf-8") for i in _SERVE.iterdir() if i.name.endswith(".py")]
    return "\n".join(texts)


def _plain(keys: set[str]) -> set[str]:
    return {key.removesuffix("_one") for key in keys}


def test_every_language_says_everything() -> None:
    first, *others = (_plain(set(WORDINGS[name].messages)) for name in LANGUAGES)
    for other in others:
        assert other == first


def test_every_language_puts_in_the_same_values() -> None:
    def values(text: str) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    for key in _plain(set(WORDINGS["en"].messages)):
        said = [values(WORDINGS[name].messages[key]) for name in LANGUAGES]
        assert all(one == said[0] for one in said), key


def test_every_message_that_is_asked_for_exists_and_the_other_way_round() -> None:
    text = _sources()
    asked = set(_USED.findall(text))
    known = _plain(set(WORDINGS["ja"].messages))
    exact = {key for key in asked if not key.endswith(".")}
    assert exact - known == set()
    # Named otherwise: "standing." ~ value, a list of navigation keys, a condition between two.
    unused = {key for key in known - exact if f'"{key}"' not in text}
    prefixes = ("standing.", "advice.", "access.", "stats.", "outcome.", "done.", "language.")
    named = {f"digest.{kind.value}" for kind in EditionKind} | {
        f"feeds.{feed}" for feed in ("status", "edits", "suppressed")
    }
    assert {key for key in unused if not key.startswith((*prefixes, "notice."))} == named


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_standing_and_access_has_words(language: str) -> None:
    wording = WORDINGS[language]
    for standing in FeedStanding:
        assert wording(f"standing.{standing.value}")
        assert wording(f"advice.{standing.value}")
    for access in Access:
        assert wording(f"access.{access.value}")


def test_one_is_said_as_one_where_a_language_tells_it_apart() -> None:
    assert WORDINGS["en"]("card.outlets", n=1) == "1 outlet"
    assert WORDINGS["en"]("card.outlets", n=2) == "2 outlets"
    assert WORDINGS["ja"]("card.outlets", n=1) == "1社"


def test_a_message_that_does_not_exist_is_an_error_not_a_blank() -> None:
    with pytest.raises(KeyError):
        WORDINGS["ja"]("no.such")
