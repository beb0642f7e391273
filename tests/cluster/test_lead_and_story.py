from dataclasses import replace

from aggregator.cluster.lead import choose_lead
from aggregator.cluster.story import build_story
from aggregator.model.identifiers import EntryId, StoryId
from aggregator.model.source import Access
from aggregator.model.story import Decision, Layer, Placement
from tests.cluster.newsroom import NOW, a_source, an_entry, filed, hours

SOURCES = {
    s.id: s
    for s in (
        a_source("毎日新聞", weight=2),
        a_source("朝日新聞", access=Access.PAID),
        a_source("共同通信"),
        a_source("Reuters"),
    )
}
STORY = StoryId("s")


def lead_of(*members, previous=None, now=NOW):
    return choose_lead(members, SOURCES, previous, now, "ja").entry.id


def story_of(*members, previous=None, now=NOW):
    return build_story(STORY, members, SOURCES, previous, (), now, "ja")


def placed(entry, **kw):
    guards, runner_up, related = (
        kw.pop("guards", ()),
        kw.pop("runner_up", None),
        kw.pop("related", ()),
    )
    decision = Decision(layer=Layer.STORY, guards=guards, runner_up=runner_up, related=related)
    return Placement(entry=entry.id, story=STORY, decision=decision, **kw)


def test_weight_language_kind_and_completeness_choose_the_lead():
    plain = filed(an_entry("plain", "地震で13人死亡", outlet="共同通信"))
    heavy = filed(an_entry("heavy", "地震、死者13人に", outlet="毎日新聞"))
    video = filed(an_entry("video", "地震の映像", outlet="毎日新聞"), kind="video")
    marked = filed(an_entry("marked", "【動画】地震", outlet="毎日新聞"))
    foreign = filed(an_entry("foreign", "Quake kills 13", outlet="Reuters", language="en"))
    flash = filed(an_entry("flash", "【速報】13人死亡", outlet="毎日新聞"))
    live = filed(an_entry("live", "【随時更新】地震", outlet="毎日新聞"))
    unknown = filed(an_entry("unknown", "地震", outlet="地方紙"))
    assert lead_of(plain, heavy) == "heavy"
    assert lead_of(video, marked, plain) == "plain"
    assert lead_of(foreign, plain) == "plain"
    assert lead_of(flash, plain) == "plain"
    assert lead_of(live, unknown) == "unknown"
    assert lead_of(video) == "video"


def test_among_equals_the_free_the_original_and_the_earlier_lead():
    free = filed(an_entry("free", "地震", outlet="共同通信", at=NOW + hours(1)))
    paid = filed(an_entry("paid", "地震", outlet="朝日新聞"))
    copy = an_entry("copy", "地震", outlet="地方紙")
    late = filed(an_entry("late", "地震", outlet="共同通信", at=NOW + hours(2)))
    assert lead_of(paid, free) == "free"
    assert lead_of(filed(copy, placed(copy, copy_of=EntryId("free"))), free) == "free"
    assert lead_of(late, free) == "free"


def test_a_lead_stays_though_a_better_one_comes():
    first = filed(an_entry("first", "地震で13人死亡", outlet="共同通信"))
    better = filed(an_entry("better", "地震、死者13人に", outlet="毎日新聞", at=NOW + hours(1)))
    previous = story_of(first)
    assert lead_of(first, better, previous=previous) == "first"
    assert lead_of(better, previous=previous) == "better"  # the first has moved to another story


def test_within_a_day_a_full_report_follows_a_flash_and_a_free_one_a_paid_one():
    flash = filed(an_entry("flash", "【速報】13人死亡", outlet="共同通信"))
    full = filed(an_entry("full", "地震、死者13人に", outlet="毎日新聞", at=NOW + hours(1)))
    paid = filed(an_entry("paid", "地震", outlet="朝日新聞"))
    assert lead_of(flash, full, previous=story_of(flash)) == "full"
    assert lead_of(paid, full, previous=story_of(paid)) == "full"
    assert lead_of(flash, full, previous=story_of(flash), now=NOW + hours(25)) == "flash"
    assert lead_of(full, flash, previous=story_of(full)) == "full"


def test_a_withdrawn_lead_and_a_corrected_one_give_way_at_any_time():
    gone = filed(an_entry("gone", "誤報", outlet="共同通信", withdrawn=True))
    other = filed(an_entry("other", "地震", outlet="地方紙"))
    wrong = filed(an_entry("wrong", "国宝の被害、3件", outlet="共同通信"))
    right = filed(
        an_entry("right", "【訂正】国宝の被害、2件", outlet="共同通信", at=NOW + hours(30))
    )
    elsewhere = filed(an_entry("elsewhere", "【訂正】被害", outlet="地方紙", at=NOW + hours(30)))
    assert lead_of(gone, other, previous=story_of(gone)) == "other"
    late = NOW + hours(48)
    assert lead_of(wrong, right, previous=story_of(wrong), now=late) == "right"
    assert lead_of(wrong, elsewhere, previous=story_of(wrong), now=late) == "wrong"


def test_a_story_counts_sources_and_independent_ones():
    one, two = an_entry("one", "地震", outlet="共同通信"), an_entry("two", "地震", outlet="地方紙")
    three = an_entry("three", "地震", outlet="毎日新聞", at=NOW + hours(1))
    story = story_of(
        filed(one, placed(one)),
        filed(two, placed(two, copy_of=one.id, independent=False)),
        filed(three, placed(three)),
    )
    assert story.sources == ("共同通信", "地方紙", "毎日新聞")
    assert story.independent == 2
    assert story.entries == ("one", "two", "three")
    assert (story.first_seen_at, story.updated_at) == (NOW, NOW + hours(1))
    assert story_of(filed(two, placed(two, independent=False))).independent == 1


def test_related_stories_and_the_one_it_follows_come_from_the_decisions():
    entry, more = an_entry("a", "地震"), an_entry("b", "余震")
    old = StoryId("old")
    first = filed(
        entry,
        placed(entry, guards=("follows an earlier story",), runner_up=old, related=(old, STORY)),
    )
    story = story_of(first, filed(more, placed(more)), filed(an_entry("c", "なお")))
    assert story.saga == old
    assert story.related == (old,)
    assert story_of(filed(more), previous=story).saga == old
    assert story_of(filed(more)).saga is None


def test_what_was_muted_stays_muted_and_times_do_not_go_back():
    first = filed(an_entry("first", "地震で13人死亡", outlet="共同通信"))
    full = filed(an_entry("full", "地震、死者13人に", outlet="毎日新聞"))
    muted = replace(story_of(first, now=NOW), muted=True)
    later = NOW + hours(2)
    same = story_of(first, previous=muted, now=later)
    assert same.muted
    assert (same.updated_at, same.lead_since) == (NOW, NOW)
    moved = story_of(full, previous=muted, now=later)
    assert (moved.updated_at, moved.lead_since) == (later, later)


def test_a_story_whose_entries_are_all_withdrawn_still_stands():
    gone = filed(an_entry("gone", "誤報", withdrawn=True))
    assert story_of(gone).sources == ("毎日新聞",)
