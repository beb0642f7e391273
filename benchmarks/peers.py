"""The programs of the benchmark: how each is set up, run for one round, and its entries counted."""

import json
import os
import shutil
import sqlite3
import sys
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

from typing_extensions import override

from benchmarks.meter import Cost, measure


class Program(ABC):
    """One program with a folder of its own."""

    name: str
    skips: frozenset[str] = frozenset()  # scenarios that would say nothing

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True)

    @staticmethod
    def missing() -> str | None:
        """Return why it cannot be run here; None when it can."""
        return None

    @abstractmethod
    def configure(self, urls: Sequence[str]) -> None:
        """Tell it which feeds there are."""

    @abstractmethod
    def command(self) -> list[str]:
        """Return what runs one round."""

    @abstractmethod
    def entries(self) -> int:
        """Return how many entries it has stored."""

    def environment(self) -> Mapping[str, str]:
        """Return what its processes need to know."""
        return {}

    def run(self) -> Cost:
        """Run one round."""
        return measure(self.command(), self.environment())

    def stored(self) -> int:
        """Return the bytes of what it keeps."""
        return sum(path.stat().st_size for path in self.folder.rglob("*.db*") if path.is_file())


class Aggregator(Program):
    """The project itself: `aggregator poll --all --defer`."""

    name = "aggregator"

    @override
    def configure(self, urls: Sequence[str]) -> None:
        config = self.folder / "config"
        config.mkdir(exist_ok=True)
        settings = {
            "network": {"allow_private": ["127.0.0.0/8:*"]},
            "polling": {"contact": "https://example.org/"},
        }
        sources = [
            {"id": f"outlet-{number}", "name": f"Outlet {number}", "url": url}
            for number, url in enumerate(urls)
        ]
        for name, value in (
            ("settings", settings),
            ("sources", {"sources": sources}),
            ("topics", {"topics": []}),
            ("outputs", {"outputs": []}),
        ):
            (config / f"{name}.yaml").write_text(json.dumps(value, indent=1), "utf-8")

    @override
    def command(self) -> list[str]:
        folders = ["--config", str(self.folder / "config"), "--data", str(self.folder / "data")]
        return [sys.executable, "-m", "aggregator", *folders, "poll", "--all", "--defer", "--json"]

    @override
    def entries(self) -> int:
        return _count(self.folder / "data" / "aggregator.db", "entries")

    @override
    def run(self) -> Cost:
        cost = super().run()
        asked = json.loads(cost.output) if cost.status == 0 else {}
        if not asked.get("skipped", 0):
            return cost
        return replace(cost, status=1, complaints=f"{asked['skipped']} feeds were not asked")


class Reader(Program):
    """lemon24's `reader`, ten workers, without its search (which it fills in another step)."""

    name = "reader"

    @staticmethod
    @override
    def missing() -> str | None:
        return None if find_spec("reader") else "the package `reader` is not installed"

    @override
    def configure(self, urls: Sequence[str]) -> None:
        (self.folder / "urls").write_text("\n".join(urls))

    @override
    def command(self) -> list[str]:
        database, urls = str(self.folder / "reader.db"), str(self.folder / "urls")
        return [sys.executable, "-m", "benchmarks.lemon24", database, urls]

    @override
    def entries(self) -> int:
        return _count(self.folder / "reader.db", "entries")


class Naive(Reader):
    """The script in naive.py."""

    name = "naive"

    @staticmethod
    @override
    def missing() -> str | None:
        return None

    @override
    def command(self) -> list[str]:
        database, urls = str(self.folder / "naive.db"), str(self.folder / "urls")
        return [sys.executable, "-m", "benchmarks.naive", database, urls]

    @override
    def entries(self) -> int:
        return _count(self.folder / "naive.db", "entries")


class Newsboat(Program):
    """newsboat, reloading from the command line."""

    name = "newsboat"

    @staticmethod
    @override
    def missing() -> str | None:
        return None if shutil.which("newsboat") else "apt install newsboat"

    @override
    def configure(self, urls: Sequence[str]) -> None:
        (self.folder / "urls").write_text("\n".join(urls) + "\n")
        (self.folder / "config").write_text("reload-threads 10\nmax-items 0\n")

    @override
    def command(self) -> list[str]:
        places = {"-u": "urls", "-c": "newsboat.db", "-C": "config"}
        options = [
            word for flag, name in places.items() for word in (flag, str(self.folder / name))
        ]
        return ["newsboat", *options, "-q", "-x", "reload"]

    @override
    def environment(self) -> Mapping[str, str]:
        return {"HOME": str(self.folder), "XDG_CONFIG_HOME": str(self.folder)}

    @override
    def entries(self) -> int:
        return _count(self.folder / "newsboat.db", "rss_item")


class Sfeed(Program):
    """sfeed_update, its fetching by curl made conditional and compressed: the default is neither."""

    name = "sfeed"

    @staticmethod
    @override
    def missing() -> str | None:
        wanted = ("sfeed_update", "curl")
        return None if all(map(shutil.which, wanted)) else "apt install sfeed curl"

    @override
    def configure(self, urls: Sequence[str]) -> None:
        (self.folder / "etags").mkdir(exist_ok=True)
        listed = "\n".join(f'  feed "{number}" "{url}"' for number, url in enumerate(urls))
        (self.folder / "sfeedrc").write_text(
            f'sfeedpath="{self.folder}/feeds"\nfetch() {{\n'
            f'  e="{self.folder}/etags/$1"\n'
            '  curl -f -s -m 15 --compressed --etag-save "$e" --etag-compare "$e" "$2" 2>/dev/null\n'
            f"}}\nfeeds() {{\n  :\n{listed}\n}}\n"
        )

    @override
    def command(self) -> list[str]:
        return ["sfeed_update", str(self.folder / "sfeedrc")]

    @override
    def entries(self) -> int:
        return sum(path.read_bytes().count(b"\n") for path in self._files())

    @override
    def stored(self) -> int:
        return sum(path.stat().st_size for path in self._files())

    def _files(self) -> list[Path]:
        return list((self.folder / "feeds").glob("*"))


PROGRAMS: tuple[type[Program], ...] = (Aggregator, Reader, Naive, Newsboat, Sfeed)


def _count(database: Path, table: str) -> int:
    if not database.exists():
        return 0
    connection = sqlite3.connect(f"file:{os.fspath(database)}?mode=ro", uri=True)
    try:
        (count,) = connection.execute(f"SELECT count(*) FROM {table}").fetchone()  # our own names
        return int(count)
    finally:
        connection.close()
