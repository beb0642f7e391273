"""The contract of publications, editions, retention, counts and small values."""

from dataclasses import replace
from datetime import date

from aggregator.model.change import OutputChange, StoryChange
from aggregator.model.digest import (
    Digest,
    Earlier,
    Edition,
    EditionKind,
    EditionPlace,
    KeyPoint,
    Reading,
    Section,
)
from aggregator.model.entry import Enclosure
from aggregator.model.identifiers import EntryId, OutputId, SourceId, StoryId, TopicId
from aggregator.model.output import Item, Publication, Report
from aggregator.model.query import SearchQuery
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

ALL = OutputId("all")


def a_publication(name: str, hours: int = 0, output: OutputId = ALL) -> Publication:
    report = Report(
        entry=EntryId("e2"),
        source=SourceId("tbs"),
        outlet="TBS",
        title="見出し",
        url=None,
        at=NOW,
        language="ja",
        paid=True,
        copies=("神戸新聞",),
    )
    item = Item(
        id=f"urn:uuid:{name}",
        story=StoryId(name),
        url="https://nhk.example/1",
        title="停戦",
        html="<p>停戦</p>",
        summary="停戦",
        outlet="NHK",
        source=SourceId("nhk"),
        feed_title="NHK",
        feed_url="https://nhk.example/rss",
        language="ja",
        published=NOW + hours * HOUR,
        updated=NOW + hours * HOUR,
        topics=((TopicId("war"), "戦争"),),
        related=(report,),
        sources=(SourceId("nhk"), SourceId("tbs")),
        entries=(EntryId("e1"), EntryId("e2")),
        enclosure=Enclosure(url="https://nhk.example/a.mp3"),
    )
    return Publication(
        output=output,
        item=item,
        lead=EntryId("e1"),
        lead_since=NOW,
        independent=2,
        milestones=(NOW, NOW + MINUTE),
    )


def an_edition(name: str, revision: int = 0, hours: int = 0) -> Edition:
    point = KeyPoint(
        text="合意した",
        entry=EntryId("e1"),
        field="summary",
        start=0,
        end=4,
        text_hash=5,
        outlet="NHK",
        at=NOW,
        also=("TBS",),
    )
    section = Section(
        story=StoryId("s1"),
        headline="停戦",
        published=NOW,
        updated=None,
        points=(point,),
        readings=(Reading(outlet="NHK", title="停戦", url="https://nhk.example/1", paid=True),),
        sources=(SourceId("nhk"),),
        correction="訂正",
    )
    earlier = Earlier(story=StoryId("s0"), at=NOW, headline="協議", outlet="NHK", url=None)
    digest = Digest(
        subject="war",
        title="戦争",
        language="ja",
        kind=EditionKind.DAILY,
        day=date(2026, 11, 23),
        since=NOW - DAY,
        until=NOW,
        changed=f"変わったこと {revision}",
        sections=(section,),
        background=(earlier,),
        top=(("停戦", 3, None), ("協議", 2, "https://nhk.example/2")),
    )
    return Edition(
        subject="war",
        name=name,
        revision=revision,
        published_at=NOW + hours * HOUR,
        digest=digest,
    )


# -- publishing ---------------------------------------------------------------------------------------


async def test_publications_come_newest_first_without_those_that_left(store: Store) -> None:
    made = [a_publication(name, hours) for name, hours in (("a", 1), ("b", 3), ("c", 2))]
    gone = replace(a_publication("d", 4), left=True)
    other = a_publication("a", 9, OutputId("combined"))
    await store.apply_publications(
        [
            OutputChange(output=ALL, publications=(*made, gone)),
            OutputChange(output=OutputId("combined"), publications=(other,)),
        ]
    )
    assert await store.publications(ALL, 10) == (made[1], made[2], made[0])
    assert await store.publications(ALL, 1) == (made[1],)
    of = await store.publications_of(ALL, [StoryId("d"), StoryId("a"), StoryId("x")])
    assert set(of) == {gone, made[0]}
    of = await store.publications_of(None, [StoryId("d"), StoryId("a"), StoryId("x")])
    assert of == (other, gone, made[0])


async def test_a_publication_is_replaced_by_its_item(store: Store) -> None:
    old = a_publication("a")
    new = replace(old, item=replace(old.item, title="訂正"), left=True, notified=True)
    for one in (old, new):
        await store.apply_publications([OutputChange(output=ALL, publications=(one,))])
    assert await store.publications(ALL, 10) == ()
    assert await store.publications_of(ALL, [StoryId("a")]) == (new,)


async def test_an_edition_is_never_changed_only_followed_by_a_revision(store: Store) -> None:
    first = an_edition("2026-11-22-daily", hours=0)
    second = an_edition("2026-11-23-daily", hours=24)
    corrected = an_edition("2026-11-22-daily", revision=1, hours=48)
    assert await store.add_edition(first)
    assert await store.add_edition(second)
    assert not await store.add_edition(replace(first, published_at=NOW + DAY))
    assert await store.editions("war") == (second, first)
    assert await store.add_edition(corrected)
    assert await store.editions("war") == (second, corrected)
    assert await store.editions("war", limit=1) == (second,)
    assert await store.editions("peace") == ()


async def test_an_edition_is_found_with_its_neighbours_in_its_last_revision(store: Store) -> None:
    names = ("2026-11-21-daily", "2026-11-22-daily", "2026-11-23-daily")
    for number, name in enumerate(names):
        assert await store.add_edition(an_edition(name, hours=24 * number))
    corrected = an_edition(names[0], revision=1, hours=96)
    assert await store.add_edition(corrected)
    first, middle = await store.edition("war", names[0]), await store.edition("war", names[1])
    assert first == EditionPlace(edition=corrected, earlier=None, later=names[1])
    assert middle is not None
    assert (middle.earlier, middle.later) == (names[0], names[2])
    assert await store.edition("war", "2026-11-30-daily") is None
    assert await store.edition("peace", names[0]) is None


# -- keeping ------------------------------------------------------------------------------------------


async def test_old_entries_expire_with_all_that_hangs_on_them(world: World) -> None:
    (feed,) = await world.listen("nhk")
    old = an_entry(feed, "1", "古い停戦")
    new = an_entry(feed, "2", "新しい停戦", NOW + HOUR)
    alone = an_entry(feed, "3", "古い地震")
    await world.poll(feed, old, alone)
    await world.poll(feed, new, rewritten(old, "古い停戦 続報"))
    await world.understand({"a": [old, new], "b": [alone]})
    assert await world.store.expire(stored_before=NOW + HOUR, revised_before=NOW) == 2
    (file,) = await world.store.story_files([a_story([old]).id, a_story([alone]).id])
    assert [one.entry.id for one in file.entries] == [new.id]
    assert (file.story.lead, file.story.title) == (new.id, "新しい停戦")
    assert await world.store.locate(alone.id) is None
    assert await world.store.known_entries([old.id, alone.id]) == {}
    (hit,) = (await world.store.search(SearchQuery(text="停戦"))).items
    assert hit.entry.id == new.id
    stats = await world.store.stats()
    assert (stats.entries, stats.stories, stats.by_source) == (1, 1, ((SourceId("nhk"), 1),))
    assert await world.store.check() == []


async def test_what_expired_is_not_found_in_what_takes_its_row(world: World) -> None:
    (feed,) = await world.listen("nhk")
    await world.poll(feed, an_entry(feed, "1", "停戦"))
    await world.store.expire(stored_before=NOW + HOUR, revised_before=NOW)
    await world.poll(feed, an_entry(feed, "2", "地震"))
    assert (await world.store.search(SearchQuery(text="停戦"))).items == ()


async def test_a_copy_outlives_what_it_copied(world: World) -> None:
    (feed,) = await world.listen("nhk")
    old, copy = an_entry(feed, "1"), an_entry(feed, "2", at=NOW + HOUR)
    await world.poll(feed, old, copy)
    story = a_story([old, copy])
    await world.store.apply_stories(
        StoryChange(
            placements=(a_placement(old, story), a_placement(copy, story, copy_of=old.id)),
            stories=(story,),
            at=NOW,
        )
    )
    assert (await world.store.stats()).copies == 1
    await world.store.expire(stored_before=NOW + HOUR, revised_before=NOW)
    (file,) = await world.store.story_files([story.id])
    assert file.entries[0].placement == a_placement(copy, story)


async def test_old_revisions_expire(world: World) -> None:
    (feed,) = await world.listen("nhk")
    entry = an_entry(feed, "1")
    await world.poll(feed, entry)
    first = rewritten(entry, "two", at=NOW + HOUR)
    await world.poll(feed, first, rewritten(first.entry, "three", at=NOW + 2 * HOUR))
    await world.store.expire(stored_before=NOW, revised_before=NOW + 2 * HOUR)
    assert [one.title for one in await world.store.revisions(entry.id)] == ["two"]


async def test_many_entries_expire_in_several_steps(world: World) -> None:
    (feed,) = await world.listen("nhk")
    await world.poll(feed, *(an_entry(feed, str(n)) for n in range(2_100)))
    assert await world.store.expire(stored_before=NOW + DAY, revised_before=NOW) == 2_100
    assert (await world.store.stats()).entries == 0


async def test_counts_are_of_what_is_stored(world: World) -> None:
    nhk, tbs = await world.listen("nhk", "tbs")
    await world.poll(nhk, an_entry(nhk, "1"), an_entry(nhk, "2"))
    imported = await world.store.feed_for_import(SourceId("old"), NOW)
    await world.poll(tbs)
    assert imported.source == "old"
    stats = await world.store.stats()
    assert (stats.sources, stats.feeds, stats.entries, stats.log) == (2, 2, 2, 2)
    assert stats.store_bytes > 0
    assert stats.by_source == ((SourceId("nhk"), 2),)


async def test_small_values_are_kept_by_name(store: Store) -> None:
    assert await store.state("generation") is None
    for value in ("1", "2"):
        await store.set_state("generation", value)
        assert await store.state("generation") == value


async def test_the_clock_of_the_store_is_the_one_it_was_given(world: World) -> None:
    world.clock.at = NOW + DAY
    assert await world.store.now() == NOW + DAY


async def test_publications_are_found_by_their_items_also_those_that_left(store: Store) -> None:
    made = [a_publication(name, hours) for name, hours in (("a", 1), ("b", 3))]
    gone = replace(a_publication("d", 2), left=True, archived=True)
    other = a_publication("a", 9, OutputId("combined"))
    await store.apply_publications(
        [
            OutputChange(output=ALL, publications=(*made, gone)),
            OutputChange(output=OutputId("combined"), publications=(other,)),
        ]
    )
    wanted = [made[0].item.id, gone.item.id, "urn:uuid:unknown"]
    assert await store.publications_by_item(ALL, wanted) == (gone, made[0])
