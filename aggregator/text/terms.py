"""Text as terms: what the search index holds, in both stores alike."""

import re
from operator import add
from typing import Final

from aggregator.text.normalise import fold
from aggregator.text.script import CJK_RUN

_WORD: Final = re.compile(r"[^\W_]+", re.UNICODE)
_RUNS: Final = re.compile(f"({CJK_RUN.pattern})")  # splits: every other piece is a run


def search_terms(text: str) -> list[str]:
    """Return the index terms of a text: words of spaced scripts, bigrams of kana and kanji runs.

    A run of one character is a term by itself, and every run's last character too, so that a
    search for one character finds it wherever it stands.
    """
    folded = fold(text)
    words: list[str] = _WORD.findall(folded)
    if folded.isascii():
        return words
    terms: list[str] = []
    for word in words:
        for number, piece in enumerate(_RUNS.split(word)):
            if number % 2:
                terms += map(add, piece, piece[1:])
                terms.append(piece[-1])
            elif piece:
                terms.append(piece)
    return terms


def query_terms(text: str) -> list[list[str]]:
    """Return the terms of a query, one list a word: its terms must follow each other in the text.

    A single kana or kanji matches as the beginning of a bigram: the store asks for `term*` there.
    """
    found: list[list[str]] = []
    for word in _WORD.findall(fold(text)):
        position = 0
        for run in CJK_RUN.finditer(word):
            if run.start() > position:
                found.append([word[position : run.start()]])
            position = run.end()
            cjk = run.group()
            found.append([cjk[i : i + 2] for i in range(len(cjk) - 1)] or [cjk])
        if position < len(word):
            found.append([word[position:]])
    return found
