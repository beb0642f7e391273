"""What the search index holds of an entry, and how words are asked for.

The index knows which terms an entry has, not where: a run of kana or kanji is there as its bigrams
and its last character. A word of one or two characters, or in a spaced script, is one term; a
longer run is several, and whether they stand together the text itself says.
"""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from aggregator.text.normalise import fold
from aggregator.text.script import CJK_RUN
from aggregator.text.terms import query_terms, search_terms

_ADD: Final = "INSERT INTO entry_search (rowid, terms) VALUES (?, ?)"
_REMOVE: Final = "INSERT INTO entry_search (entry_search, rowid, terms) VALUES ('delete', ?, ?)"
_ALL: Final = "SELECT serial, title, summary FROM entries WHERE NOT withdrawn"

Searchable = tuple[int, str, str | None]  # serial, title, summary


def add_to_search(connection: sqlite3.Connection, rows: Iterable[Searchable]) -> None:
    """Index entries."""
    connection.executemany(
        _ADD, ((serial, _terms(title, summary)) for serial, title, summary in rows)
    )


def remove_from_search(connection: sqlite3.Connection, rows: Iterable[Searchable]) -> None:
    """Take entries out of the index, given the very text that was indexed."""
    connection.executemany(
        _REMOVE, ((serial, _terms(title, summary)) for serial, title, summary in rows)
    )


def index_all(connection: sqlite3.Connection) -> None:
    """Index every stored entry, from nothing."""
    connection.execute("INSERT INTO entry_search (entry_search) VALUES ('delete-all')")
    add_to_search(connection, connection.execute(_ALL).fetchall())


@dataclass(frozen=True, slots=True)
class Asked:
    """A question to the index, and what the text of a hit must prove."""

    expression: str  # in FTS5's language
    together: tuple[str, ...]  # folded runs that must stand in the folded text

    def proved_by(self, title: str, summary: str | None) -> bool:
        """Tell whether a hit's text holds the runs as they were asked for."""
        if not self.together:
            return True
        text = fold(f"{title} {summary or ''}")
        return all(run in text for run in self.together)


def ask(text: str) -> Asked | None:
    """Return the question for entries that hold all words of a text; None where it has none."""
    words = query_terms(text)
    if not words:
        return None
    return Asked(
        expression=" AND ".join(_term(term) for terms in words for term in terms),
        together=tuple(_run(terms) for terms in words if len(terms) > 1),
    )


def _terms(title: str, summary: str | None) -> str:
    return " ".join({*search_terms(title), *search_terms(summary or "")})


def _term(term: str) -> str:
    """Return a term as FTS5 reads it; a single kana or kanji is the beginning of any of its bigrams."""
    return f'"{term}"*' if len(term) == 1 and CJK_RUN.match(term) else f'"{term}"'


def _run(bigrams: list[str]) -> str:
    return bigrams[0][0] + "".join(bigram[1] for bigram in bigrams)
