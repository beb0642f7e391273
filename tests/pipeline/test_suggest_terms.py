"""What a topic may lack, told by what is stored."""

import pytest

from aggregator.errors import UsageError
from aggregator.pipeline.reasons import suggest_terms

PLACES = ("能登", "熊本", "日向灘", "釧路")
DISHES = ("煮物", "丼", "汁", "漬物", "麺", "鍋")
TOPICS = [{"id": "quake", "all": [["地震", "津波"]], "weights": {"断層": 1}}]


def entry(number, title):
    return {
        "source": "minato",
        "guid": str(number),
        "title": title,
        "published": f"2026-{number % 9 + 1:02}-01T00:00:00Z",
    }


async def test_words_are_proposed_that_the_lists_of_the_rule_lack(room, lines):
    titles = [f"地震で{place}の断層が動く" for place in PLACES]
    titles += [f"{dish}の作り方" for dish in DISHES]
    async with room([], topics=TOPICS) as newsroom:
        await newsroom.import_file(lines(*(entry(n, title) for n, title in enumerate(titles))))
        (proposed,) = await suggest_terms(newsroom.parts, "quake")
    assert (proposed.term, proposed.inside, proposed.outside) == ("断層", 4, 0)


async def test_a_story_counts_once_however_many_tell_it(room, lines):
    same = [entry(0, "地震で能登の断層が動く") | {"guid": f"copy{n}"} for n in range(4)]
    other = [entry(n, f"{dish}の作り方") for n, dish in enumerate(DISHES)]
    async with room([], topics=TOPICS) as newsroom:
        await newsroom.import_file(lines(*same, *other))
        assert await suggest_terms(newsroom.parts, "quake") == ()


async def test_a_topic_that_is_not_there_is_said_so(room):
    async with room([], topics=TOPICS) as newsroom:
        with pytest.raises(UsageError, match="no such topic"):
            await suggest_terms(newsroom.parts, "nope")
