import pytest

from aggregator.text.entities import entities_in
from aggregator.text.numbers import NUMBER, number_key, value_of
from aggregator.text.words import stem


def keys(text):
    return {entity.key for entity in entities_in(text)}


@pytest.mark.parametrize(
    ("key", "texts"),
    [
        ("putin", ["プーチン大統領", "Putin's visit", "Путина"]),
        (
            "united states",
            ["米、イランに報復", "アメリカの関税", "US strikes", "U.S. Senate", "日米首脳会談"],
        ),
        ("ukraine", ["ウクライナ侵攻", "Ukrainian troops", "украинских"]),
        ("federal reserve", ["米FRBが利上げ", "Fed holds rates"]),
        ("bank of japan", ["日銀総裁", "the Bank of Japan", "BOJ"]),
        ("earthquake", ["震度7", "quake hits", "землетрясение"]),
        ("kyiv", ["キーウに攻撃", "Kiev", "Киеве"]),
        ("kim jong un", ["金正恩総書記", "Kim Jong Un"]),
    ],
)
def test_one_name_in_every_script(key, texts):
    for text in texts:
        assert key in keys(text), text


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("united states", "米価が高騰、コメ不足で"),
        ("united states", "Let us know"),
        ("united kingdom", "英語教育の見直し"),
        ("france", "仏像を公開"),
        ("germany", "独自の調査で判明"),
        ("dell", "新しいモデルを発表"),
        ("strike action", "テストの結果"),
        ("shell", "シェルターを開設"),
    ],
)
def test_the_same_letters_in_another_word_are_no_name(key, text):
    assert key not in keys(text)


def test_longer_names_win_over_their_parts():
    assert "hold rates" in keys("Fed holds rates")
    assert keys("Bank of England") == {"bank of england"}
    assert "bank of england" not in keys("Bank of Bangalore")


def test_possessives_and_compounds_are_the_names_they_hold():
    assert "trump" in keys("Trump’s plan")
    assert "russia" in keys("Russia-backed forces")


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("344万2100", 3_442_100),
        ("1億2千万", 120_000_000),
        ("6万1000", 61_000),
        ("3百", 300),
        ("2・139", 2.139),
        ("3.44 million", 3_440_000),
        ("12.2 billion", 12_200_000_000),
        ("1,153", 1153),
        ("5млн", 5_000_000),
        ("40trn", 40_000_000_000_000),
        ("7", 7),
    ],
)
def test_a_number_has_one_value_however_written(written, value):
    match = NUMBER.match(written)
    assert match is not None
    assert match[0] == written
    assert value_of(written) == pytest.approx(value)


def test_numbers_that_a_reader_takes_for_the_same_have_one_key():
    assert number_key("344万") == number_key("344万2100") == number_key("3.44 million")
    assert number_key("1153") != number_key("1163")
    assert number_key("13") != number_key("14")


@pytest.mark.parametrize(
    "forms",
    [
        ("strike", "strikes", "striking"),
        ("stopped", "stop", "stopping"),
        ("ban", "bans", "banned"),
        ("tariff", "tariffs"),
        ("company", "companies"),
        ("администрация", "администрации"),
    ],
)
def test_inflected_forms_share_a_stem(forms):
    assert len({stem(form) for form in forms}) == 1


def test_short_words_and_endings_that_are_none_stay():
    assert stem("us") == "us"
    assert stem("gas") == "gas"
    assert stem("война") == "война"
    assert stem("glass") == "glass"
