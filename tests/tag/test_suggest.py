from aggregator.tag.suggest import suggest


def unknown(term: str) -> bool:
    return False


def test_words_that_tell_a_topic_from_the_rest_are_proposed_with_examples():
    tagged = [f"ウクライナ停戦で特使が会談 {n}" for n in range(5)] + ["Kyiv envoy talks"]
    rest = [f"台風で特使が会談 {n}" for n in range(9)] + ["停戦の遺跡"] + ["天気の話"] * 20
    found = suggest(tagged, rest, unknown)
    assert [one.term for one in found[:2]] == ["ウクライナ", "停戦"]
    assert found[0].log_odds > 0
    assert found[0].examples == tuple(tagged[:3])
    assert (found[1].inside, found[1].outside, found[1].others) == (5, 1, ("停戦の遺跡",))
    assert "kyiv" not in {one.term for one in found}


def test_words_that_the_rule_finds_already_are_not_proposed():
    tagged = [f"ウクライナ停戦 {n}" for n in range(5)]
    found = suggest(tagged, ["天気の話"] * 9, known={"ウクライナ"}.__contains__)
    assert [one.term for one in found] == ["停戦"]


def test_words_that_all_texts_share_are_not_proposed():
    same = [f"会談 開催 {n}" for n in range(5)]
    assert suggest(same, same, unknown) == ()


def test_at_most_twenty_words_are_proposed():
    words = " ".join(f"word{letter}" for letter in "abcdefghijklmnopqrstuvwxyz")
    assert len(suggest([words + f" {n}" for n in range(4)], ["別"] * 9, unknown)) == 20
