"""Which part of a sentence may be quoted, and which sentences never: found by reading real feeds.

Left out as parts: lead-ins such as 【ロンドン共同】, datelines, bylines, credits behind the full stop. Left
out whole: cut sentences, captions, credits, navigation, paid marks, programme notes, tables, questions.
"""

import re
from typing import Final

from aggregator.text.script import is_cjk
from aggregator.text.sentences import Span

_NAMES: Final = r"(?:[A-Z][\w.'’-]*\s+){1,12}"
_MONTH: Final = (
    r"(?:Jan|Feb|Mar|Apr|May|June?|July?|Aug|Sept?|Oct|Nov|Dec)[a-z]*\.?\s+\d{1,2}(?:,?\s+\d{4})?"
)
_LEAD_INS: Final = tuple(
    re.compile(pattern)
    for pattern in (
        r"[■◆●▼◇□▽◎★▶►•・＊*\s　]+",
        r"【[^】]{1,40}】\s*",
        r"[＜<〈][^＞>〉]{1,16}[＞>〉]\s*",
        r"[（(](?:ブルームバーグ|Bloomberg|共同|時事|ロイター|Reuters|AP|AFP|CNN[^）)]{0,12})[）)]\s*(?:[：:]|--|[-–—])?\s*",
        r"(?:" + _NAMES + r")?[\[［][^\]］]{0,60}(?:ロイター|Reuters|REUTERS|時事|共同)[^\]］]{0,10}[\]］]\s*[-－–—]?\s*",
        r"By\s+" + _NAMES + _MONTH + r"\s*\(\w+\)\s*[-–—]+\s*",
        r"By\s+(?:[A-Z][\w.'’-]+\s+){2,3}(?:(?:and|,)\s+(?:[A-Z][\w.'’-]+\s+){2,3})*(?=(?:The|A|An|In|On|At|US|U\.S\.)\s)",
        r"[A-Z][A-Za-z.'’ /,-]{1,60}?,?\s+" + _MONTH + r"\s*(?:\([A-Za-z ]+\))?\s*[:–—-]+\s+",
        _MONTH + r"\s*(?:\([A-Za-z ]+\))?\s*[:–—-]+\s+",
        r"[A-Z][A-Z.'’ /,-]{2,60}(?:,\s[A-Z][\w. ]{2,20})?\s*(?:\([A-Z][\w. &]{1,20}\))?\s*(?::|[–—]|--|\s-)\s+",
        r"[A-Z][\w.'’ ,]{2,40}\((?:AP|AFP|Reuters|UPI|CNN|Kyodo)\)\s*[-–—]+\s*",
    )
)  # fmt: skip
_TAILS: Final = re.compile(
    r"\s*(?:[（(](?:ナレーションなし|ロイター|共同|時事|AFP＝時事|AFP|Reuters|AP|Source:[^）)]*|Reporting by[^）)]*)[）)]|"
    r"[（(][^（）()]{0,12}(?:記者|特派員|配信|支局|編集委員)[^（）()]{0,12}[）)])[。.]?\s*$"
)
_NEVER: Final = re.compile(
    r"続きを読む|続きは|全文を読む|もっと見る|こちらから|ここをクリック|をクリック|関連記事|関連リンク|関連ニュース|あわせて読みたい|おすすめ記事|次のページ|記事一覧"
    r"|有料(?:記事|会員|版)|会員限定|会員登録|購読|ログイン|無料登録|残り\d+文字|この記事は"
    r"|^原題|^写真|写真[＝=:：/／]|[（(]写真|[（(]画像|^画像|画像[：:]|^動画|^図[表\d]|撮影[）)。]?$|提供[）)]$|[（(][^（）()]{0,20}提供[）)]"
    r"|^\W*(?:PR|広告|提供|出典|文責|取材・文|文[・＝=:：]|執筆|編集|監修|訳)[：:＝=]|^＝|PR ?Newswire|共同通信JBN|プレスリリース"
    r"|主な内容は以下|以下の通り|は次の通り|お届けします|注目です|ご覧ください|^\W*[(（]\d+ページ[)）]|無断転載|著作権|All rights reserved"
    r"|翻訳編集|公式SNS|フォローして|LINE登録|メルマガ"
    r"|https?://|www\.|\bsource: bloomberg|^\W*\(?sou(?:rce)?\b|subscribe|newsletter|sign up|log in|read more|click here|read the full|continue reading"
    r"|getty images|file photo|^photo(?:graph)?\b|\bphoto by\b|image credit|^image:|^pictured|^caption|^related:|advertisement|sponsored|follow us|©|copyright"
    r"|\bjoins? (?:\w+ ){1,6}(?:on|to)\b|\bjoin(?:s|ed)? (?:us|bloomberg|[A-Z][a-z]+ [A-Z][a-z]+ on)|\b(?:speaks?|spoke|talks?|sat down|chats) (?:with|to) (?:bloomberg|us\b|[A-Z]\w+ [A-Z]\w+.{0,60}\b(?:on|from|at|about)\b)"
    r"|\breports? (?:on|from|for) [\"“]?bloomberg|^(?:[A-Z][\w.'’-]+ ){2,4}(?:reports?|has (?:the latest|more|the story|details))\b.{0,40}$|\bhas the latest\b"
    r"|\b(?:on|of|for) [\"“]?bloomberg (?:television|tv|radio|the |opinion|surveillance|businessweek|intelligence|deals|open|crypto|tech)"
    r"|[\"“]bloomberg [\w ]+[.:]?[\"”]|^watch\b|^listen\b|in this (?:episode|week's|video|podcast)|this (?:episode|podcast|program|newsletter|story was|article was)|\bno other program\b|speak daily with"
    r"|^(?:here(?:'|’)s|here are|we put|we take|we look|we ask|what you need|for more)\b|editing by|reporting by|\bour standards\b|^bloomberg['’]s \w+ \w+|^on (?:today|this week|the )\b.{0,40}\b(?:podcast|episode)|\bsat down with\b|^he also discusses\b|^\W*(?:NASDAQ|NYSE|TSX)|call-in program|^(?:[A-Z][\w.'’&-]+,? ){2,8}.{0,90}\b(?:examines|explains|breaks down|weighs in|unpacks|previews|reacts to)\b|bloomberg(?:['’]s)? (?:washington |news )?(?:correspondent|columnist|editor|reporter|anchor)|\bdiscuss(?:es)? the latest|\bis all about\b|high[- ]profile guests|opinion columnist|discuss(?:es)? (?:the|how|his|her|their|on|with)\b.{0,80}\b(?:podcast|episode)\b"
    r"|\bappeared first on\b|\berschien zuerst auf\b|^(?:hello|hi|welcome|good (?:morning|afternoon|evening))\b|\bfilling in for\b|^(?:table of )?contents\b|^a (?:look|selection|round-?up|recap) (?:at|of|back)\b|\b(?:this|last) week['’]s (?:broadcast|episode|show|program(?:me)?)\b|^topics include\b|^\W*\d{1,2}:\d\d\b"
    r"|\bdiscusses\b.{0,200}\bwith (?:bloomberg|bnn|cnbc|ctv|cnn)\b|^the (?:show|program(?:me)?|podcast|series|episode) features\b|解説(?:する|します)。$|(?:修正|訂正)(?:します|しました)。[)）]?$"
    r"|^(?:事情に詳しい)?(?:複数の)?関係者ら?が(?:匿名を条件に|匿名で)?(?:明らかにした|語った|述べた)。$|^[^、は]{0,40}(?:文書|資料|関係者ら?|取材)[でが](?:明らかにな|分か|わか)った。$|^[^は]{0,30}関係者.{0,12}引用して.{0,24}(?:報じた|伝えた)。$|^people familiar with the matter said\b|^[\"“][^\"”]{3,60}[\"”] focuses on\b"
    r"|^(?:[A-Z][\w.'’&-]*,? |of |and |the ){2,14}on (?:what|how|why|whether|the (?:impact|state|outlook|future|latest|risks?|prospects?|implications?|role))\b|\ba (?:daily|weekly|nightly)\b.{0,40}\b(?:program(?:me)?|show|podcast|series)\b|\btalks about (?:investing|the|how|why|his|her|their|what)\b|^\S{0,24}『[^』]{1,30}』。$"
    r"|\bcontributed to this (?:story|report|article)\b|^get (?:the|your|[A-Z]\w+ [A-Z])|^(?:click|tap) to\b|^see (?:where|how|what|why|all|more)\b|\bjoin(?:s|ed) the (?:program(?:me)?|show|podcast)\b|^(?:he|she) (?:speaks|spoke) (?:exclusively )?(?:with|to|on) [\"“]?bloomberg\b|ニュースレター|メールで届"
    r"|^\W*(?:by|text|words|story) [A-Z][\w.'’-]+ [A-Z]|^(?:editor['’]s )?note:|\bnew episode of\b|\bbreak down today|this is a developing|breaking news email",
    re.IGNORECASE,
)  # fmt: skip
_MORE: Final = re.compile(r"(?<=[。！？])(?:…|\.\.\.)$")  # the sentence is whole, its text goes on
_OUR_VOICE: Final = re.compile(r"\b(?:[Ww]e|[Oo]ur|us|[Yy]ou|[Yy]our|I|I['’](?:m|ve|d|ll)|[Mm]y)\b")
"""An outlet that speaks of itself or to its readers; in a quotation it is somebody else's voice."""
_QUOTATION: Final = re.compile(r"“[^”]*”|\"[^\"]*\"|‘[^’]*’(?!\w)|'[^']*'(?!\w)")
_CUT: Final = re.compile(r"(?:\.\.\.|…|‥|\[\.\.\.\]|\[…\]|⋯)[\s)\]」』”\"]*$|\.\.\.\s*\S{0,6}$")
_ENDED: Final = re.compile(r"[。！？!?.｡][」』）)”\"'’\]］]*$")
_ENDED_WITHOUT_MARK: Final = re.compile(r"(?:[たるだ]|ない|です|ます)$")
_QUESTION: Final = re.compile(r"[?？][」』）)”\"'’]*$|(?:でしょうか|だろうか|ませんか)。?$")
_SPEECH: Final = re.compile(r"^[「『“\"][^」』”\"]*[」』”\"]?[。.]?$|^\S{2,24}[\s　]*「[^」]*$")
_SUBJECT: Final = re.compile("[はがも]")
_FIGURE: Final = re.compile(r"[\d０-９]")
_UNCUT_SUMMARY: Final = 120
"""Characters: a summary that is cut is longer than this in every feed that we have seen."""
_SHORTEST: Final = {True: 9, False: 24}  # characters, by whether it is written without spaces
_FRAGMENT: Final = (
    16  # characters: a sentence in Japanese so short says of whom it speaks, or nothing
)
_LONGEST_READ: Final = (
    800  # before lead-in and credit are off; keeps the patterns cheap on any text
)
_LONGEST: Final = {True: 220, False: 420}


def quotable_part(text: str, sentence: Span) -> Span | None:
    """Return the part of a sentence that may be quoted, without lead-in and credit; None for none."""
    start, end = sentence.start, sentence.end
    if end - start > _LONGEST_READ:
        return None
    start += _lead_in(text[start:end])
    for pattern in (_MORE, _TAILS):
        if tail := pattern.search(text, start, end):
            end = tail.start()
    while start < end and text[start].isspace():
        start += 1
    quoted = text[start:end]
    if not quoted or is_unfit(quoted) or (end == sentence.end and _is_cut(quoted, len(text))):
        return None
    return Span(start, end)


def is_unfit(quoted: str) -> bool:
    """Tell whether a sentence says nothing of the event: a credit, a caption, a question, a table."""
    cjk = is_cjk(quoted)
    if not _SHORTEST[cjk] <= len(quoted) <= _LONGEST[cjk]:
        return True
    figures = len(_FIGURE.findall(quoted))
    return (
        _NEVER.search(quoted) is not None
        or _QUESTION.search(quoted) is not None
        or _SPEECH.search(quoted) is not None
        or _CUT.search(quoted) is not None
        or (not cjk and _OUR_VOICE.search(_QUOTATION.sub("", quoted)) is not None)
        or figures * 3 > len(quoted)
        or (cjk and len(quoted) <= _FRAGMENT and _SUBJECT.search(quoted) is None)
        or (cjk and quoted.count(" ") * 8 > len(quoted))
        or (not cjk and (len(quoted.split()) < 5 or quoted[0].islower()))
        or quoted[0] in "、。，）)」』,.;:=＝"
        or quoted.count("「") != quoted.count("」")
        or quoted.count("“") != quoted.count("”")
        or quoted.count('"') % 2 == 1
    )


def _lead_in(sentence: str) -> int:
    """Return how many characters of a sentence come before what it says."""
    at = 0
    for _ in range(4):  # a dateline may follow a mark, a byline a dateline
        found = next((m for p in _LEAD_INS if (m := p.match(sentence, at)) and m.end() > at), None)
        if found is None:
            break
        at = found.end()
    return at


def _is_cut(quoted: str, length: int) -> bool:
    """Tell whether a sentence seems to have been cut off by its feed."""
    if _ENDED.search(quoted):
        return False
    return length > _UNCUT_SUMMARY or _ENDED_WITHOUT_MARK.search(quoted) is None
