"""Key points: verbatim, credited, none twice, nothing that stands beside an article."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.digest.fitness import quotable_part
from aggregator.digest.key_points import is_verbatim, key_points
from aggregator.digest.report_text import plain_text, text_of
from aggregator.model.article import PageRead
from aggregator.model.output import Audience
from aggregator.parse.article import PageHints, article_text
from aggregator.text.sentences import Span, sentences
from tests.digest.build import context, report, texts

CALL = (
    "トランプ米大統領とプーチン露大統領は18日、約2時間半の電話会談を行った。"
    "両首脳はエネルギー施設への攻撃を30日間停止することで合意した。"
    "米国は近く中東で技術協議を始める予定だと発表した。"
)


def test_each_point_is_a_verbatim_span_with_its_entry_credit_and_hash():
    filed = report("米ロ首脳が電話会談", CALL)
    points = key_points((filed,), filed, context())
    assert len(points) == 3
    for point in points:
        assert point.entry == filed.entry.id
        assert point.outlet == "mainichi"
        assert is_verbatim(point, text_of(filed.entry, point.field, {}))
        assert CALL[point.start : point.end] == point.text
        assert not is_verbatim(point, CALL + "。")


def test_one_fact_from_two_outlets_appears_once_and_both_are_credited():
    one = report(
        "米ロ首脳が電話会談",
        "トランプ米大統領とプーチン露大統領は18日、電話会談を行い、30日間の停戦案を協議した。",
    )
    other = report(
        "米ロ電話会談",
        "プーチン露大統領とトランプ米大統領は18日、電話会談を行い30日間の停戦案について協議した。",
        source="jiji",
    )
    (point,) = key_points((one, other), one, context())
    assert {point.outlet, *point.also} == {"mainichi", "jiji"}


def test_other_figures_are_another_fact():
    one = report("首相が会見", "政府は18日、避難所を120か所に設けたと発表した。", source="a")
    other = report(
        "知事が会見",
        "県は18日、避難者が3400人に上ったと発表した。政府は避難所を設けている。",
        source="b",
    )
    found = key_points((one, other), one, context())
    assert {point.outlet for point in found} == {"a", "b"}


@pytest.mark.parametrize(
    "summary",
    [
        "写真＝首相官邸で会見する首相（18日、東京都千代田区）。",
        "続きを読むには会員登録が必要です。",
        "この記事は有料会員限定です。残り1200文字。",
        "関連記事：米ロの電話会談を振り返る。",
        "この先に何があるのでしょうか。",
        "米ロ首脳が電話会談、停戦協議",
        "トランプ米大統領は18日、プーチン露大統領と電話会談を…",
        "［東京 １８日 ロイター］ - トランプ米大統領は、プーチン氏と電話で協議し...",
        "(1ページ)",
        "原題：Trump and Putin Hold Call on Ukraine Ceasefire Plan",
        "事情に詳しい複数の関係者が明らかにした。",
        "関係者2人を引用して専門サイトが報じた。",
        "上昇して取引を終えた。",
        "（英文の訂正に伴い、「21日」を「9月21日」に修正します。）",
        "政治担当編集者の山川が解説する。",
        "順位 社名 株数 比率 前期 甲社 41250 3.1 40980 乙社 38110 2.9 37760 05 65 47 06 9.53。",
    ],
)  # fmt: skip
def test_captions_navigation_paid_marks_questions_and_cut_sentences_never_appear(summary):
    filed = report("米ロ首脳が電話会談、停戦協議", summary)
    assert key_points((filed,), filed, context()) == ()


@pytest.mark.parametrize(
    "summary",
    [
        "Photo: leaders shake hands in Geneva on Tuesday, file photo by Getty Images.",
        "Subscribe or log in, and the whole of this page is yours today.",
        'Bloomberg\'s Lee Example joins Ann Example on "Bloomberg Deals." today.',
        "Ann Example has the latest on the talks.",
        "By Ann Example and Lee Example in Hong Kong with more reporting from London.",
        "Hello, it's energy editor Ann Lee here, filling in for Bob Ray today.",
        "The post Leaders Speak by Phone appeared first on The Example Society.",
        "Contents Introduction Using the Disk Tool Special Cases and Notes.",
        "A selection of powerful images taken around the world this week.",
        "A weekly evening program on harbours, ships and those who work on them.",
        "Editor's note: the column below was first sent to readers on Tuesday.",
        "Note: the figures in this article were gathered in the spring.",
        "New episode of the harbour programme, with guests from the port.",
        "Ann Example and Lee Example break down today's weather for sailors and anglers.",
        "Morning News anchor Scott Example on what a win would look like for the leaders.",
        "Lee Example, chief economist, discusses markets with Bloomberg's Ann Example in London.",
        "See where the service of both leaders is coming next.",
        "Ann Example, chief executive, joined the program and spoke of the talks of the leaders.",
        "We put nine umbrellas to the test by standing in the rain for an hour.",
        "The leaders agreed on Tuesday to stop strikes on energy targets for thirty ...",
        "Die Staatschefs haben am Dienstag über eine Waffenruhe in der Ukraine gesprochen.",
        "Is a ceasefire in Ukraine now within reach of the two leaders?",
    ],
)
def test_in_english_neither(summary):
    filed = report("Leaders speak", summary, language="en")
    native = report(
        "Leaders speak by phone",
        "The leaders of both countries spoke by phone on Tuesday.",
        language="en",
    )
    found = texts(key_points((native, filed), native, context("en")))
    assert found == ["The leaders of both countries spoke by phone on Tuesday."]


@pytest.mark.parametrize(
    ("summary", "quoted"),
    [
        ("【ロンドン共同】英政府は18日、追加制裁を発表した。", "英政府は18日、追加制裁を発表した。"),
        ("Ann Example [ジュネーブ １９日 ロイター] - 国連は１９日、過去最多を記録したと発表した。", "国連は１９日、過去最多を記録したと発表した。"),
        ("（ブルームバーグ）： 銅の先物に買いが戻っている。", "銅の先物に買いが戻っている。"),
        ("◇ 政府は18日、法案を提出した（ナレーションなし）。", "政府は18日、法案を提出した"),
        ("政府は18日、法案を提出した。…", "政府は18日、法案を提出した。"),
        ("LONDON, Aug 18 : The bank held its rate at 4 per cent.", "The bank held its rate at 4 per cent."),
        ("Aug 19 (Reuters) - The bank held its rate at 4 per cent.", "The bank held its rate at 4 per cent."),
        ("NEW YORK (AP) — The bank held its rate at 4 per cent.", "The bank held its rate at 4 per cent."),
        ("The bank held its rate at 4 per cent. (Source: Bloomberg)", "The bank held its rate at 4 per cent."),
    ],
)  # fmt: skip
def test_lead_ins_datelines_and_credits_are_left_out_of_a_sentence(summary, quoted):
    span = quotable_part(summary, Span(0, len(summary)))
    assert span is not None
    assert span.of(summary) == quoted


def test_a_public_audience_gets_no_quotes_and_a_team_one_sentence_of_a_summary():
    filed = report("米ロ首脳が電話会談", CALL)
    assert key_points((filed,), filed, context(audience=Audience.PUBLIC)) == ()
    assert len(key_points((filed,), filed, context(audience=Audience.TEAM))) == 1


def test_a_team_sees_at_most_a_tenth_of_a_longer_text():
    content = (
        "<p>"
        + "</p><p>".join(
            [CALL, *[f"第{n}の論点について各国の代表が意見を述べた。" for n in range(40)]]
        )
        + "</p>"
    )
    filed = report("米ロ首脳が電話会談", content=content)
    points = key_points((filed,), filed, context(audience=Audience.TEAM))
    length = len(plain_text(content))
    assert points
    assert sum(point.end - point.start for point in points) * 10 <= length
    assert all(point.field == "content" for point in points)


def test_what_stands_beside_an_article_is_no_text_of_it():
    html = (
        "<h2>見出し</h2><p>本文の一行目です。</p><figure><img src='x'><figcaption>写真の説明です。</figcaption></figure>"
        "<ul><li>項目</li></ul><nav>トップへ</nav><p>二行目<br>三行目</p>"
    )
    assert [line for line in plain_text(html).split("\n") if line] == [
        "本文の一行目です。", "項目", "二行目", "三行目",
    ]  # fmt: skip
    assert plain_text("") == ""
    assert plain_text("<p>A</figure>B</p>").split() == ["A", "B"]


def test_a_report_that_grouping_put_there_by_mistake_gives_no_point():
    lead = report("米ロ首脳が電話会談", CALL)
    stray = report(
        "日銀が利上げを決定",
        "日本銀行は19日、政策金利を0.75％に引き上げることを決めた。",
        source="jiji",
    )
    assert {p.outlet for p in key_points((lead, stray), lead, context())} == {"mainichi"}


def test_a_sentence_that_hangs_on_the_one_before_does_not_stand_alone():
    filed = report(
        "新製品",
        "Here is the news today. But artificial intelligence is the new frontier for the company.",
        language="en",
    )
    assert key_points((filed,), filed, context("en")) == ()


def test_points_are_in_the_readers_language_where_a_report_is():
    ja = report("米ロ電話会談", CALL)
    en = report(
        "Leaders speak", "The leaders of both countries spoke by phone on Tuesday.", language="en"
    )
    assert {p.entry for p in key_points((ja, en), ja, context("en"))} == {en.entry.id}
    assert key_points((ja,), ja, context("en"))  # else in the one there is


def test_a_fetched_article_is_quoted_before_the_summary():
    filed = report("米ロ電話会談", "両首脳が電話で話した。")
    ctx = context(articles={filed.entry.id: CALL})
    points = key_points((filed,), filed, ctx)
    assert {point.field for point in points} == {"article"}
    assert all(is_verbatim(point, CALL) for point in points)


@given(st.text(alphabet="雨風が降った。「」（）…\n 18ABcd.,'\"!?【】写真", max_size=120))
def test_whatever_the_text_points_are_verbatim_and_three_at_most(summary):
    filed = report("米ロ首脳", summary)
    points = key_points((filed,), filed, context())
    assert len(points) <= 3
    assert all(is_verbatim(point, filed.entry.summary) for point in points)
    again = key_points((replace(filed),), filed, context())
    assert again == points


OUTLETS = sorted((Path(__file__).parents[1] / "fakes" / "pages" / "outlets").glob("*.html"))
ARTICLE = {
    "ja": (
        "県は24日、北港で建設中の防波堤の完成が当初の予定より2年遅れ、2030年3月になると発表した。",
        "海底の地盤が想定より軟らかく、くいを18メートル深く打ち直す必要があるという。",
        "工事費は84億円増えて312億円になる見通しで、県は12月の県議会に補正予算案を出す。",
        "漁協の大浜会長は「冬の高波の前に、せめて東側だけでも使えるようにしてほしい」と話した。",
        "北港では昨年11月、高波で係留中の漁船7隻が沈み、2人がけがをした。",
    ),
    "en": (
        "The harbour board said on Tuesday that the new breakwater at North Harbour will be finished in March 2030, two years later than planned.",
        "Divers found that the seabed is softer than surveys had shown, and 140 piles must be driven 18 metres deeper.",
        "The cost rises by 62 million to 231 million, and the board will ask the county for a loan in December.",
        "Marta Quill, who chairs the fishing cooperative, said boats needed the eastern arm before the winter storms.",
        "Seven boats sank at their moorings in November last year, and two people were injured.",
    ),
}  # fmt: skip


@pytest.mark.parametrize("page", OUTLETS, ids=lambda page: page.stem)
def test_of_an_outlets_page_only_sentences_of_its_article_are_quoted(page):
    language = page.name[:2]
    read = article_text(page.read_bytes(), PageHints(content_type="text/html", language=language))
    assert read.outcome is PageRead.TEXT
    spans = sentences(read.text, language)
    parts = [part.of(read.text) for s in spans if (part := quotable_part(read.text, s))]
    assert parts == list(ARTICLE[language])
    title = "北港の防波堤" if language == "ja" else "Harbour works"
    filed = report(title, language=language)
    ctx = context(language, articles={filed.entry.id: read.text})
    points = key_points((filed,), filed, ctx)
    assert len(points) == 3
    assert all(is_verbatim(point, read.text) for point in points)
