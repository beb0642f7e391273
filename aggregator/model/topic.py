"""A topic: a subject the operator defined, and why an entry has it."""

from dataclasses import dataclass
from enum import StrEnum

from aggregator.model.identifiers import TopicId


class TermKind(StrEnum):
    """How a term of a rule is matched (tag/rules.py)."""

    PLAIN = "plain"  # CJK: substring after folding; else at word boundaries, without case
    CASE = "case"  # at word boundaries, with case
    STEM = "stem"  # a word's beginning
    KANJI = "kanji"  # a country's single kanji, not the letter in another word
    REGEX = "regex"  # linear time only


@dataclass(frozen=True, slots=True)
class Term:
    """One term of a rule."""

    text: str
    kind: TermKind = TermKind.PLAIN


class Near(StrEnum):
    """How close the lists of a topic must hit, where it is not a number of characters."""

    TITLE = "title"
    ANYWHERE = "anywhere"


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """A topic as topics.yaml defines it, aliases already put in."""

    id: TopicId
    names: tuple[tuple[str, str], ...]  # (language, name); language "" where one name serves all
    all: tuple[tuple[Term, ...], ...]  # each list is "any of", all lists must hit near each other
    never: tuple[Term, ...] = ()  # `not`: a veto
    near: int | Near = 40  # characters, or 12 words in spaced scripts
    weights: tuple[tuple[Term, float], ...] = ()
    threshold: float = 2.0

    def name(self, language: str) -> str:
        """Return its name in `language`, else the nearest there is."""
        names = dict(self.names)
        return names.get(language) or names.get("") or names.get("en") or next(iter(names.values()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One hit behind a tag: which list and term, where, worth how many points."""

    list: int | None  # which of `all`; None for a weight or a veto
    term: str
    field: str  # title | summary
    start: int  # offsets into the entry's own text, in code points
    end: int
    points: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicMatch:
    """That a text has a topic, and why."""

    topic: TopicId
    score: float
    evidence: tuple[Evidence, ...]
    by: str = "entry"  # entry | story
