"""The program's own feeds: incidents, changed headlines, what was suppressed, one story."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.model.entry import Revision
from aggregator.model.identifiers import EntryId, SourceId
from aggregator.model.incident import Incident, IncidentKind, Trouble
from aggregator.model.output import Item, Items
from aggregator.model.story import Layer
from aggregator.publish.edits import edit_drafts
from aggregator.publish.incidents import follow_incidents, incident_drafts, rewritten
from aggregator.publish.render import render_feed
from aggregator.publish.select import Absence, absence_from
from aggregator.publish.special import LIMIT, MAX_AGE, Draft, merged, special_channel
from aggregator.publish.special_labels import special_labels
from aggregator.publish.story_feed import story_channel, story_items
from aggregator.publish.suppressed import suppressed_drafts
from tests.publish.newsroom import (
    ALL,
    BBC,
    CEASEFIRE,
    HOUR,
    JIJI,
    KOBE,
    MAINICHI,
    NOW,
    context,
    filed,
    outlet,
    story,
)
from tests.publish.reading import read_json, read_xml

CTX = context()
MINUTE = timedelta(minutes=1)


def trouble(source="mainichi", kind=IncidentKind.REFUSED, feed="https://mainichi.example/feed?k=1"):
    return Trouble(source=SourceId(source), feed=feed, kind=kind, advice="403: refused. Ask them")


class Status:
    """The status feed while sources come and go."""

    def __init__(self):
        self.incidents: tuple[Incident, ...] = ()
        self.items: tuple[Item, ...] = ()

    def look(self, *troubles, at=NOW, ctx=CTX):
        followed = follow_incidents(self.incidents, troubles, at)
        items = rewritten(self.items, followed, troubles, ctx, at)
        self.items = merged(items, incident_drafts(followed, troubles, ctx, at), (), at)
        self.incidents = followed.lasting
        return self

    @property
    def titles(self):
        return [item.title for item in self.items]


# -- status ---------------------------------------------------------------------------------------------


def test_an_incident_is_one_item_however_often_it_is_seen_and_one_more_closes_it():
    status = Status().look(trouble())
    first = status.items
    assert status.titles == ["毎日新聞：取得を断られています"]
    for hours in range(1, 30):
        status.look(trouble(), at=NOW + hours * HOUR)
    assert status.items == first
    status.look(at=NOW + 30 * HOUR)
    assert status.titles == ["毎日新聞：解消（取得を断られています）", *(i.title for i in first)]
    status.look(at=NOW + 31 * HOUR)
    assert len(status.items) == 2


def test_an_incident_names_the_feed_with_its_port_and_without_what_opens_it():
    secret = "https://me:s3cret@feeds.example:8443/a.rss?key=s3cret"
    status = Status().look(replace(trouble(), feed=secret)).look(at=NOW + HOUR)
    said = "".join(f"{item.html} {item.feed_url}" for item in status.items)
    assert "https://feeds.example:8443/a.rss" in said
    assert "s3cret" not in said


def test_the_same_trouble_once_more_is_an_incident_of_its_own():
    status = Status().look(trouble()).look(at=NOW + HOUR).look(trouble(), at=NOW + 2 * HOUR)
    assert len(status.items) == len({item.id for item in status.items}) == 3


def test_a_source_whose_feeds_fail_together_has_one_incident_that_names_them_all():
    feeds = [f"https://mainichi.example/{n}" for n in range(3)]
    status = Status().look(*(trouble(feed=feed) for feed in feeds))
    assert len(status.items) == 1
    assert all(feed in status.items[0].html for feed in feeds)


def test_an_incident_that_spreads_is_rewritten_in_its_place_and_only_then():
    status = Status().look(trouble(feed="https://mainichi.example/1"))
    before = status.items[0]
    both = [trouble(feed=f"https://mainichi.example/{n}") for n in (1, 2)]
    after = status.look(*both, at=NOW + HOUR).items[0]
    assert (after.id, after.published) == (before.id, before.published)
    assert after.updated > before.updated
    assert "mainichi.example/2" in after.html
    status.look(both[0], at=NOW + 2 * HOUR).look(*both, at=NOW + 3 * HOUR)
    assert status.items[0] == after


def test_incidents_of_one_moment_have_distinct_dates():
    many = [trouble(source=f"outlet{n}") for n in range(20)]
    status = Status().look(*many)
    assert len({item.published for item in status.items}) == 20
    assert max(item.published for item in status.items) <= NOW


def test_an_item_says_what_to_do_and_hides_a_readers_own_key():
    item = Status().look(trouble()).items[0]
    assert "403: refused. Ask them" in item.html
    assert "k=1" not in item.html + item.feed_url
    assert item.url is None  # no homepage known, and our own page is on this machine only
    page = Status().look(trouble(), ctx=context(public_url="https://news.example")).items[0]
    assert page.url == "https://news.example/sources/mainichi"


# -- edits ----------------------------------------------------------------------------------------------


def revision(number, title, at):
    return Revision(
        entry=EntryId("e1"), number=number, replaced_at=at, title=title, summary="", content=""
    )


def diff(before, after):
    return [("removed", before), ("added", after)]


def test_each_changed_headline_is_an_item_and_a_changed_text_alone_is_none():
    entry = filed("容疑者を<起訴>", MAINICHI, id="e1")
    revisions = [
        revision(0, "容疑者を逮捕", NOW - 3 * HOUR),
        revision(1, "容疑者を送検", NOW - 2 * HOUR),
        revision(2, "容疑者を送検", NOW - HOUR),
    ]
    drafts = list(edit_drafts(entry, revisions, CTX, diff))
    assert [draft.at for draft in drafts] == [NOW - 3 * HOUR, NOW - HOUR]
    item = drafts[1].make(NOW)
    assert item.title == "容疑者を<起訴>"
    assert "<del>容疑者を送検</del><ins>容疑者を&lt;起訴&gt;</ins>" in item.html
    assert item.url == entry.entry.url
    assert item.published == item.updated == NOW
    assert list(edit_drafts(entry, (), CTX, diff)) == []


# -- suppressed -----------------------------------------------------------------------------------------


def suppressed(file, *outputs, ctx=CTX):
    drafts = suppressed_drafts(file, outputs or (ALL,), ctx, lambda filed, file: "同じ出来事です")
    return [draft.make(draft.at) for draft in drafts]


def test_a_folded_report_is_listed_with_the_reason_and_the_first_is_not():
    first = filed("停戦で合意", MAINICHI, layer=Layer.FIRST)
    (item,) = suppressed(story(first, filed("停戦合意", JIJI, layer=Layer.STORY)))
    assert item.title == "停戦合意（まとめ済み）"
    assert "同じ出来事です" in item.html
    assert suppressed(story(first)) == []


@pytest.mark.parametrize(
    ("output", "mutes", "absence"),
    [
        (replace(ALL, exclude=("野球", "停戦")), (), (Absence.EXCLUDED, "停戦")),
        (ALL, ((("停戦",), None),), (Absence.MUTED, "停戦")),
        (replace(ALL, languages=("en",)), (), (Absence.LANGUAGE, "")),
        (replace(ALL, min_sources=2), (), (Absence.FEW_SOURCES, "")),
        (replace(ALL, min_sources=2, items=Items.ENTRIES), (), (Absence.FEW_SOURCES, "")),
        (ALL, (), None),
        (replace(ALL, sources=(BBC.id,)), (), None),
        (replace(ALL, topics=(CEASEFIRE.id,)), (), None),
    ],
)
def test_an_output_says_why_it_does_not_show_a_story(output, mutes, absence):
    file = story(filed("停戦で合意", MAINICHI))
    assert absence_from(file, output, context(mutes=mutes)) == absence


def test_old_entries_of_a_first_poll_are_left_out_as_backlog():
    old = filed("古い記事", MAINICHI, first_poll=True, published=NOW - 50 * HOUR)
    assert absence_from(story(old), ALL, CTX) == (Absence.BACKLOG, "")


def test_what_outputs_leave_out_for_one_reason_is_one_item_that_names_them():
    file = story(filed("停戦で合意", MAINICHI))
    two = [replace(ALL, title=title, exclude=("停戦",)) for title in ("速報", "国際")]
    secret = replace(ALL, title="内緒", exclude=("停戦",), private=True)
    (item,) = suppressed(file, *two, secret)
    assert "速報、国際" in item.html
    assert "内緒" not in item.html
    assert "exclude の語「停戦」" in item.summary


def test_a_story_hidden_by_hand_is_listed_once_whatever_outputs_would_say():
    file = story(filed("停戦で合意", MAINICHI), muted=True)
    (item,) = suppressed(file, replace(ALL, exclude=("停戦",)))
    assert item.summary == special_labels("ja").muted_by_hand


# -- one story ------------------------------------------------------------------------------------------


def test_a_storys_feed_has_every_report_then_what_follows_it():
    first = filed("地震が発生", MAINICHI, at=NOW - 3 * HOUR)
    wire = filed("地震が発生", KOBE, at=NOW - 2 * HOUR, copy_of=first)
    again = filed("地震が発生", MAINICHI, at=NOW - 2 * HOUR, copy_of=first, layer=Layer.URL)
    later = filed("津波はなし", JIJI, at=NOW - HOUR)
    follower = story(filed("復旧が始まる", BBC, at=NOW - MINUTE), id=2)
    file = story(first, wire, again, later)
    items = story_items(file, [follower], {}, CTX, NOW)
    assert [item.title for item in items] == [
        "続く話題：復旧が始まる",
        "津波はなし",
        "地震が発生",
        "地震が発生",
    ]
    assert len({item.id for item in items}) == 4
    channel = story_channel(file, items, CTX)
    assert channel.title == "話題を追う：地震が発生"
    assert channel.address.endswith(f"feeds/story-{file.story.id}")


@given(st.lists(st.integers(0, 3), min_size=1, max_size=8), st.data())
def test_a_further_report_changes_no_earlier_item_of_a_storys_feed(minutes, data):
    entries, at = [], NOW - 5 * HOUR
    for number, pause in enumerate(minutes):
        at += pause * MINUTE
        entries.append(filed(f"報道{number}", outlet(number), at=at, id=f"r{number}"))
    before = data.draw(st.integers(1, len(entries)))
    earlier = story_items(story(*entries[:before]), (), {}, CTX, NOW)
    later = story_items(story(*entries), (), {}, CTX, NOW + HOUR)
    assert {item.id: item for item in earlier}.items() <= {item.id: item for item in later}.items()
    assert len({item.published for item in later}) == len(later)


def test_a_rewritten_report_moves_updated_and_keeps_its_place():
    report = filed("地震が発生", MAINICHI, at=NOW - 3 * HOUR)
    (before,) = story_items(story(report), (), {}, CTX, NOW)
    (after,) = story_items(story(report), (), {report.entry.id: NOW - HOUR}, CTX, NOW)
    assert after.published == before.published
    assert after.updated == (NOW - HOUR).replace(microsecond=0)


# -- what they have in common ---------------------------------------------------------------------------


def draft(number, at=NOW):
    item = Status().look(trouble(source=f"outlet{number}")).items[0]
    return Draft(
        id=f"urn:uuid:{number}",
        at=at,
        make=lambda at: replace(item, id=f"urn:uuid:{number}", published=at, updated=at),
    )


def test_known_items_stay_as_they_are_whatever_drafts_say():
    known = merged((), [draft(1)], (), NOW)
    more = merged(known, [draft(1, at=NOW + HOUR), draft(2)], (), NOW + HOUR)
    assert [item for item in more if item.id == known[0].id] == list(known)
    assert len(more) == 2
    assert merged(known, [draft(1)], (), NOW + HOUR) == known


def test_the_newest_stay_when_there_are_too_many_and_what_fell_out_never_returns():
    full = merged((), [draft(n, NOW + n * MINUTE) for n in range(LIMIT + 5)], (), NOW + 9 * HOUR)
    assert len(full) == LIMIT
    assert merged(full, [draft(1, NOW + MINUTE)], (), NOW + 9 * HOUR) == full


def test_what_is_gone_is_dropped_and_what_is_old_is_no_news():
    known = merged((), [draft(1), draft(2)], (), NOW)
    assert [item.id for item in merged(known, (), {"urn:uuid:1"}, NOW)] == ["urn:uuid:2"]
    assert merged((), [draft(3, NOW - MAX_AGE - HOUR)], (), NOW) == ()


@pytest.mark.parametrize("name", ["status", "edits", "suppressed"])
@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_format_of_each_feed_says_the_same_in_either_language(name, language):
    ctx = context(language=language)
    items = Status().look(trouble(), trouble("bbc"), ctx=ctx).look(at=NOW + HOUR, ctx=ctx).items
    documents = render_feed(f"feeds/{name}", special_channel(name, items, ctx), items)
    read = read_json(documents[f"feeds/{name}.json"])
    assert len(read) == 4
    for extension in ("rss", "atom"):
        titles = [entry.title for entry in read_xml(documents[f"feeds/{name}.{extension}"])]
        assert titles == [entry.title for entry in read]


def test_there_are_words_for_every_incident_and_absence_in_both_languages():
    for language in ("ja", "en"):
        words = special_labels(language)
        assert set(words.incidents) == set(IncidentKind)
        assert set(words.absences) == set(Absence)
