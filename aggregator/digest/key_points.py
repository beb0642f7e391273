"""Up to three sentences that say what happened, word for word from the reports, each with its credit.

Maximal marginal relevance: a sentence is worth what it tells of the story (who did what, figures, what
comes next) less what the ones before it have told already. A fact that two outlets report appears
once, and both are named.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from aggregator.digest.context import DigestContext
from aggregator.digest.features import (
    Weights,
    likeness,
    numbers_in,
    rarity,
    shared_share,
    terms_of,
)
from aggregator.digest.fitness import quotable_part
from aggregator.digest.language import written_in
from aggregator.digest.report_text import ReportText, texts_of
from aggregator.model.digest import KeyPoint
from aggregator.model.entry import Entry
from aggregator.model.identifiers import digest63
from aggregator.model.output import Audience
from aggregator.model.query import FiledEntry
from aggregator.text.script import is_cjk
from aggregator.text.sentences import Span, sentences

POINTS: Final = 3
"""Sentences a story, and at most so many of one article."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PointOptions:
    """How sentences are weighed; the values were chosen on half of the labelled stories."""

    sentences_read: int = 40  # of one text: what matters stands on top
    same_fact: float = 0.5  # share of terms from which on two sentences say one thing
    related: float = 0.12  # share of terms that a report's opening has in common with the story
    repeats: float = 0.55  # weight of what was told already
    worthwhile: float = 0.3  # below it a sentence is left out
    opening: float = 0.5
    central: float = 0.5
    figures: float = 0.12
    outlook: float = 0.1
    leaning: float = -0.3  # a sentence that leans on the one before it
    thin: float = -0.12  # a sentence of a few words
    new_kind: float = 0.12  # the first with figures, the first that looks ahead


@dataclass(frozen=True, slots=True)
class _Candidate:
    entry: Entry
    outlet: str
    at: datetime
    text: ReportText
    span: Span
    position: int  # among the sentences of its text
    terms: frozenset[str]
    leads: bool  # of the report that stands for the story

    @property
    def quoted(self) -> str:
        return self.span.of(self.text.text)


_OUTLOOK: Final = re.compile(
    r"予定|方針|見通し|見込み|目指|めざ|計画|検討|今後|来月|来年|来週|へ向け|に向け|までに|する考え"
    r"|\b(?:will|plans?|expects?|expected|aims?|set to|due to|scheduled|next (?:week|month|year)|upcoming)\b"
)
_FEW_TERMS: Final = 6
_LEANING: Final = re.compile(
    r"^(?:また|ただ|一方|このうち|そして|さらに|同[氏社日国州県市党相紙誌]|両[社国者]|現地では|なお|うち|いずれも)"
    r"|^(?:The (?:move|company|group|decision|result|deal|bank|agency|pair|two)|Here|There)\b"
)
"""Begins with a word for what was said before; understood by itself more often than not."""
_HANGING: Final = re.compile(
    r"^(?:しかし|だが|ところが|とはいえ|これ|それ|この(?!うち)|その|彼|だから|つまり)"
    r"|^(?:It|He|She|They|This|That|These|Those|But|And|Yet|However|Meanwhile|Also|So|Such|Then|Now|Instead|Still|Its|His|Her|Their|Not|Or|Both|Today)\b"
)
"""Not understood at all without the sentence before it."""


def key_points(
    reports: Sequence[FiledEntry],
    lead: FiledEntry,
    ctx: DigestContext,
    options: PointOptions = PointOptions(),
) -> tuple[KeyPoint, ...]:
    """Return up to three key points of a story, in the order in which they are best read.

    `reports` are those of the story, its lead among them. A public audience gets none; a team one
    sentence of a summary, or at most a tenth of a longer text.
    """
    if ctx.audience is Audience.PUBLIC:
        return ()
    candidates = _candidates(reports, lead, ctx, options)
    if not candidates:
        return ()
    weights = rarity(one.terms for one in candidates)
    chosen = _choose(candidates, terms_of(lead.entry.title), weights, ctx, options)
    return tuple(_point(one, candidates, weights, options) for one in _in_reading_order(chosen))


# -- candidates -----------------------------------------------------------------------------------


def _candidates(
    reports: Sequence[FiledEntry],
    lead: FiledEntry,
    ctx: DigestContext,
    options: PointOptions,
) -> list[_Candidate]:
    """Return every sentence that may be quoted, in the digest's language where a report is in it."""
    headlines = [terms_of(filed.entry.title) for filed in reports]
    found: list[_Candidate] = []
    seen: set[str] = set()
    for filed in sorted(
        reports, key=lambda f: (f.entry.id != lead.entry.id, ctx.reported_at(f), f.entry.id)
    ):
        for text in texts_of(filed.entry, ctx.articles)[:1]:
            for one in _sentences_of(
                filed, text, ctx, options, leads=filed.entry.id == lead.entry.id
            ):
                said = " ".join(one.quoted.split())
                if said not in seen and not any(_repeats_headline(one, h) for h in headlines):
                    found.append(one)
                    seen.add(said)
    native = [one for one in found if written_in(one.quoted, ctx.language)]
    return _on_the_story(native or _readable(found), lead, options)


def _sentences_of(
    filed: FiledEntry, text: ReportText, ctx: DigestContext, options: PointOptions, *, leads: bool
) -> list[_Candidate]:
    spans = sentences(text.text, filed.entry.language)
    found = []
    for position, sentence in enumerate(spans[: options.sentences_read]):
        span = quotable_part(text.text, sentence)
        if span is not None:
            found.append(
                _Candidate(
                    filed.entry,
                    ctx.outlet(filed.entry.source),
                    ctx.reported_at(filed),
                    text,
                    span,
                    position,
                    terms_of(span.of(text.text)),
                    leads,
                )
            )
    return found


def _repeats_headline(one: _Candidate, headline: frozenset[str]) -> bool:
    """Tell whether a sentence says nothing that a headline does not say already."""
    return len(one.terms - headline) <= len(one.terms) // 10


def _readable(found: list[_Candidate]) -> list[_Candidate]:
    """Return the sentences in English or Japanese, else all that are in one language with the first."""
    return [one for one in found if written_in(one.quoted, "en") or is_cjk(one.quoted)]


def _on_the_story(
    found: list[_Candidate], lead: FiledEntry, options: PointOptions
) -> list[_Candidate]:
    """Leave out reports that share too little with what the lead says: grouping errs at times."""
    if not found:
        return found
    first = next((one.entry for one in found if one.leads), found[0].entry)
    about = terms_of(lead.entry.title) | terms_of(first.title)
    about = about.union(*(one.terms for one in found if one.entry.id == first.id))
    weights = rarity([one.terms for one in found] + [about])
    stray = set()
    for entry in {one.entry.id for one in found} - {first.id}:
        said = [one for one in found if one.entry.id == entry]
        terms = terms_of(said[0].entry.title).union(said[0].terms)
        if shared_share(terms, about, weights) < options.related:
            stray.add(entry)
    return [one for one in found if one.entry.id not in stray]


# -- choosing -------------------------------------------------------------------------------------


def _choose(
    candidates: Sequence[_Candidate],
    headline: frozenset[str],
    weights: Weights,
    ctx: DigestContext,
    options: PointOptions,
) -> list[_Candidate]:
    worth = {id(one): _worth(one, candidates, headline, weights, options) for one in candidates}
    chosen: list[_Candidate] = []
    left = list(candidates)
    while left and len(chosen) < POINTS:
        gain, best = max(
            ((_gain(one, worth[id(one)], chosen, weights, options), one) for one in left),
            key=lambda pair: pair[0],
        )
        if gain < options.worthwhile:
            break
        left.remove(best)
        if _may_quote(best, chosen, ctx.audience):
            chosen.append(best)
            left = [one for one in left if not _same_fact(one, best, weights, options)]
    return chosen


def _worth(
    one: _Candidate,
    candidates: Sequence[_Candidate],
    headline: frozenset[str],
    weights: Weights,
    options: PointOptions,
) -> float:
    """Return what a sentence tells of its story by itself."""
    others = [other for other in candidates if other.entry.id != one.entry.id]
    central = max(
        shared_share(one.terms, headline, weights),
        _mean([likeness(one.terms, other.terms, weights) for other in others[:30]]),
    )
    worth = options.opening / (1 + 0.5 * one.position) + options.central * central
    worth += options.figures * _has_figures(one) + options.outlook * _looks_ahead(one)
    worth += options.leaning * _leans(one) + options.thin * (len(one.terms) < _FEW_TERMS)
    return worth + 0.1 * one.leads


def _gain(
    one: _Candidate,
    worth: float,
    chosen: Sequence[_Candidate],
    weights: Weights,
    options: PointOptions,
) -> float:
    """Return what a sentence adds to those chosen before it."""
    told = max((likeness(one.terms, other.terms, weights) for other in chosen), default=0.0)
    gain = worth - options.repeats * told
    for has in (_has_figures, _looks_ahead):
        if chosen and has(one) and not any(has(c) for c in chosen):
            gain += options.new_kind
    follows = any(c.text is one.text and c.position == one.position - 1 for c in chosen)
    if follows:
        return gain - options.leaning * _leans(one)  # it stands behind what it leans on
    return gain if _HANGING.search(one.quoted) is None else 0.0


def _has_figures(one: _Candidate) -> bool:
    return bool(numbers_in(one.terms))


def _looks_ahead(one: _Candidate) -> bool:
    return _OUTLOOK.search(one.quoted) is not None


def _leans(one: _Candidate) -> bool:
    return _LEANING.search(one.quoted) is not None


def _may_quote(one: _Candidate, chosen: Sequence[_Candidate], audience: Audience) -> bool:
    """Tell whether an article may be quoted once more, for those who read the digest."""
    same = [other for other in chosen if other.entry.id == one.entry.id]
    if audience is Audience.PRIVATE:
        return len(same) < POINTS
    if one.text.field == "summary":
        return not same
    quoted = sum(other.span.end - other.span.start for other in (*same, one))
    return quoted * 10 <= len(one.text.text)


def _same_fact(one: _Candidate, other: _Candidate, weights: Weights, options: PointOptions) -> bool:
    """Tell whether two sentences say one thing; differing figures speak against it."""
    share = shared_share(one.terms, other.terms, weights)
    mine, theirs = numbers_in(one.terms), numbers_in(other.terms)
    if mine and theirs and not mine & theirs:
        share -= 0.15
    return share >= options.same_fact


def _in_reading_order(chosen: Sequence[_Candidate]) -> list[_Candidate]:
    """Return sentences of one report in its own order; otherwise the most telling first."""
    places = {one.entry.id: place for place, one in reversed(list(enumerate(chosen)))}
    return sorted(chosen, key=lambda one: (places[one.entry.id], one.position))


def _point(
    one: _Candidate, candidates: Sequence[_Candidate], weights: Weights, options: PointOptions
) -> KeyPoint:
    also = dict.fromkeys(
        other.outlet
        for other in candidates
        if other.outlet != one.outlet and _same_fact(other, one, weights, options)
    )
    return KeyPoint(
        text=one.quoted,
        entry=one.entry.id,
        field=one.text.field,
        start=one.span.start,
        end=one.span.end,
        text_hash=text_hash(one.text.text),
        outlet=one.outlet,
        at=one.at,
        also=tuple(also),
    )


def text_hash(text: str) -> int:
    """Return the hash that a key point keeps of the text that its span counts in."""
    return digest63(text.encode("utf-8", "surrogatepass"))


def is_verbatim(point: KeyPoint, text: str) -> bool:
    """Tell whether a key point stands word for word where it says that it does."""
    return text_hash(text) == point.text_hash and text[point.start : point.end] == point.text


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0
