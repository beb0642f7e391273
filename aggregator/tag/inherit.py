"""Topics of a story from those of its entries: reports with thin titles inherit them."""

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from aggregator.model.identifiers import EntryId, TopicId
from aggregator.model.topic import TopicMatch

_SHARE: Final = 1 / 3  # of a story's entries that have a topic by themselves, or its lead


def story_topics(
    entries: Sequence[tuple[EntryId, tuple[TopicMatch, ...]]], lead: EntryId
) -> tuple[TopicMatch, ...]:
    """Return the topics that a story has: its lead has them, or a third of its entries.

    Each comes with the lead's evidence, else that of the entry which scores highest; `by` says
    "entry" where the lead itself has it, "story" where it inherits it. Topics that entries have
    inherited before do not count again.
    """
    own: dict[TopicId, list[tuple[bool, TopicMatch]]] = defaultdict(list)
    for entry, matches in entries:
        for match in matches:
            if match.by == "entry":
                own[match.topic].append((entry == lead, match))
    needed = math.ceil(len(entries) * _SHARE)
    found = []
    for having in own.values():
        has_lead = any(is_lead for is_lead, _ in having)
        if has_lead or len(having) >= needed:
            _, best = max(having, key=lambda one: (one[0], one[1].score))
            found.append(best if has_lead else replace(best, by="story"))
    return tuple(found)


def inherited(own: Sequence[TopicMatch], story: Sequence[TopicMatch]) -> tuple[TopicMatch, ...]:
    """Return the topics of an entry: its own, then those that it has from its story only."""
    kept = tuple(match for match in own if match.by == "entry")
    topics = {match.topic for match in kept}
    return kept + tuple(replace(match, by="story") for match in story if match.topic not in topics)
