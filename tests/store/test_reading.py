"""The contract of the archive: lists with cursors, search, and where ids lead."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aggregator.errors import UsageError
from aggregator.model.change import OutputChange, StoryChange
from aggregator.model.entry import Enclosure, Entry
from aggregator.model.identifiers import CanonicalUrl, EntryId, OutputId, SourceId, StoryId, TopicId
from aggregator.model.query import EntryQuery, Located, Page, SearchQuery, StoryQuery
from aggregator.model.topic import TopicMatch
from aggregator.store.store import Store
from aggregator.text.normalise import fold
from tests.store.samples import DAY, HOUR, MINUTE, NOW, World, an_entry
from tests.store.test_keeping import a_publication

WAR = (TopicMatch(topic=TopicId("war"), score=2.0, evidence=()),)


async def stored(world: World, *titles: str, **more: Any) -> list[Entry]:
    """Store entries of one feed with these titles, each a minute after the other."""
    (feed,) = await world.listen("nhk")
    entries = [
        an_entry(feed, str(n), title, NOW + n * MINUTE, **more) for n, title in enumerate(titles)
    ]
    await world.poll(feed, *entries)
    return entries


async def pages(
    ask: Callable[[str | None], Awaitable[Page[Any]]],
) -> list[Any]:
    """Follow cursors to the end."""
    items: list[Any] = []
    cursor: str | None = None
    while True:
        page = await ask(cursor)
        items += page.items
        cursor = page.next_cursor
        if cursor is None:
            return items


async def test_an_entry_comes_back_as_it_was_stored(world: World) -> None:
    (feed,) = await world.listen("nhk")
    full = an_entry(
        feed,
        "id:tag:nhk,2026:1",
        "「停戦」\x1f合意",
        guid="tag:nhk,2026:1",
        summary="要約",
        content="<p>本文</p>",
        author="記者",
        published=NOW - HOUR,
        updated=NOW,
        categories=("国際", "政治"),
        image="https://nhk.example/a.jpg",
        enclosures=(Enclosure(url="https://nhk.example/a.mp3", type="audio/mpeg", length=7),),
        first_poll=True,
        revision=2,
        stored_at=NOW + MINUTE,
    )
    bare = an_entry(
        feed, "2", url=None, canonical_url=None, guid=None, language=None, published=None
    )
    await world.poll(feed, full, bare)
    (filed, other) = await world.store.entries_by_id([full.id, EntryId("none"), bare.id])
    assert filed.entry == full
    assert other.entry == bare
    assert (filed.feed_url, filed.feed_kind, filed.placement) == (feed.url, "news", None)
    assert await world.store.read_entry(full.id) == full
    assert await world.store.read_entry(EntryId("none")) is None


async def test_text_that_utf8_cannot_hold_does_not_stop_a_batch(world: World) -> None:
    (feed,) = await world.listen("nhk")
    await world.poll(feed, an_entry(feed, "1", "a\ud800b"), an_entry(feed, "2"))
    titles = [one.entry.title for one in (await world.store.entries(EntryQuery())).items]
    assert sorted(titles) == ["a?b", "title 2"]


# -- entries ------------------------------------------------------------------------------------------


async def test_entries_come_newest_first_and_cursors_lead_through_all(world: World) -> None:
    (feed,) = await world.listen("nhk")
    entries = [an_entry(feed, str(n), at=NOW + (n // 3) * MINUTE) for n in range(10)]
    await world.poll(feed, *entries)
    wanted = sorted(entries, key=lambda one: one.id)
    wanted.sort(key=lambda one: one.first_seen_at, reverse=True)
    for limit in (1, 3, 10, 11):
        items = await pages(
            lambda cursor: world.store.entries(EntryQuery(limit=limit, cursor=cursor))  # noqa: B023 - called at once
        )
        assert [one.entry.id for one in items] == [one.id for one in wanted]


async def test_a_cursor_is_not_moved_by_what_comes_in_later(world: World) -> None:
    entries = await stored(world, *"abcd")
    first = await world.store.entries(EntryQuery(limit=2))
    (feed,) = await world.store.feeds()
    await world.poll(feed, an_entry(feed, "later", at=NOW + DAY))
    second = await world.store.entries(EntryQuery(limit=2, cursor=first.next_cursor))
    assert [one.entry.title for one in second.items] == ["b", "a"]
    assert second.next_cursor is None
    assert len(entries) == 4


@pytest.mark.parametrize("cursor", ["x", "W10", "////", "WyJhIiwgMV0", "WzEsIDJd"])
async def test_a_cursor_that_is_not_ours_is_refused(store: Store, cursor: str) -> None:
    with pytest.raises(UsageError):
        await store.entries(EntryQuery(cursor=cursor))
    with pytest.raises(UsageError):
        await store.stories(StoryQuery(cursor=cursor))


async def test_entries_can_be_asked_for_by_source_feed_language_and_time(world: World) -> None:
    nhk, tbs = await world.listen("nhk", "tbs")
    first = an_entry(nhk, "1", at=NOW)
    second = an_entry(nhk, "2", at=NOW + HOUR, language="en")
    third = an_entry(tbs, "3", at=NOW + 2 * HOUR)
    await world.poll(nhk, first, second)
    await world.poll(tbs, third)
    for query, found in (
        (EntryQuery(sources=(SourceId("nhk"),)), [second, first]),
        (EntryQuery(sources=(SourceId("nhk"), SourceId("tbs"))), [third, second, first]),
        (EntryQuery(sources=(SourceId("none"),)), []),
        (EntryQuery(feed=tbs.id), [third]),
        (EntryQuery(feed=tbs.id, sources=(SourceId("nhk"),)), []),
        (EntryQuery(languages=("en", "fr")), [second]),
        (EntryQuery(since=NOW + HOUR), [third, second]),
        (EntryQuery(before=NOW + HOUR), [first]),
        (EntryQuery(since=NOW, before=NOW + 2 * HOUR, languages=("ja",)), [first]),
    ):
        items = (await world.store.entries(query)).items
        assert [one.entry.id for one in items] == [one.id for one in found], query


async def test_entries_with_one_url_come_in_order_of_arrival(world: World) -> None:
    url = CanonicalUrl("https://shared.example/")
    entries = await stored(world, "b", "a", canonical_url=url)
    await world.store.set_state("x", "y")
    assert [one.entry.id for one in await world.store.entries_by_url(url)] == [
        one.id for one in entries
    ]
    assert await world.store.entries_by_url(CanonicalUrl("https://none.example/")) == ()


# -- search -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "titles"),
    [
        ("停戦", ["停戦で合意"]),  # two characters
        ("戦", ["作戦", "停戦で合意"]),  # one, wherever it stands
        ("で合", ["停戦で合意"]),
        ("停合意", []),  # the bigrams are not there together
        ("合意 停戦", ["停戦で合意"]),  # all words, in any order
        ("停戦 作戦", []),
        ("ﾆｭｰｽ", ["ニュース G7サミット"]),  # half width
        ("g7", ["ニュース G7サミット"]),
        ("サミット", ["ニュース G7サミット"]),
        ("G7サミット", ["ニュース G7サミット"]),
        ("Truce", ["A truce in Kyiv"]),
        ("tru", []),  # words of spaced scripts match whole
        ("岸恵子", ["岸惠子さん"]),  # old kanji
        ("", []),
        ("。 ", []),
        ('" OR 1', []),
        ("NOT 停戦", []),
    ],
)
async def test_search_finds_all_words(world: World, words: str, titles: list[str]) -> None:
    await stored(
        world, "停戦で合意", "作戦", "ニュース G7サミット", "A truce in Kyiv", "岸惠子さん"
    )
    found = (await world.store.search(SearchQuery(text=words))).items
    assert [one.entry.title for one in found] == titles


async def test_search_does_not_join_what_stands_apart(world: World) -> None:
    await stored(world, "東京 京都", "東京都民")
    (found,) = (await world.store.search(SearchQuery(text="東京都"))).items
    assert found.entry.title == "東京都民"


async def test_search_looks_into_summaries_too(world: World) -> None:
    await stored(world, "題", summary="首相が会見")
    assert len((await world.store.search(SearchQuery(text="題 会見"))).items) == 1


async def test_search_pages_through_few_hits_and_many(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    entries = await stored(world, *(f"停戦協議 {n % 2}" for n in range(20)))
    for rare in (2_000, 3):
        monkeypatch.setattr("aggregator.store.sqlite.entries._RARE", rare)
        items = await pages(
            lambda cursor: world.store.search(SearchQuery(text="停戦協議", limit=3, cursor=cursor))
        )
        assert [one.entry.id for one in items] == [one.id for one in reversed(entries)]


async def test_search_heeds_source_language_and_time(world: World) -> None:
    nhk, tbs = await world.listen("nhk", "tbs")
    await world.poll(nhk, an_entry(nhk, "1", "停戦 一", language="zh"))
    await world.poll(tbs, an_entry(tbs, "2", "停戦 二", at=NOW + HOUR))
    for query, count in (
        (SearchQuery(text="停戦"), 2),
        (SearchQuery(text="停戦", sources=(SourceId("nhk"),)), 1),
        (SearchQuery(text="停戦", sources=(SourceId("none"),)), 0),
        (SearchQuery(text="停戦", languages=("zh",)), 1),
        (SearchQuery(text="停戦", since=NOW + HOUR), 1),
        (SearchQuery(text="停戦", before=NOW), 0),
    ):
        assert len((await world.store.search(query)).items) == count, query


_ALPHABET = "東京都停戦a1 。々ー"


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
async def test_search_finds_exactly_the_texts_that_hold_a_run(
    data: st.DataObject, world: World
) -> None:
    texts = data.draw(st.lists(st.text(_ALPHABET, max_size=12), min_size=1, max_size=5))
    run = data.draw(st.text("東京都停戦々ー", min_size=1, max_size=4))
    (feed,) = await world.listen("nhk")
    mark = str(await world.store.stats())  # every example adds to the same store
    entries = [
        an_entry(feed, f"{mark}{n}", f"x{text}", summary=text[::-1]) for n, text in enumerate(texts)
    ]
    await world.poll(feed, *entries)
    found = (await world.store.search(SearchQuery(text=run, limit=10_000))).items
    hits = {one.entry.id for one in found} & {one.id for one in entries}
    assert hits == {one.id for one in entries if run in fold(f"{one.title} {one.summary}")}


# -- stories ------------------------------------------------------------------------------------------


async def test_stories_come_latest_first_and_can_be_asked_for(world: World) -> None:
    nhk, tbs = await world.listen("nhk", "tbs")
    entries = [
        an_entry(nhk, "1", at=NOW),
        an_entry(tbs, "2", at=NOW + HOUR, language="en"),
        an_entry(nhk, "3", at=NOW + 2 * HOUR),
        an_entry(tbs, "4", at=NOW + 3 * HOUR),
    ]
    await world.poll(nhk, entries[0], entries[2])
    await world.poll(tbs, entries[1], entries[3])
    old, new = await world.understand({"a": entries[:2], "b": entries[2:]})
    for query, found in (
        (StoryQuery(), [new, old]),
        (StoryQuery(sources=(SourceId("tbs"),)), [new, old]),
        (StoryQuery(sources=(SourceId("none"),)), []),
        (StoryQuery(languages=("en",)), [old]),
        (StoryQuery(languages=("en",), sources=(SourceId("nhk"),)), [old]),
        (StoryQuery(updated_since=NOW + 2 * HOUR), [new]),
        (StoryQuery(updated_before=NOW + 3 * HOUR), [old]),
    ):
        assert list((await world.store.stories(query)).items) == found, query


async def test_cursors_lead_through_all_stories(world: World) -> None:
    (feed,) = await world.listen("nhk")
    entries = [an_entry(feed, str(n), at=NOW + (n // 2) * MINUTE) for n in range(7)]
    await world.poll(feed, *entries)
    made = await world.understand({str(n): [one] for n, one in enumerate(entries)})
    made.sort(key=lambda one: one.id)
    made.sort(key=lambda one: one.updated_at, reverse=True)
    assert made == await pages(
        lambda cursor: world.store.stories(StoryQuery(limit=2, cursor=cursor))
    )


async def test_story_files_come_in_the_order_asked_for_without_unknown_ones(world: World) -> None:
    entries = await stored(world, *"abc")
    made = await world.understand({one.id: [one] for one in entries})
    ids = [made[2].id, StoryId("none"), made[0].id]
    assert [file.story.id for file in await world.store.story_files(ids)] == [ids[0], ids[2]]
    assert await world.store.story_files([]) == ()


# -- where an id leads --------------------------------------------------------------------------------


async def test_an_unambiguous_beginning_of_an_id_is_enough(world: World) -> None:
    (entry,) = await stored(world, "a")
    assert await world.store.locate(entry.id) is None  # not understood yet
    (story,) = await world.understand({"a": [entry]})
    assert await world.store.locate(story.id[:8].upper()) == Located(story=story.id)
    assert await world.store.locate(entry.id[:6]) == Located(story=story.id, entry=entry.id)
    assert await world.store.locate("zzzz") is None
    assert await world.store.locate("") is None
    assert await world.store.locate("%") is None


async def test_an_ambiguous_beginning_leads_nowhere_but_a_whole_id_does(world: World) -> None:
    (feed,) = await world.listen("nhk")
    entries = [replace(an_entry(feed, key), id=EntryId(key)) for key in ("abc", "abcd")]
    await world.poll(feed, *entries)
    one, other = await world.understand({"a": entries[:1], "b": entries[1:]})
    assert await world.store.locate("ab") is None
    assert await world.store.locate("abc") == Located(story=one.id, entry=EntryId("abc"))
    assert await world.store.locate("abcd") == Located(story=other.id, entry=EntryId("abcd"))


async def test_stories_of_an_output_are_those_that_it_shows_or_showed(world: World) -> None:
    entries = await stored(world, "停戦", "地震", "選挙", "株価")
    stories = await world.understand({entry.key: [entry] for entry in entries})
    shown, old, hidden, _ = (story.id for story in stories)
    await world.store.apply_publications(
        [
            OutputChange(
                output=OutputId("all"),
                publications=(
                    a_publication(shown),
                    replace(a_publication(old), left=True),
                    replace(a_publication(hidden), left=True, hidden=True),
                ),
            )
        ]
    )
    found = await world.store.stories(StoryQuery(output=OutputId("all")))
    assert {story.id for story in found.items} == {shown, old}
    assert (await world.store.stories(StoryQuery(output=OutputId("other")))).items == ()


async def test_stories_are_found_by_how_many_report_them(world: World) -> None:
    one, *two = await stored(world, "停戦", "地震", "地震 続報")
    await world.understand({"one": [one], "two": two})
    found = await world.store.stories(StoryQuery(min_independent=2))
    assert [story.lead for story in found.items] == [two[0].id]


async def test_the_widest_stories_come_first_where_they_are_asked_for(world: World) -> None:
    entries = await stored(world, *"abcdef")
    one, two, three = await world.understand(
        {"one": entries[:1], "two": entries[1:3], "three": entries[3:]}
    )
    await world.store.apply_stories(
        StoryChange(stories=(replace(one, topics=WAR), replace(two, topics=WAR)), at=NOW)
    )
    found = await world.store.stories(StoryQuery(widest=True, limit=2))
    assert [story.id for story in found.items] == [three.id, two.id]
    assert found.next_cursor is None
    of_topic = await world.store.stories(StoryQuery(widest=True, topics=(TopicId("war"),)))
    assert [story.id for story in of_topic.items] == [two.id, one.id]


async def test_stories_of_several_topics_come_once_each_with_cursors_through_all(
    world: World,
) -> None:
    entries = await stored(world, *"abcdefg")
    stories = await world.understand({entry.key: [entry] for entry in entries})
    both = (*WAR, TopicMatch(topic=TopicId("peace"), score=2.0, evidence=()))
    about = [
        replace(story, topics=(both[:1], both[1:], both)[n % 3])
        for n, story in enumerate(stories[:6])
    ]
    await world.store.apply_stories(StoryChange(stories=tuple(about), at=NOW))
    wanted = [story.id for story in reversed(about)]
    topics = (TopicId("war"), TopicId("peace"), TopicId("none"))
    for limit in (1, 2, 6, 7):
        found = await pages(
            lambda cursor: world.store.stories(
                StoryQuery(topics=topics, limit=limit, cursor=cursor)  # noqa: B023 - called at once
            )
        )
        assert [story.id for story in found] == wanted
    narrowed = await world.store.stories(
        StoryQuery(topics=topics, sources=(SourceId("nhk"),), languages=("xx", "ja"))
    )
    assert [story.id for story in narrowed.items] == wanted
    assert (await world.store.stories(StoryQuery(topics=topics, languages=("xx",)))).items == ()


async def test_a_topics_stories_are_counted_by_span_without_the_hidden_ones(world: World) -> None:
    entries = await stored(world, "停戦", "地震", "停戦 続報", "停戦 取り下げ", "停戦 非表示")
    stories = await world.understand({entry.key: [entry] for entry in entries})
    about = [replace(story, topics=WAR) for n, story in enumerate(stories) if n != 1]
    about[3] = replace(about[3], muted=True)
    await world.store.apply_stories(
        StoryChange(stories=tuple(about), withdrawn=(entries[3].id,), at=world.clock.at)
    )
    starts = [NOW, NOW + 2 * MINUTE, NOW + 3 * MINUTE, NOW + DAY]
    assert await world.store.story_counts(TopicId("war"), starts) == (1, 1, 0)
    assert await world.store.story_counts(TopicId("war"), starts[1:]) == (1, 0)
    assert await world.store.story_counts(TopicId("peace"), starts) == (0, 0, 0)


async def test_a_story_that_moves_on_stands_once_and_first_in_its_topic(world: World) -> None:
    entries = await stored(world, "停戦", "地震")
    first, second = await world.understand({entry.key: [entry] for entry in entries})
    about = [replace(story, topics=WAR) for story in (first, second)]
    await world.store.apply_stories(StoryChange(stories=tuple(about), at=NOW))
    moved = replace(about[0], updated_at=NOW + HOUR)
    await world.store.apply_stories(StoryChange(stories=(moved,), at=NOW + HOUR))
    asked = StoryQuery(topics=(TopicId("war"),))
    assert [story.id for story in (await world.store.stories(asked)).items] == [first.id, second.id]
    left = replace(moved, topics=())
    await world.store.apply_stories(StoryChange(stories=(left,), at=NOW + HOUR))
    assert [story.id for story in (await world.store.stories(asked)).items] == [second.id]


async def test_a_sources_entries_are_counted_by_span_without_the_withdrawn_ones(
    world: World,
) -> None:
    entries = await stored(world, "a", "b", "c", "d")
    await world.understand({entry.key: [entry] for entry in entries})
    await world.store.apply_stories(StoryChange(withdrawn=(entries[2].id,), at=NOW))
    starts = [NOW, NOW + MINUTE, NOW + 3 * MINUTE, NOW + DAY]
    assert await world.store.entry_counts(SourceId("nhk"), starts) == (1, 1, 1)
    assert await world.store.entry_counts(SourceId("none"), starts) == (0, 0, 0)


async def test_story_files_come_without_bodies_where_nobody_reads_them(world: World) -> None:
    (entry,) = await stored(world, "停戦", summary="要約", content="<p>本文</p>")
    (story,) = await world.understand({"a": [entry]})
    (whole,) = await world.store.story_files([story.id])
    (lean,) = await world.store.story_files([story.id], content=False)
    assert whole.lead.entry == entry
    assert lean == replace(whole, entries=(replace(whole.lead, entry=replace(entry, content="")),))
