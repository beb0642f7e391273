"""`/feeds/edits`: headlines that outlets rewrote, with what changed."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from aggregator.model.entry import Revision
from aggregator.model.output import Item
from aggregator.model.query import FiledEntry
from aggregator.publish.context import PublishContext
from aggregator.publish.plain_text import markup, plain_line
from aggregator.publish.special import Draft, item_about, special_id
from aggregator.publish.special_labels import special_labels

Diff = Callable[[str, str], Sequence[tuple[str, str]]]
"""What changed between two texts, as pairs of `same`, `removed` or `added` and a piece of text."""

_ELEMENTS = {"same": "{}", "removed": "<del>{}</del>", "added": "<ins>{}</ins>"}


def edit_drafts(
    filed: FiledEntry, revisions: Sequence[Revision], ctx: PublishContext, diff: Diff
) -> Iterator[Draft]:
    """Yield an item for each change of an entry's headline; `revisions` oldest first."""
    titles = [plain_line(revision.title) for revision in revisions]
    titles.append(plain_line(filed.entry.title))
    for revision, before, after in zip(revisions, titles, titles[1:], strict=False):
        if before != after and before and after:
            yield _draft(filed, revision, before, after, ctx, diff)


def _draft(
    filed: FiledEntry,
    revision: Revision,
    before: str,
    after: str,
    ctx: PublishContext,
    diff: Diff,
) -> Draft:
    id = special_id(filed.entry.id, "edit", str(revision.number))
    words = special_labels(ctx.language)

    def make(at: datetime) -> Item:
        pieces = "".join(_ELEMENTS[kind].format(markup(text)) for kind, text in diff(before, after))
        outlet = plain_line(ctx.outlet(filed.entry.source))
        lines = (
            f"<p>{markup(words.edited.format(outlet=outlet))}</p>"
            f"<p>{pieces}</p>"
            f"<p>{markup(words.before.format(title=before))}<br>"
            f"{markup(words.after.format(title=after))}</p>"
        )
        summary = words.before.format(title=before)
        return item_about(filed, ctx, id=id, title=after, html=lines, summary=summary, published=at)

    return Draft(id=id, at=revision.replaced_at, make=make)
