"""What a headline says about itself: bulletin, correction, paid, video, live page, series, wire credit.

All patterns are applied to `fold`ed text (NFKC, lower case), so full-width forms need no care here.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from aggregator.text.normalise import fold

_FLASH: Final = re.compile(
    r"^\W*(?:【速報|<速報|〈速報|\[速報|速報[】>〉\]:：・]|号外|breaking\b|newsflash|news flash|update\s*1\b)|^.{0,3}【(?:速報|号外)】|[\[(]?breaking[\])]?:"
)
_CORRECTION: Final = re.compile(
    r"【[^】]{0,6}訂正[^】]{0,6}】|^\W*(?:訂正|再送|おわび|お詫び)(?:して再送)?(?:[-‐–—ー:：・、\s(（]|$)|おわびと訂正|お詫びと訂正|訂正して(?:再送|おわび|お詫び)"
    r"|^\W*(?:【?記事)?(?:取り消し|削除)(?:】|[:：-])|^\W*(?:corrected|correction|clarification|refile|retraction|retracted)\b"
)
_PAID: Final = re.compile(
    r"有料(?:記事|会員限定|版)|\d[::]\d\d有料#|会員限定|会員記事|購読者限定|【有料】|\(有料\)|\[有料\]|プレミアム記事|subscribers?[ -]only|for subscribers|members?[ -]only|\bpaywall"
)
_PAID_URL: Final = re.compile(
    r"[/_.=-](?:premium|paid|members?|subscribers?[-_]?only)(?:[/_.=&-]|$)"
)
_VIDEO: Final = re.compile(
    r"【[^】]{0,6}(?:動画|映像|中継|ノーカット)[^】]{0,4}】|[〈<(\[](?:動画|映像)(?:あり|付き)?[〉>)\]]|^\W*(?:watch|video)\s*[:|]|[\[(](?:video|watch)[\])]|\(video\)"
)
_VIDEO_URL: Final = re.compile(r"/videos?/|//(?:www\.)?youtube\.com|//youtu\.be|/movie/")
_LIVE: Final = re.compile(
    r"随時更新|随時、更新|【更新中】|【ライブ|ライブ配信|ライブ】|live配信|リアルタイム速報|タイムライン|最新情報まとめ|^\W*live\s*[:|]|^live updates?\b|\blive (?:updates?|blog|coverage)\b|\bas it happened\b|\blive:"
)
# (81) behind a name is an age: of the bracketed numbers from 15 on in 16,547 Japanese headlines four of
# five are, of those below it none but a child's.
_SERIES: Final = re.compile(
    r"【連載|\[連載|<連載|〈連載|連載[::]|[<〈【\[](?:\d{1,3}|上|中|下|[①-⑳]|前編|後編|第\d+[回部話])[>〉】\]]"
    r"|(?<![男女児])\((?:\d|1[0-4]|上|中|下|[①-⑳]|前編|後編|第\d+[回部話]|その\d+)\)|・[上中下](?:$|\s*[|/])|[/・\s](?:前|中|後)編(?:$|[\s|/】])"
    r"|\bpart (?:\d|one|two|three)\b|^\W*(?:【?社説|〈社説|<社説|社説[::]|コラム[::]|<主張|天声人語|余録|産経抄|編集手帳|春秋)"
)
# Openings are matched apart, and the others begin with a character each: several times faster
_ANALYSIS_OPENING: Final = re.compile(
    r"\W*(?:コラム|アングル|焦点|情報box|インタビュー|社説|解説|分析|オピニオン|時論|論点|寄稿|視点|特集|まとめ|なぜ)\s*[::/】>〉\]]"
    r"|\W*(?:opinion|analysis|editorial|explainer|column|factbox|q&a|breakingviews|commentary|insight|in pictures)\b\s*[:|-]"
    r"|(?:why|how) |(?:what|who|whose|which|where|when|will|would|could|can|should)\b.*\?(?:$| [-–—|] )"
)
_ANALYSIS: Final = re.compile(
    r"【(?:解説|[^】]{0,8}解説|社説|分析|まとめ[^】]*|まとめてわかる|q&a|一問一答|全文|詳報)】|[〈<(【\[][^〉>)】\]]{0,10}(?:解説|コラム|q&a|深掘り)[〉>)】\]]"
    r"|を(?:わかりやすく|詳しく|やさしく)?解説$|とは[?？]?(?:$| )|なぜ[^「」]{0,20}(?:[?？]|のか|理由)|識者の見方|(?:識者|専門家|研究者|教授)に聞く"
    r"|what (?:to|we|you need to|you should) know\b|things to know\b|takeaways\b|explain(?:ed|er)$|fact[- ]check"
)
# Many events under one headline, or a programme about them.
_ROUND_UP: Final = re.compile(
    r"ポッドキャスト|ニュースレター|ニュース(?:一覧|まとめ|ダイジェスト)|1行情報|記事一覧"
    r"|\(podcast\)|newsletter:|markets wrap|(?:morning|evening|daily|weekly) (?:briefing|recap|round-?up|wrap)|round-?up:|recap:|(?:pictures|photos) of the (?:day|week)"
)
_CREDITS: Final = (
    ("共同通信", re.compile(r"[(【\[〔=＝](?:共同通信(?:社)?|[^)】\]]{0,8}共同)[)】\]〕]|共同通信(?:社)?によると|配信[::]共同|\bkyodo(?: news)?\b(?:[)\]]| --|\s*-)")),
    ("時事通信", re.compile(r"[(【\[〔](?:時事通信(?:社)?|(?!afp)[^)】\]]{0,8}時事)[)】\]〕]|\(jiji(?: press)?\)|\bjiji press\b")),
    ("ロイター", re.compile(r"[(【\[〔][^)】\]〕]{0,24}ロイター(?:通信)?[)】\]〕]|[(\[]reuters[)\]]|\(reuters\) ?[-–—]|^reuters\b|- reuters$")),
    ("AFP", re.compile(r"[(【\[〔][^)】\]〕]{0,16}afp(?:時事|=時事|通信)?[)】\]〕]|\(afp\)|\bafp\) ?[-–—]")),
    ("AP", re.compile(r"[(【\[〔](?:ap|[^)】\]〕]{0,12}[ =・]ap)(?:通信)?[)】\]〕]|\(ap\) ?[-–—]|^associated press\b|- (?:the )?associated press$")),
    ("ブルームバーグ", re.compile(r"[(\[【](?:ブルームバーグ|bloomberg)[)\]】]|\(bloomberg\) ?[-–—]")),
)  # fmt: skip


_AGENCY: Final = re.compile(
    "共同|kyodo|時事|jiji|ロイター|reuters|afp|ap|associated press|ブルームバーグ|bloomberg"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """What was recognised in an entry's title, address and categories."""

    flash: bool = False  # 速報: the first word, to be followed by a report
    correction: bool = False  # 訂正, おわび, 取り消し
    paid: bool = False
    video: bool = False
    live: bool = False  # a page that goes on changing
    series: bool = False  # one part of a series, an editorial column
    analysis: bool = False  # comment on an event or on several, not its report


def read_marks(title: str, url: str | None = None, categories: Sequence[str] = ()) -> Marks:
    """Recognise the marks that outlets put on their headlines."""
    text = fold(title)
    address = (url or "").lower()
    words = fold(" ".join(categories))
    return Marks(
        flash=_FLASH.search(text) is not None,
        correction=_CORRECTION.search(text) is not None,
        paid=_PAID.search(text) is not None
        or _PAID.search(words) is not None
        or _PAID_URL.search(address) is not None,
        video=_VIDEO.search(text) is not None or _VIDEO_URL.search(address) is not None,
        live=_LIVE.search(text) is not None,
        series=_SERIES.search(text) is not None,
        analysis=is_analysis(text) or _ROUND_UP.search(text) is not None,
    )


_AGENCIES: Final = (
    ("共同通信", ("共同通信", "kyodo")), ("時事通信", ("時事通信", "時事ドットコム", "jiji")), ("ロイター", ("ロイター", "reuters")),
    ("AFP", ("afp",)), ("AP", ("associated press", "ap通信")), ("ブルームバーグ", ("ブルームバーグ", "bloomberg")),
)  # fmt: skip


@lru_cache(maxsize=4096)
def agency_of(outlet: str) -> str | None:
    """Return the agency that an outlet is."""
    name = fold(outlet)
    for agency, forms in _AGENCIES:
        if any(form in name for form in forms):
            return agency
    return None


def is_silent(folded_title: str) -> bool:
    """Tell whether a headline is that of a live page, a round-up or a part of a series."""
    return (
        _LIVE.search(folded_title) is not None
        or _SERIES.search(folded_title) is not None
        or _ROUND_UP.search(folded_title) is not None
    )


def is_analysis(folded_title: str) -> bool:
    """Tell whether a headline explains or judges an event that others report."""
    return (
        _ANALYSIS_OPENING.match(folded_title) is not None
        or _ANALYSIS.search(folded_title) is not None
    )


def wire_credit(title: str, summary: str) -> str | None:
    """Return the agency that a text credits: in its headline, or where datelines and credits stand."""
    text = fold(title) + " \n" + fold(summary[:160]) + " \n" + fold(summary[-40:])
    if _AGENCY.search(text) is None:
        return None
    for name, pattern in _CREDITS:
        if pattern.search(text):
            return name
    return None


_QUAKE: Final = re.compile(
    r"津波の心配は?な[いしく]|震度\d[弱強]?(?:を観測|の地震|の揺れ)|震度\d[弱強]?\W*(?:\(|$|m\d|マグニチュード)|地震(?:速報|情報)】"
)
_WEATHER: Final = re.compile(
    r"熱中症(?:特別)?警戒アラート|(?:大雨|洪水|土砂災害|暴風|高潮|竜巻|危険|特別)(?:警戒情報|警報|注意情報|注意報)|^\W*(?:きょう|あす|明日|週末)の(?:天気|気温)|の天気】|天気予報"
)
_MARKETS: Final = re.compile(
    r"(?:寄り付き|大引け|前引け|後場寄り|概況|終値|始値)(?:[はで=\]、 ]|$)|^\W*(?:東京円|ny円|外為\d*時|東証|東京株)|円相場.{0,12}\d円|(?:商品|為替)(?:相場|主要相場)|^\W*(?:午前|午後|正午)\d*時?のドル"
)
_RAIL: Final = re.compile(r"^.{0,24}(?:線|鉄道|電鉄|電車).{0,16}運転を?(?:見合わせ|再開)")
_DIARY: Final = re.compile(
    r"首相(?:動静|の動静|の一日|日々)|(?:総理|首相)日誌|[^\W\d_]{1,4}日誌\d|首相.{0,2}の一日|の動静$"
    # A date in brackets: tables, notices and columns that come again under the next one.
    r"|[(【](?:\d{1,2}月)?\d{1,2}日(?:付分?|分|朝|昼|夜|発表|現在|の動き|(?:午前|午後|正午)?\d{0,2}時?(?:半|\d{0,2}分)?)?[)】]"
)


# The same in English. A quake of magnitude 6 is news: its first measures differ, and it has a toll.
_QUAKE_NOTICE: Final = re.compile(
    r"(?!.*(?:dead|dies|kill|toll|injur|missing|rescue|damage))"
    r"(?:m[wbl]? ?[1-5]\.\d\b|.{0,12}(?:magnitude[- ][1-5]\b|\b[1-5](?:\.\d)?[- ]magnitude\b).{0,16}quake"
    r"|(?:minor|light|moderate) (?:earth)?quake (?:hit|strike|jolt|shake|rattle)s?\b)"
)
_WARNING: Final = re.compile(
    r".{0,24}\b(?:flood|wind|heat|storm|thunderstorm|tornado|blizzard|frost|fog|rain|snow|weather) (?:warning|watch|advisory)"
    r" (?:is |was )?(?:issued|in effect|in force|extended|lifted|cancelled|for|until)\b|.{0,24}\bweather forecast:"
)
_TICKER: Final = re.compile(r"\((?:[a-z]{2,8}: ?)?([a-z]{1,5}(?:\.[a-z]{1,2})?)\)")
_STOCK: Final = re.compile(
    r"\b(?:stocks?|shares?|earnings|eps|q[1-4]|revenues?|estimates?|invest\w*|dividends?|wall street|analysts?|etfs?|buy|sell)\b"
)
_ADVICE: Final = re.compile(
    r"\bbuy,? (?:hold,? )?or sell\b|\bbuy, sell,? or hold\b|\bshould (?:you|i|investors) (?:buy|sell)\b|\bstocks? to (?:buy|sell|watch)\b|\b(?:pre-?market|after-?hours) (?:movers|trading|most active|earnings)\b"
)


def tickers(folded_title: str) -> list[str]:
    """Return the stock exchange symbols in brackets of a headline about stocks: (WMT), (NASDAQ: DIS)."""
    return _TICKER.findall(folded_title) if _STOCK.search(folded_title) else []


def is_notice(bare_title: str) -> bool:
    """Tell whether a folded headline in a spaced script returns unchanged for another event.

    Quakes as they are measured, weather warnings, and notes on stocks.
    """
    return (
        _QUAKE_NOTICE.match(bare_title) is not None
        or _WARNING.match(bare_title) is not None
        or _ADVICE.search(bare_title) is not None
        or bool(tickers(bare_title))
    )


def is_bulletin(bare_title: str) -> bool:
    """Tell whether a folded headline is one of those that return unchanged for another event.

    Quakes, heat and storm warnings, market reports, trains that stand, and what comes by date: equal
    words prove nothing there.
    """
    return (
        _QUAKE.search(bare_title) is not None
        or _WEATHER.search(bare_title) is not None
        or _MARKETS.search(bare_title) is not None
        or _RAIL.search(bare_title) is not None
        or _DIARY.search(bare_title) is not None
    )


def is_diary(bare_title: str) -> bool:
    """Tell whether a folded headline is that of a column or table by date, such as the prime minister's day."""
    return _DIARY.search(bare_title) is not None
