import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import html5lib
import pytest
from starlette.testclient import TestClient

from aggregator.model.digest import DigestPlan, EditionKind, EditionTime, Reading
from aggregator.model.feed import FeedStanding
from aggregator.model.identifiers import OutputId, SourceId, StoryId
from aggregator.model.output import Audience, Output
from aggregator.model.story import Placement
from aggregator.serve.access import load_keys
from aggregator.serve.app import Desk
from aggregator.serve.pages import by_day, by_importance, who_led
from aggregator.serve.views import Outlets
from aggregator.settings.configuration import Mute, ServerSettings, Settings
from tests.fakes.library import (
    DIGEST,
    EDITION,
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
    "/digests",
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


def test_d06_pages_carry_the_headers_that_keep_browsers_safe(client: TestClient) -> None:
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


def test_a_page_shows_what_its_outputs_feed_has_and_nothing_else(client_of: ClientFactory) -> None:
    library = Library()
    library.held_back = {QUAKE.story.id, LONELY.story.id}
    page = client_of(make_desk(library)).get("/").text
    assert TALKS.story.id in page
    assert QUAKE.story.id not in page
    assert LONELY.story.id not in page


def test_a_page_and_its_feed_have_the_same_lead(client_of: ClientFactory) -> None:
    library = Library()
    library.published = {TALKS.story.id: TALKS.entries[3].entry.id}
    client = client_of(make_desk(library))
    sticky = f"<bdi>{TALKS.entries[3].entry.title.replace('　', ' ')}</bdi>"
    assert sticky in client.get("/").text
    assert sticky not in client.get("/?lang=en").text


def test_an_output_of_some_sources_shows_their_reports_alone(client_of: ClientFactory) -> None:
    outputs = (Output(id=OutputId("one"), title="一社", sources=(SOURCES[7].id,)),)
    page = client_of(make_desk(config=configuration(outputs=outputs))).get("/").text
    assert "Ukraine ceasefire talks resume" in page
    assert LEAD.title.replace("　", " ") not in page
    assert "1社" in page


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
    stories = [make_story([make_entry("nhk", f"見出し{n}", n)]) for n in range(50)]
    client = client_of(make_desk(Library(stories=stories)))
    first = client.get("/").text
    following = re.search(r'href="([^"]*cursor=[^"]*)"', first)
    assert following is not None
    second = client.get(following.group(1).replace("&amp;", "&")).text
    assert "見出し29<" in first
    assert "見出し30<" not in first
    assert "見出し30<" in second
    assert 'rel="next"' not in second


def test_an_invented_place_to_go_on_from_is_refused(client: TestClient) -> None:
    answer = client.get("/?cursor=<invented>")
    assert answer.status_code == 400
    assert answer.headers["content-type"].startswith("text/plain")


def test_a_bookmark_of_what_was_read_marks_what_moved_since(client: TestClient) -> None:
    page = client.get("/?since=2026-11-24T04:40Z").text
    assert "2026年11月24日(火) 13:40 以降" in page
    assert "新しい話題 0 件、続報 1 件" in page
    assert page.count('class="fresh"') == 2  # in the block on top, and where the story stands
    assert "以降" not in client.get("/?since=yesterday").text
    assert "2026年11月24日(火) 12:00 以降" in client.get("/?since=2026-11-24T12:00").text


def test_the_topic_page_says_who_had_the_stories_first(client: TestClient) -> None:
    page = client.get("/topics/us-russia").text
    assert "誰が先に伝えたか" in page
    assert "過去28日間に 1 件、最も多い日で 1 件" in page
    leaders = who_led([TALKS.story, TRADE.story, LONELY.story], Outlets(SOURCES))
    assert set(leaders[:2]) == {("毎日", 1, 0), ("DW", 1, 0)}
    assert leaders[2] == ("日経", 0, 2)


def test_who_catches_up_sees_the_most_widely_reported_first(client: TestClient) -> None:
    page = client.get("/?since=2026-11-23T00:00Z").text
    block = page[page.index('id="catch-up"') : page.index('class="day"')]
    assert "新しい話題 6 件、続報 0 件" in block
    assert block.index(TALKS.story.id) < block.index(QUAKE.story.id) < block.index(TRADE.story.id)
    assert block.count("<li>") == 5
    assert 'id="widely"' not in page
    assert "その後の動きはまだありません" in client.get("/?since=2026-11-25T00:00Z").text


def test_the_place_to_read_on_from_stays_the_same_until_there_is_news(client: TestClient) -> None:
    asked = re.findall(r'href="([^"]*since=[^"]*)"', client.get("/").text)
    assert set(asked) == {"/?since=2026-11-24T05%3A22%3A01Z"}
    assert "その後の動きはまだありません" in client.get(asked[0]).text


def test_importance_is_the_number_of_sources_then_the_time() -> None:
    stories = [LONELY.story, TALKS.story, QUAKE.story]
    assert by_importance(stories) == (TALKS.story, QUAKE.story, LONELY.story)


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


def test_a_related_story_is_named_though_it_has_no_headline_and_left_out_once_withdrawn(
    client_of: ClientFactory,
) -> None:
    library = Library()
    story = replace(TALKS.story, saga=QUAKE.story.id, related=(TRADE.story.id,))
    library.files[TALKS.story.id] = replace(TALKS, story=story)
    silent = replace(QUAKE.lead.entry, title="", summary="震源は沖合だった。")
    library.files[QUAKE.story.id] = replace(
        QUAKE,
        story=replace(QUAKE.story, title=""),
        entries=(replace(QUAKE.lead, entry=silent),),
    )
    library.files[TRADE.story.id] = replace(TRADE, entries=())
    page = client_of(make_desk(library)).get(f"/stories/{TALKS.story.id}").text
    assert "震源は沖合だった。" in page
    assert f"/stories/{TRADE.story.id}" not in page


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
    assert "別のフィードをお使いください" in one
    assert "変更なし（304）" in one


def test_a_feed_whose_entries_may_be_lost_is_told_and_so_is_what_304s_saved(
    client_of: ClientFactory,
) -> None:
    feed = replace(Library().polled[0], poll_seq=5)
    hasty, hastier = (
        replace(feed, arrivals=replace(feed.arrivals, window=20, overlap=overlap))
        for overlap in (0.05, 0.0)
    )
    for polled, told, advised in ((feed, 0, 0), (hasty, 1, 0), (hastier, 0, 1)):
        page = client_of(make_desk(Library(feeds=(polled,)))).get("/sources/mainichi").text
        assert page.count("流れた記事があるかもしれません") == told
        assert page.count("取り逃したかもしれません") == advised
        assert "直近 3 回のうち 1 回は変更なしで、およそ 47 KB を節約" in page


def test_what_is_wrong_is_said_with_the_line_to_change(
    client_of: ClientFactory, tmp_path: Path
) -> None:
    feed = Library().polled[0]
    (tmp_path / "sources.yaml").write_text(
        f"sources:\n  - id: {feed.source}\n    name: x\n    url: {feed.url}\n"
    )
    troubles = {
        "url: https://new.example/feed": {"moved_to": "https://new.example/feed", "moved_seen": 3},
        "gone for good: remove its line": {"standing": FeedStanding.GONE, "failure": "410"},
        "refuses automatic fetching": {"standing": FeedStanding.REFUSED, "failure": "403"},
        "has had nothing new since 2020-01-01": {
            "arrivals": replace(feed.arrivals, last_arrival_at=datetime(2020, 1, 1, tzinfo=UTC))
        },
    }
    config = configuration(directory=tmp_path)
    for advice, change in troubles.items():
        library = Library(feeds=(replace(feed, **change),))  # type: ignore[arg-type]  # by field
        client = client_of(make_desk(library, config))
        for page in ("/sources?lang=en", f"/sources/{feed.source}?lang=en"):
            found = client.get(page).text
            assert advice in found
            assert "<code>sources.yaml:4:5</code>" in found
            assert str(tmp_path) not in found


def test_many_sources_are_shown_in_pages(client_of: ClientFactory) -> None:
    sources = tuple(
        replace(SOURCES[0], id=SourceId(f"s{n:03}"), name=f"媒体{n:03}") for n in range(130)
    )
    client = client_of(make_desk(config=configuration(sources=sources)))
    assert "媒体049" in client.get("/sources").text
    assert "媒体050" not in client.get("/sources").text
    third = client.get("/sources?page=3").text
    assert "媒体129" in third
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


def test_a_reading_without_an_address_is_no_link(client_of: ClientFactory) -> None:
    page = _edition_page(client_of, readings=(Reading(outlet="紙の新聞", title="紙だけ", url=""),))
    assert "さらに読む ⇒ 紙の新聞「紙だけ」" in page
    assert 'href=""' not in page


def test_a_digest_in_topics_has_a_heading_where_the_topic_changes(
    client_of: ClientFactory,
) -> None:
    section = DIGEST.sections[0]
    of = [replace(section, topic=topic) for topic in ("米ロ関係", "米ロ関係", "停戦")]
    page = _edition_page(client_of, sections=tuple(of))
    assert re.findall(r'<h2 class="chapter">([^<]*)', page) == ["米ロ関係", "停戦"]
    assert page.count('<h3 class="told"') == 3
    assert 'id="s3"' in page
    assert '<h2 class="told"' in _edition_page(client_of)


def test_an_edition_says_when_it_was_revised_and_leads_to_its_neighbours(
    client_of: ClientFactory,
) -> None:
    library = Library()
    names = ("2026-11-25-morning", EDITION.name, "2026-11-23-morning")
    library.printed = tuple(replace(EDITION, name=name, revised_at=NOW) for name in names)
    client = client_of(make_desk(library))
    page = client.get(f"/digests/us-russia/{EDITION.name}").text
    assert "訂正 1（2026年11月24日(火) 14:45）" in page
    assert 'href="/digests/us-russia/2026-11-23-morning" rel="prev"' in page
    assert 'href="/digests/us-russia/2026-11-25-morning" rel="next"' in page
    newest = client.get("/digests/us-russia/2026-11-25-morning").text
    assert 'rel="next"' not in newest


PLANS = (
    DigestPlan(
        subject="us-russia",
        topics=("us-russia",),
        editions=(
            EditionTime(kind=EditionKind.MORNING, hour=7, minute=0),
            EditionTime(kind=EditionKind.WEEKLY, hour=18, minute=5, weekday=0),
        ),
    ),
    DigestPlan(subject="quiet", topics=("quiet",)),
    DigestPlan(subject="diary", output="diary"),
)


async def test_the_digests_have_a_page_with_their_times_editions_and_feeds(
    client_of: ClientFactory,
) -> None:
    desk = make_desk(config=configuration(digests=PLANS))
    for name in ("digests", "digest-us-russia", "digest-diary"):
        desk.shelf.put(f"feeds/{name}.rss", b"<rss/>")  # type: ignore[attr-defined]  # a test's shelf
    client = client_of(desk)
    page = client.get("/digests").text
    assert "毎朝 07:00、毎週月曜日 18:05" in page
    assert f'href="/digests/us-russia/{EDITION.name}"' in page
    assert "最初の版はまだ出ていません" in page
    assert 'href="/feeds/digest-us-russia.rss"' in page
    assert 'href="/digests"' in client.get("/").text
    assert "米ロ関係 のダイジェスト" in client.get("/feeds").text
    assert "feeds/digests.atom" in client.get("/feeds").text
    assert 'href="/feeds/digest-us-russia.atom"' in client.get("/topics/us-russia").text
    # The digest of a private output is as private.
    for address in ("/digests", "/feeds"):
        assert "わたしだけの控え" not in client.get(address).text
    assert client.get("/digests/diary").status_code == 404
    assert client.get("/digests/diary/2026-11-24-morning").status_code == 404
    assert client.get("/feeds/digest-diary.rss").status_code == 401
    token = (await load_keys(desk.store)).reading()
    assert "わたしだけの控え" in client.get(f"/digests?token={token}").text
    assert client.get(f"/feeds/digest-diary.rss?token={token}").status_code == 200


def test_without_digests_their_page_says_where_to_add_them(client: TestClient) -> None:
    assert "config/outputs.yaml" in client.get("/digests").text
    assert 'href="/digests"' not in client.get("/").text


def _edition_page(client_of: ClientFactory, **changes: Any) -> str:
    """Return the page of the edition with another digest, or another first section."""
    section = {key: value for key, value in changes.items() if key != "sections"}
    sections = changes.get("sections", (replace(DIGEST.sections[0], **section),))
    library = Library()
    library.printed = (replace(EDITION, digest=replace(DIGEST, sections=sections)),)
    return client_of(make_desk(library)).get(f"/digests/us-russia/{EDITION.name}").text


def test_reports_of_other_days_show_their_date(client_of: ClientFactory) -> None:
    old = make_entry("nhk", "前の年の記事", 485 * 24 * 60)
    story = make_story([old, make_entry("jiji", "きょうの続報", 90), make_entry("tbs", "三", 80)])
    client = client_of(make_desk(Library(stories=[story])))
    page = client.get(f"/stories/{story.story.id}").text
    assert re.findall(r'class="date">([^<]*)', page) == ["2025年7月27日", "11月24日"]
    english = client.get(f"/stories/{story.story.id}?lang=en").text
    assert re.findall(r'class="date">([^<]*)', english) == ["27 Jul 2025", "24 Nov"]


def test_reasons_name_outlets_as_people_read_them(client: TestClient) -> None:
    page = client.get(f"/stories/{TALKS.story.id}").text
    assert "<p>毎日「" in page
    assert "mainichi「" not in page


def test_sources_that_need_a_look_can_be_seen_alone(client: TestClient) -> None:
    page = client.get("/sources?troubled=1").text
    rows = re.findall(r'<th scope="row"><a href="/sources/([a-z]*)', page)
    assert rows == ["kobe", "dw"]
    assert "9 件の情報源" in page
    assert 'href="/sources?troubled=1"' in client.get("/sources").text


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
def test_a72_absurd_addresses_are_refused_at_once(
    client: TestClient, address: str, status: int
) -> None:
    assert client.get(address).status_code == status


def test_a72_absurd_headers_are_refused_at_once(client: TestClient) -> None:
    assert client.get("/", headers={"x-long": "y" * 20_000}).status_code == 431


def test_pages_take_no_other_methods(client: TestClient) -> None:
    assert client.post("/").status_code == 405
    assert client.put("/status").status_code == 405
    assert client.head("/").status_code == 200
