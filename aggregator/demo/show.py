"""The demonstration: the loopback newsroom, and a daemon of its own on it, in a temporary folder."""

import json
import tempfile
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from aggregator.daemon.newsroom import Newsroom as Desk
from aggregator.daemon.run import Daemon, DaemonOptions
from aggregator.demo.news import OUTLETS, RELEASES
from aggregator.demo.newsroom import Newsroom
from aggregator.observe.clock import SystemClock

_ZONE: Final = ZoneInfo("Asia/Tokyo")
_LENGTH: Final = timedelta(minutes=3)  # of the demonstration


async def show(port: int, say: Callable[[str], None]) -> None:
    """Run the demonstration until it is stopped; the folder is removed at the end."""
    clock = SystemClock()
    started = clock.monotonic()
    with (
        tempfile.TemporaryDirectory(prefix="aggregator-demo-") as folder,
        Newsroom(
            OUTLETS,
            RELEASES,
            clock.now().replace(microsecond=0),
            lambda: clock.monotonic() - started,
        ) as newsroom,
    ):
        config, data = Path(folder, "config"), Path(folder, "data")
        write_configuration(config, newsroom, port)

        def listening(address: str) -> None:
            say(f"A newsroom of {len(OUTLETS)} invented outlets publishes for three minutes.")
            say(f"Read:      {address}/")
            say(f"Subscribe: {address}/feeds/all.rss")
            say(f"           {address}/feeds/combined.rss")
            say(
                f"A digest:  {address}/digests/combined, at {digest_at(newsroom.started_at):%H:%M} in Tokyo"
            )
            say("Stop with Ctrl-C.")

        async def first_round(desk: Desk) -> None:
            stats = await desk.parts.store.stats()
            say(f"First stories are there: {stats.entries} entries, {stats.stories} stories.")

        await Daemon(
            DaemonOptions(
                config=config, data=data, port=port, listening=listening, first_round=first_round
            )
        ).run()


def digest_at(started_at: datetime) -> datetime:
    """Return when the digest comes out: on the last full minute of the show, in the reader's zone."""
    return (started_at + _LENGTH).astimezone(_ZONE)


def write_configuration(config: Path, newsroom: Newsroom, port: int) -> None:
    """Write the demonstration's four files; JSON is YAML."""
    config.mkdir(parents=True)
    files: dict[str, Any] = {
        "settings": {
            "timezone": _ZONE.key,
            "language": "ja",
            "public_url": f"http://127.0.0.1:{port}",
            "server": {"host": "127.0.0.1", "port": port},
            "network": {"allow_private": ["127.0.0.1:*"]},
        },
        "sources": {
            "sources": [
                {
                    "id": outlet.id,
                    "name": outlet.name,
                    "homepage": f"{newsroom.base(outlet.id)}/",
                    "language": outlet.language,
                    "timezone": _ZONE.key,
                    "weight": outlet.weight,
                    "feeds": [{"url": newsroom.feed_url(outlet.id), "every": "5s"}],
                }
                for outlet in OUTLETS
            ]
        },
        "topics": {
            "topics": [
                {
                    "id": "us-russia",
                    "name": {"ja": "米ロ関係", "en": "US-Russia relations"},
                    "aliases": {
                        "us": [
                            "米国",
                            "アメリカ",
                            {"kanji": "米"},
                            {"case": "US"},
                            "United States",
                        ],
                        "russia": ["ロシア", "米ロ", "Russia", "Russian"],
                    },
                    "all": [["$us", "米ロ"], ["$russia"]],
                },
                {
                    "id": "ukraine-ceasefire",
                    "name": {"ja": "ウクライナ停戦", "en": "Ukraine ceasefire"},
                    "all": [
                        ["ウクライナ", "Ukraine", "Kyiv", "米ロ"],
                        ["停戦", "休戦", "和平", "ceasefire", "truce"],
                    ],
                },
            ]
        },
        "outputs": {
            "outputs": [
                {"id": "all", "title": "すべてのニュース"},
                {
                    "id": "combined",
                    "title": "米ロ・ウクライナ ニュース",
                    "topics": ["us-russia", "ukraine-ceasefire"],
                },
            ],
            "per_topic": True,
            "digests": [
                {
                    "output": "combined",
                    "editions": {"daily": f"{digest_at(newsroom.started_at):%H:%M}"},
                }
            ],
        },
    }
    for name, content in files.items():
        text = json.dumps(content, ensure_ascii=False, indent=2)
        (config / f"{name}.yaml").write_text(text + "\n", encoding="utf-8")
