from aggregator.cluster.index import TermIndex
from aggregator.cluster.traits import Traits, traits_of
from tests.cluster.newsroom import an_entry


def traits(title: str) -> Traits:
    return traits_of(an_entry("a", title), 0.0, "x")


def an_index(*titles: str) -> TermIndex:
    index = TermIndex()
    for title in titles:
        index.add(traits(title))
    return index


def test_an_entry_finds_those_that_share_its_rare_terms_first():
    index = an_index(
        "日銀が金利を据え置き", "日銀が追加利上げ", "台風が沖縄に接近", "日銀、金利を据え置く"
    )
    query = index.query(3, cjk=True)
    assert index.candidates(query)[0] == 0
    assert 3 not in index.candidates(query)
    assert index.shared(query, 2) is None


def test_what_lies_side_by_side_is_one_piece():
    index = an_index(
        "ホルムズ海峡の新航路で合意", "ホルムズ海峡で船舶に攻撃", "新航路でイランが合意、攻撃中止"
    )
    query = index.query(0, cjk=True)
    strait, route = index.shared(query, 1), index.shared(query, 2)
    assert strait is not None
    assert route is not None
    assert (strait.pieces, strait.top[1:]) == (1, (0.0, 0.0))
    assert route.pieces == 2
    assert route.top[1] > 0


def test_many_near_entries_are_a_crowd_and_a_few_are_not():
    titles = [f"熊本地震で{name}市の工場停止" for name in "青赤黄緑紫白黒灰金銀銅鉄"]
    others = [chr(0x4E00 + 7 * n) + chr(0x5100 + 5 * n) for n in range(100)]
    saga, few = an_index(*titles, *others), an_index(*titles[:3], *others)
    crowded, lonely = saga.query(0, cjk=True), few.query(0, cjk=True)
    saga.candidates(crowded)
    few.candidates(lonely)
    assert crowded.crowd > 0
    assert lonely.crowd == 0


def test_fewer_neighbours_are_a_crowd_in_spaced_scripts():
    titles = [f"Quake shuts {name} plant" for name in "red blue green grey gold pink".split()]
    others = [chr(0x4E00 + 7 * n) + chr(0x5100 + 5 * n) for n in range(100)]
    spaced, written = an_index(*titles, *others), an_index(*titles, *others)
    crowded, lonely = spaced.query(0, cjk=False), written.query(0, cjk=True)
    spaced.candidates(crowded)
    written.candidates(lonely)
    assert crowded.crowd > 0
    assert lonely.crowd == 0


def test_common_terms_cost_no_more_than_rare_ones():
    title = "政府が経済対策の財源を巡り与野党と協議を開始"
    index = an_index(*[title] * 400)
    found = index.candidates(index.query(399, cjk=True))
    assert len(found) <= 250
    assert 398 in found


def test_numbers_names_and_conflicts_are_counted():
    index = an_index(
        "トヨタ、愛知の工場で344万台", "ホンダ、埼玉の工場で344万台", "トヨタ、愛知の工場を停止"
    )
    query = index.query(0, cjk=True)
    other = index.shared(query, 1)
    same = index.shared(query, 2)
    assert other is not None
    assert same is not None
    assert (other.numbers, other.conflict) == (1, True)
    assert (same.numbers, same.conflict) == (0, False)
    assert index.facts(0) == (frozenset({"#3.44e+06"}), frozenset({"@aichi"}))


def test_across_writings_only_names_words_and_numbers_speak():
    index = an_index(
        "Putin visits Beijing",
        "プーチン氏が北京を訪問 KDDI",
        "大谷が本塁打",
        "KDDI in Tokyo",
        "x y",
    )
    query = index.query(1, cjk=True)
    assert set(index.crossing_candidates(query)) == {0, 3}
    crossing = index.crossing(query, 0)
    assert crossing is not None
    assert crossing.names > 0
    assert crossing.words == 0
    assert index.crossing(query, 4) is None
    words = an_index("無名堂のZZTOPが来日", "zztop arrives")
    nameless = words.crossing(words.query(0, cjk=True), 1)
    assert nameless is not None
    assert nameless.words > 0
    assert (nameless.covered, nameless.covers) == (0.0, 0.0)


def test_across_writings_a_common_name_alone_leads_nowhere():
    common = [f"Putin {chr(97 + n)}{chr(98 + n)}" for n in range(20)]
    index = an_index(
        *common, "Kishida in Manila", "プーチン氏と岸田氏が会談、領土問題の進展は見えず"
    )
    query = index.query(len(common) + 1, cjk=True)
    assert index.crossing_candidates(query) == [len(common)]


def test_expired_entries_are_never_found_and_their_terms_are_used_again():
    index = an_index("甲乙丙 Putin", "甲乙丁 Putin", "Putin and Xi", "Putin and Modi")
    index.drop_oldest()
    index.drop_oldest()
    assert len(index) == 2
    serial = index.add(traits("甲乙丙 プーチン"))
    assert index.candidates(index.query(serial, cjk=True)) == []
    assert index.crossing_candidates(index.query(serial, cjk=True)) == [2, 3]
    for _ in range(3):
        index.drop_oldest()
    assert len(index) == 0
    assert index.candidates(index.query(index.add(traits("甲乙")), cjk=True)) == []


def test_a_long_list_loses_its_expired_head():
    index = TermIndex()
    for n in range(200):
        index.add(traits("Putin 会談") if n % 2 else traits("Putin talks"))
        if n >= 10:
            index.drop_oldest()
    query = index.query(199, cjk=True)
    assert len(index.candidates(query)) < 10
    assert len(index.crossing_candidates(query)) == 5


def test_who_is_named_first_is_told_from_who_is_named_at_all():
    index = an_index("中国、関税を発表", "中国が報復を示唆", "日本と中国が協議")
    query = index.query(0, cjk=True)
    same, later = index.shared(query, 1), index.shared(query, 2)
    assert same is not None
    assert later is not None
    assert (same.lead, later.lead) == (True, False)


def test_the_opening_is_the_lesser_share_of_first_terms_that_stand_in_the_other():
    index = an_index(
        "harbour bridge closes after storm", "harbour bridge closes for good",
        "ministers argue over who pays for repair of the harbour",
    )  # fmt: skip
    query = index.query(0, cjk=False)
    near, far = index.shared(query, 1), index.shared(query, 2)
    assert near is not None
    assert far is not None
    assert near.opening == 0.75
    assert far.opening == 0


def test_names_of_the_table_alone_and_offices_are_known_as_such():
    index = an_index(
        "ホルムズ海峡でプーチン氏が演説", "プーチン氏、原発を視察", "プーチン氏の演説に拍手",
        "President Putin visits Kyiv", "Kyiv marks a year without President Putin",
        "Putin visits a school in Kyiv", "千葉県、図書館を改修", "千葉県警の踊りが話題",
    )  # fmt: skip
    kanji, spaced = index.query(0, cjk=True), index.query(3, cjk=False)
    place = index.query(6, cjk=True)
    found = [
        index.shared(kanji, 1),
        index.shared(kanji, 2),
        index.shared(spaced, 4),
        index.shared(spaced, 5),
        index.shared(place, 7),
    ]
    assert [one and one.names_only for one in found] == [True, False, True, False, True]
