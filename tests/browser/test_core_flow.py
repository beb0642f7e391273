"""What people do here, from the first page to putting a mistake right, on a real daemon with a real store."""

import contextlib
import re
import time
from typing import Any

import pytest

from tests.browser.conftest import TOKEN, Look

# `expect` asks again until a page that a click opened is there; a bare count would ask the old one.
expect = pytest.importorskip("playwright.sync_api").expect
expect.set_options(timeout=20_000)  # milliseconds; the machine may be busy

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def open_when_told(page: Any, address: str, text: str) -> None:
    """Open a page, again until the daemon is up and has understood what it polled."""
    from playwright.sync_api import Error

    for _ in range(120):
        with contextlib.suppress(Error):
            page.goto(address)
            if page.get_by_text(text).count():
                return
        time.sleep(0.25)
    pytest.fail(f"{text} did not appear")


def test_a_reader_opens_filters_reads_asks_why_searches_and_copies_an_address(
    newsroom: str, look: Look
) -> None:
    page = look(newsroom, java_script_enabled=False, viewport={"width": 390, "height": 844}).page
    open_when_told(page, newsroom, "6社")
    page.locator("#topic").select_option("ukraine-ceasefire")
    page.get_by_role("button", name="絞り込む").click()
    expect(page).to_have_url(re.compile("topic=ukraine-ceasefire"))
    expect(page.get_by_text("大相撲")).to_have_count(0)
    page.get_by_role("link", name="6社").click()
    expect(page.locator(".timeline > li").nth(4)).to_be_visible()
    page.locator(".timeline summary").nth(1).click()
    expect(page.locator(".timeline details[open] p").first).to_be_visible()
    reasons = "".join(page.locator(".timeline details p").all_text_contents())
    assert "見込みが" in reasons
    assert re.search("(みなと新聞|中央通信|とうかい放送|海峡日報|Harbour Times)「", reasons)
    page.get_by_label("見出し・要約を検索").fill("停戦")
    page.get_by_role("button", name="検索").click()
    expect(page.locator("mark").first).to_be_visible()
    assert {mark.inner_text() for mark in page.locator("mark").all()} == {"停戦"}
    page.get_by_role("link", name="購読", exact=True).click()
    address = page.locator("#combined code").first.inner_text()
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/feeds/combined\.rss", address)
    feed = page.request.get(f"{newsroom}/feeds/combined.rss")
    assert feed.headers["content-type"].startswith("application/rss+xml")
    assert "<item>" in feed.text()


def test_who_bookmarks_what_was_read_is_told_that_nothing_moved(newsroom: str, look: Look) -> None:
    page = look(newsroom).page
    open_when_told(page, f"{newsroom}/?lang=en", "6 outlets")
    page.get_by_role("link", name="Read so far").first.click()
    expect(page.locator("#catch-up + p")).to_have_text("Nothing has moved since then.")


def test_an_operator_takes_a_report_out_of_a_story_and_undoes_it(newsroom: str, look: Look) -> None:
    page = look(newsroom, java_script_enabled=False).page
    open_when_told(page, newsroom, "6社")
    # A story of its own, so that the others' reasons stay the machine's.
    page.locator("article.story", has_text="フェリー").get_by_role("link", name="2社").click()
    reports = page.locator(".timeline > li")
    expect(reports).to_have_count(2)
    story = page.url
    page.get_by_role("link", name="管理者としてサインイン").click()
    page.get_by_label("管理トークン").fill(TOKEN)
    page.get_by_role("button", name="サインイン").click()
    expect(page).to_have_url(story)
    report = reports.filter(has=page.locator(".said .outlet", has_text="とうかい放送"))
    report.locator("summary").click()
    report.get_by_role("button", name="この話題から外す").click()
    expect(page.get_by_role("status")).to_have_text(re.compile("^元の話題から外し"))
    expect(reports).to_have_count(1)
    page.get_by_role("button", name="元に戻す").click()
    expect(page.get_by_role("status")).to_have_text("一つにまとめました。")
    expect(reports).to_have_count(2)
    page.get_by_role("button", name="サインアウト").click()
    expect(page.get_by_role("link", name="管理者としてサインイン")).to_be_visible()
