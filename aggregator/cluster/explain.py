"""Why an entry is where it is, in one or two sentences that a journalist would accept."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final

from aggregator.cluster.batch import (
    ASIDE,
    BULLETINS,
    BY_HAND,
    FOLLOWS,
    LONG_RUNNING,
    NOT_FOLDED,
)
from aggregator.model.entry import Entry
from aggregator.model.identifiers import EntryId
from aggregator.model.story import Decision, Layer, Placement
from aggregator.text.normalise import fold
from aggregator.text.script import is_cjk
from aggregator.text.words import STOP_WORDS

_GUARDS: Final = {
    BULLETINS: (
        "定型の速報・定例記事が近くにあるが、数字・地名・時刻のいずれかが異なります",
        "similar bulletins are at hand whose numbers, places or times differ",
    ),
    LONG_RUNNING: (
        "最も近い話題は1週間以上続いているか記事が多いため、続きの話題として分けました",
        "the nearest story has run too long to take more, so this follows it as a new one",
    ),
    NOT_FOLDED: (
        "他社の話題にまとめない設定の配信元が関わるため分けました",
        "a source is concerned that is set never to be folded into others' stories",
    ),
    BY_HAND: ("人の指示で別の話題に分けてあります", "a person has set it apart"),
    ASIDE: (
        "解説・連載・まとめの類いなので、よほど近くない限り出来事の話題には入れません",
        "it explains, sums up or is part of a series, and so joins the report of an event only where they are very near",
    ),
    FOLLOWS: (
        "以前の話題の続きとみられるため、つなげて示します",
        "it seems to follow an earlier story and is linked to it",
    ),
}
_WORD: Final = re.compile(r"[^\W_]{3,}")
_RUN: Final = re.compile(
    r"[a-z0-9\u30a1-\u30fa\u30fc\u3400-\u9fff]+(?:\.?[a-z0-9%\u30a1-\u30fa\u30fc\u3400-\u9fff]+)+"
)
# Kana with which a verb goes on: 義援金受 stands before け, so that 受 is half a word.
_INFLECTED: Final = frozenset("いえきぎくぐけげせちつてびべみむめりるれわ")
_WORTH: Final = 0.05
_SHOWN: Final = 4  # words in common that are quoted


def explain(
    placement: Placement,
    entries: Mapping[EntryId, Entry],
    language: str,
    runner_up: str | None = None,
    outlets: Mapping[str, str] | None = None,
) -> str:
    """Say why an entry is in its story, a copy, or apart.

    Args:
        placement: what was decided.
        entries: the entry itself and those that the decision names, as far as they are still kept.
        language: `ja`, else English.
        runner_up: title of the story that came next.
        outlets: names of sources as people read them, by id.
    """
    facts = _Facts(placement, entries, outlets or {})
    return _japanese(facts, runner_up) if language == "ja" else _english(facts, runner_up)


@dataclass(frozen=True, slots=True)
class _Facts:
    """What there is to say."""

    placement: Placement
    entries: Mapping[EntryId, Entry]
    outlets: Mapping[str, str]

    @property
    def decision(self) -> Decision:
        return self.placement.decision

    def cited(self, entry: EntryId, quotes: str) -> str:
        """Name an entry by outlet and headline."""
        known = self.entries.get(entry)
        if known is None:
            return entry
        outlet = self.outlets.get(known.source, known.source)
        space = " " if quotes == "“”" else ""  # Japanese sets none before a bracket
        return f"{outlet}{space}{quotes[0]}{known.title}{quotes[1]}"

    def in_common(self) -> list[str]:
        """Return what ties it to its nearest neighbour, as people would quote it."""
        nearest = self.decision.neighbours[0]
        own, other = self.entries.get(self.placement.entry), self.entries.get(nearest.entry)
        found = _in_common(own.title, other.title) if own and other else []
        named = [term[1:] for term in nearest.shared if term[0] in "@#" and len(term) > 2]
        return (found or named)[:_SHOWN]

    def with_others(self) -> bool:
        """Tell whether it would not have joined by itself."""
        return self.decision.score < self.decision.threshold

    def near_enough(self) -> bool:
        """Tell whether the other story would have been near enough, had this one not been nearer."""
        return self.decision.runner_up_score >= self.decision.threshold

    def next(self) -> bool:
        """Tell whether another story came near enough to be worth a word."""
        near = self.decision.runner_up is not None and self.decision.runner_up_score >= _WORTH
        return near and self.placement.copy_of is None


def _in_common(one: str, two: str) -> list[str]:
    """Return the words, or in Japanese the runs of characters, that stand in both headlines."""
    spelled, one, two = one, fold(one), fold(two)
    if is_cjk(one) != is_cjk(two):
        return []
    if len(spelled) != len(one):
        spelled = one  # the two no longer run in step
    if not is_cjk(one):
        words = set(_WORD.findall(two)) - STOP_WORDS
        found = {m[0]: spelled[m.start() : m.end()] for m in _WORD.finditer(one) if m[0] in words}
        return list(found.values())
    blocks = SequenceMatcher(None, one, two, autojunk=False).get_matching_blocks()
    runs: dict[str, int] = {}
    for block in blocks:
        for run in _RUN.finditer(one[block.a : block.a + block.size]):
            begin, end = _whole((one, block.a), (two, block.b), run.start(), run.end())
            if end - begin > 1:
                runs.setdefault(spelled[block.a + begin : block.a + end], begin + block.a)
    return sorted(runs, key=lambda run: (-len(run), runs[run]))


def _whole(one: tuple[str, int], two: tuple[str, int], begin: int, end: int) -> tuple[int, int]:
    """Return where a stretch that two texts share begins and ends without the half words at its ends.

    Each text comes with the place at which the stretch is counted from in it.
    """
    scripts = [_script(character) for character in one[0][one[1] : one[1] + end]]
    for last in (False, True):
        place, step = (end - 1, -1) if last else (begin, 1)
        if not begin <= place < end:
            break
        beyond = [text[at + place - step : at + place - step + 1] for text, at in (one, two)]
        kind, length = scripts[place], 0
        while begin <= place + step * length < end and scripts[place + step * length] == kind:
            length += 1
        cut = [_script(character) == kind for character in beyond]
        if kind != "kanji":
            # A counter goes with the number that is cut.
            gone = (length + (kind == "number" and not last)) if any(cut) else 0
        elif last and not _INFLECTED.isdisjoint(beyond):
            gone = 2 if length == 2 else 1
        else:
            gone = length % 2 if all(cut) else 0
        begin, end = (begin, end - gone) if last else (begin + gone, end)
    return begin, end


def _script(character: str) -> str:
    """Tell of which kind of word a character is a part."""
    if character.isdigit():
        return "number"
    if "\u30a1" <= character <= "\u30fc":
        return "katakana"
    if character.isascii():
        return "latin" if character.isalpha() else ""
    return "kanji" if "\u3400" <= character <= "\u9fff" else ""


def _japanese(facts: _Facts, runner_up: str | None) -> str:
    said = [_japanese_reason(facts)]
    said += [_GUARDS[guard][0] + "。" for guard in facts.decision.guards if guard in _GUARDS]
    if facts.next():
        name = f"「{runner_up}」" if runner_up else "別の話題"
        score = f"{facts.decision.runner_up_score:.0%}"
        said.append(
            f"{name}にも見込み{score}で近かったのですが、話題どうしはまとめないため、同時に届いた記事も含めて最も近い一つを選びました。"
            if facts.near_enough() and not facts.decision.guards
            else f"次に近かったのは{name}で、見込みは{score}でした。"
        )
    return "".join(said)


def _japanese_reason(facts: _Facts) -> str:
    decision, copy = facts.decision, facts.placement.copy_of
    if decision.layer is Layer.HAND:
        return "人の指示によりこの話題に置かれています。"
    if copy is not None:
        why = {
            Layer.URL: "とリンク先が同じ",
            Layer.TITLE: "と同じ見出しを同じ社が48時間以内に出した",
        }.get(decision.layer, "と文面がほぼ同じ配信記事である")
        return f"{facts.cited(copy, '「」')}{why}ため、同じ記事の写しとして扱いました。"
    if decision.layer is Layer.FIRST or not decision.neighbours:
        return "同じ出来事を伝える記事がまだなかったため、新しい話題の最初の記事としました。"
    shared = facts.in_common()
    tie = f"「{'」「'.join(shared)}」が共通し、" if shared else ""
    if facts.with_others():
        return (
            f"{facts.cited(decision.neighbours[0].entry, '「」')}と{tie}"
            f"同時に届いたより近い記事とまとめてこの話題に入れました（単独での見込みは{decision.score:.0%}、基準は{decision.threshold:.0%}）。"
        )
    return (
        f"{facts.cited(decision.neighbours[0].entry, '「」')}と{tie}"
        f"同じ出来事を伝えている見込みが{decision.score:.0%}（基準{decision.threshold:.0%}）のため、この話題に入れました。"
    )


def _english(facts: _Facts, runner_up: str | None) -> str:
    said = [_english_reason(facts)]
    guards = [_GUARDS[guard][1] for guard in facts.decision.guards if guard in _GUARDS]
    if guards:
        said.append(f"Note that {'; '.join(guards)}.")
    if facts.next():
        name = f"“{runner_up}”" if runner_up else "another story"
        score = f"{facts.decision.runner_up_score:.0%}"
        said.append(
            f"It was near enough to {name} too, at {score}, but stories are not merged, and this is the one "
            "that it and the reports that came with it are nearest to."
            if facts.near_enough() and not facts.decision.guards
            else f"Next came {name}, at {score}."
        )
    return " ".join(said)


def _english_reason(facts: _Facts) -> str:
    decision, copy = facts.decision, facts.placement.copy_of
    if decision.layer is Layer.HAND:
        return "A person placed it in this story."
    if copy is not None:
        why = {
            Layer.URL: "leads to the same page as",
            Layer.TITLE: "repeats within 48 hours the outlet's own headline",
        }.get(decision.layer, "is nearly word for word")
        return f"It {why} {facts.cited(copy, '“”')}, so it is shown as a copy."
    if decision.layer is Layer.FIRST or not decision.neighbours:
        return "No earlier report tells of the same event, so it opens a story of its own."
    shared = facts.in_common()
    tie = f", sharing {', '.join(shared)}" if shared else ""
    if facts.with_others():
        return (
            f"It reads like {facts.cited(decision.neighbours[0].entry, '“”')}{tie}, and joined together with nearer "
            f"reports that arrived with it (by itself {decision.score:.0%} likely, with {decision.threshold:.0%} needed)."
        )
    return (
        f"It reads like {facts.cited(decision.neighbours[0].entry, '“”')}{tie}: "
        f"{decision.score:.0%} likely to be the same event, with {decision.threshold:.0%} needed."
    )
