"""Made-up news in Japanese and English: titles, summaries and bodies from a small grammar.

Every text follows from its number, so that an origin needs no memory and two runs see the same
bytes. With a million numbers some 98 % of the titles differ.
"""

import random
from typing import Final

_JA: Final = {
    "place": "札幌 仙台 新潟 金沢 長野 静岡 名古屋 京都 神戸 岡山 広島 松山 高知 福岡 熊本 那覇 青森 秋田 盛岡 水戸 宇都宮 前橋 千葉 横浜 甲府 岐阜 津 大津 奈良 鳥取 松江 徳島 高松 佐賀 長崎 大分 宮崎 鹿児島".split(),
    "actor": "市議会 県庁 商工会 漁協 大学病院 研究チーム 鉄道会社 老舗旅館 高校生 消防 図書館 美術館 気象台 農業法人 工業組合 市民団体 観光協会 新興企業 電力会社 地元銀行 球団 楽団 酒造会社 水族館 町工場 航空会社 郵便局 裁判所 保育所 養護学校".split(),
    "object": "新しい避難計画 予算案 冬の臨時便 海底の調査結果 地域通貨 無人の店舗 古い灯台 共同の研究所 蓄電設備 夜間の診療 子ども食堂 桜並木 歩行者の橋 給食の献立 図書の宅配 温泉の配管 森林の境界 水道料金 空き家の活用策 観光税 自転車の通行帯 防潮堤 学童の送迎 祭りの日程 港の再開発 工場の跡地 小型の衛星 稲の新品種 酒米の出荷 古文書の写し".split(),
    "act": "を発表 を見直しへ を公開 の導入を決定 を巡り協議 を延期 に着手 を検討 の完成を祝う を半年ぶり再開 に反対の声 を試験導入 を拡充へ の廃止を撤回 を来春から実施 で合意".split(),
    "turn": "背景に人手不足 費用は三割減 住民は歓迎 専門家は慎重 国の支援が条件 来月にも結論 十年ぶりの規模 若者の定着ねらう 雪への備え急ぐ 隣の県とも連携 説明会に二百人 収支は黒字に 海外からも視察 課題は財源".split(),
    "said": "担当者は「準備に時間をかけたい」と話した。 会見では費用の内訳が示された。 住民からは早い説明を求める声が出ている。 同じ取り組みは周辺の三つの町にも広がる。 専門家は効果を見極める必要があると指摘する。 計画は来年度の当初予算に盛り込まれる見通しだ。 背景には利用者の減少と設備の老朽化がある。 現地では関係者およそ四十人が作業を見守った。 次の会合は二十日に開かれる。 資料は窓口とウェブで公開される。 過去の調査では七割が賛成と答えていた。 天候によっては日程が変わることがある。".split(),
}
_EN: Final = {
    "place": "Leeds Bergen Porto Ghent Lyon Turin Graz Brno Gdansk Tartu Riga Malmo Oulu Cork Bath Perth Hobart Dunedin Regina Halifax Boise Tulsa Omaha Fresno Quito Cusco Salta Natal Accra Kigali Mombasa Durban Muscat Amman Izmir Pune Kochi Hue Cebu Penang".split(),
    "actor": "council|harbour board|hospital trust|rail operator|research team|fishing fleet|library service|film festival|weather office|farm co-operative|chip maker|savings bank|orchestra|coast guard|city museum|water company|teachers' union|airport|small brewery|observatory|football club|court|ferry line|school district".split(
        "|"
    ),
    "act": "approves|delays|unveils|rejects|funds|reopens|scraps|tests|defends|expands|reviews|sells|rebuilds|halts|wins support for|signs deal on|splits over|publishes".split(
        "|"
    ),
    "object": "night bus network|flood defences|seed archive|tram extension|school meals plan|tidal power trial|old lighthouse|fishing quota|visitor levy|cycle lanes|rent rules|satellite link|mountain rescue base|digital records|forest border survey|battery plant|winter timetable|heritage market|vaccine study|dairy scheme|public Wi-Fi|bridge repair|drone deliveries|tax rebate|archive of letters|rooftop farms".split(
        "|"
    ),
    "turn": "after months of talks|despite rising costs|as winter nears|in a first for the region|with backing from neighbours|amid staff shortage|following public vote|ahead of spring deadline|as rivals watch|for second time this year|while critics ask for detail|under new rules".split(
        "|"
    ),
    "said": "Officials said the first stage would take about eight weeks.|Residents asked for clearer figures before work begins.|The plan had been under discussion since the summer.|A similar project two towns away finished under budget.|Engineers will report back at the end of the month.|About forty people attended the meeting on Tuesday.|The cost is shared between the region and the state.|Critics say the timetable leaves little room for error.|Early results suggest that demand is higher than expected.|A spokeswoman declined to name the other bidders.|The documents can be read at the town hall and on line.|Work stops during the holidays and resumes in January.".split(
        "|"
    ),
}
SECTIONS: Final = {
    "ja": ("社会", "政治", "経済", "科学", "文化", "スポーツ", "地域", "国際"),
    "en": ("Local", "Politics", "Business", "Science", "Culture", "Sport", "Travel", "World"),
}
AUTHORS: Final = {
    "ja": ("北川 文", "三崎 透", "編集部", "早瀬 晶", "野口 亘", "社会部"),
    "en": ("Ada Holm", "R. Quill", "Staff", "Mina Forde", "Jo Tanner", "City desk"),
}


def title(language: str, number: int) -> str:
    """Return the title of the entry with this number."""
    chance = random.Random(number)
    if language == "ja":
        words = {name: chance.choice(_JA[name]) for name in ("place", "actor", "object", "act")}
        head = f"{words['place']}の{words['actor']}、{words['object']}{words['act']}"
        return f"{head} {chance.choice(_JA['turn'])}" if chance.random() < 0.6 else head
    head = " ".join(chance.choice(_EN[name]) for name in ("place", "actor", "act", "object"))
    return f"{head} {chance.choice(_EN['turn'])}" if chance.random() < 0.6 else head


def sentences(language: str, number: int, count: int) -> list[str]:
    """Return sentences of the text of the entry with this number; figures make them its own."""
    chance = random.Random(number ^ 0x5EED)
    words = _JA if language == "ja" else _EN
    made = []
    for _ in range(count):
        place, actor = chance.choice(words["place"]), chance.choice(words["actor"])
        object_, figure = chance.choice(words["object"]), chance.randrange(3, 900)
        said = chance.choice(words["said"])
        if language == "ja":
            made.append(f"{place}の{actor}によると、{object_}の対象は{figure}件に上る。{said}")
        else:
            made.append(f"In {place} the {actor} counted {figure} cases for the {object_}. {said}")
    return made
