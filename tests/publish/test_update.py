from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.model.identifiers import SourceId, StoryId, TopicId
from aggregator.model.output import Audience, Item, Items, Output, Updates
from aggregator.model.query import FiledEntry, StoryFile
from aggregator.publish.context import PublishContext
from aggregator.publish.update import update_output
from tests.publish.newsroom import (
    ALL,
    BBC,
    HOUR,
    JIJI,
    KOBE,
    MAINICHI,
    NOW,
    Shelf,
    context,
    filed,
    outlet,
    story,
)

CTX = context()
DAY = 24 * HOUR
MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)


class Feed(Shelf):
    """An output that is brought up to date as the pipeline does it."""

    def __init__(self, output: Output = ALL) -> None:
        super().__init__()
        self.output = output

    def touch(
        self,
        *files: StoryFile,
        at: datetime = NOW,
        ctx: PublishContext = CTX,
        gone: Sequence[StoryId] = (),
    ) -> "Feed":
        stories = [file.story.id for file in files] + list(gone)
        self.written = update_output(self.output, self.shown, self.of(*stories), files, ctx, at)
        self.write(self.written)
        return self

    @property
    def items(self) -> list[Item]:
        return [publication.item for publication in self.shown]


def reports(number: int, start: datetime = NOW - HOUR) -> list[FiledEntry]:
    """Return reports of so many independent sources."""
    return [filed(f"報道{n}", outlet(n), at=start + n * MINUTE) for n in range(number)]


# -- new items -------------------------------------------------------------------------------------


def test_a_new_story_becomes_an_item_dated_by_when_it_satisfied_the_output_in_whole_seconds():
    file = story(filed(at=NOW - HOUR))
    item = Feed().touch(file).items[0]
    assert item.id == f"urn:uuid:{file.story.id}"
    assert item.published == item.updated == (NOW - HOUR).replace(microsecond=0)


def test_a_story_that_does_not_satisfy_the_output_makes_no_publication():
    assert Feed().touch(story(filed(), muted=True)).written == ()


def test_a46_a48_no_item_is_dated_in_the_future():
    item = Feed().touch(story(filed(at=NOW + HOUR))).items[0]
    assert item.published <= NOW
    assert item.updated <= NOW


def test_ties_move_back_one_second_each_in_order_of_story_id():
    feed = Feed().touch(*(story(filed(at=NOW), id=n) for n in (3, 1, 2)))
    second = NOW.replace(microsecond=0)
    assert [(item.story[-1], item.published) for item in feed.items] == [
        ("1", second),
        ("2", second - SECOND),
        ("3", second - 2 * SECOND),
    ]


def test_ties_with_items_already_published_move_back_too():
    feed = Feed().touch(story(filed(at=NOW), id=1)).touch(story(filed(at=NOW), id=2))
    assert feed.items[1].published == NOW.replace(microsecond=0) - SECOND


def test_an_untouched_output_writes_nothing():
    file = story(filed())
    assert Feed().touch(file).touch(file).written == ()


# -- milestones ------------------------------------------------------------------------------------


def test_updated_moves_at_the_second_fourth_and_eighth_independent_source_only():
    entries, feed, moved = reports(9), Feed(), []
    for count in range(1, 10):
        at = NOW + count * 5 * HOUR
        feed.touch(story(*entries[:count]), at=at)
        if feed.items[0].updated == at.replace(microsecond=0):
            moved.append(count)
    assert moved == [2, 4, 8]


def test_an_item_is_left_byte_for_byte_between_milestones():
    entries, feed = reports(3), Feed()
    before = feed.touch(story(*entries[:2])).items[0]
    feed.touch(story(*entries[:3]), at=NOW + HOUR)
    assert feed.written == ()
    assert feed.items[0] is before


def test_copies_are_no_milestone():
    first, feed = filed(), Feed()
    feed.touch(story(first))
    feed.touch(story(first, filed(source=KOBE, copy_of=first)), at=NOW + HOUR)
    assert feed.written == ()


def test_published_never_moves():
    entries, feed = reports(2), Feed()
    published = feed.touch(story(entries[0])).items[0].published
    assert feed.touch(story(*entries), at=NOW + HOUR).items[0].published == published


def test_a_full_report_takes_over_from_a_flash():
    flash, full = filed("【速報】停戦合意"), filed("停戦合意の全容", JIJI)
    feed = Feed().touch(story(flash)).touch(story(flash, full), at=NOW + HOUR)
    assert feed.items[0].title == "停戦合意の全容"
    assert feed.shown[0].lead == full.entry.id
    assert feed.shown[0].lead_since == NOW + HOUR


def test_a_flash_that_is_rewritten_as_a_report_is_a_milestone():
    flash = filed("【速報】停戦合意")
    full = replace(flash, entry=replace(flash.entry, title="停戦合意の全容", revision=1))
    feed = Feed().touch(story(flash)).touch(story(full), at=NOW + HOUR)
    assert feed.items[0].title == "停戦合意の全容"
    assert feed.items[0].updated > feed.items[0].published


def test_a_changed_headline_alone_is_no_milestone():
    entry = filed("停戦合意")
    edited = replace(entry, entry=replace(entry.entry, title="停戦で合意", revision=1))
    assert Feed().touch(story(entry)).touch(story(edited), at=NOW + HOUR).written == ()


def test_the_lead_stays_though_another_leads_the_story_by_now():
    entries = reports(2)
    feed = Feed().touch(story(*entries))
    feed.touch(story(*entries, lead=entries[1]), at=NOW + 30 * HOUR)
    assert feed.shown[0].lead == entries[0].entry.id


def test_at_most_six_updates_a_day():
    entries, feed, moved = reports(128), Feed(), []
    for doubling in range(8):
        feed.touch(story(*entries[: 2**doubling]), at=NOW + doubling * MINUTE)
        if doubling and feed.written:
            moved.append(2**doubling)
    assert moved == [2, 4, 8, 16, 32, 64]


def test_the_seventh_milestone_of_a_day_waits_for_the_next_day():
    entries = reports(4)
    feed = Feed().touch(story(*entries[:1]))
    busy = replace(feed.shown[0], milestones=tuple(NOW - n * HOUR for n in range(6)))
    feed.write([busy])
    assert feed.touch(story(*entries[:2]), at=NOW + HOUR).written == ()
    assert feed.touch(story(*entries[:2]), at=NOW + DAY).written != ()


def test_a_correction_moves_updated_at_any_time_and_stands_on_top():
    first = filed("停戦合意")
    feed = Feed().touch(story(first))
    feed.write([replace(feed.shown[0], milestones=(NOW,) * 6)])
    feed.touch(story(first, filed("訂正：停戦合意の記事", at=NOW)), at=NOW + MINUTE)
    assert feed.items[0].updated == (NOW + MINUTE).replace(microsecond=0)
    assert feed.items[0].html.startswith("<p>訂正：")


def test_the_same_correction_moves_updated_once():
    first, correction = filed("停戦合意"), filed("訂正：停戦合意の記事")
    feed = Feed().touch(story(first, correction))
    assert feed.touch(story(first, correction), at=NOW + HOUR).written == ()


def test_a_report_that_was_withdrawn_leaves_the_item_at_once():
    entries = reports(3)
    feed = Feed().touch(story(*entries))
    feed.write([replace(feed.shown[0], milestones=(NOW,) * 6)])
    feed.touch(story(*entries[:2]), at=NOW + MINUTE)
    assert entries[2].entry.title not in feed.items[0].html
    assert feed.items[0].updated == (NOW + MINUTE).replace(microsecond=0)


def test_the_lead_that_was_withdrawn_gives_way_at_any_time():
    entries = reports(2)
    feed = Feed().touch(story(*entries)).touch(story(entries[1]), at=NOW + 3 * DAY)
    assert feed.shown[0].lead == entries[1].entry.id


def test_a_stricter_audience_shortens_what_is_quoted():
    file = story(filed(summary="長い要約です。" * 20))
    feed = Feed().touch(file).touch(file, at=NOW + HOUR, ctx=context(audience=Audience.PUBLIC))
    assert len(feed.items[0].summary) <= 100
    assert feed.items[0].updated > feed.items[0].published


def test_a_story_that_becomes_a_report_in_the_outputs_language_is_led_by_it():
    english, japanese = filed("Ceasefire", BBC), filed("停戦", JIJI)
    feed = Feed().touch(story(english)).touch(story(english, japanese), at=NOW + 30 * HOUR)
    assert feed.items[0].language == "ja"
    english_output = Feed(replace(ALL, language="en"))
    assert english_output.touch(story(japanese, english)).items[0].title == "Ceasefire"


def test_a_video_leads_only_where_there_is_nothing_else():
    video, report = filed("動画", kind="video"), filed("Ceasefire", BBC)
    assert Feed().touch(story(video, report)).items[0].title == "Ceasefire"
    assert Feed().touch(story(video)).items[0].title == "動画"


def test_an_output_of_some_sources_shows_only_their_reports():
    output = replace(ALL, sources=(JIJI.id, KOBE.id))
    file = story(filed("毎日"), filed("時事", JIJI), filed("神戸", KOBE))
    item = Feed(output).touch(file).items[0]
    assert item.sources == (JIJI.id, KOBE.id)
    assert item.title == "時事"
    assert "毎日" not in item.html


# -- leaving -----------------------------------------------------------------------------------------


def test_a_muted_story_leaves_at_once_and_returns_as_it_was():
    file = story(filed())
    feed = Feed().touch(file)
    before = feed.items[0]
    muted = story(*file.entries, muted=True)
    assert feed.touch(muted, at=NOW + HOUR).items == []
    assert feed.touch(muted, at=NOW + HOUR).written == ()
    assert feed.touch(file, at=NOW + 2 * HOUR).items == [before]


def test_muted_words_hide_an_item_until_the_mute_ends():
    file = story(filed("五輪の日程"))
    feed = Feed().touch(file)
    ctx = context(mutes=((("五輪",), NOW + 2 * HOUR),))
    assert feed.touch(file, at=NOW + HOUR, ctx=ctx).items == []
    assert len(feed.touch(file, at=NOW + 3 * HOUR, ctx=ctx).items) == 1


def test_a_story_that_lost_all_its_entries_leaves():
    file = story(filed())
    feed = Feed().touch(file).touch(gone=[file.story.id])
    assert feed.items == []


def test_of_two_joined_stories_the_surviving_one_keeps_its_item():
    old, new = story(filed(), id=1), story(filed(source=JIJI), id=2)
    feed = Feed().touch(old, new)
    joined = story(*old.entries, *new.entries, id=1)
    feed.touch(joined, gone=[new.story.id], at=NOW + HOUR)
    assert [item.id for item in feed.items] == [f"urn:uuid:{old.story.id}"]
    assert JIJI.name in feed.items[0].html


def test_beyond_the_limit_the_oldest_leave_and_never_return():
    feed = Feed(replace(ALL, limit=2))
    files = [story(filed(at=NOW - n * HOUR), id=n) for n in (1, 2, 3)]
    feed.touch(files[1], files[2]).touch(files[0])
    assert [item.story for item in feed.items] == [files[0].story.id, files[1].story.id]
    feed.touch(story(*files[0].entries, id=1, muted=True), files[2])
    assert [item.story for item in feed.items] == [files[1].story.id]
    grown = story(*files[2].entries, *reports(3), id=3)
    assert feed.touch(grown).written == ()


def test_a_story_too_old_for_a_full_output_is_not_published_at_all():
    feed = Feed(replace(ALL, limit=1)).touch(story(filed(at=NOW - HOUR), id=1))
    assert feed.touch(story(filed(at=NOW - 2 * HOUR), id=2)).written == ()


def test_items_leave_at_max_age_though_no_story_was_touched():
    feed = Feed(replace(ALL, max_age=DAY)).touch(story(filed(at=NOW)))
    assert len(feed.touch(at=NOW + DAY - MINUTE).items) == 1
    assert feed.touch(at=NOW + DAY + MINUTE).items == []
    assert feed.written[0].left


def test_a_story_older_than_max_age_makes_no_item():
    output = replace(ALL, max_age=DAY)
    assert Feed(output).touch(story(filed(at=NOW - 2 * DAY))).written == ()


def test_one_source_has_at_most_so_many_leads():
    feed = Feed(replace(ALL, per_source=2))
    files = [story(filed(at=NOW - n * HOUR), id=n) for n in range(1, 5)]
    feed.touch(*files, story(filed(source=JIJI, at=NOW - 9 * HOUR), id=9))
    assert [item.source for item in feed.items] == [SourceId("mainichi")] * 2 + [SourceId("jiji")]


def test_an_untagged_story_is_hidden_and_returns_with_its_topic():
    output = replace(ALL, topics=(TopicId("ceasefire"),))
    tagged = filed(topics=["ceasefire"])
    untagged = replace(tagged, topics=())
    feed = Feed(output).touch(story(tagged)).touch(story(untagged))
    assert feed.items == []
    assert len(feed.touch(story(tagged)).items) == 1


# -- entries, updates: again --------------------------------------------------------------------------


def test_an_output_of_entries_has_one_item_an_entry_without_other_reports():
    feed = Feed(replace(ALL, items=Items.ENTRIES)).touch(story(*reports(3)))
    assert len({item.id for item in feed.items}) == 3
    assert all("ほかの報道" not in item.html for item in feed.items)
    assert all(item.story == feed.items[0].story for item in feed.items)


def test_a_new_entry_leaves_the_items_of_others_alone():
    feed, entries = Feed(replace(ALL, items=Items.ENTRIES)), reports(2)
    feed.touch(story(entries[0])).touch(story(*entries))
    assert len(feed.written) == 1


def test_again_adds_one_item_of_its_own_at_a_major_turn():
    feed = Feed(replace(ALL, updates=Updates.AGAIN))
    flash, full = filed("【速報】停戦合意"), filed("停戦合意の全容", JIJI)
    feed.touch(story(flash)).touch(story(flash, full), at=NOW + HOUR)
    assert [item.title for item in feed.items] == ["【続報】停戦合意の全容", "停戦合意の全容"]
    assert feed.items[0].id != feed.items[1].id
    assert NOW + HOUR - feed.items[0].published < 3 * SECOND
    assert feed.shown[0].notified
    assert feed.touch(story(flash, full), at=NOW + 2 * HOUR).written == ()


def test_a_second_major_turn_adds_another():
    feed = Feed(replace(ALL, updates=Updates.AGAIN))
    entries = reports(8)
    feed.touch(story(*entries[:7])).touch(story(*entries), at=NOW + HOUR)
    correction = filed("訂正：停戦合意", outlet(0))
    feed.touch(story(*entries, correction), at=NOW + 2 * HOUR)
    assert len({item.id for item in feed.items}) == 3


def test_silent_outputs_add_nothing():
    flash, full = filed("【速報】停戦合意"), filed("停戦合意の全容", JIJI)
    assert len(Feed().touch(story(flash)).touch(story(flash, full)).items) == 1


def test_a_follow_up_leaves_with_its_story_and_drops_what_was_withdrawn():
    feed = Feed(replace(ALL, updates=Updates.AGAIN))
    flash, full, third = (
        filed("【速報】停戦合意"),
        filed("停戦合意の全容", JIJI),
        filed("余波", KOBE),
    )
    feed.touch(story(flash)).touch(story(flash, full, third), at=NOW + HOUR)
    feed.touch(story(flash, full), at=NOW + 2 * HOUR)
    assert len(feed.items) == 2
    assert all("余波" not in item.html for item in feed.items)
    assert feed.touch(story(flash, full, muted=True)).items == []


def test_a_follow_up_returns_with_its_story():
    feed = Feed(replace(ALL, updates=Updates.AGAIN))
    flash, full = filed("【速報】停戦合意"), filed("停戦合意の全容", JIJI)
    feed.touch(story(flash)).touch(story(flash, full), at=NOW + HOUR)
    before = feed.items
    feed.touch(story(flash, full, muted=True), at=NOW + 2 * HOUR)
    assert feed.items == []
    assert feed.touch(story(flash, full), at=NOW + 3 * HOUR).items == before


def test_a_follow_up_drops_what_was_withdrawn_though_the_storys_own_item_has_left():
    feed = Feed(replace(ALL, updates=Updates.AGAIN, max_age=DAY))
    flash, full, third = (
        filed("【速報】停戦合意"),
        filed("停戦合意の全容", JIJI),
        filed("余波", KOBE),
    )
    feed.touch(story(flash)).touch(story(flash, full, third), at=NOW + 20 * HOUR)
    feed.touch(at=NOW + 30 * HOUR).touch(story(flash, full), at=NOW + 31 * HOUR)
    assert [item.title for item in feed.items] == ["【続報】停戦合意の全容"]
    assert "余波" not in feed.items[0].html


def test_a_returning_item_whose_second_was_taken_moves_back():
    hidden, other = story(filed(at=NOW), id=1), story(filed(at=NOW), id=2)
    feed = Feed().touch(hidden).touch(story(*hidden.entries, id=1, muted=True)).touch(other)
    feed.touch(hidden, at=NOW + HOUR)
    assert feed.items[1].published == feed.items[0].published - SECOND
    assert feed.items[1].updated == (NOW + HOUR).replace(microsecond=0)


# -- what holds whatever happens -----------------------------------------------------------------------

steps = st.lists(
    st.tuples(
        st.integers(1, 6),  # which story
        st.integers(0, 3),  # how many new reports
        st.integers(0, 5),  # minutes that pass
        st.booleans(),  # muted
        st.sampled_from(["停戦", "【速報】停戦", "訂正：停戦"]),
    ),
    max_size=25,
)


@pytest.mark.parametrize("items", list(Items))
@given(steps=steps)
@settings(deadline=None)
def test_dates_stay_distinct_past_and_bound_to_the_bytes(
    items: Items, steps: list[tuple[int, int, int, bool, str]]
):
    feed = Feed(replace(ALL, items=items, limit=4, per_source=3, updates=Updates.AGAIN))
    entries: dict[int, list[FiledEntry]] = {}
    now, left = NOW, set[str]()
    for number, new, minutes, muted, title in steps:
        now += minutes * MINUTE
        known = entries.setdefault(number, [filed(title, MAINICHI, at=now)])
        known += [filed(title, outlet(len(known) + n), at=now) for n in range(new)]
        before = dict(feed.kept)
        feed.touch(story(*known, id=number, muted=muted), at=now)
        shown = feed.items
        assert len(shown) <= 4
        assert len({item.published for item in shown}) == len(shown)
        assert len({item.updated for item in shown}) == len(shown)
        assert all(i.published <= now and i.updated <= now for i in shown)
        assert not left & {item.id for item in shown}
        for key, kept in feed.kept.items():
            if key in before and before[key].item.updated == kept.item.updated:
                assert before[key].item == kept.item
        left |= {key for key, kept in feed.kept.items() if kept.left and not kept.hidden}
