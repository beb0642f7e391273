"""A browser, started once, and two places to visit: the canned library, and a real daemon's newsroom."""

import asyncio
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from aggregator.demo.news import OUTLETS, RELEASES
from aggregator.demo.newsroom import Newsroom
from aggregator.demo.show import write_configuration
from aggregator.serve.access import hash_token
from aggregator.serve.app import make_app
from aggregator.serve.server import serve
from aggregator.settings.configuration import ServerSettings, Settings
from tests.fakes.library import TALKS, configuration
from tests.serve.conftest import make_desk

CHROMIUM = Path("/usr/bin/chromium")
ROOT = Path(__file__).parents[2]
TOKEN = "the-operators-token"
AT_THE_END = 200.0  # seconds: every sample release is out


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Start Debian's chromium once for a module: while it lives, no other loop can run on its thread."""
    if not CHROMIUM.exists():
        if os.environ.get("CI") == "true":
            pytest.fail("CI needs /usr/bin/chromium")
        pytest.skip("/usr/bin/chromium is not installed")
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=str(CHROMIUM),
            args=[
                "--no-sandbox",
                "--disable-gpu",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
            ],
        )
        yield browser
        browser.close()


class Watched:
    """A page that notes what it complains of and whom it asks."""

    def __init__(self, browser: Any, site: str, **options: Any) -> None:
        self.site = site
        self.context = browser.new_context(**options)
        self.page = self.context.new_page()
        self.complaints: list[str] = []
        self.asked: list[str] = []
        self.page.on("console", lambda message: self._note(message.type, message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self.asked.append(request.url))

    def _note(self, kind: str, text: str) -> None:
        if kind in ("error", "warning"):
            self.complaints.append(text)

    def close(self) -> None:
        """Leave; nothing may have been complained of, and nobody else asked."""
        self.context.close()
        assert self.complaints == []
        assert [url for url in self.asked if not url.startswith(self.site)] == []


Look = Callable[..., Watched]


@pytest.fixture
def look(browser: Any) -> Iterator[Look]:
    """Return what opens a watched page of a site; what was watched is judged at the end."""
    opened: list[Watched] = []

    def open_page(site: str, **options: Any) -> Watched:
        opened.append(Watched(browser, site, **options))
        return opened[-1]

    yield open_page
    for watched in opened:
        watched.close()


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    """Serve the library on a free port, in a loop of its own."""
    ready, stopped = threading.Event(), threading.Event()
    found: dict[str, Any] = {}

    async def run() -> None:
        stop = asyncio.Event()
        found.update(loop=asyncio.get_running_loop(), stop=stop)

        def note(address: str) -> None:
            found["address"] = address
            ready.set()

        settings = Settings(server=ServerSettings(admin_token_hash=hash_token(TOKEN)))
        desk = make_desk(config=configuration(settings=settings))
        await serve(make_app(replace(desk, act=act)), "127.0.0.1", 0, stop, note)
        stopped.set()

    async def act(name: str, arguments: tuple[str, ...]) -> str:
        found.setdefault("done", []).append((name, arguments))
        return str(TALKS.story.id)

    thread = threading.Thread(target=lambda: asyncio.run(run()), daemon=True)
    thread.start()
    assert ready.wait(10)
    yield found["address"]
    found["loop"].call_soon_threadsafe(found["stop"].set)
    thread.join(10)
    assert stopped.is_set()


@pytest.fixture(scope="module")
def newsroom(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run the daemon on the demonstration's outlets, all of whose news is out; return its address."""
    folder = tmp_path_factory.mktemp("newsroom")
    start = datetime.now(UTC).replace(microsecond=0)
    with Newsroom(OUTLETS, RELEASES, start, lambda: AT_THE_END) as outlets:
        port = _free_port()
        write_configuration(folder / "config", outlets, port)
        _let_an_operator_sign_in(folder / "config" / "settings.yaml")
        process = subprocess.Popen(
            [sys.executable, "-m", "aggregator", "run"],
            cwd=folder,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(20)


def _let_an_operator_sign_in(file: Path) -> None:
    settings = json.loads(file.read_text())
    settings["server"]["admin_token_hash"] = hash_token(TOKEN)
    file.write_text(json.dumps(settings))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
