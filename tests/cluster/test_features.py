from aggregator.cluster.features import TermKind, bare_title, features_of


def test_empty_marks_and_the_outlets_name_are_taken_off():
    assert bare_title("【速報】有明地震で死者21人と首相", "共同通信") == "有明地震で死者21人と首相"
    assert bare_title("【イオンモール爆発】社長が会見", "TBS") == "【イオンモール爆発】社長が会見"
    assert (
        bare_title("Moscow's fuel stations limit sales - reuters.com", "Reuters")
        == "moscow's fuel stations limit sales"
    )
    assert bare_title("労組が提訴（ロイター）", "Yahoo!ニュース") == "労組が提訴"
    assert bare_title("A - B", "C") == "a - b"


def test_a_japanese_headline_becomes_bigrams_katakana_words_names_and_numbers():
    features = features_of("トランプ氏、アメリカへの344万2100人の渡航を停止 2", "", "毎日新聞")
    assert features.cjk
    assert {"トランプ", "@trump", "@united states", "米国", "停止", "#3.44e+06"} <= set(
        features.terms
    )
    assert "への" not in features.terms
    assert features.kinds["@trump"] is TermKind.PERSON
    assert features.kinds["#3.44e+06"] is TermKind.NUMBER
    assert "#2" in features.terms
    assert "#2" not in features.kinds


def test_a_katakana_word_stands_beside_its_bigrams():
    terms = list(features_of("イラン、ホルムズ海峡", "", "x").terms)
    assert terms.index("ホルムズ") == terms.index("ムズ") + 1
    assert terms.index("ズ海") == terms.index("ホルムズ") + 1


def test_an_english_headline_becomes_stems_and_names():
    features = features_of("Putin's visits to Beijing: what we know x", "", "Reuters")
    assert not features.cjk
    assert {"putin", "visit", "@putin", "@beijing"} <= set(features.terms)
    assert not {"to", "what", "x"} & set(features.terms)


def test_a_compound_is_one_word_with_a_hyphen_or_without():
    one = features_of("A cease-fire in the north", "", "x").terms
    other = features_of("A ceasefire in the north", "", "x").terms
    assert one == other
    assert "wide" in features_of("the wide- open gate", "", "x").terms


def test_in_spaced_scripts_a_news_word_weighs_more_than_a_name():
    spaced = features_of("Putin resigns", "", "x").terms
    assert spaced["@resign"] > spaced["@putin"]
    written = features_of("プーチン氏が辞任", "", "x").terms
    assert written["@resign"] < written["@putin"]


def test_single_letters_of_kana_say_nothing():
    assert "の" not in features_of("A の 米", "", "x").terms
    assert "米" in features_of("A の 米", "", "x").terms


def test_a_word_that_is_repeated_weighs_more():
    features = features_of("選挙 選挙 投票", "", "x")
    assert features.terms["選挙"] > features.terms["投票"]


def test_the_summary_counts_half_and_its_dateline_nothing():
    features = features_of(
        "日経平均が反落", "[東京 20日 ロイター] - 半導体株が売られた", "ロイター"
    )
    assert features.terms["半導"] == 0.5
    assert "東京" not in features.terms
    plain = features_of("日経平均が反落", "半導体株が売られた", "ロイター")
    assert plain.terms["半導"] == 0.5


def test_a_summary_that_repeats_the_headline_is_left_out():
    once = features_of("日経平均が反落して始まる", "", "ロイター")
    twice = features_of(
        "日経平均が反落して始まる - ロイター", "日経平均が反落して始まる ロイター", "ロイター"
    )
    assert once.terms == twice.terms


def test_terms_are_bounded():
    assert (
        len(
            features_of(
                "x", " ".join(f"w{chr(97 + i % 26)}{chr(97 + i // 26)}" for i in range(99)), "x"
            ).terms
        )
        == 64
    )
