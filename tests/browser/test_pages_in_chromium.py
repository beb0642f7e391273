"""Every page in a real browser: no error, no request to anybody else, no serious barrier."""

import itertools
from typing import Any

import pytest

from tests.browser.conftest import Look
from tests.fakes.library import TALKS

PAGES = (
    "/",
    "/?topic=quiet",
    "/?since=2026-11-24T04:40Z",
    "/topics/us-russia",
    f"/stories/{TALKS.story.id}",
    "/search?q=停戦",
    "/sources",
    "/sources/dw",
    "/feeds",
    "/feeds/all.rss",
    "/status",
    "/digests",
    "/digests/us-russia",
    "/digests/us-russia/2026-11-24-morning",
    "/sign-in",
)
# The pages that between them hold every part there is.
DENSE = ("/", f"/stories/{TALKS.story.id}", "/sources", "/digests/us-russia/2026-11-24-morning")

EVERYDAY = (("ja", 390, "dark"), ("en", 1280, "light"))
LOOKS = [
    pytest.param(*one, marks=() if one in EVERYDAY else pytest.mark.slow)
    for one in itertools.product(("ja", "en"), (390, 1280), ("light", "dark"))
]

pytestmark = [
    pytest.mark.browser,
    pytest.mark.xdist_group("browser"),  # one browser at a time, started once
]


def in_language(site: str, path: str, language: str) -> str:
    """Return a page's address in a language."""
    return f"{site}{path}{'&' if '?' in path else '?'}lang={language}"


@pytest.mark.parametrize(("language", "width", "scheme"), LOOKS)
def test_pages_are_quiet_fit_the_screen_and_ask_nobody_else(
    site: str, look: Look, language: str, width: int, scheme: str
) -> None:
    page = look(site, viewport={"width": width, "height": 900}, color_scheme=scheme).page
    for path in PAGES:
        page.goto(in_language(site, path, language))
        overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert page.evaluate(overflow) <= 0, f"{path} is wider than the screen"


def barriers(axe: Any, page: Any) -> list[tuple[str, list[Any]]]:
    """Return the serious findings of axe on a page, each with where it is."""
    found = axe.run(page, options={"resultTypes": ["violations"]}).response
    return [
        (violation["id"], [node["target"] for node in violation["nodes"]])
        for violation in found["violations"]
        if violation["impact"] in ("serious", "critical")
    ]


@pytest.mark.parametrize("path", DENSE)
def test_the_densest_pages_have_no_serious_barrier(site: str, look: Look, path: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    # axe itself is a script; the pages' own policy allows none.
    page = look(site, viewport={"width": 390, "height": 900}, bypass_csp=True).page
    page.goto(in_language(site, path, "ja"))
    assert barriers(axe, page) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("language", "width", "scheme"),
    list(itertools.product(("ja", "en"), (390, 1280), ("light", "dark"))),
)
def test_no_page_has_a_serious_barrier_in_any_look(
    site: str, look: Look, language: str, width: int, scheme: str
) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    page = look(
        site, viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=True
    ).page
    for path in PAGES:
        page.goto(in_language(site, path, language))
        assert barriers(axe, page) == [], path


def test_everything_is_reached_by_keyboard(site: str, look: Look) -> None:
    page = look(site, viewport={"width": 1280, "height": 900}).page
    page.goto(site)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('main').contains(document.activeElement)")


def test_a_digest_on_paper_is_the_digest_alone(site: str, look: Look) -> None:
    page = look(site).page
    page.goto(f"{site}/digests/us-russia/2026-11-24-morning")
    page.emulate_media(media="print")
    assert page.get_by_role("heading", level=1).is_visible()
    for part in ("header nav", "footer", "nav.editions", ".find"):
        assert not page.locator(part).first.is_visible(), part
    article = page.locator("article.digest")
    assert article.evaluate("article => getComputedStyle(article).breakInside") == "auto", (
        "a digest longer than a page would leave the first one empty"
    )
    address = page.locator(".readings a").first.evaluate(
        "a => getComputedStyle(a, '::after').content"
    )
    assert "https://mainichi.example/1" in address


@pytest.mark.parametrize("day", ["2023年12月28日", "28 December 2023"])
def test_the_day_of_another_year_stays_in_its_column(site: str, look: Look, day: str) -> None:
    page = look(site, viewport={"width": 390, "height": 900}).page
    page.goto(in_language(site, f"/stories/{TALKS.story.id}", "ja"))
    wider = page.eval_on_selector_all(
        ".date",
        "(dates, day) => dates.map(date => { date.textContent = day; return date.scrollWidth - date.clientWidth })",
        day,
    )
    assert wider
    assert max(wider) <= 0
