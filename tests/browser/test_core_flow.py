"""What people do here, from the first page to putting a mistake right, on a real daemon with a real store."""

import contextlib
import re
import time
from typing import Any

import pytest

from tests.browser.conftest import TOKEN, Look

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
    assert page.get_by_text("大相撲").count() == 0
    page.get_by_role("link", name="6社").click()
    assert page.locator(".timeline > li").count() >= 5
    page.locator(".timeline summary").nth(1).click()
    assert page.locator(".timeline details[open] p").first.is_visible()
    reasons = "".join(page.locator(".timeline details p").all_text_contents())
    assert "見込みが" in reasons
    assert re.search("(みなと新聞|中央通信|とうかい放送|海峡日報|Harbour Times)「", reasons)
    page.get_by_label("見出し・要約を検索").fill("停戦")
    page.get_by_role("button", name="検索").click()
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
    assert page.locator("#catch-up + p").inner_text() == "Nothing has moved since then."


def test_an_operator_takes_a_report_out_of_a_story_and_undoes_it(newsroom: str, look: Look) -> None:
    page = look(newsroom, java_script_enabled=False).page
    open_when_told(page, newsroom, "6社")
    page.get_by_role("link", name="6社").first.click()
    story, reports = page.url, page.locator(".timeline > li").count()
    page.get_by_role("link", name="管理者としてサインイン").click()
    page.get_by_label("管理トークン").fill(TOKEN)
    page.get_by_role("button", name="サインイン").click()
    assert page.url == story
    report = page.locator(
        ".timeline > li", has=page.locator(".said .outlet", has_text="Harbour Times")
    )
    report.locator("summary").click()
    report.get_by_role("button", name="この話題から外す").click()
    assert page.get_by_role("status").inner_text().startswith("元の話題から外し")
    assert page.locator(".timeline > li").count() == 1
    page.get_by_role("button", name="元に戻す").click()
    assert page.get_by_role("status").inner_text() == "一つにまとめました。"
    assert page.locator(".timeline > li").count() == reports
    page.get_by_role("button", name="サインアウト").click()
    assert page.get_by_role("link", name="管理者としてサインイン").is_visible()
