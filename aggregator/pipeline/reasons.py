"""Reasons in words: why an entry is where it is, and what a topic may lack."""

from collections.abc import Sequence

from aggregator.cluster.explain import explain
from aggregator.errors import UsageError
from aggregator.model.entry import Entry
from aggregator.model.identifiers import EntryId, StoryId, TopicId
from aggregator.model.query import EntryQuery, FiledEntry, StoryFile
from aggregator.pipeline.parts import Parts
from aggregator.tag.suggest import Suggestion, suggest

_TEXTS = 5000  # newest entries that proposals are drawn from


async def reasons(parts: Parts, name: str) -> list[str]:
    """Return, line by line, why an entry or all entries of a story are where they are.

    Raises:
        UsageError: there is no such entry or story.
    """
    where = await parts.store.locate(name)
    files = await parts.store.story_files([where.story]) if where is not None else ()
    if where is None or not files:
        raise UsageError(f"{name}: no such entry or story")
    file = files[0]
    wanted = [one for one in file.entries if where.entry in (None, one.entry.id)]
    lines = [f"{file.story.title} ({file.story.id})"]
    if where.redirected_from is not None:
        lines.append(f"{where.redirected_from} was joined to this story")
    if file.story.muted:
        lines.append("muted: kept out of every output")
    for one in wanted:
        lines += await _reasons_of(parts, one, file)
    return lines


async def _reasons_of(parts: Parts, one: FiledEntry, file: StoryFile) -> list[str]:
    orders = parts.orders
    lines = [f"{one.entry.id}  {orders.source(one.entry.source).name}: {one.entry.title}"]
    if one.placement is not None:
        decision = one.placement.decision
        named = await _entries(parts, [neighbour.entry for neighbour in decision.neighbours], file)
        runner_up = await _title(parts, decision.runner_up)
        outlets = {str(entry.source): orders.source(entry.source).name for entry in named.values()}
        lines.append(f"    {explain(one.placement, named, orders.language, runner_up, outlets)}")
    for found in orders.rules.examine(one.entry.title, one.entry.summary):
        if found.matched or found.is_near_miss:
            hits = "、".join(dict.fromkeys(hit.term for hit in found.hits))
            verdict = "" if found.matched else "not "
            lines.append(f"    {verdict}{found.topic}: {found.reason} ({hits})")
    return lines


async def _entries(parts: Parts, ids: Sequence[EntryId], file: StoryFile) -> dict[EntryId, Entry]:
    found = {one.entry.id: one.entry for one in file.entries}
    missing = [entry for entry in ids if entry not in found]
    found |= {one.entry.id: one.entry for one in await parts.store.entries_by_id(missing)}
    return found


async def _title(parts: Parts, story: StoryId | None) -> str | None:
    files = await parts.store.story_files([story]) if story is not None else ()
    return files[0].story.title if files else None


async def suggest_terms(parts: Parts, topic: str) -> tuple[Suggestion, ...]:
    """Propose terms that a topic's rule lacks, from the newest stored entries, one of each story.

    Raises:
        UsageError: there is no such topic.
    """
    if TopicId(topic) not in parts.orders.topics:
        raise UsageError(f"{topic}: no such topic in topics.yaml")
    page = await parts.store.entries(EntryQuery(limit=_TEXTS))
    titles: dict[tuple[bool, str], str] = {}
    for one in page.items:
        has = any(match.topic == topic for match in one.topics)
        story = one.placement.story if one.placement is not None else one.entry.id
        titles.setdefault((has, story), one.entry.title)

    def known(term: str) -> bool:
        return any(
            found.topic == topic and found.has_list_hit
            for found in parts.orders.rules.examine(term, "")
        )

    return suggest(
        [title for (has, _), title in titles.items() if has],
        [title for (has, _), title in titles.items() if not has],
        known,
    )
