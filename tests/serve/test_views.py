from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from aggregator.model.identifiers import EntryId, SourceId
from aggregator.model.output import Audience
from aggregator.model.query import StoryFile
from aggregator.model.topic import Topic
from aggregator.serve.views import (
    Outlets,
    highlight,
    lead_for,
    report_line,
    reports_of,
    story_card,
    topic_labels,
)
from tests.fakes.library import NOW, SOURCES, TALKS, TOPICS, make_entry, make_story

OUTLETS = Outlets(SOURCES)


def with_copies(story: StoryFile, copies: dict[int, int]) -> StoryFile:
    """Return a story where some entries, by place, copy others."""
    entries = list(story.entries)
    for copy, original in copies.items():
        placement = entries[copy].placement
        assert placement is not None
        changed = replace(placement, copy_of=entries[original].entry.id)
        entries[copy] = replace(entries[copy], placement=changed)
    return replace(story, entries=tuple(entries))


def story_of(count: int) -> StoryFile:
    sources = [source.id for source in SOURCES]
    return make_story([make_entry(sources[n], f"報道{n}", 60 - n) for n in range(count)])


def test_a_chain_of_copies_is_one_report() -> None:
    story = with_copies(story_of(4), {2: 1, 3: 2})
    reports = reports_of(story, OUTLETS)
    assert [report.line.title for report in reports] == ["報道0", "報道1"]
    assert [copy.title for copy in reports[1].copies] == ["報道2", "報道3"]


def test_copies_in_a_ring_or_of_unknown_entries_lose_nobody() -> None:
    ring = with_copies(story_of(3), {0: 1, 1: 0})
    titles = {
        line.title for report in reports_of(ring, OUTLETS) for line in (report.line, *report.copies)
    }
    assert titles == {"報道0", "報道1", "報道2"}
    placement = ring.entries[2].placement
    assert placement is not None
    lost = replace(ring.entries[2], placement=replace(placement, copy_of=EntryId("elsewhere")))
    story = replace(ring, entries=(*ring.entries[:2], lost))
    assert "報道2" in {report.line.title for report in reports_of(story, OUTLETS)}


def test_reports_stand_in_order_of_time_with_how_far_behind_they_are() -> None:
    reports = reports_of(story_of(3), OUTLETS)
    assert [report.after for report in reports] == [timedelta(minutes=n) for n in range(3)]


def test_the_lead_is_in_the_readers_language_if_any_report_is() -> None:
    assert lead_for(TALKS, OUTLETS.by_id, "ja", NOW) is TALKS.lead
    assert lead_for(TALKS, OUTLETS.by_id, "en", NOW).entry.source == "bbc"
    assert lead_for(TALKS, OUTLETS.by_id, "ru", NOW) is TALKS.lead


def test_an_entry_without_a_headline_is_told_by_the_first_words_of_its_text() -> None:
    said = "両国は停戦で合意した。"
    for summary, headline, rest in (
        (said, said, ""),
        (said * 9, said * 5, said * 4),
        ("停戦" * 40, "停戦" * 29 + "停…", "停戦" * 40),
    ):
        story = make_story([make_entry("nhk", "", 9, summary=summary)])
        card = story_card(story, story.lead, OUTLETS, {}, "ja", Audience.PRIVATE)
        assert (card.lead.title, card.summary) == (headline, rest)


def test_an_entry_that_says_nothing_is_named_by_outlet_and_its_day_there() -> None:
    at = datetime(2026, 11, 22, 20, 0, tzinfo=UTC)
    silent = make_entry("mainichi", "", 9, summary="［東京 ２３日 ロイター］ -", published=at)
    story = make_story([silent])
    card = story_card(story, story.lead, OUTLETS, {}, "ja", Audience.PRIVATE)
    assert (card.lead.title, card.summary) == ("毎日 2026-11-23", "")
    without_zone = Outlets([replace(SOURCES[0], timezone=None)])
    assert report_line(story.lead, without_zone).title == "毎日 2026-11-22"


def test_a_card_names_each_other_outlet_once() -> None:
    twice = make_story(
        [make_entry("nhk", "一報", 9)] + [make_entry("jiji", f"{n}", n) for n in (5, 6)]
    )
    card = story_card(twice, twice.lead, OUTLETS, {}, "ja", Audience.PRIVATE)
    assert [line.outlet for line in card.others] == ["時事"]
    many = story_of(9)
    card = story_card(many, many.lead, OUTLETS, {}, "ja", Audience.PRIVATE)
    assert (len(card.others), card.more) == (6, 2)


def test_an_address_that_is_no_web_address_is_no_link() -> None:
    for url in ("javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", None):
        story = make_story([replace(make_entry("nhk", "見出し", 1), url=url)])
        assert report_line(story.lead, OUTLETS).url is None


def test_marks_of_the_headline_itself_are_shown() -> None:
    story = make_story([make_entry("mainichi", "【動画】現場から（有料記事）", 1)])
    line = report_line(story.lead, OUTLETS)
    assert (line.paid, line.kind) == (True, "video")


def test_an_unknown_source_is_called_by_its_id() -> None:
    assert Outlets(()).get(SourceId("gone")).label == "gone"


def test_topics_no_longer_configured_are_left_out() -> None:
    topics: dict[str, Topic] = {topic.id: topic for topic in TOPICS}
    assert topic_labels(["us-russia", "old", "us-russia"], topics, "en") == (
        ("us-russia", "US-Russia relations"),
    )


def test_highlights_follow_the_search_in_folding_spellings() -> None:
    assert highlight("岸惠子さん死去", ["岸恵子"]) == (("岸惠子", True), ("さん死去", False))
    assert highlight("ＮＡＴＯと nato", ["NATO"]) == (
        ("ＮＡＴＯ", True),
        ("と ", False),
        ("nato", True),
    )


@given(st.text(max_size=40), st.lists(st.text(max_size=3), max_size=3))
def test_highlighting_never_changes_the_text(text: str, words: list[str]) -> None:
    assert "".join(piece for piece, _ in highlight(text, words)) == text
