"""A story as one output sees it: the reports of its sources, led by one in its language."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from aggregator.model.identifiers import SourceId
from aggregator.model.output import Items, Output, Publication
from aggregator.model.query import FiledEntry, StoryFile
from aggregator.model.source import FeedKind
from aggregator.model.story import Layer
from aggregator.publish.context import PublishContext


def views_of(file: StoryFile, output: Output) -> tuple[StoryFile, ...]:
    """Return what the output makes items of: the story in its sources' reports, or each report alone.

    A story without such a report gives nothing; nor does, among single reports, the same article
    seen a second time.
    """
    entries = tuple(f for f in file.entries if _is_of(f, output))
    if not entries:
        return ()
    story = _restricted(file, entries)
    if output.items is Items.STORIES:
        return (story,)
    if story.story.independent < output.min_sources:
        return ()
    return tuple(_restricted(file, (f,)) for f in entries if not is_same_article(f))


def with_lead(
    view: StoryFile,
    output: Output,
    ctx: PublishContext,
    previous: Publication | None,
    now: datetime,
) -> StoryFile:
    """Return the view led by a report in the output's language, if there is one; once chosen, it stays."""
    candidates = [f for f in view.entries if f.entry.language == output.language]
    candidates = _news(candidates) or _news(view.entries) or list(view.entries)
    if previous is not None:
        held = replace(view.story, lead=previous.lead, lead_since=previous.lead_since)
        lead = ctx.choose_lead(candidates, ctx.sources, held, now, output.language)
    elif any(f.entry.id == view.story.lead for f in candidates):
        return view
    else:
        lead = ctx.choose_lead(candidates, ctx.sources, None, now, output.language)
    return replace(view, story=replace(view.story, lead=lead.entry.id))


def is_same_article(filed: FiledEntry) -> bool:
    """Tell whether an entry is another's article once more: same address, or same outlet and headline."""
    placement = filed.placement
    return (
        placement is not None
        and placement.copy_of is not None
        and placement.decision.layer in (Layer.URL, Layer.TITLE)
    )


def is_independent(filed: FiledEntry) -> bool:
    """Tell whether an entry is a report of its own, no wire copy."""
    return filed.placement is None or filed.placement.independent


def independent_sources(entries: Sequence[FiledEntry]) -> frozenset[SourceId]:
    """Return the sources that report in their own words."""
    return frozenset(f.entry.source for f in entries if is_independent(f))


def _is_of(filed: FiledEntry, output: Output) -> bool:
    return not filed.entry.withdrawn and (
        not output.sources or filed.entry.source in output.sources
    )


def _news(entries: Sequence[FiledEntry]) -> list[FiledEntry]:
    return [f for f in entries if f.feed_kind == FeedKind.NEWS]


def _restricted(file: StoryFile, entries: tuple[FiledEntry, ...]) -> StoryFile:
    ids = tuple(f.entry.id for f in entries)
    story = replace(
        file.story,
        entries=ids,
        sources=tuple(dict.fromkeys(f.entry.source for f in entries)),
        independent=max(1, len(independent_sources(entries))),
    )
    return StoryFile(story=story, entries=entries)
