"""A digest in its forms: HTML for feeds, a page, Markdown, plain text, feed items."""

import json
from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import html5lib
import pytest

from aggregator.model.digest import Digest, Edition
from aggregator.publish.digest_html import digest_html, digest_page
from aggregator.publish.digest_item import digest_items, digests_channel, edition_id
from aggregator.publish.digest_text import digest_markdown, digest_text
from aggregator.publish.render import render_feed
from tests.fakes.library import DIGEST, EDITION
from tests.publish.newsroom import context
from tests.publish.reading import expected, read_json, read_xml

ZONE = ZoneInfo("Asia/Tokyo")
SECTION = DIGEST.sections[0]
HOSTILE = '<script>alert(1)</script> & "x" [a](javascript:b) *c* _d_ \x00'


def hostile() -> Digest:
    point = replace(SECTION.points[0], text=HOSTILE, outlet=HOSTILE, also=(HOSTILE,))
    reading = replace(SECTION.readings[0], title=HOSTILE, url="javascript:alert(1)")
    section = replace(
        SECTION, headline=HOSTILE, points=(point,), readings=(reading,), correction=HOSTILE
    )
    return replace(
        DIGEST, title=HOSTILE, changed=HOSTILE, sections=(section,), top=((HOSTILE, 2, "x:y"),)
    )


@pytest.mark.parametrize("form", [digest_text, digest_markdown, digest_html])
def test_every_form_has_the_labels_of_the_contract(form):
    text = form(DIGEST, ZONE)
    for part in (
        "公開日：2026年11月24日(火) 12:45 更新日：2026年11月24日(火) 14:15",
        "✅ 「",
        "（毎日新聞 11月24日 12:45） ほかに NHK",
        "さらに読む ⇒ ",
        "日本経済新聞「停戦協議、原発の安全が焦点」",
        "（有料）",
        "これまでの経緯",
        "2026年11月19日(木) 14:45",
        "💡",
        "8社",
        "訂正：初版では",
        DIGEST.changed,
    ):
        assert part in text


def test_in_english_the_labels_are_english():
    text = digest_text(
        replace(DIGEST, language="en", sections=(replace(SECTION, sources=SECTION.sources[:1]),)),
        ZONE,
    )
    for part in (
        "Published: Tue 24 November 2026, 12:45",
        "Updated: ",
        "one outlet only",
        "Read on ⇒",
        "(paid)",
        "How it came to this",
        "Most widely reported",
        "8 outlets",
    ):
        assert part in text


def test_others_words_are_never_markup():
    page = digest_page(hostile(), ZONE)
    tree = html5lib.parse(page, namespaceHTMLElements=False)
    assert tree.findall(".//script") == []
    assert "javascript:" not in {a.get("href", "").partition("alert")[0] for a in tree.iter("a")}
    assert "\x00" not in page
    markdown = digest_markdown(hostile(), ZONE)
    assert r"\[a\](javascript:b) \*c\* \_d\_" in markdown
    assert "](javascript:" not in markdown.replace(r"\]", "")
    assert "\x00" not in digest_text(hostile(), ZONE)


def test_a_section_without_points_or_addresses_leaves_no_empty_list():
    bare = replace(SECTION, points=(), readings=())
    html = digest_html(replace(DIGEST, sections=(bare,), background=(), top=()), ZONE)
    assert "<ul>" not in html
    nowhere = replace(SECTION.readings[0], url="")
    assert "href" not in digest_html(
        replace(DIGEST, sections=(replace(bare, readings=(nowhere,)),), background=(), top=()), ZONE
    )


def test_a_digest_by_topic_has_a_heading_for_each():
    sections = tuple(replace(SECTION, topic=t, correction=None) for t in ("停戦", "停戦", "制裁"))
    digest = replace(DIGEST, sections=sections)
    assert digest_html(digest, ZONE).count("<h2>") == 2
    assert digest_markdown(digest, ZONE).count("\n## ") == 2
    assert digest_text(digest, ZONE).count("【停戦】") == 1


def test_an_edition_is_one_item_whose_id_stays_and_whose_updated_follows_its_revisions():
    first = replace(EDITION, revision=0, revised_at=None)
    second = replace(first, revision=1, revised_at=first.published_at + timedelta(hours=2))
    ctx = context(public_url="https://news.example")
    (one,), (two,) = (digest_items([e], {"us-russia": "米ロ関係"}, ctx) for e in (first, second))
    assert one.id == two.id == edition_id("us-russia", first.name)
    assert one.id != edition_id("ceasefire", first.name)
    assert one.published == one.updated == two.published
    assert two.updated - two.published == timedelta(hours=2)
    assert one.url == "https://news.example/digests/us-russia/2026-11-24-morning"
    assert digest_items([first], {}, context())[0].url is None  # loopback: no link to our pages


def test_the_feeds_of_digests_read_back_with_full_content_in_every_format():
    ctx = context(public_url="https://news.example")
    older = replace(
        EDITION, name="2026-11-23-morning", published_at=EDITION.published_at - timedelta(days=1)
    )
    items = digest_items([older, EDITION], {"us-russia": "米ロ関係"}, ctx)
    channel = digests_channel("digest-us-russia", "米ロ関係", items, ctx)
    assert channel.title == "米ロ関係 のダイジェスト"
    documents = render_feed("feeds/digest-us-russia", channel, items)
    feed = json.loads(documents["feeds/digest-us-russia.json"])
    assert "これまでの経緯" in feed["items"][0]["content_html"]
    wanted = [expected(item) for item in items]
    assert wanted[0].published > wanted[1].published
    assert read_json(documents["feeds/digest-us-russia.json"]) == wanted
    for extension in ("rss", "atom"):
        assert read_xml(documents[f"feeds/digest-us-russia.{extension}"]) == wanted


def test_the_feed_of_all_digests_has_a_name_of_its_own():
    edition: Edition = EDITION
    items = digest_items([edition], {}, context())
    assert digests_channel("digests", None, items, context()).title == "ダイジェスト"
