import pytest

from aggregator.cluster.explain import explain
from aggregator.model.identifiers import EntryId, StoryId
from aggregator.model.story import Decision, Layer, Neighbour, Placement
from tests.cluster.newsroom import an_entry

FED = an_entry("a", "米FRB、7会合ぶりに政策金利引き下げ", outlet="asahi")
FED_TOO = an_entry("b", "【速報】米FRB 7会合ぶりに政策金利を引き下げ", outlet="tbs")
ENGLISH = an_entry("c", "Fed holds rates steady for fifth meeting", outlet="reuters", language="en")
ENGLISH_TOO = an_entry("d", "Fed keeps rates steady, three dissent", outlet="ap", language="en")
ENTRIES = {e.id: e for e in (FED, FED_TOO, ENGLISH, ENGLISH_TOO)}
OUTLETS = {"asahi": "朝日新聞", "tbs": "TBS", "reuters": "Reuters", "ap": "AP"}


def a_placement(entry: str, layer: Layer, near: str | None = None, **kw) -> Placement:
    copy_of = kw.pop("copy_of", None)
    neighbours = (
        (Neighbour(entry=EntryId(near), cosine=0.6, shared=("金利", "@federal reserve")),)
        if near
        else ()
    )
    score = kw.pop("score", 0.87)
    decision = Decision(layer=layer, score=score, threshold=0.36, neighbours=neighbours, **kw)
    return Placement(entry=EntryId(entry), story=StoryId("s"), copy_of=copy_of, decision=decision)


def in_words(placement, language="ja", runner_up=None):
    return explain(placement, ENTRIES, language, runner_up, OUTLETS)


def test_a_report_of_the_same_event():
    said = in_words(a_placement("b", Layer.STORY, "a"))
    assert said.startswith(
        "朝日新聞「米FRB、7会合ぶりに政策金利引き下げ」と「米FRB」「政策金利」「7会合」"
    )
    assert "見込みが87%（基準36%）" in said
    said = in_words(a_placement("d", Layer.STORY, "c"), "en")
    assert said == (
        "It reads like Reuters “Fed holds rates steady for fifth meeting”, sharing Fed, rates, steady: "
        "87% likely to be the same event, with 36% needed."
    )


def test_a_report_that_others_brought_along_is_not_said_to_have_reached_the_threshold():
    said = in_words(a_placement("b", Layer.STORY, "a", score=0.29))
    assert "まとめてこの話題に入れました（単独での見込みは29%、基準は36%）。" in said
    said = in_words(a_placement("d", Layer.STORY, "c", score=0.29), "en")
    assert said.endswith("(by itself 29% likely, with 36% needed).")


def test_across_languages_the_names_are_quoted():
    assert "「federal reserve」が共通し" in in_words(a_placement("c", Layer.STORY, "a"))


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("layer", [Layer.URL, Layer.TITLE, Layer.TEXT])
def test_copies(layer, language):
    said = in_words(
        a_placement("b", layer, "a", copy_of=EntryId("a"), runner_up=StoryId("x")), language
    )
    assert FED.title in said
    assert ("写し" if language == "ja" else "copy") in said


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_first_of_a_story_what_kept_it_apart_and_what_came_next(language):
    placement = a_placement(
        "b",
        Layer.FIRST,
        guards=("bulletin series", "a guard of the future"),
        runner_up=StoryId("x"),
        runner_up_score=0.2,
    )
    said = in_words(placement, language, "熊本地震")
    assert "熊本地震" in said
    assert "20%" in said
    assert ("定型" if language == "ja" else "bulletins") in said
    assert "熊本地震" not in in_words(placement, language)
    assert "future" not in said


@pytest.mark.parametrize("language", ["ja", "en"])
def test_a_story_that_was_near_enough_too_is_not_said_to_have_come_next(language):
    placement = a_placement(
        "b", Layer.STORY, "a", score=0.5, runner_up=StoryId("x"), runner_up_score=0.69
    )
    said = in_words(placement, language, "別の会合")
    assert ("話題どうしはまとめない" if language == "ja" else "stories are not merged") in said
    assert ("次に近かった" if language == "ja" else "Next came") not in said


@pytest.mark.parametrize(
    ("one", "two", "shared"),
    [
        ("湖北市で義援金受け付け", "湖北市、義援金受付を開始", ["「湖北市」「義援金」"]),
        ("外務次官に川上氏", "財務次官に川上氏", ["「川上氏」「次官」"]),
        ("タンカー炎上、13人死亡", "タンク火災で113人死亡", ["「死亡」"]),
        ("米国で3.5%賃上げ...決着", "日銀、3.5%賃上げ...予測", ["「3.5%」"]),
        ("タン", "タンカ", []),
        ("カタンの山", "アタンの川", []),
        ("㍿の決算発表", "株式会社の決算発表", ["「株式会社」「決算発表」"]),
    ],
)
def test_what_is_shared_is_quoted_in_whole_words(one, two, shared):
    entries = {EntryId("x"): an_entry("x", one), EntryId("y"): an_entry("y", two)}
    said = explain(a_placement("x", Layer.STORY, "y"), entries, "ja")
    assert [f"{tie}が共通し" in said for tie in shared] == [True] * len(shared)
    assert "「、」" not in said
    assert shared or "金利" not in said


@pytest.mark.parametrize("language", ["ja", "en"])
def test_a_person_and_a_bare_decision(language):
    assert in_words(a_placement("b", Layer.HAND), language)
    assert in_words(a_placement("b", Layer.STORY), language)


def test_entries_that_are_no_longer_kept_are_named_by_id():
    assert "gone" in in_words(a_placement("b", Layer.STORY, "gone"))
    assert explain(a_placement("x", Layer.STORY, "a"), {FED.id: FED}, "en").startswith(
        "It reads like asahi"
    )
    nothing = Neighbour(entry=EntryId("gone"), cosine=0.1, shared=("金利",))
    decision = Decision(layer=Layer.STORY, neighbours=(nothing,))
    placement = Placement(entry=EntryId("b"), story=StoryId("s"), decision=decision)
    for language in ("ja", "en"):
        assert "gone" in explain(placement, {}, language)
