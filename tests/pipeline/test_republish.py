"""What a round costs its outputs: what it does not touch is neither read nor rendered nor written."""

from collections import Counter
from datetime import timedelta

import pytest

from aggregator.store.sqlite.store import SqliteStore
from tests.pipeline.test_archives import SMALL, stream
from tests.pipeline.test_understanding import STREAM, TOPICS, entry


@pytest.fixture
def asked(monkeypatch) -> Counter[str]:
    """Count what the store is asked for."""
    counts: Counter[str] = Counter()

    def counted(name):
        method = getattr(SqliteStore, name)

        async def call(self, *arguments):
            counts[name] += 1
            return await method(self, *arguments)

        monkeypatch.setattr(SqliteStore, name, call)

    for name in (
        "publications",
        "publications_of",
        "publications_by_item",
        "apply_publications",
        "story_files",
    ):
        counted(name)
    return counts


OUTPUTS = [
    {"id": "all", "title": "すべて"},
    {"id": "war", "title": "停戦", "topics": ["ceasefire"]},
]


async def test_an_output_without_a_touched_story_is_not_read_rendered_or_written(
    room, lines, asked, tmp_path
):
    async with room([], topics=TOPICS, outputs=OUTPUTS) as newsroom:
        shelf = newsroom.parts.shelf
        await newsroom.import_file(lines(*STREAM))
        before = {name: shelf.get(name) for name in shelf.names()}
        asked.clear()
        await newsroom.import_file(lines(entry("chuo", "c3", "市長選に新人が立候補", "08:00")))
        after = {name: shelf.get(name) for name in shelf.names()}
        changed = {name for name in after if after[name] is not before[name]}
        assert changed == {"feeds/all.rss", "feeds/all.atom", "feeds/all.json"}
        assert asked["publications"] == 0
        assert asked["publications_of"] == asked["apply_publications"] == 1
        for name in changed:
            assert (tmp_path / "data/public" / name).read_bytes() == after[name].body


async def test_a_step_without_stories_asks_and_writes_next_to_nothing(room, lines, asked):
    async with room([], topics=TOPICS, outputs=OUTPUTS) as newsroom:
        await newsroom.import_file(lines(*STREAM))
        before = {name: newsroom.parts.shelf.get(name) for name in newsroom.parts.shelf.names()}
        asked.clear()
        await newsroom.understand()
        assert not asked["publications"] + asked["apply_publications"]
        assert all(newsroom.parts.shelf.get(name) is one for name, one in before.items())


async def test_what_grows_too_old_leaves_though_nothing_came(room, lines, turned_clock):
    outputs = [{"id": "all", "title": "すべて", "max_age": "1d"}]
    async with room([], outputs=outputs) as newsroom:
        await newsroom.import_file(lines(*stream(turned_clock, range(3))))
        assert newsroom.parts.shelf.get("feeds/all.rss").body.count(b"<item>") == 3
        turned_clock.turned += timedelta(days=2)
        await newsroom.understand()
        assert newsroom.parts.shelf.get("feeds/all.rss").body.count(b"<item>") == 0


async def test_an_item_that_leaves_and_stands_on_a_page_already_has_no_page_made_anew(
    room, lines, turned_clock, asked
):
    async with room([], outputs=SMALL) as newsroom:
        entries = stream(turned_clock, range(6))
        await newsroom.import_file(lines(*entries[:4]))
        await newsroom.import_file(lines(entries[4]))  # g0 leaves, g1 is on its page
        assert asked["publications_by_item"] == 1
        await newsroom.import_file(lines(entries[5]))  # g1 leaves
        assert asked["publications_by_item"] == 1
        await newsroom.correct("withdraw", (entries[1]["url"],))
        assert asked["publications_by_item"] == 2


async def test_fragments_are_kept_for_documents_of_now_alone(room, lines, turned_clock):
    async with room([], outputs=SMALL) as newsroom:
        for start in range(0, 12, 3):
            await newsroom.import_file(lines(*stream(turned_clock, range(start, start + 3))))
        fragments, showcase = newsroom.parts.fragments, newsroom.parts.showcase
        output = newsroom.parts.orders.outputs[0]
        for number in range(1, 5):
            assert await newsroom.publisher.special.make(f"feeds/all.{number}.rss")
        await newsroom.publish()
        shown = await showcase.shown(output)
        assert len(shown) == 4
        assert all(fragments.get(one.item) is not None for one in shown)
        first = await newsroom.parts.store.publications_by_item(
            output.id, [f"urn:uuid:{story}" for story in await _oldest(newsroom, 2)]
        )
        assert [fragments.get(one.item) for one in first] == [None, None]


async def _oldest(newsroom, count):
    stories = await newsroom.parts.store.window_stories(
        newsroom.parts.clock.now() - timedelta(days=1)
    )
    return [story.id for story in sorted(stories, key=lambda one: one.first_seen_at)[:count]]
