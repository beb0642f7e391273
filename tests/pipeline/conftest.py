"""A newsroom in this process: real parts, a publisher on loopback."""

import json
from contextlib import asynccontextmanager

import pytest

from aggregator.daemon.newsroom import open_newsroom
from aggregator.settings.load import load

LOOPBACK = ("127.0.0.0/8:*",)


@pytest.fixture
def room(tmp_path, turned_clock):
    """Open a newsroom on given sources; `topics`, `outputs` and `polling` as in the YAML files."""

    @asynccontextmanager
    async def opened(
        sources,
        *,
        topics=(),
        outputs=(),
        polling=None,
        stories=None,
        digests=(),
        private=LOOPBACK,
        data="data",
    ):
        config = tmp_path / "config"
        config.mkdir(exist_ok=True)
        (tmp_path / data).mkdir(exist_ok=True)
        files = {
            "settings": {
                "network": {"allow_private": list(private)},
                "polling": {"host_spacing": "0s"} | (polling or {}),
                "stories": stories or {},
            },
            "sources": {"sources": list(sources)},
            "topics": {"topics": list(topics)},
            "outputs": {
                "outputs": list(outputs) or [{"id": "all", "title": "all"}],
                "digests": list(digests),
            },
        }
        for name, content in files.items():
            (config / f"{name}.yaml").write_text(json.dumps(content, ensure_ascii=False))
        async with open_newsroom(load(config, {}), tmp_path / data, clock=turned_clock) as newsroom:
            yield newsroom

    return opened


@pytest.fixture
def lines(tmp_path):
    """Write JSON lines to a file for `import`."""

    def write(*entries):
        file = tmp_path / "stream.jsonl"
        file.write_text("".join(json.dumps(one, ensure_ascii=False) + "\n" for one in entries))
        return file

    return write
