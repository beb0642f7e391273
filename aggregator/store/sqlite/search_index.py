"""What the search index holds of an entry, and how words are asked for.

A run of kana or kanji is indexed as its bigrams and then its last character; so bigrams that follow
each other in the index overlap in the text, and a phrase of them is found exactly where the word
stands: nothing has to be checked against the text afterwards.
"""

import sqlite3
from collections.abc import Iterable
from typing import Final

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


def match_expression(text: str) -> str | None:
    """Return the FTS5 expression for entries that hold all the words; None where there is no word."""
    words = query_terms(text)
    return " AND ".join(_phrase(terms) for terms in words) or None


def _terms(title: str, summary: str | None) -> str:
    return " ".join((*search_terms(title), *search_terms(summary or "")))


def _phrase(terms: list[str]) -> str:
    quoted = f'"{" ".join(terms)}"'
    return (
        f"{quoted}*"
        if len(terms) == 1 and len(terms[0]) == 1 and not terms[0].isascii()
        else quoted
    )
