"""An article's page as the plain text of the article, for quoting; what is not for everybody is left alone.

trafilatura (the extra `fulltext`) finds the article in the page. It is imported when the first page
is read, since importing it takes 0.4 s and 25 MB.
"""

import re
from dataclasses import dataclass
from typing import Any, Final

from lxml import etree, html

from aggregator.model.article import PageRead
from aggregator.parse.decode import to_utf8
from aggregator.parse.plain import tidy
from aggregator.text.script import is_cjk

_LONGEST: Final = 20_000  # characters that are kept: beyond, no digest looks
_SHORTEST: Final = {True: 150, False: 400}  # characters, by whether it is written without spaces
_MOST_ELEMENTS: Final = 15_000  # some 1.5 s of work; articles have a few thousand
_HTML: Final = ("text/html", "application/xhtml+xml")
_META_CHARSET: Final = re.compile(
    rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE
)
_HEAD: Final = 4096  # bytes in which a page names its encoding

# What is no part of the article, or what a browser would not show either.
_BESIDE: Final = (
    "//script | //style | //noscript | //template | //iframe | //form | //figure | //figcaption"
    " | //picture | //aside | //nav | //rt | //rp | //*[@hidden]"
    " | //*[contains(translate(@style, ' ', ''), 'display:none')]"
)
_HEADINGS: Final = "//*[self::h2 or self::h3 or self::h4 or self::h5 or self::h6]"
_BESIDE_HEADING: Final = re.compile(
    r"\W*(?:(?:読者の)?コメント|(?:あなたに)?おすすめ|こちらもおすすめ|関連(?:記事|ニュース|リンク|キーワード)?$|あわせて読みたい|(?:アクセス|人気)?ランキング|人気記事|新着|最新(?:の)?(?:ニュース|記事)"
    r"|(?:\d+ )?comments?\b|related\b|more (?:on|from|in)\b|most (?:read|viewed|popular|shared)|you (?:may|might) (?:also )?like|recommended|recent posts|share this|sign up\b|newsletter)",
    re.IGNORECASE,
)
"""What a section calls itself that stands beside the article: readers' comments, other articles."""
_HEADING_LENGTH: Final = 30
_TOLD: Final = "//body//text()[not(ancestor::header[not(ancestor::article)] or ancestor::footer)]"
_SECTIONS: Final = frozenset({"section", "div", "nav", "aside"})
_BREAK: Final = "\u2029"  # paragraph separator
_SOURCE_BREAK: Final = re.compile(r"(?<=[、-ヿ㐀-鿿！-ﾟ])[ \t\r]*\n[ \t\r\n]*(?=[、-ヿ㐀-鿿！-ﾟ])")
"""A line end of the source inside Japanese text: others become spaces, this one is nothing."""
_QUOTABLE: Final = frozenset({"p", "quote"})  # not headings, lists, tables

_NOT_FREE: Final = re.compile(r"\"isAccessibleForFree\"\s*:\s*\"?\s*(?:false|no)\b", re.IGNORECASE)
"""https://developers.google.com/search/docs/appearance/structured-data/paywalled-content"""
_NOT_FREE_METAS: Final = (
    "//*[@itemprop='isAccessibleForFree'][translate(@content, 'FALSE', 'false')='false']"
    " | //meta[@property='article:content_tier'][@content='locked']"
)
_ASKS_TO_JOIN: Final = re.compile(
    r"続きを読むには|続きをお読み(?:になる|いただく)には|全文を(?:読む|お読みになる|ご覧になる|ご覧いただく)には"
    r"|残り[\s::]*[\d,０-９]+\s*(?:文字|字)|この(?:記事|続き)[^。]{0,8}(?:有料|会員|購読者)(?:会員)?(?:限定|のみ|記事|登録|だけ)"
    r"|(?:有料|会員|購読者)(?:会員)?(?:限定|向け)の?(?:記事|コンテンツ)(?:です|となります)"
    r"|(?:ログイン|登録|購読)(?:して|すると|いただくと)[^。]{0,10}(?:続き|全文)|ここから先は[^。]{0,14}(?:有料|会員)"
    r"|\b(?:subscribe|sign (?:in|up)|log in|register|join)\b[^.]{0,40}\bto (?:continue|keep) reading"
    r"|\b(?:subscribe|sign (?:in|up)|log in|register)\b[^.]{0,40}\bto read (?:the (?:full|rest|whole)|more|on|this)"
    r"|\bto continue reading,? (?:this|please|subscribe|sign|log|create|register)"
    r"|\bthis (?:article|story|content|post) is (?:only |exclusively |available )?(?:for|to|reserved for) (?:our |paid |paying )?(?:only )?(?:subscribers|members)",
    re.IGNORECASE,
)
_MARKED: Final = re.compile(
    r"有料(?:会員|記事|版)|会員(?:限定|記事)|購読者限定|(?:subscribers?|members?)[ -]only|for (?:subscribers|members) only",
    re.IGNORECASE,
)
_MARK_LENGTH: Final = 40  # characters: a longer line that says so is about something else


@dataclass(frozen=True, slots=True, kw_only=True)
class PageHints:
    """What is known of a page before it is read."""

    content_type: str | None = None
    charset: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadPage:
    """What a page turned out to be; the text is a line a paragraph, for `TEXT` alone."""

    outcome: PageRead
    text: str = ""


def article_text(body: bytes, hints: PageHints) -> ReadPage:
    """Read the article on a page.

    Raises:
        UnsafeDocument: the page hides its markup in its encoding.
    """
    if hints.content_type is not None and hints.content_type not in _HTML:
        return ReadPage(outcome=PageRead.OTHER)
    page = _page(body, hints)
    if page is None or sum(1 for _ in page.iter()) > _MOST_ELEMENTS:
        return ReadPage(outcome=PageRead.OTHER)
    if _says_not_free(page):
        return ReadPage(outcome=PageRead.PAYWALL)
    for element in page.xpath(_BESIDE):
        if element.getparent() is not None:
            element.drop_tree()
    _drop_sections_beside(page)
    marks = [tidy(heading.text_content()) for heading in page.xpath("//h1 | //title")]
    if _ASKS_TO_JOIN.search(tidy(" ".join(page.xpath(_TOLD)))):
        return ReadPage(outcome=PageRead.PAYWALL)
    lines = _paragraphs(page)
    marks += [line for line in lines if len(line) <= _MARK_LENGTH]
    if any(_MARKED.search(mark) for mark in marks):
        return ReadPage(outcome=PageRead.PAYWALL)
    text = "\n".join(lines)[:_LONGEST]
    if len(text) < _SHORTEST[is_cjk(text)]:
        return ReadPage(outcome=PageRead.SHORT)
    return ReadPage(outcome=PageRead.TEXT, text=text)


def _page(body: bytes, hints: PageHints) -> Any:
    """Return a page as a tree; None where there is none."""
    charset = hints.charset
    if charset is None and (named := _META_CHARSET.search(body[:_HEAD])):
        charset = named.group(1).decode("ascii", "replace")
    text = to_utf8(body, charset, hints.language).body.decode("utf-8", "replace")
    clean = _SOURCE_BREAK.sub("", text).encode()
    parser = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    try:
        return html.document_fromstring(clean, parser=parser)
    except etree.ParserError:  # nothing in it
        return None


def _drop_sections_beside(page: Any) -> None:
    """Take out the sections that begin with a heading for something else than the article."""
    for heading in page.xpath(_HEADINGS):
        title = tidy(heading.text_content())
        if len(title) > _HEADING_LENGTH or not _BESIDE_HEADING.match(title):
            continue
        section = heading.getparent()
        begins = section.tag in _SECTIONS and section[0] is heading
        if begins and not section.xpath(".//h1"):
            section.drop_tree()


def _says_not_free(page: Any) -> bool:
    """Tell whether a page's own data say that it is for members."""
    data = page.xpath("//script[contains(@type, 'ld+json')]/text()")
    return any(_NOT_FREE.search(block) for block in data) or bool(page.xpath(_NOT_FREE_METAS))


def _paragraphs(page: Any) -> list[str]:
    """Return the paragraphs of the article, without headings, lists and tables."""
    from trafilatura.core import bare_extraction
    from trafilatura.settings import Document

    found = bare_extraction(
        page, favor_precision=True, include_comments=False, include_tables=False
    )
    if not isinstance(found, Document):
        return []
    blocks = [
        block
        for block in found.body.iter(*_QUOTABLE)
        if not any(above.tag in _QUOTABLE for above in block.iterancestors())
    ]
    lines = [line for block in blocks for line in _lines(block) if line]
    return list(dict.fromkeys(lines))


def _lines(block: Any) -> list[str]:
    """Return the lines of a block as its breaks set them, not as its source does."""
    for line_break in block.iter("lb"):
        line_break.text = _BREAK
    return [tidy(line) for line in "".join(block.itertext("*")).split(_BREAK)]
