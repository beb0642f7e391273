"""`{kanji: 米}`: the sign of a country in a Japanese headline, not the letter in another word.

Japanese headlines write countries with one character, 米 for the United States and 露 or ロ for Russia; the
same characters stand for rice, for dew and in names. Each occurrence is decided by its neighbours:
another country beside it (日米, 米ロ), a verb of diplomacy before it (訪米, 対ロ), an institution after
it (米軍, 露外相), a name in katakana after it (米アップル). The tables come from headlines of 2026-07.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# What follows the sign where a state, its people or its firms are meant.
_INSTITUTIONS: Final = _words(
    "軍 兵 艦 機 国防 国務 国家 国内 政府 政権 政界 政治 政策 大統領 副大統領 首相 首脳 首都 外相 外務 外交 国境 防衛"
    " 議会 上院 下院 議員 国会 当局 高官 側 紙 誌 大使 総領事 領事 特使 代表 連邦 司法 検察 検事 警察 裁判 最高裁 地裁 財務 商務"
    " 通商 貿易 経済 中銀 中央銀 連銀 国債 株 企業 大手 新興 海軍 陸軍 空軍 空母 海兵 宇宙軍 沿岸警備 情報機関 捜査 捜索 選手 代表団 "
    " 与党 野党 民主党 共和党 共産党 労働党 保守党 極右 右派 左派 総選挙 大統領選 下院選 上院選 中間選挙 地方選 市民 国民 世論 人気 映画 俳優 女優 歌手"
    " 作家 大学 研究 専門家 人権 男性 女性 人 産 製 東部 西部 南部 北部 中部 各地 全土 本土 領 支援 制裁 関税 攻撃 空爆 侵攻 占領 核 原潜"
    " 提案 要求 拒否 主張 発表 派遣 供与 兵器 ミサイル ドローン 無人機 石油 関係 会談 協議 合意 交渉 対立 和平 停戦 両国 間 仲介 国 州 "
    " 極東 次期 新首相 新大統領 新政権 新政府 新外相 保安 治安 出身 南西部 南東部 北東部 北西部 最大 王室 王子 国王 女王 移民 難民 野球 代表監督 気象"
    " 保健 厚生 運輸 教育 内務 労働 農務 環境 移民 国土 郵政 放送 公共放送 報道 メディア 通信 テレビ 証券 金融 銀行 長期金利 金利 利上 利下 消費者 小売"
    " 雇用 失業 景気 物価 輸出 輸入 住宅 半導体 航空 防空 戦闘 爆撃 戦略 戦争 軍事 安保 安全保障 同盟 連合 反発 非難 批判 警告 容認 否定"
)
# What comes before it: to visit, against, stationed in, crossing to, anti-, pro-, away from.
_TOWARDS: Final = _words("訪 対 駐 在 渡 反 親 離 嫌 知")
# Two signs side by side are two countries. Left out: 日中 daytime, 中日 a newspaper, 中米 Central America,
# 台中 and 中越 and 日比 places, 朝日 a newspaper, 朝露 the morning dew; some of them count before
# a word of diplomacy.
_CLEAR_PAIRS: Final = _words(
    "日米 日韓 日露 日ロ 日英 日仏 日独 日伊 日豪 日印 日台 日加 日越 米日 米中 米韓 米朝 米露 米ロ 米英 米仏 米独 米伊 米豪 米印 米台"
    " 米加 米比 米越 米宇 米ウ 米欧 中露 中ロ 中韓 中朝 中印 中台 中比 中豪 中英 中独 中仏 韓米 韓日 韓中 韓朝 韓露 韓ロ 朝米 朝中 朝韓 朝ロ 露米 露中 露朝 露宇 露ウ"
    " 露印 露英 露独 露仏 露韓 露日 ロ米 ロ中 ロ朝 ロ印 ロ英 ロ独 ロ仏 ロ韓 ロ日 ロウ 宇露 宇米 ウ露 ウロ ウ米 英米 英仏 英独 英露 英ロ 英中 英豪 英伊 英印"
    " 仏独 仏英 仏伊 仏米 仏露 仏ロ 独仏 独英 独伊 独米 独露 独ロ 独中 伊仏 伊独 豪米 豪中 豪日 豪印 豪英 印パ 印米 印中 印露 印ロ 印豪 台米 台日 加米 比米 比中 欧露 欧ロ 欧中"
)
_DOUBTFUL_PAIRS: Final = _words("日中 日朝 朝露 日比 中越")
_DIPLOMACY: Final = _words(
    "首脳 関係 外相 会談 両国 協議 貿易 外交 防衛 国交 間 共同 対立 友好 戦争 条約 国境 摩擦 韓 米 露 ロ 双方 連携 接近 平和 外務 軍事 航空 経済 交流"
)
_KATAKANA: Final = frozenset(map(chr, range(0x30A1, 0x30FB))) | {"ー"}
_DIGITS: Final = frozenset("0123456789")
_NAMED: Final = _KATAKANA | frozenset("abcdefghijklmnopqrstuvwxyz")  # firms and people: 米FRB
_BREAKS: Final = frozenset(" 、。「『】〉》>)](.:!?◆●▼")  # where a phrase begins
_PARTICLES: Final = frozenset(" 、・にとへでがはもの")
_NOT_OF_RICE: Final = _PARTICLES - {"の"}  # 米の価格 is that of rice
_DAYS: Final = _DIGITS | frozenset("本今昨前同毎翌休祝曜")  # 31日朝から: a day, not Japan
_FORMERLY: Final = frozenset("前元現新故旧")  # 前英首相: still the country


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sign:
    """How one sign behaves."""

    bold: bool = False  # begins a phrase before any kanji: 米選手, 韓流
    after_kanji: bool = False  # an institution after it decides whatever stands before: 駐留米軍
    named: bool = False  # stands before a name in katakana or Latin letters: 仏ルノー, 米FRB
    alone: frozenset[str] = frozenset()  # begins a phrase before these: 米、イランに警告
    shy: bool = False  # also an everyday suffix or word: counts at the beginning of a phrase only
    rare: bool = False  # counts at the beginning of a phrase, before a government, and as 訪X
    paired: bool = False  # counts beside another sign and as 訪X only
    stops: frozenset[str] = field(default=frozenset())  # words that contain the letter


_SIGNS: Final[Mapping[str, _Sign]] = {
    "米": _Sign(
        bold=True,
        after_kanji=True,
        named=True,
        alone=_NOT_OF_RICE,
        stops=_words(
            # rice
            "新米 古米 玄米 白米 精米 胚芽米 備蓄米 食用米 飼料米 飼料用米 加工用米 銘柄米 輸入米 国産米 外国産米 県産米 道産米 年産米 産米 酒米 餅米 うるち米 もち米 くず米"
            " 無洗米 早場米 政府米 流通米 事故米 配給米 援助米 年貢米 お米 コメ米 ブランド米 コシヒカリ米 ジャポニカ米 インディカ米 タイ米 カルロース米 種米 赤米 黒米 古代米 献上米"
            " 米価 米農家 米農業 米作 米づくり 米粉 米俵 米飯 米穀 米菓 米油 米酢 米粒 米店 米屋 米卸 米不足 米騒動 米袋 米麹 米蔵 米倉庫 米問屋 米商 米流通 米生産 米在庫 米価格 米販売 米増産"
            " 米減反 米収穫 米収量 米集荷 米先物 米離れ 米食 米麦 米所 米どころ 米ぬか 米糠 米炊 米券 米券 米検査 米品種 米消費量 米需給 米相場 米高騰 米値上 米高値 米泥棒 米盗 米料理 米業者 米産地"
            " 米アレルギー 米パン 米ブランド 米トレーサビリティ 米トレサ 米コンクール 米フェア 米レター"
            # names and places
            " 久米 粂米 米子 米沢 米原 米田 米倉 米津 米山 米谷 米水津 米内 米川 米村 米本 米満 米長 米林 米元 米岡 米野 米崎 米良 米重 米持 米盛 米納 米丸 米代川 米里 米寿 米団治 米助 米米 米塚"
            " 桂米 米朝師匠 米朝一門 米朝事務所 米丸師匠 米紫 米吉 米蔵 米五郎 米二 米之助 米飛行場跡 米地 米坂 米斗 米次郎 米三 米太郎 八女米 善通寺米"
            # other parts of the world, measures
            " 欧米 北米 南米 中南米 中米 環米 平米 立米"
        ),
    ),
    "露": _Sign(
        bold=True,
        after_kanji=True,
        named=True,
        alone=_PARTICLES,
        stops=_words(
            "露呈 露店 露天 露地 露出 露骨 露見 露命 露光 露払 露座 露頭 露点 露草 露営 露台 露光 露盤 露国寺 露伴 露木 露口 露崎 露の五郎 露わ 露玉 露顕 露悪 露頂 露滴 露霜 露茶 露五郎"
            " 披露 暴露 吐露 結露 発露 雨露 甘露 夜露 玉露 白露 寒露 曝露 流露 紫露 蕗露 陳露 紅露 一露 松露 草露 末露 花露 被露 全露 半露 初露"
        ),
    ),
    "ロ": _Sign(after_kanji=True, named=True, alone=_PARTICLES),
    "ウ": _Sign(after_kanji=True),
    "宇": _Sign(stops=_words("宇都 宇部 宇治 宇和 宇佐 宇宙 宇土 宇城 宇陀 宇野 宇多 宇喜 宇梶 宇垣 宇津 宇井")),
    "英": _Sign(
        named=True,
        stops=_words("英語 英会話 英雄 英才 英霊 英断 英検 英知 英単語 英文 英訳 英字 英和 英国屋 英政塾 英樹 英明 石英 俊英 育英 和英"),
    ),
    "仏": _Sign(
        named=True,
        stops=_words("大仏 石仏 念仏 神仏 成仏 喉仏 仏教 仏像 仏壇 仏閣 仏具 仏師 仏事 仏花 仏間 仏法 仏滅 仏舎利 仏頂面 野仏 秘仏 木仏 金仏 磨崖仏 供仏"),
    ),
    "独": _Sign(
        named=True,
        stops=_words("独自 独立 独占 独身 独裁 独学 独特 独走 独房 独断 独協 独歩 独法 独居 独創 独演 独奏 独島 独禁 孤独 単独 独り 独自動車 独眼"),
    ),
    "伊": _Sign(
        named=True,
        stops=_words("伊藤 伊勢 伊豆 伊達 伊丹 伊東 伊賀 伊能 伊方 伊江 伊良 伊那 伊予 伊万里 伊集院 紀伊 伊吹 伊根 伊是名 伊香 伊沢 伊原 伊奈 伊佐 伊野 伊国屋 伊都 伊平屋"),
    ),
    "豪": _Sign(
        named=True,
        stops=_words("豪雨 豪雪 豪華 豪快 豪邸 豪遊 豪語 豪腕 豪速球 豪打 豪傑 豪商 豪族 豪農 豪奢 豪放 富豪 文豪 酒豪 強豪 剣豪 土豪 集豪"),
    ),
    "韓": _Sign(bold=True, after_kanji=True, named=True, alone=_PARTICLES, stops=_words("三韓 馬韓 弁韓 辰韓 韓非 韓信")),
    "印": _Sign(shy=True, stops=_words("印刷 印象 印鑑 印紙 印税 印章 印籠 印西 印旛 印南 印字 印影 印画 調印 捺印 押印 実印 刻印 消印 封印 烙印 矢印 目印 旗印 無印 金印 朱印 御朱印")),
    "台": _Sign(shy=True, stops=_words("台風 台数 台本 台所 台詞 台地 台頭 台帳 台車 台座 台紙 台場 台北 台南 台中 台東 台湾 仙台 舞台 土台 屋台 灯台 天文台 高台")),
    "中": _Sign(shy=True, stops=_words("中国 中央 中東 中学 中高 中古 中部 中心 中止 中小 中間 中継 中期 中日 中野 中村 中山 中島 中田 中川 中米 中州 中卒 中核 中間 中立 滞在中 駐在中 存在中 在中 反対中 絶対中 相対中 渡中 離中")),
    "朝": _Sign(paired=True, stops=_words("朝日 朝食 朝刊 朝鮮 朝市 朝顔 朝ドラ 早朝 今朝 翌朝 毎朝 明朝 一朝 王朝 南北朝 米朝師匠 米朝一門 米朝事務所")),
    "日": _Sign(paired=True, stops=_words("本日 今日 昨日 明日 前日 翌日 毎日 平日 休日 祝日 同日 当日 連日 後日 先日 終日 朝日 曜日 初日 滞在日 存在日")),
    "加": _Sign(shy=True, stops=_words("加工 加藤 加賀 加古川 参加 追加 増加 加入 加害 加速 加算 加熱 加茂 加盟 加計 加納 加山 加減 加護 加齢")),
    "比": _Sign(shy=True, stops=_words("比例 比較 比率 比重 比叡 日比谷 対比 前年比 同期比 構成比")),
    "越": _Sign(shy=True, stops=_words("越後 越前 越中 越谷 越冬 越境 越年 超越 引越 勝越 越権 上越 中越 下越 三越 川越")),
}  # fmt: skip
# Signs that are rare, and rarer than the letter: only beside a state's own institutions.
_RARE_SIGN: Final = _Sign(rare=True)
_STATE: Final = _words("政府 大統領 首相 外相 国防相 大使 議会 当局 ミサイル")
COUNTRY_SIGNS: Final = frozenset(_SIGNS) | frozenset("北泰西葡蘭墨伯土波希")
"""What headlines write for a country; as a plain term each would match everyday words."""

_LONGEST_WORD: Final = max(len(word) for word in _INSTITUTIONS | _DIPLOMACY)
_LONGEST_STOP: Final = max(len(word) for sign in _SIGNS.values() for word in sign.stops)


def is_country(text: str, at: int) -> bool:
    """Tell whether the character of folded `text` at `at` is a country's sign there."""
    sign = _SIGNS.get(text[at], _RARE_SIGN)
    if _in_stop_compound(text, at, sign.stops):
        return False
    if text[at] in _KATAKANA and not _is_katakana_sign(text, at):
        return False
    before = text[at - 1] if at else " "
    if _paired(text, at) or before in _TOWARDS:
        return True
    if sign.paired or before in _DIGITS or (sign.shy and before not in _BREAKS):
        return False
    if sign.rare:
        return before in _BREAKS and _begins_with(text, at + 1, _STATE)
    after_kanji = _is_kanji(before) and before not in _FORMERLY
    if _begins_with(text, at + 1, _INSTITUTIONS):
        return sign.after_kanji or not after_kanji
    if after_kanji or before in _KATAKANA:
        return False
    return _begins_phrase(text, at, sign, before)


def _begins_phrase(text: str, at: int, sign: _Sign, before: str) -> bool:
    """Tell whether what follows a sign that begins a phrase lets it be the country."""
    after = text[at + 1 : at + 2] or " "
    if sign.named and (after in _NAMED or (after == "・" and text[at + 2 : at + 3] in _KATAKANA)):
        return True
    if sign.bold and _is_kanji(after):
        return True
    return before in _BREAKS and after in sign.alone


def is_free_run(text: str, start: int, end: int) -> bool:
    """Tell whether a run of signs such as 米ロ ends where its katakana ends: not so in 米ロス."""
    return not COUNTRY_SIGNS.issuperset(text[start:end]) or all(
        is_country(text, at) for at in range(start, end) if text[at] in _KATAKANA
    )


def _in_stop_compound(text: str, at: int, stops: frozenset[str]) -> bool:
    """Tell whether the character belongs to a word that only contains the letter."""
    for start in range(max(0, at - _LONGEST_STOP + 1), at + 1):
        for end in range(at + 1, min(len(text), start + _LONGEST_STOP) + 1):
            if text[start:end] in stops:
                return True
    return False


def _is_katakana_sign(text: str, at: int) -> bool:
    """Tell whether ロ or ウ stands free of katakana words; ロウ is Russia and Ukraine in diplomacy only."""
    start, end = at, at + 1
    while start and text[start - 1] in _KATAKANA:
        start -= 1
    while end < len(text) and text[end] in _KATAKANA:
        end += 1
    return end - start == 1 or (
        text[start:end] in ("ロウ", "ウロ") and _begins_with(text, end, _DIPLOMACY)
    )


def _paired(text: str, at: int) -> bool:
    """Tell whether another country stands beside the sign."""
    for start in (max(at - 1, 0), at):
        pair = text[start : start + 2]
        if pair[:1] == "日" and start and text[start - 1] in _DAYS:
            continue
        if pair in _CLEAR_PAIRS or (
            pair in _DOUBTFUL_PAIRS and _begins_with(text, start + 2, _DIPLOMACY)
        ):
            return True
    return False


def _begins_with(text: str, at: int, words: frozenset[str]) -> bool:
    """Tell whether one of some words stands at a place."""
    return any(text[at : at + length] in words for length in range(1, _LONGEST_WORD + 1))


def _is_kanji(character: str) -> bool:
    return "\u4e00" <= character <= "\u9fff"
