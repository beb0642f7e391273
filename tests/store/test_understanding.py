"""The contract of the entry log, stories and a person's hand."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

import pytest

from aggregator.errors import LeaseLost
from aggregator.model.change import EntryChange, StoryChange
from aggregator.model.entry import Entry
from aggregator.model.identifiers import SourceId, StoryId, TopicId
from aggregator.model.query import EntryQuery, Located, SearchQuery, StoryQuery, WindowRow
from aggregator.model.story import (
    Correction,
    Decision,
    Hand,
    Layer,
    Neighbour,
    Placement,
    Sketch,
)
from aggregator.model.topic import Evidence, TopicMatch
from aggregator.store.store import Store
from tests.store.samples import (
    DAY,
    HOUR,
    MINUTE,
    NOW,
    World,
    a_placement,
    a_story,
    an_entry,
    rewritten,
)


async def three(world: World) -> list[Entry]:
    """Store an entry of each of three feeds, a minute apart."""
    feeds = await world.listen("nhk", "tbs", "jiji")
    entries = [
        an_entry(feed, feed.source, f"{feed.source} 停戦", NOW + n * MINUTE)
        for n, feed in enumerate(feeds)
    ]
    for feed, entry in zip(feeds, entries, strict=True):
        await world.poll(feed, entry)
    return entries


def a_match(topic: str, score: float = 2.5) -> TopicMatch:
    evidence = Evidence(list=0, term="停戦", field="title", start=4, end=6, points=2.0)
    return TopicMatch(topic=TopicId(topic), score=score, evidence=(evidence,))


# -- the log ------------------------------------------------------------------------------------------


async def test_the_log_has_one_consumer_at_a_time(world: World) -> None:
    await three(world)
    first = await world.store.claim_log(limit=2, lease=MINUTE, now=NOW)
    assert first is not None
    assert len(first.items) == 2
    assert await world.store.claim_log(limit=2, lease=MINUTE, now=NOW + MINUTE / 2) is None
    second = await world.store.claim_log(limit=9, lease=MINUTE, now=NOW + MINUTE)
    assert second is not None
    assert [item.seq for item in second.items[:2]] == [item.seq for item in first.items]


async def test_a_consumer_that_lost_the_log_writes_nothing(world: World) -> None:
    entry, *_ = await three(world)
    old = await world.store.claim_log(limit=9, lease=MINUTE, now=NOW)
    new = await world.store.claim_log(limit=9, lease=MINUTE, now=NOW + MINUTE)
    assert old is not None
    assert new is not None
    story = a_story([entry])
    change = StoryChange(
        consumed=tuple(item.seq for item in old.items),
        token=old.token,
        placements=(a_placement(entry, story),),
        stories=(story,),
        at=NOW,
    )
    with pytest.raises(LeaseLost):
        await world.store.apply_stories(change)
    assert (await world.store.stats()).log == 3
    assert (await world.store.stories(StoryQuery())).items == ()
    await world.store.apply_stories(replace(change, token=new.token))
    assert (await world.store.stats()).log == 0


async def test_the_log_is_free_again_once_its_batch_was_applied(world: World) -> None:
    await three(world)
    first = await world.store.claim_log(limit=1, lease=HOUR, now=NOW)
    assert first is not None
    await world.store.apply_stories(
        StoryChange(consumed=(first.items[0].seq,), token=first.token, at=NOW)
    )
    second = await world.store.claim_log(limit=9, lease=HOUR, now=NOW)
    assert second is not None
    assert len(second.items) == 2
    assert second.token > first.token


# -- stories ------------------------------------------------------------------------------------------


async def test_a_story_comes_back_as_it_was_applied(world: World) -> None:
    nhk, tbs, jiji = await three(world)
    story = replace(
        a_story([nhk, tbs, jiji]),
        lead=tbs.id,
        lead_since=NOW + HOUR,
        title="別の見出し",
        language="en",
        independent=2,
        topics=(a_match("ukraine-ceasefire"), a_match("war", 1.0)),
        saga=StoryId("7d444840-9dc0-11d1-b245-5ffdce74fad2"),
        related=(StoryId("7d444840-9dc0-11d1-b245-5ffdce74fad3"),),
        muted=True,
    )
    decision = Decision(
        layer=Layer.TEXT,
        score=0.1 + 0.2,
        threshold=0.3,
        neighbours=(Neighbour(entry=nhk.id, cosine=0.7, shared=("停戦", "合意")),),
        guards=("bulletin series",),
        related=(story.id,),
    )
    copy = Placement(
        entry=jiji.id,
        story=story.id,
        copy_of=nhk.id,
        independent=False,
        credit="共同",
        decision=decision,
    )
    topics = (a_match("war"), a_match("ukraine-ceasefire", 3.25))
    await world.store.apply_stories(
        StoryChange(
            placements=(a_placement(nhk, story), a_placement(tbs, story), copy),
            topics=((tbs.id, topics),),
            stories=(story,),
            at=NOW,
        )
    )
    (file,) = await world.store.story_files([story.id])
    assert file.story == story
    assert [filed.entry for filed in file.entries] == [nhk, tbs, jiji]
    assert file.entries[2].placement == copy
    assert file.entries[1].topics == topics
    assert file.lead.entry == tbs
    assert (await world.store.stories(StoryQuery(muted=True))).items == (story,)
    assert (await world.store.stories(StoryQuery())).items == ()
    assert await world.store.window_stories(NOW) == (story,)
    assert await world.store.window_stories(NOW + DAY) == ()


async def test_topics_of_an_entry_are_replaced(world: World) -> None:
    nhk, *_ = await three(world)
    for topics in ((a_match("war"), a_match("peace")), (a_match("peace"),)):
        await world.store.apply_stories(StoryChange(topics=((nhk.id, topics),), at=NOW))
    (filed,) = await world.store.entries_by_id([nhk.id])
    assert filed.topics == (a_match("peace"),)
    assert (await world.store.entries(EntryQuery(topics=(TopicId("war"),)))).items == ()
    assert len((await world.store.entries(EntryQuery(topics=(TopicId("peace"),)))).items) == 1


async def test_topics_of_a_story_are_replaced(world: World) -> None:
    nhk, *_ = await three(world)
    (story,) = await world.understand({"a": [nhk]})
    for topic in ("war", "peace"):
        story = replace(story, topics=(a_match(topic),))
        await world.store.apply_stories(StoryChange(stories=(story,), at=NOW))
    assert (await world.store.stories(StoryQuery(topics=(TopicId("war"),)))).items == ()
    found = await world.store.stories(StoryQuery(topics=(TopicId("peace"), TopicId("x"))))
    assert found.items == (story,)


async def test_a_new_title_of_the_lead_is_the_storys(world: World) -> None:
    nhk, *_ = await three(world)
    (story,) = await world.understand({"a": [nhk]})
    (feed,) = [one for one in await world.store.feeds() if one.id == nhk.feed]
    await world.poll(feed, rewritten(nhk, "停戦で合意"))
    (file,) = await world.store.story_files([story.id])
    assert file.story.title == "停戦で合意"


async def test_an_entry_that_moves_out_leaves_its_story_and_keeps_its_place_in_time(
    world: World,
) -> None:
    nhk, tbs, jiji = await three(world)
    (story,) = await world.understand({"a": [nhk, tbs, jiji]})
    alone = a_story([tbs])
    rest = replace(a_story([nhk, jiji]), updated_at=NOW + HOUR)
    await world.store.apply_stories(
        StoryChange(
            placements=(a_placement(tbs, alone, layer=Layer.HAND),),
            stories=(alone, rest),
            corrections=(Correction(hand=Hand.SPLIT, subject=tbs.id, object=story.id, at=NOW),),
            at=NOW,
        )
    )
    files = await world.store.story_files([alone.id, story.id])
    assert [file.story for file in files] == [alone, rest]
    window = [one.entry.id async for one in world.store.window_entries(NOW - DAY)]
    assert window == [nhk.id, tbs.id, jiji.id]


async def test_a_story_that_all_entries_left_is_gone(world: World) -> None:
    nhk, *_ = await three(world)
    (old,) = await world.understand({"a": [nhk]})
    new = replace(a_story([nhk]), id=StoryId("00000000-0000-4000-8000-000000000000"))
    await world.store.apply_stories(
        StoryChange(placements=(a_placement(nhk, new),), stories=(new,), at=NOW)
    )
    assert await world.store.story_files([old.id, new.id]) != ()
    assert [file.story.id for file in await world.store.story_files([old.id, new.id])] == [new.id]
    assert (await world.store.stats()).stories == 1


async def test_a_joined_story_lives_on_elsewhere_however_often(world: World) -> None:
    nhk, tbs, jiji = await three(world)
    first, second, third = await world.understand({"a": [nhk], "b": [tbs], "c": [jiji]})
    for kept, gone, members in ((second, third, [tbs, jiji]), (first, second, [nhk, tbs, jiji])):
        story = replace(a_story(members), id=kept.id)
        await world.store.apply_stories(
            StoryChange(
                placements=tuple(a_placement(one, story, layer=Layer.HAND) for one in members[1:]),
                stories=(story,),
                redirects=((gone.id, kept.id),),
                at=NOW,
            )
        )
    assert [file.story.entries for file in await world.store.story_files([first.id, third.id])] == [
        (nhk.id, tbs.id, jiji.id)
    ]
    assert await world.store.locate(third.id) == Located(story=first.id, redirected_from=third.id)
    assert await world.store.locate(second.id) == Located(story=first.id, redirected_from=second.id)
    assert await world.store.locate(jiji.id) == Located(story=first.id, entry=jiji.id)


async def test_what_a_join_left_behind_moves_along(world: World) -> None:
    nhk, tbs, _ = await three(world)
    first, second = await world.understand({"a": [nhk], "b": [tbs]})
    joined = replace(a_story([nhk, tbs]), id=first.id)
    await world.store.apply_stories(
        StoryChange(stories=(joined,), redirects=((second.id, first.id),), at=NOW)
    )
    (file,) = await world.store.story_files([first.id])
    assert file.story == joined


async def test_a_story_that_comes_to_life_again_is_no_redirect(world: World) -> None:
    nhk, tbs, _ = await three(world)
    first, second = await world.understand({"a": [nhk], "b": [tbs]})
    joined = replace(a_story([nhk, tbs]), id=first.id)
    await world.store.apply_stories(
        StoryChange(
            placements=(a_placement(tbs, first),),
            stories=(joined,),
            redirects=((second.id, first.id),),
            at=NOW,
        )
    )
    await world.store.apply_stories(
        StoryChange(placements=(a_placement(tbs, second),), stories=(first, second), at=NOW)
    )
    assert await world.store.locate(second.id) == Located(story=second.id)


async def test_entries_that_are_not_stored_are_passed_over(world: World) -> None:
    nhk, *_ = await three(world)
    (feed,) = [one for one in await world.store.feeds() if one.id == nhk.feed]
    unknown = an_entry(feed, "unknown")
    story = a_story([nhk])
    await world.store.apply_stories(
        StoryChange(
            placements=(
                replace(a_placement(nhk, story), copy_of=unknown.id),
                a_placement(unknown, story),
            ),
            topics=((unknown.id, (a_match("war"),)),),
            stories=(story,),
            at=NOW,
        )
    )
    (file,) = await world.store.story_files([story.id])
    assert [one.entry.id for one in file.entries] == [nhk.id]
    assert file.entries[0].placement == a_placement(nhk, story)


# -- a person's hand ----------------------------------------------------------------------------------


async def test_corrections_are_kept_oldest_first(store: Store) -> None:
    made = [
        Correction(hand=Hand.MUTE, subject="b", at=NOW + MINUTE),
        Correction(hand=Hand.JOIN, subject="a", object="c", at=NOW),
    ]
    for one in made:
        await store.apply_stories(StoryChange(corrections=(one,), at=NOW))
    assert await store.corrections() == (made[1], made[0])


async def withdraw(world: World, *entries: Entry, subject: str) -> None:
    correction = Correction(hand=Hand.WITHDRAW, subject=subject, at=NOW)
    await world.store.apply_stories(
        StoryChange(
            corrections=(correction,), withdrawn=tuple(entry.id for entry in entries), at=NOW
        )
    )


async def test_a_withdrawn_entry_is_hidden_from_every_read(world: World) -> None:
    nhk, tbs, jiji = await three(world)
    story, _ = await world.understand({"a": [nhk, tbs], "b": [jiji]})
    await withdraw(world, nhk, jiji, subject=nhk.id)
    store = world.store
    assert [one.entry.id for one in (await store.entries(EntryQuery())).items] == [tbs.id]
    assert [one.entry.id for one in (await store.search(SearchQuery(text="停戦"))).items] == [
        tbs.id
    ]
    assert await store.entries_by_id([nhk.id]) == ()
    assert nhk.canonical_url is not None
    assert await store.entries_by_url(nhk.canonical_url) == ()
    assert await store.locate(nhk.id) is None
    assert await store.revisions(nhk.id) == ()
    assert [one.entry.id async for one in store.window_entries(NOW - DAY)] == [tbs.id]
    (left,) = (await store.stories(StoryQuery())).items
    assert (left.id, left.entries, left.sources) == (story.id, (tbs.id,), ("tbs",))
    assert (await store.stories(StoryQuery(sources=(SourceId("nhk"),)))).items == ()
    (file,) = await store.story_files([story.id])
    assert file.lead.entry == tbs
    known = await store.known_entries([nhk.id])
    assert known[nhk.id].hash == nhk.hash
    assert await store.read_entry(nhk.id) == replace(nhk, withdrawn=True)
    stats = await store.stats()
    assert (stats.entries, stats.withdrawn, stats.stories) == (3, 2, 1)


async def test_a_withdrawn_entry_never_comes_back(world: World) -> None:
    nhk, tbs, _ = await three(world)
    await withdraw(world, nhk, subject=nhk.canonical_url or "")
    feeds = {feed.id: feed for feed in await world.store.feeds()}
    elsewhere = an_entry(feeds[tbs.feed], "new", canonical_url=nhk.canonical_url)
    await world.poll(feeds[tbs.feed], elsewhere)
    await world.poll(feeds[nhk.feed], nhk, rewritten(nhk, "別の停戦"))
    await world.store.commit_import([EntryChange(entry=elsewhere)])
    hits = await world.store.search(SearchQuery(text="停戦"))
    assert nhk.id not in {one.entry.id for one in hits.items}
    assert await world.store.known_entries([elsewhere.id]) == {}
    assert await world.store.read_entry(nhk.id) == replace(nhk, withdrawn=True)
    await world.store.expire(stored_before=NOW + DAY, revised_before=NOW)
    assert await world.store.known_entries([nhk.id]) == {}
    await world.poll(feeds[nhk.feed], nhk)
    assert await world.store.known_entries([nhk.id]) == {}


async def test_a_withdrawn_entry_is_not_understood_any_more(world: World) -> None:
    nhk, tbs, jiji = await three(world)
    await withdraw(world, tbs, subject=tbs.id)
    batch = await world.store.claim_log(limit=9, lease=MINUTE, now=NOW)
    assert batch is not None
    assert [item.entry.id for item in batch.items] == [nhk.id, jiji.id]


# -- the live index -----------------------------------------------------------------------------------


async def test_the_window_holds_placed_entries_in_order_of_placement_without_content(
    world: World,
) -> None:
    (feed,) = await world.listen("nhk")
    entries = [an_entry(feed, str(n), at=NOW - n * HOUR, content="<p>long</p>") for n in range(6)]
    await world.poll(feed, *entries)
    await world.understand({str(n): [entries[n]] for n in (3, 0, 5, 1)})
    window = [one async for one in world.store.window_entries(NOW - 3 * HOUR)]
    assert [one.entry for one in window] == [replace(entries[n], content="") for n in (3, 0, 1)]
    assert {one.feed_kind for one in window} == {"news"}
    assert [one async for one in world.store.window_entries(NOW + HOUR)] == []


async def test_a_long_window_comes_whole(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aggregator.store.sqlite.entry_log.WINDOW_CHUNK", 2)
    (feed,) = await world.listen("nhk")
    entries = [an_entry(feed, str(n)) for n in range(5)]
    await world.poll(feed, *entries)
    await world.understand({str(n): [entry] for n, entry in enumerate(entries)})
    window = [one.entry.id async for one in world.store.window_entries(NOW)]
    assert window == [entry.id for entry in entries]


async def rows_of(world: World, since: datetime) -> list[WindowRow]:
    return [row async for rows in world.store.window_rows(since) for row in rows]


def sketches(entries: Iterable[Entry], reading: int = 7) -> tuple[Sketch, ...]:
    return tuple(Sketch(entry=one.id, reading=reading, data=one.id.encode()) for one in entries)


async def test_the_live_index_is_filled_from_sketches_in_order_of_placement(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aggregator.store.sqlite.sketches.CHUNK", 2)
    (feed,) = await world.listen("nhk")
    entries = [an_entry(feed, str(n), at=NOW - n * HOUR) for n in range(6)]
    await world.poll(feed, *entries)
    made = await world.understand(
        {"3": [entries[3]], "0": entries[:2], "5": [entries[5]]}, sketches=sketches(entries[:2])
    )
    copy = replace(a_placement(entries[1], made[1], copy_of=entries[0].id), credit="AP")
    await world.store.apply_stories(StoryChange(placements=(copy,), at=NOW))
    assert await rows_of(world, NOW - 4 * HOUR) == [
        WindowRow(entries[3].id, feed.source, made[0].id),
        WindowRow(entries[0].id, feed.source, made[1].id, None, None, 7, entries[0].id.encode()),
        WindowRow(
            entries[1].id, feed.source, made[1].id, entries[0].id, "AP", 7, entries[1].id.encode()
        ),
    ]
    assert await rows_of(world, NOW + HOUR) == []


async def test_a_sketch_is_written_over_and_goes_with_its_entry(world: World) -> None:
    nhk, tbs, jiji = await three(world)
    await world.understand({"a": [nhk], "b": [tbs], "c": [jiji]}, sketches=sketches([nhk, tbs]))
    await world.store.apply_stories(StoryChange(sketches=sketches([tbs, jiji], 8), at=NOW))
    readings = [(row.entry, row.reading) for row in await rows_of(world, NOW - DAY)]
    assert readings == [(nhk.id, 7), (tbs.id, 8), (jiji.id, 8)]
    await withdraw(world, nhk, subject=nhk.id)
    await world.store.apply_stories(StoryChange(sketches=sketches([nhk]), at=NOW))
    assert [row.entry for row in await rows_of(world, NOW - DAY)] == [tbs.id, jiji.id]
    await world.store.expire(stored_before=NOW + DAY, revised_before=NOW)
    assert await rows_of(world, NOW - DAY) == []
    assert await world.store.check() == []


async def test_sketches_go_when_no_window_reaches_their_entries(world: World) -> None:
    (feed,) = await world.listen("nhk")
    old, new = an_entry(feed, "old", at=NOW - DAY), an_entry(feed, "new")
    await world.poll(feed, old, new)
    await world.understand({"a": [old], "b": [new]}, sketches=sketches([old, new]))
    long_ago = NOW - 9 * DAY
    await world.store.expire(stored_before=long_ago, revised_before=long_ago)
    assert {row.reading for row in await rows_of(world, long_ago)} == {7}
    await world.store.expire(
        stored_before=long_ago, revised_before=long_ago, sketches_before=NOW - HOUR
    )
    readings = {row.entry: row.reading for row in await rows_of(world, long_ago)}
    assert readings == {old.id: None, new.id: 7}
