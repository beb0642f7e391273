"""`/feeds/suppressed`: what was folded, hidden or filtered, with the reason, to tune by."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from aggregator.model.output import Item, Output
from aggregator.model.query import FiledEntry, StoryFile
from aggregator.model.story import Layer, Placement
from aggregator.publish.context import PublishContext
from aggregator.publish.plain_text import markup, plain_line
from aggregator.publish.select import Absence, absence_from
from aggregator.publish.special import Draft, item_about, special_id
from aggregator.publish.special_labels import special_labels

Explain = Callable[[Placement, StoryFile], str]
"""Says in a sentence why an entry is in its story."""


def suppressed_drafts(
    file: StoryFile, outputs: Sequence[Output], ctx: PublishContext, explain: Explain
) -> Iterator[Draft]:
    """Yield an item for each folded entry, and for each reason why outputs do not show the story."""
    if len(file.entries) > 1:
        for filed in file.entries:
            if filed.placement is not None and filed.placement.decision.layer is not Layer.FIRST:
                yield _folded(filed, filed.placement, file, ctx, explain)
    words = special_labels(ctx.language)
    if file.story.muted:
        yield _hidden(_Hidden(file=file, key="hand", reasons=(words.muted_by_hand,)), ctx)
        return
    absent: dict[tuple[Absence, str], list[str]] = {}
    for output in outputs:
        reason = absence_from(file, output, ctx)
        if reason is not None and not output.private:
            absent.setdefault(reason, []).append(plain_line(output.title))
    for (absence, word), names in absent.items():
        reasons = (
            words.absences[absence].format(word=word),
            words.outputs.format(outputs="、".join(names)),
        )
        yield _hidden(_Hidden(file=file, key=f"{absence}/{word}", reasons=reasons), ctx)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Hidden:
    file: StoryFile
    key: str
    reasons: tuple[str, ...]


def _folded(
    filed: FiledEntry,
    placement: Placement,
    file: StoryFile,
    ctx: PublishContext,
    explain: Explain,
) -> Draft:
    id = special_id(filed.entry.id, "folded", file.story.id)

    def make(at: datetime) -> Item:
        words = special_labels(ctx.language)
        reason = plain_line(explain(placement, file))
        title = plain_line(filed.entry.title) or filed.entry.id
        html = f"<p>{markup(reason)}</p>"
        return item_about(
            filed,
            ctx,
            id=id,
            title=words.folded.format(title=title),
            html=html,
            summary=reason,
            published=at,
        )

    return Draft(id=id, at=filed.entry.first_seen_at, make=make)


def _hidden(hidden: _Hidden, ctx: PublishContext) -> Draft:
    file = hidden.file
    id = special_id(file.story.id, "hidden", hidden.key)
    words = special_labels(ctx.language)

    def make(at: datetime) -> Item:
        title = plain_line(file.story.title) or file.story.id
        return item_about(
            file.lead,
            ctx,
            id=id,
            title=words.hidden.format(title=title),
            html="".join(f"<p>{markup(reason)}</p>" for reason in hidden.reasons),
            summary=hidden.reasons[0],
            published=at,
        )

    return Draft(id=id, at=file.entries[0].entry.first_seen_at, make=make)
