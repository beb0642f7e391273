from dataclasses import replace
from datetime import timedelta

import pytest

from aggregator.model.identifiers import SourceId, TopicId
from aggregator.model.output import Items
from aggregator.model.query import FiledEntry
from aggregator.model.story import Layer
from aggregator.publish.select import qualifies_at
from tests.publish.newsroom import (
    ALL,
    BBC,
    HOUR,
    JIJI,
    KOBE,
    MAINICHI,
    NOW,
    context,
    filed,
    match,
    outlet,
    story,
)

CTX = context()


def test_every_story_satisfies_an_output_without_conditions_when_its_first_report_arrives():
    file = story(filed(at=NOW - 3 * HOUR), filed(at=NOW - HOUR))
    assert qualifies_at(file, ALL, CTX) == NOW - 3 * HOUR


def test_a_story_joins_a_topic_when_the_first_report_with_the_topic_arrives():
    output = replace(ALL, topics=(TopicId("us-russia"), TopicId("ceasefire")))
    file = story(filed(at=NOW - 3 * HOUR), filed(at=NOW - HOUR, topics=["ceasefire"]))
    assert qualifies_at(file, output, CTX) == NOW - HOUR


def test_a_topic_that_only_the_story_has_counts_from_its_first_report():
    output = replace(ALL, topics=(TopicId("ceasefire"),))
    file = story(filed(at=NOW - HOUR), topics=(match("ceasefire"),))
    assert qualifies_at(file, output, CTX) == NOW - HOUR


def test_a_story_without_any_of_the_topics_stays_out():
    output = replace(ALL, topics=(TopicId("us-russia"),))
    assert qualifies_at(story(filed(topics=["ceasefire"])), output, CTX) is None


def test_an_output_of_some_sources_sees_only_their_reports():
    output = replace(ALL, sources=(SourceId("jiji"),))
    file = story(filed(source=MAINICHI, at=NOW - 2 * HOUR), filed(source=JIJI, at=NOW - HOUR))
    assert qualifies_at(file, output, CTX) == NOW - HOUR
    assert qualifies_at(story(filed(source=MAINICHI)), output, CTX) is None


def test_a_story_joins_when_a_report_in_one_of_the_languages_arrives():
    output = replace(ALL, languages=("en", "fr"))
    file = story(filed(at=NOW - 2 * HOUR), filed(source=BBC, at=NOW - HOUR))
    assert qualifies_at(file, output, CTX) == NOW - HOUR
    assert qualifies_at(story(filed()), output, CTX) is None


def test_copies_do_not_count_towards_the_least_number_of_sources():
    output = replace(ALL, min_sources=2)
    first = filed(at=NOW - 3 * HOUR)
    copy = filed(source=KOBE, copy_of=first, at=NOW - 2 * HOUR)
    again = filed(at=NOW - 2 * HOUR)
    assert qualifies_at(story(first, copy, again), output, CTX) is None
    file = story(first, copy, again, filed(source=JIJI, at=NOW - HOUR))
    assert qualifies_at(file, output, CTX) == NOW - HOUR


def test_one_source_is_enough_where_all_reports_are_copies():
    copy = filed(source=KOBE, copy_of=filed())
    assert qualifies_at(story(copy), ALL, CTX) is not None


@pytest.mark.parametrize(
    "entry", [filed(title="きょうのスポーツ"), filed(summary="きょうのスポーツ")]
)
def test_an_excluded_word_keeps_a_story_out_however_it_is_written(entry: FiledEntry):
    output = replace(ALL, exclude=("ｽﾎﾟｰﾂ",))
    assert qualifies_at(story(entry), output, CTX) is None
    assert qualifies_at(story(filed()), output, CTX) is not None


def test_an_excluded_word_in_a_later_report_does_not_put_a_story_out():
    output = replace(ALL, exclude=("スポーツ",))
    assert qualifies_at(story(filed(), filed("スポーツ界も歓迎")), output, CTX) is not None


def test_an_empty_excluded_word_excludes_nothing():
    assert qualifies_at(story(filed()), replace(ALL, exclude=(" ",)), CTX) is not None


def test_a_muted_story_is_in_no_output():
    assert qualifies_at(story(filed(), muted=True), ALL, CTX) is None


def test_muted_words_keep_a_story_out_until_a_report_arrives_after_the_mute():
    ctx = context(mutes=((("五輪",), NOW - HOUR),))
    early = filed("五輪の日程", at=NOW - 2 * HOUR)
    assert qualifies_at(story(early), ALL, ctx) is None
    assert qualifies_at(story(early, filed("五輪へ", at=NOW)), ALL, ctx) == NOW
    assert qualifies_at(story(filed("停戦")), ALL, ctx) is not None


def test_a_mute_without_an_end_lasts():
    assert qualifies_at(story(filed("五輪")), ALL, context(mutes=((("五輪",), None),))) is None


def backlog(hours: float, **changes: object) -> FiledEntry:
    return filed(first_poll=True, at=NOW, published=NOW - hours * HOUR, **changes)  # type: ignore[arg-type]  # what a test names


def test_an_old_entry_of_a_first_poll_makes_no_item_by_itself():
    assert qualifies_at(story(backlog(25)), ALL, CTX) is None


def test_a_fresh_entry_of_a_first_poll_counts_from_its_own_date():
    assert qualifies_at(story(backlog(23)), ALL, CTX) == NOW - 23 * HOUR


def test_backfill_says_what_is_fresh():
    output = replace(ALL, backfill=timedelta(days=3))
    assert qualifies_at(story(backlog(25)), output, CTX) == NOW - 25 * HOUR


def test_an_entry_of_a_first_poll_without_a_trustworthy_date_counts_as_fresh():
    undated = filed(first_poll=True, at=NOW)
    future = backlog(-1)
    assert qualifies_at(story(undated), ALL, CTX) == NOW
    assert qualifies_at(story(future), ALL, CTX) == NOW


def test_a_later_report_takes_an_old_story_of_a_first_poll_in():
    file = story(backlog(48), filed(source=JIJI, at=NOW + HOUR))
    assert qualifies_at(file, ALL, CTX) == NOW + HOUR


def test_a49_a_back_catalogue_does_not_date_a_story_back():
    output = replace(ALL, min_sources=2)
    file = story(filed(at=NOW - HOUR), backlog(20, source=JIJI))
    assert qualifies_at(file, output, CTX) == NOW - HOUR


def test_a48_an_ordinary_entry_counts_from_when_it_was_first_seen_whatever_date_it_gives():
    file = story(filed(at=NOW, published=NOW - 5 * HOUR))
    assert qualifies_at(file, ALL, CTX) == NOW


def test_withdrawn_entries_count_for_nothing():
    entry = filed()
    gone = replace(entry, entry=replace(entry.entry, withdrawn=True))
    assert qualifies_at(story(gone), ALL, CTX) is None


def test_an_output_of_entries_asks_the_story_for_its_number_of_sources():
    output = replace(ALL, items=Items.ENTRIES, min_sources=2)
    one, two = filed(at=NOW - HOUR), filed(source=JIJI)
    assert qualifies_at(story(one), output, CTX) is None
    assert qualifies_at(story(one, two), output, CTX) == NOW - HOUR


def test_the_same_article_seen_twice_is_one_entry():
    output = replace(ALL, items=Items.ENTRIES)
    second = filed(copy_of=filed(), layer=Layer.URL)
    assert qualifies_at(story(second), output, CTX) is None


def test_a_source_that_is_no_longer_configured_still_publishes():
    assert qualifies_at(story(filed(source=outlet(9))), ALL, CTX) is not None
