"""A place to run the product in, as a person would: real files, the real command in a subprocess."""

import asyncio
import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
SHARED = Path(os.environ.get("AGGREGATOR_SHARED", ROOT.parent / "shared"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give these tests time: they start up to a dozen processes, each 15 s on a machine under a load of 30."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.timeout(400), append=True)


@dataclass(frozen=True)
class Done:
    """A command that has ended."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Return what it printed as one JSON document."""
        return json.loads(self.out)

    @property
    def lines(self) -> list[Any]:
        """Return what it printed as JSON lines."""
        return [json.loads(line) for line in self.out.splitlines()]


class Place:
    """A folder with config/ and data/, and commands run in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.config = folder / "config"
        self.data = folder / "data"
        self.config.mkdir(parents=True)

    def write(self, **files: Any) -> None:
        """Write configuration files; JSON is YAML."""
        for name, content in files.items():
            (self.config / f"{name}.yaml").write_text(json.dumps(content, ensure_ascii=False))

    async def start(
        self, *arguments: str, output: int = asyncio.subprocess.PIPE, **environment: str
    ) -> asyncio.subprocess.Process:
        """Start a command; `output`: a descriptor for all that it says."""
        return await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "aggregator",
            *arguments,
            cwd=self.folder,
            env=os.environ | {"PYTHONPATH": str(ROOT)} | environment,
            stdout=output,
            stderr=output,
        )

    async def run(self, *arguments: str, **environment: str) -> Done:
        """Run a command to its end."""
        process = await self.start(*arguments, output=asyncio.subprocess.PIPE, **environment)
        out, err = await asyncio.wait_for(process.communicate(), 110)
        assert process.returncode is not None
        return Done(process.returncode, out.decode(), err.decode())

    async def entries(self) -> list[Any]:
        """Return all stored entries, as `export entries` prints them."""
        return (await self.run("export", "entries")).lines


@pytest.fixture
def place(tmp_path):
    return Place(tmp_path / "here")


LOOPBACK = {"network": {"allow_private": ["127.0.0.0/8:*"]}, "polling": {"host_spacing": "0s"}}
"""Settings under which tests poll: publishers on loopback, and no waiting between two feeds."""
