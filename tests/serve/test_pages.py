import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import html5lib
import pytest
from starlette.testclient import TestClient

from aggregator.model.identifiers import OutputId, SourceId, StoryId
from aggregator.model.output import Audience, Output
from aggregator.model.story import Placement
from aggregator.serve.access import load_keys
from aggregator.serve.app import Desk
from aggregator.serve.pages import by_day, freshness, who_led
from aggregator.serve.views import Outlets
from aggregator.settings.configuration import Mute, ServerSettings, Settings
from tests.fakes.library import (
    HOSTILE,
    LEAD,
    LONELY,
    NOW,
    QUAKE,
    SOURCES,
    STORIES,
    TALKS,
    TRADE,
    Library,
    configuration,
    make_entry,
    make_story,
)
from tests.serve.conftest import ClientFactory, make_desk

PAGES = (
    "/",
    "/?output=combined",
    "/?topic=quiet",
    "/?since=2026-11-24T03:00Z",
    "/topics/us-russia",
    "/topics/quiet",
    f"/stories/{TALKS.story.id}",
    f"/stories/{HOSTILE.story.id}",
    "/search",
    "/search?q=停戦",
    "/search?q=nothing",
    "/sources",
    "/sources/kobe",
    "/sources/dw",
    "/feeds",
    "/status",
    "/digests/us-russia",
    "/digests/us-russia/2026-11-24-morning",
    "/sign-in",
    "/no-such-page",
)


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("address", PAGES)
def test_every_page_is_sound_html_with_one_heading_and_no_foreign_matter(
    client: TestClient, address: str, language: str
) -> None:
    answer = client.get(f"{address}{'&' if '?' in address else '?'}lang={language}")
    assert answer.status_code == (404 if address == "/no-such-page" else 200)
    parser = html5lib.HTMLParser(strict=False, namespaceHTMLElements=False)
    tree = parser.parse(answer.text)
    assert [error for _, error, _ in parser.errors] == []
    assert tree.get("lang") == language
    assert len(tree.findall(".//h1")) == 1
    assert len(tree.findall(".//main")) == 1
    ids = [element.get("id") for element in tree.iter() if element.get("id")]
    assert len(ids) == len(set(ids))
    assert not [e for e in tree.iter() if e.tag in ("script", "style", "iframe", "base", "object")]
    styled = [e for e in tree.iter() if any(k == "style" or k.startswith("on") for k in e.attrib)]
    assert styled == []
    loaded = [e.get("src") or "" for e in tree.iter() if e.get("src")]
    loaded += [e.get("href") or "" for e in tree.iter("link") if e.get("rel") != "alternate"]
    assert all(address.startswith("/static/") for address in loaded)


def test_pages_carry_the_headers_that_keep_browsers_safe(client: TestClient) -> None:
    headers = client.get("/").headers
    policy = headers["content-security-policy"]
    for part in (
        "default-src 'none'",
        "style-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    ):
        assert part in policy
    assert "script-src" not in policy
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-robots-tag"] == "noindex"
    assert 'name="robots" content="noindex' in client.get("/").text


def test_a_page_that_did_not_change_is_a_304(client: TestClient) -> None:
    first = client.get("/")
    again = client.get("/", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_the_front_page_lists_stories_and_what_to_subscribe_to(client: TestClient) -> None:
    page = client.get("/").text
    for story in (TALKS, QUAKE, TRADE, LONELY):
        assert story.lead.entry.title.replace("　", " ") in page
        assert f"/stories/{story.story.id}" in page
    assert LEAD.url is not None
    assert LEAD.url in page
    assert 'href="/feeds/all.rss"' in page
    assert 'type="application/atom+xml"' in page
    assert page.index(TALKS.story.id) < page.index(QUAKE.story.id) < page.index(LONELY.story.id)
    assert "8社" in page


def test_the_front_page_is_narrowed_by_output_topic_source_and_language(
    client: TestClient,
) -> None:
    def shows(address: str) -> set[str]:
        text = client.get(address).text
        return {story.story.id for story in STORIES if f"/stories/{story.story.id}" in text}

    assert shows("/?output=combined") == {TALKS.story.id}
    assert shows("/?topic=russia-ukraine") == {TALKS.story.id}
    assert shows("/?source=dw") == {TRADE.story.id}
    assert shows("/?language=en") == {TALKS.story.id, TRADE.story.id}
    assert shows("/?output=combined&source=tbs") == {TALKS.story.id}
    assert client.get("/?output=unknown").status_code == 404


def test_headlines_are_in_the_readers_language_where_a_report_in_it_exists(
    client: TestClient,
) -> None:
    page = client.get("/?lang=en").text
    assert "Ukraine ceasefire talks resume in Geneva as US and Russian officials meet</bdi>" in page
    assert '<a href="/stories/' + TALKS.story.id + '?lang=en"' in page
    assert 'lang="ja"><bdi>岩手県沖で地震' in page


def test_an_outputs_own_conditions_hold_on_its_page(client_of: ClientFactory) -> None:
    outputs = (
        Output(id=OutputId("wide"), title="広", min_sources=2, exclude=("地震",)),
        Output(id=OutputId("one"), title="一社", sources=(SOURCES[7].id,)),
    )
    client = client_of(make_desk(config=configuration(outputs=outputs)))
    page = client.get("/").text
    assert TALKS.story.id in page
    assert QUAKE.story.id not in page
    assert LONELY.story.id not in page
    assert TALKS.story.id in client.get("/?output=one").text


def test_muted_words_hide_a_story_until_their_day(client_of: ClientFactory) -> None:
    mutes = (
        Mute(words=("地震",), until=NOW + timedelta(days=1)),
        Mute(words=("古書店",), until=NOW - timedelta(days=1)),
    )
    page = client_of(make_desk(config=configuration(mutes=mutes))).get("/").text
    assert QUAKE.story.id not in page
    assert LONELY.story.id in page


def test_a_private_output_is_not_even_named(client: TestClient) -> None:
    for address in ("/", "/feeds"):
        assert "わたしだけの控え" not in client.get(address).text
    assert client.get("/?output=diary").status_code == 404


def test_an_empty_page_says_since_when_and_where_to_go_on(client: TestClient) -> None:
    for address in ("/?topic=quiet", "/topics/quiet"):
        page = client.get(address).text
        assert "2026年11月10日(火) 14:45 から 9 件" in page
        assert "最後の巡回は 2026年11月24日(火) 14:39" in page
        assert 'href="/?output=all"' in page
    english = client.get("/topics/quiet?lang=en").text
    assert "watching 9 feeds since Tue 10 November 2026, 14:45" in english


def test_with_no_sources_the_page_says_where_to_add_them(client_of: ClientFactory) -> None:
    page = client_of(make_desk(Library(stories=(), feeds=()))).get("/").text
    assert "config/sources.yaml" in page


def test_before_the_first_poll_an_empty_page_says_so(client_of: ClientFactory) -> None:
    feed = replace(Library().polled[0], last_poll_at=None)
    page = client_of(make_desk(Library(stories=(), feeds=(feed,)))).get("/").text
    assert "最初の巡回はこれから" in page


def test_without_outputs_the_front_page_still_shows_every_story(client_of: ClientFactory) -> None:
    page = client_of(make_desk(config=configuration(outputs=()))).get("/").text
    assert TALKS.story.id in page


def test_long_lists_go_on_where_they_ended(client_of: ClientFactory) -> None:
    stories = [make_story([make_entry("nhk", f"見出し{n}", n)]) for n in range(70)]
    client = client_of(make_desk(Library(stories=stories)))
    first = client.get("/").text
    following = re.search(r'href="([^"]*cursor=[^"]*)"', first)
    assert following is not None
    second = client.get(following.group(1).replace("&amp;", "&")).text
    assert "見出し49<" in first
    assert "見出し50<" not in first
    assert "見出し50<" in second
    assert 'rel="next"' not in second


def test_an_invented_place_to_go_on_from_is_refused(client: TestClient) -> None:
    answer = client.get("/?cursor=<invented>")
    assert answer.status_code == 400
    assert answer.headers["content-type"].startswith("text/plain")


def test_a_bookmark_of_what_was_read_marks_what_moved_since(client: TestClient) -> None:
    page = client.get("/?since=2026-11-24T04:40Z").text
    assert "2026年11月24日(火) 13:40 以降" in page
    assert "新しい話題 0 件、続報 1 件" in page
    assert page.count('class="fresh"') == 1
    assert "以降：" not in client.get("/?since=yesterday").text
    assert "2026年11月24日(火) 12:00 以降" in client.get("/?since=2026-11-24T12:00").text


def test_the_topic_page_says_who_had_the_stories_first(client: TestClient) -> None:
    page = client.get("/topics/us-russia").text
    assert "誰が先に伝えたか" in page
    assert "過去28日間に 1 件、最も多い日で 1 件" in page
    leaders = who_led([TALKS.story, TRADE.story, LONELY.story], Outlets(SOURCES))
    assert set(leaders[:2]) == {("毎日", 1, 0), ("DW", 1, 0)}
    assert leaders[2] == ("日経", 0, 2)


def test_what_is_new_and_what_went_on_are_counted_apart() -> None:
    assert freshness([], None) == {"new": 0, "moved": 0}


def test_a_story_page_shows_every_report_in_order_with_copies_edits_and_reasons(
    client: TestClient,
) -> None:
    page = client.get(f"/stories/{TALKS.story.id}").text
    order = [page.index(f'<li id="{id}"') for id in _own_reports()]
    assert order == sorted(order)
    for filed in TALKS.entries:
        assert (filed.entry.url or "-") in page
    assert "+25分" in page
    assert "同じ文面：" in page
    assert "<del" in page
    assert "ウィーンで再開" in page
    assert page.count("<details>") == len(_own_reports())
    assert "（国営メディア）" in page
    assert "（有料）" in page
    assert "（動画）" in page
    assert "Europe/London" in page


def _own_reports() -> list[str]:
    own = [f for f in TALKS.entries if f.placement and not f.placement.copy_of]
    return [f.entry.id for f in sorted(own, key=lambda f: f.entry.published or NOW)]


def test_ids_that_moved_lead_on_and_unknown_ones_are_not_found(client_of: ClientFactory) -> None:
    library = Library()
    library.redirects["11111111-0000-0000-0000-000000000000"] = TALKS.story.id
    client = client_of(make_desk(library))
    for old in ("11111111-0000-0000-0000-000000000000", LEAD.id):
        answer = client.get(f"/stories/{old}?lang=en")
        assert answer.status_code == 301
        assert answer.headers["location"] == f"/stories/{TALKS.story.id}?lang=en"
    assert client.get("/stories/unknown").status_code == 404


def test_a_story_that_was_withdrawn_is_gone(client_of: ClientFactory) -> None:
    library = Library()
    library.files[TALKS.story.id] = replace(TALKS, entries=())
    answer = client_of(make_desk(library)).get(f"/stories/{TALKS.story.id}")
    assert answer.status_code == 410
    assert "取り下げ" in answer.text


def test_an_entry_that_waits_to_be_understood_has_no_reason_yet(client_of: ClientFactory) -> None:
    library = Library()
    waiting = replace(LONELY.entries[0], placement=None)
    library.files[LONELY.story.id] = replace(LONELY, entries=(waiting,))
    page = client_of(make_desk(library)).get(f"/stories/{LONELY.story.id}").text
    assert "<details>" not in page


def test_the_runner_up_of_a_decision_is_looked_up_for_the_reason(client_of: ClientFactory) -> None:
    library = Library()
    placement = TALKS.entries[1].placement
    assert isinstance(placement, Placement)
    decision = replace(placement.decision, runner_up=QUAKE.story.id, runner_up_score=0.3)
    changed = replace(TALKS.entries[1], placement=replace(placement, decision=decision))
    library.files[TALKS.story.id] = replace(
        TALKS, entries=(TALKS.entries[0], changed, *TALKS.entries[2:])
    )
    answer = client_of(make_desk(library)).get(f"/stories/{TALKS.story.id}")
    assert answer.status_code == 200


def test_related_stories_are_linked(client_of: ClientFactory) -> None:
    library = Library()
    story = replace(TALKS.story, saga=QUAKE.story.id, related=(TRADE.story.id, StoryId("gone")))
    library.files[TALKS.story.id] = replace(TALKS, story=story)
    page = client_of(make_desk(library)).get(f"/stories/{TALKS.story.id}").text
    assert f"/stories/{QUAKE.story.id}" in page
    assert f"/stories/{TRADE.story.id}" in page


def test_thumbnails_are_shown_only_where_the_source_allows_them(client_of: ClientFactory) -> None:
    library = Library()
    entry = replace(LONELY.entries[0].entry, image="https://img.example/1.jpg")
    library.files[LONELY.story.id] = replace(
        LONELY, entries=(replace(LONELY.entries[0], entry=entry),)
    )
    page = f"/stories/{LONELY.story.id}"
    without = client_of(make_desk(library)).get(page)
    assert "img.example" not in without.text
    assert "https:" not in without.headers["content-security-policy"]
    sources = (replace(SOURCES[0], images=True), *SOURCES[1:])
    answer = client_of(make_desk(library, configuration(sources=sources))).get(page)
    assert 'src="https://img.example/1.jpg"' in answer.text
    assert 'referrerpolicy="no-referrer"' in answer.text
    assert "img-src 'self' https:" in answer.headers["content-security-policy"]


def test_search_marks_what_it_found(client: TestClient) -> None:
    page = client.get("/search?q=停戦 ジュネーブ").text
    assert "ウクライナ<mark>停戦</mark>協議、<mark>ジュネーブ</mark>で再開" in page
    assert 'value="停戦 ジュネーブ"' in page
    assert "見つかりませんでした" in client.get("/search?q=存在しない語").text


def test_what_was_searched_for_is_never_markup(client: TestClient) -> None:
    page = client.get('/search?q="><script>alert(1)</script>').text
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


@pytest.mark.parametrize("audience", [Audience.TEAM, Audience.PUBLIC])
def test_beyond_a_private_audience_only_short_snippets_are_shown(
    client_of: ClientFactory, audience: Audience
) -> None:
    text = "長い要約の文が続く、" * 30
    story = make_story([make_entry("nhk", "見出し", 5, summary=text, content=f"<p>{text}</p>")])
    config = configuration(settings=Settings(audience=audience))
    client = client_of(make_desk(Library(stories=[story]), config))
    for address in ("/", f"/stories/{story.story.id}", "/search?q=要約", "/api/v1/entries"):
        found = client.get(address).text
        assert text[:50] in found.replace("<mark>", "").replace("</mark>", "")
        assert text[:101] not in found.replace("<mark>", "").replace("</mark>", "")


def test_the_sources_page_says_how_each_source_is(client: TestClient) -> None:
    page = client.get("/sources").text
    for source in SOURCES:
        assert source.name in page
    assert "拒否" in page
    assert "うち 2 件に気になる点" in page
    one = client.get("/sources/kobe").text
    assert "403: refused by the site" in one
    assert "利用規約" in one
    assert "変更なし（304）" in one


def test_a_feed_whose_entries_may_be_lost_is_told_and_so_is_what_304s_saved(
    client_of: ClientFactory,
) -> None:
    feed = replace(Library().polled[0], poll_seq=5)
    hasty = replace(feed, arrivals=replace(feed.arrivals, window=20, overlap=0.0))
    for polled, told in ((feed, False), (hasty, True)):
        page = client_of(make_desk(Library(feeds=(polled,)))).get("/sources/mainichi").text
        assert ("流れた記事があるかもしれません" in page) is told
        assert "直近 3 回のうち 1 回は変更なしで、およそ 47 KB を節約" in page


def test_many_sources_are_shown_in_pages(client_of: ClientFactory) -> None:
    sources = tuple(
        replace(SOURCES[0], id=SourceId(f"s{n:03}"), name=f"媒体{n:03}") for n in range(250)
    )
    client = client_of(make_desk(config=configuration(sources=sources)))
    assert "媒体099" in client.get("/sources").text
    assert "媒体100" not in client.get("/sources").text
    third = client.get("/sources?page=3").text
    assert "媒体249" in third
    assert 'rel="next"' not in third
    assert client.get("/sources?page=x").status_code == 200


def test_a_source_that_left_the_configuration_still_has_its_page(client_of: ClientFactory) -> None:
    client = client_of(make_desk(config=configuration(sources=SOURCES[1:])))
    assert client.get("/sources/mainichi").status_code == 200
    assert client.get("/sources/never").status_code == 404


def test_the_status_page_and_a_banner_tell_of_a_broken_configuration(
    desk: Desk, client: TestClient
) -> None:
    assert "正しく読み込み済み" in client.get("/status").text
    desk.health.config_problems = ("config/sources.yaml:14:5: sources[2].every: <bad>",)
    desk.health.storage_problem = "the disk is full"
    desk.health.restart_needed = ("server",)
    page = client.get("/status").text
    assert "config/sources.yaml:14:5: sources[2].every: &lt;bad&gt;" in page
    assert "the disk is full" in page
    assert "最後に正しかった設定" in client.get("/").text
    assert "3時間12分" in page
    assert "12,345" in page


def test_a_digest_is_shown_as_it_was_composed_in_its_own_language(client: TestClient) -> None:
    page = client.get("/digests/us-russia/2026-11-24-morning?lang=en").text
    assert 'class="digest" lang="ja"' in page
    assert "前回（11月23日 07:00）以降：新しい出来事1件、続報2件（7社8本）" in page
    assert "公開日：2026年11月24日(火) 12:45 更新日：2026年11月24日(火) 14:15" in page
    assert "✅ 「米国とロシアの高官が初めて同じ会議に臨み" in page
    assert "（毎日新聞 11月24日 12:45） ほかに NHK" in page
    assert "さらに読む ⇒ <a" in page
    assert "日本経済新聞「停戦協議、原発の安全が焦点」</a>（有料）" in page
    assert "これまでの経緯" in page
    assert "2026年11月19日(木) 14:45</time>" in page
    assert "💡" in page
    assert "訂正：初版では" in page
    assert client.get("/digests/us-russia/2020-01-01-daily").status_code == 404
    assert client.get("/digests/nothing").status_code == 404


async def test_where_a_token_is_asked_for_links_carry_it_and_strangers_see_nothing(
    client_of: ClientFactory,
) -> None:
    settings = Settings(server=ServerSettings(access="token"))
    desk = make_desk(config=configuration(settings=settings))
    client = client_of(desk)
    for address in PAGES[:-2]:
        answer = client.get(address)
        assert answer.status_code == 401
        assert "停戦" not in answer.text
    token = (await load_keys(desk.store)).reading()
    page = client.get(f"/?token={token}").text
    links = re.findall(r'href="(/[^"]*)"', page)
    ours = [link for link in links if not link.startswith(("/static/", "#"))]
    assert ours
    assert all(f"token={token}" in link or link == "#main" for link in ours)
    assert client.get("/", headers={"authorization": f"Bearer {token}"}).status_code == 200
    assert "わたしだけの控え" in client.get(f"/feeds?token={token}").text


def test_the_language_goes_along_from_page_to_page(client: TestClient) -> None:
    page = client.get("/sources?lang=en").text
    assert 'href="/feeds?lang=en"' in page
    assert 'href="/sources?lang=ja"' not in page
    assert re.search(r'href="/sources"[^>]*lang="ja"', page)
    assert client.get("/?lang=xx").text.startswith('<!DOCTYPE html>\n<html lang="ja">')


def test_stories_stand_under_their_day_in_the_readers_zone() -> None:
    assert by_day([], None) == ()  # type: ignore[arg-type]  # without stories no zone is asked for


def test_no_page_shows_a_local_path_of_the_machine(client: TestClient, tmp_path: Path) -> None:
    for address in PAGES:
        assert str(tmp_path) not in client.get(address).text


@pytest.mark.parametrize(
    ("address", "status"),
    [("/?" + "x" * 5000, 414), ("/" + "y" * 5000, 414), ("/feeds/all.rss?" + "z" * 60_000, 414)],
)
def test_absurd_addresses_are_refused_at_once(
    client: TestClient, address: str, status: int
) -> None:
    assert client.get(address).status_code == status


def test_absurd_headers_are_refused_at_once(client: TestClient) -> None:
    assert client.get("/", headers={"x-long": "y" * 20_000}).status_code == 431


def test_pages_take_no_other_methods(client: TestClient) -> None:
    assert client.post("/").status_code == 405
    assert client.put("/status").status_code == 405
    assert client.head("/").status_code == 200
