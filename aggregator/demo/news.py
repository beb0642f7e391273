"""Sample news, invented for the demonstration: who publishes what, and when after the start.

What it shows: a 速報 that grows into a report, wire copy, one event in two languages, a correction,
a story that spreads, and a series of earthquake notices that must not become one story.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlet:
    """An invented outlet with one feed."""

    id: str
    name: str
    language: str
    format: str  # rss | rdf | atom | json
    weight: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """An item as an outlet publishes it, or changes one it published before."""

    at: float  # seconds after the start
    outlet: str
    item: str  # the same name again changes the item
    title: str
    summary: str = ""
    section: str = ""


OUTLETS: Final = (
    Outlet(id="minato", name="みなと新聞", language="ja", format="rdf", weight=1.5),
    Outlet(id="chuo", name="中央通信", language="ja", format="rss", weight=1.2),
    Outlet(id="kaikyo", name="海峡日報", language="ja", format="rss"),
    Outlet(id="tokai", name="とうかい放送", language="ja", format="atom"),
    Outlet(id="harbour", name="Harbour Times", language="en", format="rss", weight=1.2),
    Outlet(id="meridian", name="Meridian World", language="en", format="json"),
)

RELEASES: Final = (
    # There when the demonstration starts.
    Release(at=-9000, outlet="minato", item="budget", section="政治",
            title="来年度予算案、衆院予算委で審議入り 防災費の増額が焦点",
            summary="衆議院予算委員会は来年度予算案の審議を始めた。防災関連の費用は前年度より12%多い。野党は財源の説明を求めている。"),
    Release(at=-8400, outlet="chuo", item="budget", section="政治",
            title="予算案の審議始まる 衆院予算委、防災費12%増を議論",
            summary="来年度予算案の審議が衆院予算委員会で始まった。政府は防災費を12%増やす方針で、野党は財源をただした。"),
    Release(at=-7000, outlet="harbour", item="chips", section="Business",
            title="Kitakami chip plant to begin trial production in April",
            summary="A new semiconductor plant in Kitakami will start trial production in April, its operator said. It plans to hire 800 people by the end of next year."),
    Release(at=-6600, outlet="kaikyo", item="chips", section="経済",
            title="北上の半導体工場、4月に試験生産へ 800人を採用",
            summary="北上市に建設中の半導体工場が4月に試験生産を始める。運営会社は来年末までに800人を採用する計画だ。"),
    Release(at=-5400, outlet="tokai", item="sumo", section="スポーツ",
            title="大相撲の海外公演、来秋に20年ぶり開催へ",
            summary="大相撲の海外公演が来年の秋に行われることになった。開催は20年ぶりで、5日間の日程が検討されている。"),
    Release(at=-4000, outlet="meridian", item="rates", section="Economy",
            title="Bank of Japan keeps policy rate unchanged, cites uncertain exports",
            summary="The Bank of Japan kept its policy rate unchanged on Tuesday. The board pointed to uncertain exports and said that it would watch wages in spring."),
    Release(at=-3800, outlet="minato", item="rates", section="経済",
            title="日銀、政策金利を据え置き 輸出の先行き見極め",
            summary="日本銀行は金融政策決定会合で政策金利の据え置きを決めた。輸出の不透明さを理由に挙げ、春の賃上げを見極めるとした。"),
    Release(at=-3000, outlet="chuo", item="quake-1", section="災害",
            title="奄美大島近海で地震 最大震度2",
            summary="午前6時12分ごろ、奄美大島近海を震源とする地震があり、奄美市で震度2を観測した。津波の心配はない。"),
    # A flash that grows into a report, and is copied.
    Release(at=8, outlet="chuo", item="talks", section="国際",
            title="【速報】米ロ高官、ジュネーブで協議開始"),
    Release(at=20, outlet="tokai", item="talks", section="国際",
            title="米国とロシアの高官がジュネーブで会談 停戦の監視を協議",
            summary="米国とロシアの高官が24日、ジュネーブで会談を始めた。ウクライナでの停戦をどう監視するかが主な議題で、協議は2日間の予定。"),
    Release(at=32, outlet="chuo", item="talks", section="国際",
            title="米ロ高官、ジュネーブで協議 停戦監視の枠組みを議論",
            summary="【ジュネーブ中央】米国とロシアの高官が24日、ジュネーブで協議した。ウクライナでの停戦を監視する枠組みを議論し、監視団は400人規模とする案が示された。協議は25日も続く。"),
    Release(at=44, outlet="kaikyo", item="talks", section="国際",
            title="米ロ高官、ジュネーブで協議 停戦監視の枠組みを議論",
            summary="【ジュネーブ中央】米国とロシアの高官が24日、ジュネーブで協議した。ウクライナでの停戦を監視する枠組みを議論し、監視団は400人規模とする案が示された。協議は25日も続く。"),
    Release(at=52, outlet="harbour", item="talks", section="World",
            title="US and Russia open talks in Geneva on monitoring Ukraine ceasefire",
            summary="Senior US and Russian officials met in Geneva on the 24th to discuss how a ceasefire in Ukraine could be monitored. A draft foresees 400 observers; talks go on for two days."),
    Release(at=64, outlet="minato", item="talks", section="国際",
            title="米ロ、停戦監視団400人案を協議 ジュネーブで高官会談",
            summary="米国とロシアの高官がジュネーブで会談し、ウクライナの停戦を監視する400人規模の監視団の案を話し合った。ウクライナ政府は協議の結果を待つとしている。"),
    # An earthquake series: the same headline, another earthquake.
    Release(at=14, outlet="chuo", item="quake-2", section="災害",
            title="奄美大島近海で地震 最大震度2",
            summary="午後2時41分ごろ、奄美大島近海を震源とする地震があり、喜界町で震度2を観測した。津波の心配はない。"),
    Release(at=38, outlet="chuo", item="quake-3", section="災害",
            title="奄美大島近海で地震 最大震度3",
            summary="午後3時5分ごろ、奄美大島近海を震源とする地震があり、奄美市で震度3を観測した。津波の心配はない。"),
    Release(at=70, outlet="chuo", item="quake-4", section="災害",
            title="奄美大島近海で地震 最大震度2",
            summary="午後3時30分ごろ、奄美大島近海を震源とする地震があり、奄美市で震度2を観測した。津波の心配はない。"),
    # A correction.
    Release(at=26, outlet="kaikyo", item="ferry", section="社会",
            title="瀬戸内フェリーで火災 乗客128人は全員避難",
            summary="24日昼、瀬戸内海を航行中のフェリーの機関室から出火した。乗客128人は全員避難し、けが人はいないという。"),
    Release(at=34, outlet="tokai", item="ferry", section="社会",
            title="フェリー機関室で火災、乗客は全員無事 瀬戸内海",
            summary="瀬戸内海でフェリーの機関室が燃え、乗客は全員避難した。海上保安部が原因を調べている。"),
    Release(at=80, outlet="kaikyo", item="ferry", section="社会",
            title="【訂正】瀬戸内フェリーで火災 乗客118人は全員避難",
            summary="24日昼、瀬戸内海を航行中のフェリーの機関室から出火した。乗客118人は全員避難し、けが人はいないという。乗客数を128人としたのは誤りでした。"),
    # One event in two languages.
    Release(at=58, outlet="meridian", item="yen", section="Markets",
            title="Japan's inbound visitors reach record 3.44 million in October",
            summary="The number of foreign visitors to Japan reached 3.44 million in October, a record for a single month, the tourism agency said."),
    Release(at=66, outlet="chuo", item="visitors", section="経済",
            title="10月の訪日客344万人、単月で過去最多 観光庁",
            summary="観光庁は10月の訪日外国人客が344万人だったと発表した。単月として過去最多となった。"),
    Release(at=74, outlet="tokai", item="visitors", section="経済",
            title="訪日外国人、10月は344万人で過去最多",
            summary="10月に日本を訪れた外国人は344万人で、1か月の数としてこれまでで最も多かった。"),
    Release(at=88, outlet="meridian", item="talks", section="World",
            title="Geneva talks: US, Russia weigh 400-strong ceasefire monitoring mission",
            summary="Officials from the United States and Russia weighed a 400-strong mission to monitor a ceasefire in Ukraine. Kyiv said that it was waiting for the outcome."),
    Release(at=100, outlet="harbour", item="visitors", section="Business",
            title="Record 3.44 million visitors came to Japan in October",
            summary="Japan received 3.44 million foreign visitors in October, the most in any month so far, official figures showed."),
    Release(at=112, outlet="minato", item="aid", section="国際",
            title="ウクライナ復興支援、欧州が追加で20億ユーロ 停戦後を見据え",
            summary="欧州の支援国は、ウクライナの復興に20億ユーロを追加で拠出すると発表した。停戦後の電力網の修復に充てる。"),
    Release(at=124, outlet="harbour", item="aid", section="World",
            title="European donors pledge further 2 billion euros for Ukraine's power grid",
            summary="European donors pledged a further 2 billion euros to rebuild Ukraine's power grid once a ceasefire holds."),
    Release(at=140, outlet="chuo", item="talks-2", section="国際",
            title="米ロ協議、1日目を終了 25日に再開へ",
            summary="ジュネーブで行われている米国とロシアの高官協議は1日目を終えた。停戦監視の枠組みは25日に引き続き話し合う。"),
)  # fmt: skip
