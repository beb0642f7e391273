from dataclasses import replace
from datetime import timedelta

import pytest

from aggregator.model.feed import KeyPolicy
from tests.identify.build import NOW, SOURCE, Archive, changed, feed, item, new


def link(n: int) -> str:
    return f"https://example.com/{n}"


def test_unknown_entries_are_new_and_known_ones_are_not():
    archive = Archive()
    first = archive.poll(item("a", link(1), "一"), item("b", link(2), "二"))
    second = archive.poll(
        item("c", link(3), "三"), item("a", link(1), "一"), item("b", link(2), "二")
    )
    assert new(first) == ["一", "二"]
    assert first.known == 0
    assert first.changes[0].entry.first_poll
    assert new(second) == ["三"]
    assert not second.changes[0].entry.first_poll
    assert second.known == 2


def test_a50_an_entry_that_vanished_comes_back_as_the_same():
    archive = Archive()
    archive.poll(item("a", link(1), "一"))
    archive.poll(item("b", link(2), "二"))
    back = archive.poll(item("a", link(1), "一"))
    assert back.changes == ()
    assert len(back.touched) == 1
    assert back.known == 1


def test_a41_an_edited_entry_is_a_revision_of_the_same():
    archive = Archive()
    archive.poll(item("a", link(1), "前"))
    later = archive.poll(item("a", link(1), "後"), now=NOW + timedelta(hours=1))
    (entry,) = (change.entry for change in later.changes)
    assert changed(later) == ["後"]
    assert (entry.revision, entry.first_seen_at) == (1, NOW)
    assert len(archive.entries) == 1


def test_an_entry_whose_volatile_parts_moved_is_touched():
    archive = Archive()
    archive.poll(item("a", link(1), "一", summary="コメント(3) 5分前"))
    again = archive.poll(item("a", link(1), "一", summary="コメント(12) 2時間前"))
    assert again.changes == ()
    assert len(again.touched) == 1


def test_a42_an_entry_that_flips_at_every_fetch_changes_six_times_and_then_once_a_day():
    archive = Archive()
    for n in range(20):
        archive.poll(item("a", link(1), f"題{n}"), now=NOW + timedelta(minutes=n))
    (entry,) = archive.entries.values()
    assert entry.revision == 6
    waiting = archive.poll(item("a", link(1), "最新"), now=NOW + timedelta(hours=2))
    assert len(waiting.deferred) == 1
    due = archive.poll(item("a", link(1), "最新"), now=NOW + timedelta(days=1))
    assert changed(due) == ["最新"]


def test_a43_new_ids_for_the_same_links_are_the_same_entries():
    archive = Archive()
    archive.poll(item("a1", link(1), "一"), item("b1", link(2), "二"))
    again = archive.poll(item("a2", link(1), "一"), item("b2", link(2), "二・続報"))
    assert new(again) == []
    assert changed(again) == ["二・続報"]
    assert len(archive.entries) == 2


def test_an_entry_is_no_repair_while_the_old_one_still_stands_beside_it():
    archive = Archive()
    live = "https://example.com/live"
    archive.poll(item("a", live, "9時の動き"))
    again = archive.poll(item("b", live, "10時の動き"), item("a", live, "9時の動き"))
    assert new(again) == ["10時の動き"]


def test_a_link_that_several_entries_carry_never_repairs():
    archive = Archive()
    live = "https://example.com/live"
    archive.poll(item("a", live, "9時の動き"))
    again = archive.poll(item("b", live, "10時の動き"), item("c", live, "11時の動き"))
    assert new(again) == ["10時の動き", "11時の動き"]


def test_a_front_page_never_repairs():
    archive = Archive()
    archive.poll(item("a", "https://example.com/", "一"))
    assert new(archive.poll(item("b", "https://example.com/", "二"))) == ["二"]


def test_of_several_stored_entries_under_a_link_the_one_with_this_text_is_meant():
    archive = Archive()
    live = "https://example.com/live"
    archive.poll(item("a", live, "9時の動き"), item("b", live, "10時の動き"))
    archive.poll(item("c", link(1), "一"))
    same = archive.poll(item("d", live, "10時の動き"))
    other = archive.poll(item("e", live, "11時の動き"))
    assert new(same) == []
    assert new(other) == ["11時の動き"]


def test_an_id_that_a_stored_entry_of_the_document_still_holds_is_another_entry():
    archive = Archive()
    archive.poll(item("x", link(1), "一"))
    second = archive.poll(item("x", link(2), "二"), item("x", link(1), "一"))
    assert new(second) == ["二"]
    assert len(archive.entries) == 2


def test_another_entry_under_a_held_id_stays_the_same_entry():
    archive = Archive()
    archive.poll(item("x", link(1), "一"))
    archive.poll(item("x", link(2), "二"), item("x", link(1), "一"))
    archive.feed = replace(archive.feed, entry_hashes=frozenset({item("x", link(1), "一").hash}))
    again = archive.poll(item("x", link(2), "二"), item("x", link(1), "一"))
    assert again.changes == ()


def test_another_entry_under_a_held_id_may_have_no_link():
    archive = Archive()
    archive.poll(item("x", None, "一"))
    assert new(archive.poll(item("x", None, "二"), item("x", None, "一"))) == ["二"]


def test_the_same_text_twice_under_a_held_id_is_one_entry():
    archive = Archive()
    archive.poll(item("x", link(1), "一"))
    twice = archive.poll(item("x", link(1), "一", author="記者"), item("x", link(1), "一"))
    assert twice.changes == ()


def test_two_entries_of_a_document_that_turn_out_as_one_count_once():
    archive = Archive()
    held = item("x", link(1), "一"), item("y", link(2), "二")
    archive.poll(*held)
    result = archive.poll(
        item("x", link(3), "三", summary="甲"), item("y", link(3), "三", summary="乙"), *held
    )
    assert new(result) == ["三"]
    assert result.known == 2


def test_a_policy_that_degrades_keeps_the_entries():
    archive = Archive()
    archive.poll(item("a", link(1), "一"), item("b", link(2), "二"))
    noisy = archive.poll(
        item("x", link(3), "三"), item("x", link(4), "四"), item("x", link(1), "一・改")
    )
    assert archive.feed.key_policy is KeyPolicy.LINK
    assert new(noisy) == ["三", "四"]
    assert changed(noisy) == ["一・改"]


def test_imported_lines_with_different_guids_are_different_entries():
    archive = Archive(feed("import:mainichi"))
    archive.poll(item("a", link(1), "一"))
    assert new(archive.poll(item("b", link(1), "一"))) == ["一"]


@pytest.mark.parametrize(
    ("entry", "source", "of_document", "title", "expected"),
    [
        ("ja-JP", "en", "en", "Title", "ja"),
        (None, "ja", "en", "Title", "ja"),
        (None, None, "de-DE", "Titel", "de"),
        (None, None, "en-us", "日本語の題", "ja"),
        (None, None, "en-us", "123", "en"),
        (None, None, None, "Title", "en"),
        (None, None, None, "Заголовок", "ru"),
        ("japanese", None, None, "123", None),
    ],
)
def test_the_language_is_declared_or_detected(
    entry: str | None, source: str | None, of_document: str | None, title: str, expected: str | None
):
    archive = Archive(source=replace(SOURCE, language=source))
    result = archive.poll(item("a", link(1), title, language=entry), language=of_document)
    assert result.changes[0].entry.language == expected


def test_dates_are_kept_as_given_and_decide_nothing():
    archive = Archive()
    future, past = NOW + timedelta(days=900), NOW - timedelta(days=9000)
    result = archive.poll(
        item("a", link(1), "一", published=future), item("b", link(2), "二", published=past)
    )
    assert [change.entry.published for change in result.changes] == [future, past]
    assert new(result) == ["一", "二"]
