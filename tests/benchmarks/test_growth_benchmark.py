"""A store that was multiplied is sound, and a round in a process that stays reaches every feed."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from aggregator.daemon.newsroom import open_newsroom
from aggregator.model.query import SearchQuery
from aggregator.settings.load import load
from benchmarks.archive import fill
from benchmarks.origin import Origin
from benchmarks.peers import Aggregator
from benchmarks.rounds import Rounds


async def test_a_multiplied_store_is_sound_and_its_copies_are_long_past(tmp_path: Path) -> None:
    config, data = tmp_path / "config", tmp_path / "data"
    config.mkdir()
    data.mkdir()
    topics = {"topics": [{"id": "rates", "name": "Rates", "all": [["rates"]]}]}
    (config / "topics.yaml").write_text(json.dumps(topics))
    now = datetime.now(UTC)
    lines = [
        {
            "source": "gazette",
            "guid": str(n),
            "url": f"https://gazette.example/{n}",
            "title": f"Bank of town {n} raises rates",
            "published": (now - timedelta(hours=n + 1)).isoformat(),
        }
        for n in range(6)
    ]
    file = tmp_path / "lines.jsonl"
    file.write_text("\n".join(map(json.dumps, lines)))
    async with open_newsroom(load(config, {}), data) as newsroom:
        assert (await newsroom.import_file(file)).new == 6
    fill(data / "aggregator.db", 20)
    async with open_newsroom(load(config, {}), data) as newsroom:
        store = newsroom.parts.store
        assert await store.check() == []
        assert (await store.stats()).entries == 20
        assert len(await newsroom.understanding.window()) == 6
        found = await store.search(SearchQuery(text="rates", limit=100))
        assert sum(one.entry.first_seen_at < now - timedelta(days=20) for one in found.items) == 14


def test_a_round_in_a_process_that_stays_reaches_every_feed_and_costs_something(
    tmp_path: Path,
) -> None:
    with Origin(3) as origin:
        program = Aggregator(tmp_path / "aggregator")
        program.configure(origin.urls)
        with Rounds(program.folder / "config", program.folder / "data") as rounds:
            done = rounds.poll()
        assert done.answered == 3
        assert done.new == origin.published() == program.entries()
        assert done.cpu > 0
