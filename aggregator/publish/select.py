"""Which stories an output takes, and since when: from stored data only, so that it is the same each time."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum

from aggregator.model.entry import Entry
from aggregator.model.output import Items, Output
from aggregator.model.query import FiledEntry, StoryFile
from aggregator.publish.context import PublishContext
from aggregator.publish.view import independent_sources, views_of
from aggregator.text.normalise import fold

_Mutes = Sequence[tuple[tuple[str, ...], datetime | None]]


class Absence(StrEnum):
    """Why an output does not show a story of its sources and topics."""

    MUTED = "muted"
    EXCLUDED = "excluded"
    LANGUAGE = "language"
    FEW_SOURCES = "few sources"
    BACKLOG = "backlog"


def qualifies_at(file: StoryFile, output: Output, ctx: PublishContext) -> datetime | None:
    """Return when the story first satisfied the output; None: it does not.

    Its reports are replayed in order of arrival. What was muted when it arrived makes no item later,
    unless another report arrives once the mute has ended.
    """
    times = (joins_at(view, output, ctx) for view in views_of(file, output))
    return min((time for time in times if time is not None), default=None)


def joins_at(view: StoryFile, output: Output, ctx: PublishContext) -> datetime | None:
    """Return when a view of a story (view.py) first satisfied the output; None: it does not."""
    return _first_time(view, output, ctx.mutes)


def belongs(view: StoryFile, output: Output, ctx: PublishContext, now: datetime) -> bool:
    """Tell whether a published item may stay: its story has satisfied the output and is not muted now."""
    return not is_muted(view.entries, ctx.mutes, now) and _first_time(view, output, ()) is not None


def has_topic(file: StoryFile, output: Output) -> bool:
    """Tell whether a story has one of the output's topics, where it has any."""
    return not output.topics or any(match.topic in output.topics for match in file.story.topics)


def absence_from(
    file: StoryFile, output: Output, ctx: PublishContext
) -> tuple[Absence, str] | None:
    """Return why an output does not show a story, with the word that keeps it out where one does.

    None: it does, or the story is none of its sources or topics.
    """
    seen = [f for f in file.entries if not output.sources or f.entry.source in output.sources]
    if not seen or not has_topic(file, output) or qualifies_at(file, output, ctx) is not None:
        return None
    muted = [word for words, _ in ctx.mutes for word in words]
    for absence, words in ((Absence.EXCLUDED, output.exclude), (Absence.MUTED, muted)):
        word = next((word for word in words if _mention(seen, (word,))), None)
        if word is not None:
            return absence, word
    if output.languages and not any(f.entry.language in output.languages for f in seen):
        return Absence.LANGUAGE, ""
    if all(_is_backlog(filed.entry, output) for filed in seen):
        return Absence.BACKLOG, ""
    return Absence.FEW_SOURCES, ""


def arrival_of(entry: Entry) -> datetime:
    """Return when an entry counts as having arrived: in a source's first poll, by its own date."""
    if entry.first_poll and entry.published is not None and entry.published <= entry.first_seen_at:
        return entry.published
    return entry.first_seen_at


def is_muted(entries: Sequence[FiledEntry], mutes: _Mutes, at: datetime) -> bool:
    """Tell whether a mute that is in force at a time hides these reports."""
    words = [word for words, until in mutes if until is None or at < until for word in words]
    return _mention(entries, words)


def _first_time(view: StoryFile, output: Output, mutes: _Mutes) -> datetime | None:
    if view.story.muted or not has_topic(view, output):
        return None
    tagged = any(_is_tagged(filed, output) for filed in view.entries)
    time: datetime | None = None
    for count, filed in enumerate(view.entries, 1):
        # The latest so far: a back catalogue that arrives later does not date a story back.
        time = max(time or arrival_of(filed.entry), arrival_of(filed.entry))
        seen = view.entries[:count]
        if (
            (not tagged or any(_is_tagged(f, output) for f in seen))
            and _satisfy(seen, output)
            and not is_muted(seen, mutes, time)
        ):
            return time
    return None


def _is_tagged(filed: FiledEntry, output: Output) -> bool:
    return any(match.topic in output.topics for match in filed.topics)


def _satisfy(seen: Sequence[FiledEntry], output: Output) -> bool:
    """Tell whether these reports would make an item, had there been no more."""
    return (
        not all(_is_backlog(filed.entry, output) for filed in seen)
        and (not output.languages or any(f.entry.language in output.languages for f in seen))
        and (output.items is Items.ENTRIES or _origins(seen) >= output.min_sources)
        and not _mention(seen, output.exclude)
    )


def _is_backlog(entry: Entry, output: Output) -> bool:
    """Tell whether an entry came with its source's first poll and was old then: no news by itself."""
    return entry.first_poll and entry.first_seen_at - arrival_of(entry) > output.backfill


def _origins(seen: Sequence[FiledEntry]) -> int:
    return max(1, len(independent_sources(seen)))


def _mention(entries: Sequence[FiledEntry], words: Iterable[str]) -> bool:
    """Tell whether one of the words stands in a title or summary, after folding."""
    wanted = [folded for folded in map(fold, words) if folded]
    if not wanted:
        return False
    texts = [fold(f"{filed.entry.title} \n {filed.entry.summary}") for filed in entries]
    return any(word in text for word in wanted for text in texts)
