"""The questions that are asked all the time go by an index, however much is stored."""

import re
import sqlite3
from collections.abc import Iterator

import pytest

from aggregator.store.sqlite import (
    articles,
    entries,
    entry_log,
    feeds,
    keeping,
    migrations,
    polls,
    publishing,
    sketches,
    stories,
)

FEW_ROWS = ("entries_withdrawn", "stories_hidden")  # indexes of the few that are out of sight


@pytest.fixture(scope="module")
def empty() -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    migrations.migrate(connection)
    yield connection
    connection.close()


@pytest.mark.parametrize(
    ("sql", "step"),
    [
        (feeds._DUE_HOSTS, "hosts USING INDEX hosts_by_due"),
        (feeds._DUE, "feeds USING INDEX feeds_by_due (host=? AND next_poll_at<?)"),
        (feeds._STANDINGS, "feeds USING COVERING INDEX feeds_in_brief"),
        (keeping._BY_SOURCE, "feeds USING COVERING INDEX feeds_in_brief"),
        (feeds._RECKON, "feeds USING INDEX feeds_by_due (host=?)"),
        (polls._KNOWN, "entries USING INDEX sqlite_autoindex_entries_1 (id=?)"),
        (polls._KNOWN_URLS, "entries USING INDEX entries_by_url"),
        (entry_log._WINDOW_START, "e USING COVERING INDEX entries_by_time"),
        (entry_log._WINDOW, "p USING INDEX placements_by_order"),
        (sketches._ROWS, "p USING INDEX placements_by_order"),
        (sketches._ROWS, "k USING INTEGER PRIMARY KEY"),
        (entries._ENTRIES, "e USING INDEX entries_by_time"),
        (entries._ENTRIES_OF_FEEDS, "e USING INDEX entries_by_feed"),
        (entries._FOUND_OFTEN, "e USING INDEX entries_by_time"),
        (entries._FOUND_OFTEN_IN_FEEDS, "e USING INDEX entries_by_feed"),
        (entries._FOUND_RARE, "e USING INTEGER PRIMARY KEY"),
        (entries._FILED, "e USING INTEGER PRIMARY KEY"),
        (articles._WANTED, "e USING INDEX entries_by_feed (feed=? AND first_seen_at>?)"),
        (articles._WANTED, "o USING COVERING INDEX entries_by_url (url_hash=?)"),
        (entries._IN_SPAN, "entries USING COVERING INDEX entries_by_feed"),
        (stories._STORIES, "s USING INDEX stories_by_time"),
        (
            stories._STORIES_OF_TOPIC,
            "t USING PRIMARY KEY (topic=? AND updated_at>? AND updated_at<?)",
        ),
        (stories._IN_SPAN, "story_topics USING COVERING INDEX story_topics_by_day"),
        (stories._MEMBERS, "p USING COVERING INDEX placements_by_story"),
        (publishing._NEWEST, "publications USING INDEX publications_by_time"),
        (publishing._OF_STORIES, "publications USING INDEX publications_by_story"),
    ],
)
def test_a_frequent_question_goes_by_its_index(
    empty: sqlite3.Connection, sql: str, step: str
) -> None:
    names = re.findall(r":(\w+)", sql)
    values = dict.fromkeys(names) if names else [None] * sql.count("?")
    plan = [row[3] for row in empty.execute(f"EXPLAIN QUERY PLAN {sql}", values)]
    assert any(step in line for line in plan), plan
    assert not [
        line
        for line in plan
        if re.match(r"SCAN (e|p|s|entries|placements|stories)\b", line)
        and not line.endswith(FEW_ROWS)
    ]
