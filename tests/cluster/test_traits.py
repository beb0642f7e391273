"""What is kept of an entry comes back as it was, and is not trusted once headlines are read differently."""

from hashlib import blake2b

import pytest

from aggregator.cluster.traits import READING, Flag, Traits, pack, reading_of, traits_of, unpack
from aggregator.text import names
from tests.cluster.newsroom import an_entry

LINES = (
    ("【速報】米FRB、7会合ぶりに政策金利引き下げ 2人が現状維持を求め反対 - 毎日新聞", "【ワシントン共同】米連邦準備制度理事会(FRB)は18日、政策金利を据え置いた。"),
    ("訪日外国人344万2100人、7月として最多 アメリカからは2割増 2", "観光庁が20日発表した。"),
    ("首相動静 24日", ""),
    ("沖縄県で震度5弱の地震 津波の心配なし", ""),
    ("東京円、対ドルで反落 1ドル=157円20銭~", "<日経>外国為替市場で"),
    ("BREAKING: Putin's visit to Beijing – what we know so far | Reuters", "MOSCOW, Nov 24 (Reuters) - Russia's president said 3.44 million"),
    ("Live updates: US and Iran talks in Geneva enter second day", ""),
    ("<連載>トランプ氏の100日 (3)", "カタカナ・ーだけ ロシアのウクライナ侵攻"),
    ("Will Acme Rivets (ACR) Q4 earnings beat estimates?", ""),
    ("Выборы в Госдуму: Путин", ""),
    ("", "\ud800"),
)  # fmt: skip


def traits(title: str, summary: str = "", url: str | None = "https://x.example/1") -> Traits:
    return traits_of(an_entry("a", title, summary=summary, url=url), 1.5e9, "毎日新聞")


@pytest.mark.parametrize(("title", "summary"), LINES)
def test_traits_come_back_as_they_were(title, summary):
    made = traits(title, summary)
    again = unpack(pack(made))
    assert list(again.terms) == list(made.terms)
    assert again.kinds == {term: kind for term, kind in made.kinds.items() if term in made.terms}
    made.terms, made.kinds = again.terms, again.kinds
    assert again == made


def test_a_sketch_takes_few_bytes():
    assert len(pack(traits(*LINES[0]))) < 600
    assert len(pack(traits(""))) < 50


def test_what_a_text_says_of_itself_is_in_its_flags():
    assert (
        traits("沖縄県で震度5弱の地震 津波の心配なし").flags == Flag.CJK | Flag.LONG | Flag.BULLETIN
    )
    assert traits("Live updates: US talks").flags == Flag.SILENT
    assert traits("a b c d e f").flags == Flag.LONG
    assert traits("港湾局人事(7日)").flags == Flag.CJK | Flag.BULLETIN | Flag.DIARY
    assert traits("Explainer: ferries").flags == Flag.ANALYSIS
    assert traits("", url=None).url == 0


def test_the_name_of_the_outlet_is_part_of_the_reading():
    assert reading_of("毎日新聞") != reading_of("朝日新聞")


def test_headlines_are_read_as_the_version_of_the_reading_has_it():
    """Fails when the reading changes: raise READING (sketches of before are then made anew)."""
    digest = blake2b(digest_size=6)
    for title, summary in LINES:
        digest.update(pack(traits(title, summary)))
    for table in (names.COUNTRIES, names.PLACES, names.ORGANISATIONS, names.PEOPLE, names.EVENTS):
        for line in table.splitlines():
            digest.update(pack(traits(" ".join(line.split("/")))))
    assert (READING, digest.hexdigest()) == (4, "9023325bd936")
