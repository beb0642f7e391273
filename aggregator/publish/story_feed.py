"""`/feeds/story-ID`: every new report of one story, then what follows it."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from aggregator.model.identifiers import EntryId
from aggregator.model.output import Item
from aggregator.model.query import FiledEntry, StoryFile
from aggregator.publish.channel import Channel
from aggregator.publish.context import PublishContext
from aggregator.publish.labels import labels
from aggregator.publish.moments import latest_free
from aggregator.publish.plain_text import markup, plain_line
from aggregator.publish.reports import is_paid
from aggregator.publish.select import arrival_of
from aggregator.publish.special import item_about, own_channel, special_id
from aggregator.publish.special_labels import special_labels
from aggregator.publish.summary import headline_of, summary_of
from aggregator.publish.view import is_same_article


def story_items(
    file: StoryFile,
    followers: Sequence[StoryFile],
    revised: Mapping[EntryId, datetime],
    ctx: PublishContext,
    now: datetime,
) -> tuple[Item, ...]:
    """Return the items of a story's own feed, newest first.

    Made anew from the same facts they are the same: times are given in order of arrival, so that a
    later report takes no earlier one's.

    Args:
        file: the story.
        followers: the stories that follow it, in order of time.
        revised: when entries that changed did so last.
        ctx: the configuration.
        now: no item is dated later.
    """
    taken: set[datetime] = set()
    taken_by_updates: set[datetime] = set()
    items = []
    for filed, follows in _reports(file, followers):
        at = latest_free(arrival_of(filed.entry), now, taken)
        taken.add(at)
        updated = latest_free(max(at, revised.get(filed.entry.id, at)), now, taken_by_updates)
        taken_by_updates.add(updated)
        items.append(_item(filed, file, follows, ctx, at, updated))
    return tuple(sorted(items, key=lambda item: item.published, reverse=True))


def story_channel(file: StoryFile, items: Sequence[Item], ctx: PublishContext) -> Channel:
    """Return what a story's own feed says of itself; titled by its first report, which stays."""
    words = special_labels(ctx.language)
    title = plain_line(file.entries[0].entry.title) or file.story.id
    return own_channel(
        f"story-{file.story.id}", words.story.format(title=title), words.story_more, items, ctx
    )


def _reports(file: StoryFile, followers: Sequence[StoryFile]) -> Sequence[tuple[FiledEntry, bool]]:
    """Return the reports in order of arrival, with whether they only follow the story.

    An article that is another's once more is left out; of each follower there is the first report.
    """
    reports = [(filed, False) for filed in file.entries if not is_same_article(filed)]
    reports += [(follower.entries[0], True) for follower in followers]
    return sorted(reports, key=lambda report: (report[0].entry.first_seen_at, report[1]))


def _item(
    filed: FiledEntry,
    file: StoryFile,
    follows: bool,
    ctx: PublishContext,
    published: datetime,
    updated: datetime,
) -> Item:
    words, entry = labels(ctx.language), filed.entry
    title = headline_of(entry.title, entry.summary) or words.untitled
    outlet = plain_line(ctx.outlet(entry.source)) + (words.paid if is_paid(filed, ctx) else "")
    summary = summary_of(entry.summary, entry.title, ctx.audience)
    text = f"{markup(summary)}{markup(words.in_brackets(outlet))}" if summary else markup(outlet)
    return item_about(
        filed,
        ctx,
        id=special_id(file.story.id, "report", entry.id),
        title=special_labels(ctx.language).follows.format(title=title) if follows else title,
        html=f"<p>{text}</p>",
        summary=summary,
        published=published,
        updated=updated,
    )
