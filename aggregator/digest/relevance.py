"""What belongs into a digest: a topic needs evidence of its own, in what a report says first."""

from collections.abc import Collection, Sequence
from typing import Final

from aggregator.digest.features import rarity, shared_share, terms_of
from aggregator.model.identifiers import TopicId
from aggregator.model.query import FiledEntry, StoryFile
from aggregator.text.sentences import first_sentence

_OPENING: Final = 400  # characters in which a first sentence is looked for
_RELATED: Final = 0.2  # share of terms with the lead, for a report without the topic's own words


def has_topic(filed: FiledEntry, topics: Collection[TopicId]) -> bool:
    """Tell whether a report itself has one of the topics, in its headline or its first sentence.

    A topic that it only has from its story does not count, nor one that it mentions further down: a
    report on bank rates may end with a word on the leaders' call.
    """
    opening = _opening_end(filed)
    return any(
        match.topic in topics
        and match.by == "entry"
        and any(
            hit.list is not None and (hit.field == "title" or hit.start < opening)
            for hit in match.evidence
        )
        for match in filed.topics
    )


def is_on_topic(
    reports: Sequence[FiledEntry], lead: FiledEntry, topics: Collection[TopicId]
) -> bool:
    """Tell whether a story is on one of the topics: its lead is, or half of its outlets are."""
    if has_topic(lead, topics):
        return True
    own = {filed.entry.source for filed in reports if has_topic(filed, topics)}
    return len(own) * 2 >= len({filed.entry.source for filed in reports})


def tells(file: StoryFile, topics: Collection[TopicId]) -> bool:
    """Tell whether a story that is named by its lead's headline alone is on one of the topics."""
    return bool(file.entries) and has_topic(file.lead, topics)


def belonging(
    reports: Sequence[FiledEntry], lead: FiledEntry, topics: Collection[TopicId]
) -> tuple[FiledEntry, ...]:
    """Return the reports that belong to the story: with the topic, or close to what the lead says.

    Grouping errs at times; in a digest a stray report under a story is worse than one left out.
    """
    about = _said(lead)
    weights = rarity([_said(filed) for filed in reports])
    kept = []
    for filed in reports:
        near = filed is lead or shared_share(_said(filed), about, weights) >= _RELATED
        if near or has_topic(filed, topics):
            kept.append(filed)
    return tuple(kept)


def topic_of(file: StoryFile, topics: Sequence[TopicId]) -> TopicId | None:
    """Return the first of the topics that one of a story's reports has."""
    return next(
        (topic for topic in topics if any(has_topic(f, (topic,)) for f in file.entries)), None
    )


def _opening_end(filed: FiledEntry) -> int:
    found = first_sentence(filed.entry.summary[:_OPENING], filed.entry.language)
    return found.end if found is not None else 0


def _said(filed: FiledEntry) -> frozenset[str]:
    return terms_of(filed.entry.title) | terms_of(filed.entry.summary[: _opening_end(filed)])
