"""A problem of the operator's files: where it is, and what to do about it."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

KeyPath = tuple[str | int, ...]
"""The way to a value: keys of mappings, indexes of lists."""

_SHOWN: Final = 60  # characters of a key or value that a message repeats


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Problem:
    """One thing that is wrong, at its 1-based line and column."""

    file: str
    line: int
    column: int
    path: KeyPath
    message: str

    def written(self) -> str:
        """Write it as `file:line:column: path: message`; without a path where the whole file is meant."""
        where = f"{self.file}:{self.line}:{self.column}: "
        return where + (f"{dotted(self.path)}: " if self.path else "") + self.message


def dotted(path: KeyPath) -> str:
    """Write a path as `sources[2].every`."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{shortened(step)}"
    return text.removeprefix(".")


def shortened(text: str) -> str:
    """Return `text` as far as a message repeats it."""
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return a suggestion to append to a message, empty when nothing is near."""
    near = get_close_matches(shortened(word), list(known), n=1, cutoff=0.6)
    return f"; did you mean {near[0]!r}?" if near else ""
