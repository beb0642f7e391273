"""Every page in a real browser: no error, no request to anybody else, no serious barrier."""

import asyncio
import os
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from aggregator.serve.access import hash_token
from aggregator.serve.app import make_app
from aggregator.serve.server import serve
from aggregator.settings.configuration import ServerSettings, Settings
from tests.fakes.library import LEAD, TALKS, configuration
from tests.serve.conftest import make_desk

CHROMIUM = Path("/usr/bin/chromium")
PAGES = (
    "/",
    "/?topic=quiet",
    "/topics/us-russia",
    f"/stories/{TALKS.story.id}",
    "/search?q=停戦",
    "/sources",
    "/sources/dw",
    "/feeds",
    "/feeds/all.rss",
    "/status",
    "/digests/us-russia",
    "/digests/us-russia/2026-11-24-morning",
    "/sign-in",
)
TOKEN = "the-operators-token"

pytestmark = [
    pytest.mark.browser,
    pytest.mark.xdist_group("browser"),  # one browser at a time, started once
]


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
def browser() -> Iterator[Any]:
    """Start Debian's chromium once."""
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


def in_language(site: str, path: str, language: str) -> str:
    """Return a page's address in a language."""
    return f"{site}{path}{'&' if '?' in path else '?'}lang={language}"


class Watched:
    """A page that notes what it complains of and whom it asks."""

    def __init__(self, browser: Any, **options: Any) -> None:
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


@pytest.mark.parametrize(
    ("language", "width", "scheme"),
    [("ja", 390, "dark"), ("ja", 1280, "light"), ("en", 390, "light"), ("en", 1280, "dark")],
)
def test_pages_are_quiet_fit_the_screen_and_ask_nobody_else(
    site: str, browser: Any, language: str, width: int, scheme: str
) -> None:
    watched = Watched(browser, viewport={"width": width, "height": 900}, color_scheme=scheme)
    for path in PAGES:
        watched.page.goto(in_language(site, path, language))
        overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert watched.page.evaluate(overflow) <= 0, f"{path} is wider than the screen"
    assert watched.complaints == []
    assert [url for url in watched.asked if not url.startswith(site)] == []
    watched.context.close()


@pytest.mark.parametrize(
    ("language", "width", "scheme"), [("ja", 390, "light"), ("en", 1280, "dark")]
)
def test_pages_have_no_serious_barrier(
    site: str, browser: Any, language: str, width: int, scheme: str
) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    # axe itself is a script; the pages' own policy allows none.
    watched = Watched(
        browser, viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=True
    )
    for path in PAGES:
        watched.page.goto(in_language(site, path, language))
        found = axe.run(watched.page, options={"resultTypes": ["violations"]}).response
        serious = [
            (violation["id"], [node["target"] for node in violation["nodes"]])
            for violation in found["violations"]
            if violation["impact"] in ("serious", "critical")
        ]
        assert serious == [], path
    watched.context.close()


def test_the_core_of_it_works_without_javascript(site: str, browser: Any) -> None:
    watched = Watched(browser, java_script_enabled=False, viewport={"width": 390, "height": 844})
    page = watched.page
    page.goto(site)
    page.locator("#topic").select_option("us-russia")
    page.get_by_role("button", name="絞り込む").click()
    page.get_by_role("link", name="8社").click()
    assert page.get_by_role("heading", level=1).inner_text().startswith("ウクライナ停戦協議")
    page.locator("summary").first.click()
    assert page.locator("details").first.get_attribute("open") is not None
    page.get_by_label("見出し・要約を検索").fill("停戦")
    page.get_by_role("button", name="検索").click()
    assert page.locator("mark").count() > 3
    page.get_by_role("link", name="English").click()
    assert page.get_by_role("heading", level=1).inner_text() == "Search results for “停戦”"
    assert watched.complaints == []
    assert [url for url in watched.asked if not url.startswith(site)] == []
    watched.context.close()


def test_an_operator_signs_in_and_takes_a_report_out_of_a_story(site: str, browser: Any) -> None:
    watched = Watched(browser, java_script_enabled=False)
    page = watched.page
    page.goto(f"{site}/stories/{TALKS.story.id}")
    page.get_by_role("link", name="管理者としてサインイン").click()
    page.get_by_label("管理トークン").fill(TOKEN)
    page.get_by_role("button", name="サインイン").click()
    assert page.url == f"{site}/stories/{TALKS.story.id}"
    report = page.locator(f"[id='{LEAD.id}']")
    report.locator("summary").click()
    report.get_by_role("button", name="この話題から外す").click()
    assert page.get_by_role("status").inner_text().startswith("外しました")
    page.get_by_role("button", name="サインアウト").click()
    assert page.get_by_role("link", name="管理者としてサインイン").is_visible()
    watched.context.close()


def test_everything_is_reached_by_keyboard(site: str, browser: Any) -> None:
    watched = Watched(browser, viewport={"width": 1280, "height": 900})
    page = watched.page
    page.goto(site)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('main').contains(document.activeElement)")
    watched.context.close()
