from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from aggregator.model.entry import Enclosure
from aggregator.model.output import Audience, Item, Output
from aggregator.model.query import StoryFile
from aggregator.model.story import Layer
from aggregator.publish.context import PublishContext
from aggregator.publish.item import make_item
from tests.publish.newsroom import (
    ALL,
    BBC,
    HOUR,
    JIJI,
    KOBE,
    MAINICHI,
    NIKKEI,
    NOW,
    SOURCES,
    context,
    filed,
    outlet,
    story,
)

CTX = context()
ENGLISH = replace(ALL, language="en")


def item_of(
    file: StoryFile, output: Output = ALL, ctx: PublishContext = CTX, follow_up: int = 0
) -> Item:
    return make_item(file, output, ctx, NOW, NOW, follow_up=follow_up)


# -- the head -----------------------------------------------------------------------------------------


def test_the_item_is_the_leads_article_under_the_storys_id():
    lead = filed("停戦合意", JIJI, url="https://jiji.example/a?k=1")
    item = item_of(story(filed(), lead, lead=lead))
    assert item.id == f"urn:uuid:{item.story}"
    assert (item.url, item.title) == ("https://jiji.example/a?k=1", "停戦合意")
    assert (item.outlet, item.source, item.language) == ("時事ドットコム", "jiji", "ja")
    assert item.feed_title == "時事ドットコムのフィード"
    assert item.feed_url == "https://jiji.example/feed"


def test_the_title_never_carries_a_count():
    assert item_of(story(*[filed("停戦合意", outlet(n)) for n in range(5)])).title == "停戦合意"


def test_the_title_takes_the_form_that_the_output_asks_for():
    output = replace(ALL, title_form="{title}（{outlet}）")
    assert item_of(story(filed("停戦{outlet}合意")), output).title == "停戦{outlet}合意（毎日新聞）"


def test_an_entry_without_headline_is_called_by_the_beginning_of_its_summary():
    assert item_of(story(filed("", summary="停戦が発効した。"))).title == "停戦が発効した。"
    assert item_of(story(filed("", summary=""))).title == "（見出しなし）"
    assert item_of(story(filed(" ", summary="")), ENGLISH).title == "(no headline)"


def test_a_follow_up_says_so_and_has_an_id_of_its_own():
    file = story(filed("停戦合意"))
    again = item_of(file, follow_up=1)
    assert again.title == "【続報】停戦合意"
    assert len({item_of(file).id, again.id, item_of(file, follow_up=2).id}) == 3
    assert again.id == item_of(file, follow_up=1).id
    assert item_of(file, ENGLISH, follow_up=1).title == "[Update] 停戦合意"


def test_a_feed_without_title_is_called_by_its_outlet():
    entry = replace(filed(), feed_title=None)
    assert item_of(story(entry)).feed_title == "毎日新聞"


def test_an_address_that_is_no_web_address_is_no_link():
    item = item_of(story(filed(url="javascript:alert(1)")))
    assert item.url is None
    assert "javascript" not in item.html


def test_the_sources_entries_and_topics_are_named():
    a, b = filed(topics=["us-russia"]), filed(source=JIJI, topics=["ceasefire", "unknown"])
    item = item_of(story(a, b))
    assert item.sources == ("mainichi", "jiji")
    assert item.entries == (a.entry.id, b.entry.id)
    assert item.topics == (("us-russia", "米ロ関係"), ("ceasefire", "停戦"))
    assert "<p>トピック：米ロ関係、停戦</p>" in item.html
    assert "<p>Topics: US-Russia relations, Ceasefire</p>" in item_of(story(a, b), ENGLISH).html


# -- the summary ---------------------------------------------------------------------------------------


def test_the_content_begins_with_the_leads_summary_and_its_outlet():
    item = item_of(story(filed("停戦合意", summary="両国は停戦で合意した。")))
    assert item.html.startswith("<p>両国は停戦で合意した。（毎日新聞）</p>")
    assert item.summary == "両国は停戦で合意した。"


def test_without_a_summary_the_outlet_stands_alone_and_no_paragraph_is_empty():
    item = item_of(story(filed("停戦合意", summary="停戦合意")))
    assert item.html == "<p>毎日新聞</p>"
    assert item.summary == ""


def test_a_lead_for_subscribers_says_so():
    assert item_of(story(filed(source=NIKKEI))).html == "<p>日本経済新聞（有料）</p>"


def test_a_note_about_an_outlet_stands_beside_its_name():
    noted = {**SOURCES, JIJI.id: replace(JIJI, note="国営メディア")}
    ctx = context(sources=noted)
    lead, other = filed("停戦", JIJI, summary="停戦へ。"), filed("停戦か", MAINICHI)
    assert "停戦へ。（時事ドットコム（国営メディア））" in item_of(story(lead, other), ctx=ctx).html
    html = item_of(story(other, lead), ENGLISH, ctx).html
    assert "<li>時事ドットコム (国営メディア) " in html
    assert item_of(story(lead, other), ctx=ctx).outlet == "時事ドットコム"


def test_no_item_carries_an_articles_body():
    assert "記事の全文" not in item_of(story(filed(summary="要約"))).html


@pytest.mark.parametrize("audience", [Audience.TEAM, Audience.PUBLIC])
def test_an_audience_beyond_the_operator_sees_at_most_100_characters(audience: Audience):
    file = story(filed("停戦", summary="あ" * 500))
    assert len(item_of(file, ctx=context(audience=audience)).summary) == 100
    assert len(item_of(file).summary) == 200


# -- other reports --------------------------------------------------------------------------------------


def test_other_reports_show_outlet_time_in_the_readers_zone_and_headline_as_link():
    at = datetime(2025, 3, 18, 0, 5, tzinfo=UTC)
    lead, other = filed("停戦合意"), filed("停戦へ", JIJI, published=at, url="https://j.example/1")
    html = item_of(story(lead, other)).html
    assert "<p>ほかの報道（1社、配信元別1）</p>" in html
    assert '<li>時事ドットコム 3月18日 09:05 <a href="https://j.example/1">停戦へ</a></li>' in html
    london = context(timezone="Europe/London")
    english = item_of(story(lead, other), ENGLISH, london).html
    assert "<p>Other reports (1 outlet, 1 separate source)</p>" in english
    assert "18 Mar 00:05" in english


def test_paid_video_and_audio_are_marked():
    lead = filed("停戦合意")
    html = item_of(
        story(
            lead, filed("a", NIKKEI), filed("b", JIJI, kind="video"), filed("c", BBC, kind="audio")
        )
    ).html
    assert "a</a>（有料）</li>" in html
    assert "b</a>（動画）</li>" in html
    assert "c</a>（音声）</li>" in html
    english = item_of(story(lead, filed("a", NIKKEI, kind="video")), ENGLISH).html
    assert "a</a> (subscribers) (video)</li>" in english


def test_a_headline_that_calls_itself_a_video_is_marked():
    assert "（動画）</li>" in item_of(story(filed(), filed("【動画】停戦", JIJI))).html


def test_copies_stand_on_one_line_behind_what_they_copy():
    lead, wire = filed("停戦合意"), filed("停戦へ", JIJI)
    copies = [filed("停戦へ", outlet(n), copy_of=wire, credit="共同通信") for n in range(7)]
    item = item_of(story(lead, wire, *copies))
    assert "停戦へ</a><br>共同配信：outlet0ほか6紙</li>" in item.html
    assert "<p>ほかの報道（8社、配信元別1）</p>" in item.html
    assert item.related[0].copies == tuple(f"outlet{n}" for n in range(7))
    english = item_of(story(lead, wire, *copies), ENGLISH).html
    assert "<br>Kyodo copy: outlet0 and 6 others</li>" in english


def test_copies_of_the_lead_have_a_line_of_their_own():
    lead = filed("停戦合意")
    item = item_of(story(lead, filed("停戦合意", KOBE, copy_of=lead)))
    assert "<p>同じ記事：神戸新聞</p>" in item.html
    assert "ほかの報道" not in item.html
    english = item_of(story(lead, filed("停戦合意", KOBE, copy_of=lead)), ENGLISH)
    assert "<p>Same text: 神戸新聞</p>" in english.html


def test_where_the_lead_is_a_copy_the_original_is_counted_among_those_that_carry_it():
    original = filed("停戦合意", KOBE)
    lead = filed("停戦合意", copy_of=original)
    assert "<p>同じ記事：神戸新聞</p>" in item_of(story(original, lead, lead=lead)).html


def test_copies_of_a_text_that_the_output_does_not_take_are_one_article():
    elsewhere, lead = filed("停戦へ", BBC), filed()
    one, two = (filed("停戦へ", source, copy_of=elsewhere) for source in (JIJI, KOBE))
    item = item_of(story(lead, one, two))
    assert item.related[0].outlet == "時事ドットコム"
    assert item.related[0].copies == ("神戸新聞",)


def test_a_copy_of_a_copy_belongs_to_the_original():
    lead, wire = filed(), filed("停戦へ", JIJI)
    copy = filed("停戦へ", KOBE, copy_of=wire)
    item = item_of(story(lead, wire, copy, filed("停戦へ", BBC, copy_of=copy)))
    assert item.related[0].copies == ("神戸新聞", "BBC")


def test_the_same_article_in_two_feeds_of_one_outlet_is_shown_once():
    lead, report = filed(), filed("停戦へ", JIJI)
    twin = filed("停戦へ", JIJI, copy_of=report, layer=Layer.URL)
    item = item_of(story(lead, report, twin))
    assert item.html.count("停戦へ") == 1
    assert twin.entry.id in item.entries


def test_copies_that_point_at_each_other_do_no_harm():
    a = filed("停戦へ", JIJI)
    b = filed("停戦へ", KOBE, copy_of=a)
    assert a.placement is not None
    a = replace(a, placement=replace(a.placement, copy_of=b.entry.id))
    assert item_of(story(filed(), a, b)).html.count("<li>") == 2


def test_at_most_twelve_reports_are_listed_and_the_rest_is_a_number():
    file = story(filed(), *[filed(f"報道{n}", outlet(n)) for n in range(15)])
    item = item_of(file)
    assert item.html.count("<li>") == len(item.related) == 12
    assert "<p>ほか3件</p>" in item.html
    assert "<p>and 3 more</p>" in item_of(file, ENGLISH).html


def test_every_outlets_first_report_is_listed_before_anybodys_second():
    many = [filed(f"連報{n}", JIJI, at=NOW - HOUR + timedelta(minutes=n)) for n in range(13)]
    late = filed("神戸も報道", KOBE, at=NOW)
    item = item_of(story(filed(), *many, late))
    assert item.related[-1].outlet == "神戸新聞"
    assert [report.at for report in item.related] == sorted(report.at for report in item.related)


def test_a46_a_date_in_the_future_is_not_shown():
    other = filed("停戦へ", JIJI, at=NOW, published=NOW + 5 * HOUR)
    assert item_of(story(filed(), other)).related[0].at == NOW


# -- corrections, our own page --------------------------------------------------------------------------


def test_a_correction_stands_on_top():
    correction = filed("訂正 停戦合意の記事", JIJI, at=NOW, url="https://j.example/2")
    html = item_of(story(filed("停戦合意"), correction)).html
    assert html.startswith(
        '<p>訂正：時事ドットコム「<a href="https://j.example/2">訂正 停戦合意の記事</a>」'
        "（3月18日 23:45）</p>"
    )
    english = item_of(story(filed("停戦合意"), correction), ENGLISH).html
    assert english.startswith("<p>Correction: 時事ドットコム “<a")


def test_of_several_corrections_the_latest_is_shown():
    old, new = filed("訂正 一", at=NOW - HOUR), filed("訂正 二", at=NOW)
    html = item_of(story(filed(), new, old)).html
    assert html.split("</p>")[0].count("訂正 二") == 1


def test_an_item_links_the_storys_page_unless_only_this_machine_can_read_it():
    file = story(filed())
    link = f'<p><a href="https://news.example/stories/{file.story.id}">この話題のページ</a></p>'
    assert link in item_of(file, ctx=context(public_url="https://news.example/")).html
    assert "この話題のページ" not in item_of(file).html


# -- pictures and recordings ----------------------------------------------------------------------------


def test_a_thumbnail_is_shown_only_where_the_operator_allows_it():
    file = story(filed(image="https://m.example/a.jpg"))
    allowed = context(sources={**SOURCES, MAINICHI.id: replace(MAINICHI, images=True)})
    assert item_of(file).image is None
    assert item_of(file, ctx=allowed).image == "https://m.example/a.jpg"


@pytest.mark.parametrize(
    ("enclosure", "expected"),
    [
        (Enclosure(url="https://a.example/1.mp3", type="audio/mpeg", length=5), 5),
        (Enclosure(url="https://a.example/1.mp3", type="Audio/MPEG ", length=-1), 0),
        (Enclosure(url="https://a.example/1.mp3", type="audio/mpeg", length=10**30), 0),
        (Enclosure(url="https://a.example/1.jpg", type="image/jpeg"), None),
        (Enclosure(url="https://a.example/1", type=None), None),
        (Enclosure(url="https://a.example/1", type='audio/"x'), None),
        (Enclosure(url="file:///etc/passwd", type="audio/mpeg"), None),
    ],
)
def test_an_enclosure_is_a_recording_of_a_sane_size_at_a_web_address(
    enclosure: Enclosure, expected: int | None
):
    item = item_of(story(filed(enclosures=(enclosure,))))
    assert (item.enclosure.length if item.enclosure else None) == expected


def test_there_is_one_enclosure_at_most():
    both = tuple(Enclosure(url=f"https://a.example/{n}", type="video/mp4") for n in range(2))
    item = item_of(story(filed(enclosures=both)))
    assert item.enclosure is not None
    assert item.enclosure.url == "https://a.example/0"
