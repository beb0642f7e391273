"""Sentences as spans: what ends one, what never does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.text.sentences import sentences


def cut(text: str, language: str | None = None) -> list[str]:
    return [span.of(text) for span in sentences(text, language)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("雨が降った。風も吹いた。", ["雨が降った。", "風も吹いた。"]),
        ("「晴れた。暑かった。」と話した。翌日は雨。", ["「晴れた。暑かった。」と話した。", "翌日は雨。"]),
        ("なぜか？理由は三つある。", ["なぜか？", "理由は三つある。"]),
        ("「本当か？」と聞いた。「はい。」 次の日も聞いた。", ["「本当か？」と聞いた。", "「はい。」", "次の日も聞いた。"]),
        ("驚き！と書いた。", ["驚き！と書いた。"]),
        ("価格は1.5倍。3.2％上がった。", ["価格は1.5倍。", "3.2％上がった。"]),
        ("値は53463. 05だった。", ["値は53463. 05だった。"]),
        ("本文です。\n見出し\n次の段落。", ["本文です。", "見出し", "次の段落。"]),
        ("首相（当時。69）が語った。終わり", ["首相（当時。69）が語った。", "終わり"]),
        ("会談した。■市場は下落した。", ["会談した。", "■市場は下落した。"]),
        ("彼は「行こう。早く", ["彼は「行こう。早く"]),
        ("Yahoo!ニュースが伝えた。", ["Yahoo!ニュースが伝えた。"]),
    ],
)  # fmt: skip
def test_japanese_sentences_end_at_their_mark_and_not_inside_brackets(text, expected):
    assert cut(text, "ja") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It rained. It snowed.", ["It rained.", "It snowed."]),
        ("Mr. Smith met Gen. Lee. They talked.", ["Mr. Smith met Gen. Lee.", "They talked."]),
        ("The U.S. President left the U.S. The talks go on.", ["The U.S. President left the U.S.", "The talks go on."]),
        ("J. K. Rowling wrote it. Nobody read it.", ["J. K. Rowling wrote it.", "Nobody read it."]),
        ("Apple Inc. rose 3.5% on Aug. 18. Shares of BP Plc fell.", ["Apple Inc. rose 3.5% on Aug. 18.", "Shares of BP Plc fell."]),
        ("No. 5 won. No. It lost.", ["No. 5 won.", "No.", "It lost."]),
        ('He said: "We won. We go home." Then he left.', ['He said: "We won. We go home."', "Then he left."]),
        ("“It is over. Go.” she said. Nobody went.", ["“It is over. Go.” she said.", "Nobody went."]),
        ("He called it 'bad. Very bad.' Markets fell.", ["He called it 'bad. Very bad.'", "Markets fell."]),
        ("The workers' plan failed. It's over.", ["The workers' plan failed.", "It's over."]),
        ("Talks ended on Thursday.At first nobody knew.", ["Talks ended on Thursday.", "At first nobody knew."]),
        ("See example.com. It is e.g. here.", ["See example.com.", "It is e.g. here."]),
        ("Is it? Yes! Good... and fine.", ["Is it?", "Yes!", "Good... and fine."]),
        ("At 5 p.m. the doors closed.", ["At 5 p.m. the doors closed."]),
    ],
)  # fmt: skip
def test_english_sentences_know_abbreviations_initials_and_quotations(text, expected):
    assert cut(text, "en") == expected


@given(
    st.text(alphabet="あ漢「」『』。！？（）.!?\"'“” \nAb1■…", max_size=80),
    st.sampled_from(["ja", "en", None]),
)
def test_spans_are_in_order_and_between_them_is_white_space_only(text, language):
    spans = sentences(text, language)
    place = 0
    for span in spans:
        assert span.start < span.end
        assert not text[place : span.start].strip()
        assert text[span.start : span.end] == text[span.start : span.end].strip()
        place = span.end
    assert not text[place:].strip()


@given(
    st.lists(
        st.sampled_from(["雨。", "「雪。風。」と言う。", "『晴れ？』だ。", "終わり。"]), max_size=8
    )
)
def test_no_sentence_ever_begins_or_ends_inside_a_quotation(pieces):
    for sentence in cut("".join(pieces), "ja"):
        assert sentence.count("「") == sentence.count("」")
        assert sentence.count("『") == sentence.count("』")
