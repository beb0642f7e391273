from hypothesis import given
from hypothesis import strategies as st

from aggregator.identify.revision_diff import Segment, SegmentKind, changed_spans

SAME, REMOVED, ADDED = SegmentKind.SAME, SegmentKind.REMOVED, SegmentKind.ADDED


def pieces(before: str, after: str) -> list[tuple[SegmentKind, str]]:
    return [(segment.kind, segment.text) for segment in changed_spans(before, after)]


def test_a_japanese_edit_is_shown_by_characters_and_whole_numbers():
    assert pieces("土砂崩れで3人死亡", "土砂崩れで12人死亡") == [
        (SAME, "土砂崩れで"),
        (REMOVED, "3"),
        (ADDED, "12"),
        (SAME, "人死亡"),
    ]


def test_an_english_edit_is_shown_by_words():
    assert pieces("Police arrest a man in Leeds", "Police charge a man in Leeds") == [
        (SAME, "Police "),
        (REMOVED, "arrest"),
        (ADDED, "charge"),
        (SAME, " a man in Leeds"),
    ]


def test_a_piece_too_short_to_read_joins_the_changes_around_it():
    assert pieces("Kyiv says Putin lied", "Moscow says: Trump lied") == [
        (REMOVED, "Kyiv"),
        (ADDED, "Moscow"),
        (SAME, " says"),
        (REMOVED, " Putin"),
        (ADDED, ": Trump"),
        (SAME, " lied"),
    ]
    assert pieces("北京の春", "東京へ春")[0] == (REMOVED, "北京の")


def test_equal_texts_are_one_piece_and_empty_ones_none():
    assert changed_spans("同じ", "同じ") == (Segment(SAME, "同じ"),)
    assert changed_spans("", "") == ()
    assert changed_spans("", "新") == (Segment(ADDED, "新"),)


def test_long_texts_are_compared_by_sentences():
    long = "これは長い文です。" * 500
    spans = changed_spans(long + "終わり。", long + "結び。")
    assert spans[-2:] == (Segment(REMOVED, "終わり。"), Segment(ADDED, "結び。"))
    assert "".join(s.text for s in spans if s.kind is not ADDED) == long + "終わり。"


@given(st.text(max_size=60), st.text(max_size=60))
def test_the_pieces_make_up_both_texts(before: str, after: str):
    spans = changed_spans(before, after)
    assert "".join(s.text for s in spans if s.kind is not ADDED) == before
    assert "".join(s.text for s in spans if s.kind is not REMOVED) == after
