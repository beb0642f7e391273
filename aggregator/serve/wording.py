"""Our own words in each language, from `locale/*.toml`: one table a language, the same keys in each."""

import tomllib
from collections.abc import Iterator, Mapping
from importlib.resources import files
from typing import Any, Final

LANGUAGES: Final = ("ja", "en")


class Wording:
    """The messages of one language."""

    def __init__(self, language: str, messages: Mapping[str, str]) -> None:
        self.language = language
        self.messages = messages

    def __call__(self, key: str, **values: object) -> str:
        """Return a message with its values put in.

        A message `KEY_one` is taken instead where `n` is 1 and the language has one.

        Raises:
            KeyError: there is no such message; a page never shows a key.
        """
        if values.get("n") == 1 and f"{key}_one" in self.messages:
            key = f"{key}_one"
        return self.messages[key].format(**values)

    def has(self, key: str) -> bool:
        """Tell whether there is such a message."""
        return key in self.messages


def _flatten(table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for name, value in table.items():
        if isinstance(value, dict):
            yield from _flatten(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", str(value)


def load_wording(language: str) -> Wording:
    """Read the messages of one language."""
    text = files("aggregator.serve").joinpath(f"locale/{language}.toml").read_text("utf-8")
    return Wording(language, dict(_flatten(tomllib.loads(text))))


WORDINGS: Final[Mapping[str, Wording]] = {name: load_wording(name) for name in LANGUAGES}
