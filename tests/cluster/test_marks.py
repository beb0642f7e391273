import pytest

from aggregator.cluster.marks import (
    agency_of,
    is_bulletin,
    is_diary,
    is_notice,
    is_silent,
    read_marks,
    tickers,
    wire_credit,
)


@pytest.mark.parametrize(
    ("mark", "title"),
    [
        ("flash", "【速報】有明地震で死者21人と首相"),
        ("flash", "<速報>東証、一時6万1000円割れ"),
        ("flash", "BREAKING: Fed holds rates"),
        ("correction", "【訂正】国宝の被害、2件"),
        ("correction", "【おわびと訂正】記事の一部を取り消します"),
        ("correction", "訂正-議会図書館の別館新設"),
        ("correction", "再送-インタビュー：北極航路の試験開始"),
        ("correction", "訂正して再送：日銀の会合日程"),
        ("correction", "CORRECTED: Nikkei ends higher"),
        ("paid", "玉城デニー知事、普天間の固定化を危惧8:00有料#宜野湾市"),
        ("paid", "【有料記事】検証 政権の一年"),
        ("paid", "会員限定：次の一手"),
        ("video", "【動画】国民栄誉賞を受賞"),
        ("video", "〈動画あり〉代表選挙が始まる"),
        ("video", "Watch: How the world celebrates"),
        ("live", "【随時更新】台風 列島を縦断"),
        ("live", "【ライブ】気象庁会見"),
        ("live", "Live updates: talks in Geneva"),
        ("series", "[連載]沖縄のいま(3)"),
        ("series", "知事選の争点<上>"),
        ("series", "〈社説〉消費税の行方"),
        ("series", "湖国の百年・上 | 地域"),
        ("series", "港の記憶/後編"),
        ("series", "町工場を歩く(14)"),
        ("analysis", "【解説】首相、農地の売買を認める法案を提出へ"),
        ("analysis", "アングル：韓国が海外口座への監視強化"),
        ("analysis", "Analysis: what the vote means"),
        ("analysis", "国勢調査とは"),
        ("analysis", "水位はなぜ下がったのか、湖底の調査で"),
        ("analysis", "〈夕刊コラム〉坂の町"),
        ("analysis", "Five takeaways from the harbour summit"),
        ("analysis", "Lake closure: What you need to know"),
        ("analysis", "Why the ferry stopped"),
        ("analysis", "Who is the new mayor?"),
        ("analysis", "Will the new harbour pay off?"),
        ("analysis", "Where does the verdict leave the port? - Harbour Times"),
        ("analysis", "The ferry dispute explained"),
        ("analysis", "Evening Briefing: Rates, Rain"),
        ("analysis", "Harbour Talk: The Pilots (Podcast)"),
    ],
)
def test_a_mark_is_recognised(mark, title):
    assert getattr(read_marks(title), mark)


@pytest.mark.parametrize(
    "title",
    [
        "営業停止取り消し求める裁判、福岡高裁で始まる",
        "イオン社長「深くおわび」 会見で説明",
        "X、有料会員向けの金融サービスを開始",
        "人気歌手の男性、屋外ライブ公演中に転落",
        "台風13号、速度を上げて北上",
        "U.S. video game maker cuts jobs",
        "Lives lost in ferry disaster",
        "倉庫に侵入の男(44)を逮捕",
        "詩人の川上由美さん死去(81)",
        "川に転落の女児(7)を救助",
        "WHO says outbreak is under control",
        "Nobody knows how ferries float",
        "Is it over? No, says the mayor",
        "Ferry strike ends",
    ],
)
def test_the_same_words_in_the_news_are_no_marks(title):
    marks = read_marks(title)
    found = [
        name
        for name in ("flash", "correction", "paid", "video", "live", "series", "analysis")
        if getattr(marks, name)
    ]
    assert not found


def test_addresses_and_categories_tell_too():
    assert read_marks("見出し", "https://x.example/premium/1").paid
    assert read_marks("見出し", "https://x.example/videos/1").video
    assert read_marks("見出し", None, ("国際", "有料記事")).paid
    assert not read_marks("見出し", "https://x.example/articles/1", ("国際",)).paid


@pytest.mark.parametrize(
    ("title", "summary", "agency"),
    [
        ("米FRBが利上げ", "【ワシントン時事】米連邦準備制度理事会は", "時事通信"),
        ("元プロ野球選手が死去", "86歳。旧満州出身。(共同通信)。", "共同通信"),
        ("米労組など提訴（ロイター）", "", "ロイター"),
        ("Iran talks", "DUBAI (Reuters) - Iran said", "ロイター"),
        ("Storm hits", "MANILA (AP) — A storm", "AP"),
        ("米国債が下落", "（ブルームバーグ）： 米国債は", "ブルームバーグ"),
        ("地震", "【AFP=時事】米国で", "AFP"),
        ("岡山で国際共同研究", "ロイターなどの調査による", None),
        ("晴れ", "", None),
    ],
)
def test_the_agency_that_a_text_credits(title, summary, agency):
    assert wire_credit(title, summary) == agency


def test_an_outlet_can_be_an_agency():
    assert agency_of("Reuters") == "ロイター"
    assert agency_of("時事ドットコム") == "時事通信"
    assert agency_of("毎日新聞") is None


@pytest.mark.parametrize(
    ("title", "bulletin"),
    [
        ("石川県能登地方で震度4 津波の心配なし", True),
        ("岡山県に熱中症警戒アラート", True),
        ("東京円、157円台後半", True),
        ("高市首相の一日(29日)", True),
        ("高市日誌4日(火)", True),
        ("港湾局人事(7日)", True),
        ("おくやみ(8月2日付)", True),
        ("湖北線 運転見合わせ 大雨の影響", True),
        ("知事選(9日投開票)に3人目の候補", False),
        ("湖岸原発 運転再開へ", False),
        ("円相場に介入か 財務省は答えず", False),
        ("官房長官「避難者は2万人に」 有明で最大震度7 政府の説明", False),
        ("熱中症の患者が急増、病院の受け入れ停止が相次ぐ", False),
    ],
)
def test_bulletins(title, bulletin):
    assert is_bulletin(title) is bulletin


@pytest.mark.parametrize(
    ("title", "notice"),
    [
        ("m 4.7 - 12 km n of lakeside", True),
        ("magnitude 5.1 earthquake strikes near lakeside", True),
        ("a 4.2-magnitude quake shakes the harbour", True),
        ("magnitude 7.1 earthquake strikes near lakeside", False),
        ("a 6.8-magnitude quake shakes the harbour", False),
        ("light earthquake jolts the harbour", True),
        ("at least 12 dead after 7.1-magnitude quake", False),
        ("mayor visits earthquake shelters", False),
        ("flood warning issued for the lower lake", True),
        ("weather forecast: clear and cold", True),
        ("ferries stay in port as fresh storm warnings are issued", False),
        ("mayor ignored warning of flood", False),
        ("acme rivets (acr) q4 earnings: a look at the figures", True),
        ("is acme rivets stock a buy, sell or hold", True),
        ("stocks to watch this week", True),
        ("harbour authority (lha) names new pilot", False),
        ("acme rivets shares fall after recall", False),
    ],
)
def test_notices_in_spaced_scripts(title, notice):
    assert is_notice(title) is notice


def test_the_symbols_of_stocks_are_those_of_headlines_about_stocks():
    assert tickers("acme (nyse: acr) or bolt (bu)? two stocks compared") == ["acr", "bu"]
    assert tickers("harbour authority (lha) names new pilot") == []


def test_columns_and_tables_by_date_are_told_from_other_bulletins():
    assert is_diary("港湾局人事(7日)")
    assert not is_diary("石川県能登地方で震度4 津波の心配なし")


@pytest.mark.parametrize(
    "title", ["live: talks", "<連載>坂の町", "harbour talk (podcast)", "stocks slip: markets wrap"]
)
def test_live_pages_parts_of_series_and_round_ups_draw_nobody_in(title):
    assert is_silent(title)
    assert not is_silent("talks go on at the harbour")
