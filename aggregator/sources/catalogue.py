"""Outlets that one can add by name: what is known of their feeds, and how it is known.

Facts with their evidence, read from public lists and repositories in 2026; no address was opened
for this list. `seen` says when items that really came out of a feed were last seen in public.
"""

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from aggregator.text.normalise import fold

_EVIDENCE: Final = "2026-10"  # when the lists and repositories were read last
_PERSONAL: Final = "個人利用に限る / personal use only"
_NO_COMMERCE: Final = "商用利用不可 / no commercial use"
_ASK: Final = (
    "利用条件は未確認。公開前に各社の規約を確認 / terms not checked: read them before you publish"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownFeed:
    """A feed of a known outlet."""

    url: str
    title: str
    format: str  # RSS 1.0 | RSS 2.0 | Atom | unknown
    seen: str | None = None  # month in which real items of it were last seen; None: never
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlet:
    """A known publisher, as sources.yaml would list it."""

    id: str
    ja: str
    en: str
    homepage: str
    feeds: tuple[KnownFeed, ...]  # empty: it has none that is known
    language: str = "ja"
    timezone: str = "Asia/Tokyo"  # of its dates where they name no zone
    terms: str = _ASK
    evidence: str = _EVIDENCE
    warnings: tuple[str, ...] = ()
    keep_query: tuple[str, ...] = ()
    note: str | None = None  # to be shown beside the name


def find(name_or_url: str) -> Outlet | None:
    """Return the outlet of that id, name, host or feed address; None when none or several fit."""
    wanted = fold(name_or_url)
    exact = [outlet for outlet in OUTLETS if wanted in _names(outlet)]
    if not exact and "." in wanted:
        exact = [outlet for outlet in OUTLETS if _host(name_or_url) in _hosts(outlet)]
    if not exact and wanted:
        exact = [
            outlet for outlet in OUTLETS if any(name.startswith(wanted) for name in _names(outlet))
        ]
    return exact[0] if len(exact) == 1 else None


def _names(outlet: Outlet) -> set[str]:
    urls = (feed.url for feed in outlet.feeds)
    return {fold(name) for name in (outlet.id, outlet.ja, outlet.en, outlet.homepage, *urls)}


def _hosts(outlet: Outlet) -> set[str]:
    return {_host(url) for url in (outlet.homepage, *(feed.url for feed in outlet.feeds))}


def _host(url: str) -> str:
    try:
        host = urlsplit(url if "://" in url else f"https://{url}").hostname or ""
    except ValueError:
        return ""
    return host.removeprefix("www.")


def _feed(url: str, title: str, form: str, seen: str | None = None, note: str = "") -> KnownFeed:
    return KnownFeed(url=url, title=title, format=form, seen=seen, note=note)


_REFUSES: Final = "自動取得を拒む場合がある / may refuse automatic fetching (403)"
_NONE: Final = "公式フィードは知られていない / no official feed is known"

OUTLETS: Final = (
    Outlet(
        id="mainichi",
        ja="毎日新聞",
        en="Mainichi Shimbun",
        homepage="https://mainichi.jp/",
        feeds=(
            _feed("https://mainichi.jp/rss/etc/mainichi-flash.rss", "速報", "RSS 1.0", "2026-08"),
            _feed("https://mainichi.jp/rss/etc/opinion.rss", "オピニオン", "RSS 1.0"),
            _feed("https://mainichi.jp/rss/etc/mainichi-sports.rss", "スポーツ", "RSS 1.0"),
            _feed("https://mainichi.jp/rss/etc/mainichi-enta.rss", "エンタメ", "RSS 1.0"),
            _feed("https://mainichi.jp/rss/etc/english_latest.rss", "English", "unknown"),
        ),
        terms=_NO_COMMERCE,
        warnings=(
            "概要なし。20件のみで3.6〜7時間で入れ替わる / no summaries; a window of 20 items that turns over in 3.6 to 7 hours",
            _REFUSES,
        ),
    ),
    Outlet(
        id="jiji",
        ja="時事ドットコム",
        en="Jiji Press",
        homepage="https://www.jiji.com/",
        feeds=(_feed("https://www.jiji.com/rss/ranking.rdf", "アクセスランキング", "RSS 1.0"),),
        terms=_PERSONAL,
        warnings=(
            "新着順ではなくアクセスランキング / the access ranking, not ordered by time; no other feed is known",
        ),
        keep_query=("k",),
    ),
    Outlet(
        id="tbs",
        ja="TBS NEWS DIG",
        en="TBS NEWS DIG",
        homepage="https://newsdig.tbs.co.jp/",
        feeds=(_feed("https://newsdig.tbs.co.jp/list/feed/rss", "新着", "RSS 2.0"),),
        terms="https://newsdig.tbs.co.jp/list/rights",
        warnings=(
            "公表されていないフィード / an undocumented feed",
            _REFUSES,
        ),
    ),
    Outlet(
        id="nhk",
        ja="NHK",
        en="NHK News",
        homepage="https://news.web.nhk/",
        feeds=(
            _feed(
                "https://news.web.nhk/n-data/conf/na/rss/cat0.xml",
                "主要ニュース",
                "RSS 2.0",
                None,
                "分野別は cat1.xml〜cat7.xml / cat1.xml to cat7.xml by subject",
            ),
        ),
        terms="個人利用に限る、再配信不可 / personal use only, no re-supply",
        warnings=(
            "旧サーバー www3.nhk.or.jp は応答しても古いまま / the old host www3.nhk.or.jp answers but is stale",
        ),
    ),
    Outlet(
        id="asahi",
        ja="朝日新聞",
        en="Asahi Shimbun",
        homepage="https://www.asahi.com/",
        feeds=(
            _feed(
                "https://www.asahi.com/rss/asahi/newsheadlines.rdf", "速報", "RSS 1.0", "2026-08"
            ),
        ),
        terms=_NO_COMMERCE,
        warnings=(
            "概要は空、古い記事が再掲される / empty summaries; old stories come back",
            _REFUSES,
        ),
    ),
    Outlet(
        id="bbc-japanese",
        ja="BBC日本語",
        en="BBC News Japanese",
        homepage="https://www.bbc.com/japanese",
        feeds=(
            _feed("https://feeds.bbci.co.uk/japanese/rss.xml", "BBCニュース", "RSS 2.0", "2021"),
        ),
    ),
    Outlet(
        id="yahoo-japan",
        ja="Yahoo!ニュース",
        en="Yahoo! News Japan",
        homepage="https://news.yahoo.co.jp/",
        feeds=(_feed("https://news.yahoo.co.jp/rss/topics/top-picks.xml", "主要", "RSS 2.0"),),
        terms=_PERSONAL,
        warnings=(
            "リンク先は記事ではなく案内ページ / links lead to pointer pages, not to articles",
        ),
    ),
    Outlet(
        id="yomiuri",
        ja="読売新聞",
        en="Yomiuri Shimbun",
        homepage="https://www.yomiuri.co.jp/",
        feeds=(),
        terms="自動収集を禁止 / robots.txt and terms against automatic collection",
        warnings=(_NONE,),
    ),
    Outlet(
        id="nikkei",
        ja="日本経済新聞",
        en="Nikkei",
        homepage="https://www.nikkei.com/",
        feeds=(),
        warnings=("無料の公式フィードなし / no free official feed",),
    ),
    Outlet(
        id="sankei",
        ja="産経新聞",
        en="Sankei Shimbun",
        homepage="https://www.sankei.com/",
        feeds=(),
        warnings=(_NONE,),
    ),
    Outlet(
        id="kyodo-english",
        ja="共同通信（英語）",
        en="Kyodo News",
        homepage="https://english.kyodonews.net/",
        feeds=(_feed("https://english.kyodonews.net/rss/news.xml", "News", "RSS 2.0"),),
        language="en",
    ),
    Outlet(
        id="nikkei-asia",
        ja="日経アジア",
        en="Nikkei Asia",
        homepage="https://asia.nikkei.com/",
        feeds=(_feed("https://asia.nikkei.com/rss/feed/nar", "Nikkei Asia", "RSS 2.0"),),
        language="en",
    ),
    Outlet(
        id="bbc-world",
        ja="BBC",
        en="BBC News",
        homepage="https://www.bbc.com/news/world",
        feeds=(
            _feed(
                "https://feeds.bbci.co.uk/news/world/rss.xml",
                "World",
                "RSS 2.0",
                "2021",
                "2026-02 の一覧で応答を確認 / found answering by a list of 2026-02",
            ),
        ),
        language="en",
        timezone="UTC",
    ),
    Outlet(
        id="guardian",
        ja="ガーディアン",
        en="The Guardian",
        homepage="https://www.theguardian.com/world",
        feeds=(_feed("https://www.theguardian.com/world/rss", "World", "RSS 2.0", "2025"),),
        language="en",
        timezone="UTC",
    ),
    Outlet(
        id="nyt",
        ja="ニューヨーク・タイムズ",
        en="The New York Times",
        homepage="https://www.nytimes.com/",
        feeds=(
            _feed("https://rss.nytimes.com/services/xml/rss/nyt/World.xml", "World", "RSS 2.0"),
        ),
        terms=_NO_COMMERCE,
        language="en",
        timezone="UTC",
    ),
    Outlet(
        id="aljazeera",
        ja="アルジャジーラ",
        en="Al Jazeera",
        homepage="https://www.aljazeera.com/",
        feeds=(_feed("https://www.aljazeera.com/xml/rss/all.xml", "All", "RSS 2.0", "2025-05"),),
        terms="非商用のみ、AI・データマイニング不可 / non-commercial, no AI or text mining",
        language="en",
        timezone="UTC",
    ),
    Outlet(
        id="dw",
        ja="ドイチェ・ヴェレ",
        en="Deutsche Welle",
        homepage="https://www.dw.com/en/",
        feeds=(_feed("https://rss.dw.com/rdf/rss-en-all", "All", "RSS 1.0", "2025-05"),),
        language="en",
        timezone="UTC",
    ),
    Outlet(
        id="reuters",
        ja="ロイター",
        en="Reuters",
        homepage="https://www.reuters.com/",
        feeds=(),
        warnings=(
            "公開フィードは終了。日本語版も廃止 / public feeds were closed, the Japanese ones too",
        ),
        language="en",
        timezone="UTC",
    ),
    Outlet(
        id="ap",
        ja="AP通信",
        en="Associated Press",
        homepage="https://apnews.com/",
        feeds=(),
        warnings=(_NONE,),
        language="en",
        timezone="UTC",
    ),
    Outlet(
        id="ukrinform",
        ja="ウクルインフォルム",
        en="Ukrinform",
        homepage="https://www.ukrinform.net/",
        feeds=(_feed("https://www.ukrinform.net/rss/block-lastnews", "Latest", "RSS 2.0"),),
        note="ウクライナ国営",
        language="en",
        timezone="Europe/Kyiv",
    ),
    Outlet(
        id="kyiv-independent",
        ja="キーウ・インディペンデント",
        en="The Kyiv Independent",
        homepage="https://kyivindependent.com/",
        feeds=(_feed("https://kyivindependent.com/feed/", "News", "RSS 2.0"),),
        language="en",
        timezone="Europe/Kyiv",
    ),
    Outlet(
        id="tass",
        ja="タス通信",
        en="TASS",
        homepage="https://tass.com/",
        feeds=(_feed("https://tass.com/rss/v2.xml", "All", "RSS 2.0"),),
        note="ロシア国営",
        warnings=(
            "2022年に転送で読めなかった時期がある / was unreadable for a time in 2022 (a redirect by script)",
        ),
        language="en",
        timezone="Europe/Moscow",
    ),
    Outlet(
        id="meduza",
        ja="メドゥーザ",
        en="Meduza",
        homepage="https://meduza.io/en",
        feeds=(
            _feed(
                "https://meduza.io/rss/en/all",
                "English",
                "RSS 2.0",
                None,
                "2026-02 の一覧で応答を確認 / found answering by a list of 2026-02",
            ),
        ),
        language="en",
        timezone="UTC",
    ),
    Outlet(
        id="moscow-times",
        ja="モスクワ・タイムズ",
        en="The Moscow Times",
        homepage="https://www.themoscowtimes.com/",
        feeds=(
            _feed(
                "https://www.themoscowtimes.com/rss/news",
                "News",
                "RSS 2.0",
                None,
                "2026-02 の一覧で応答を確認 / found answering by a list of 2026-02",
            ),
        ),
        language="en",
        timezone="Europe/Moscow",
    ),
    Outlet(
        id="state-department",
        ja="米国務省",
        en="U.S. Department of State",
        homepage="https://www.state.gov/",
        feeds=(_feed("https://www.state.gov/feed/", "Releases", "RSS 2.0"),),
        language="en",
        timezone="America/New_York",
    ),
)
"""In the order in which `sources` lists them."""
