"""Why an entry is where it is, in one sentence that a journalist would accept."""

from collections.abc import Mapping

from aggregator.model.entry import Entry
from aggregator.model.identifiers import EntryId
from aggregator.model.story import Placement


def explain(
    placement: Placement,
    entries: Mapping[EntryId, Entry],
    language: str,
    runner_up: str | None = None,
) -> str:
    """Say why an entry is in its story, a copy, or apart; `entries` are those that the decision names.

    `runner_up` is the title of the story that came next. `language`: ja or en.
    """
    return f"{placement.decision.layer.value} {placement.decision.score:.2f}"
