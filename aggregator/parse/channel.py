"""What a feed says of itself: title, homepage, language, and when to come again."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from lxml import etree

from aggregator.model.feed import FeedHints
from aggregator.parse.plain import plain_title
from aggregator.parse.urls import is_http, safe_url

_PERIODS: Final = {"hourly": 1, "daily": 24, "weekly": 168, "monthly": 720, "yearly": 8760}  # hours
_DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_LONGEST_TTL: Final = 366 * 24 * 60  # minutes; more is nonsense, and all of it is advice
_LANGUAGE: Final = re.compile(r"([A-Za-z]{2,3})(?:[-_][A-Za-z0-9_-]*)?")
_XML: Final = "{http://www.w3.org/XML/1998/namespace}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """A feed's own description."""

    title: str | None = None
    homepage: str | None = None
    language: str | None = None
    hints: FeedHints = field(default_factory=FeedHints)


def read_channel(head: bytes, base: str, title_limit: int) -> Channel:
    """Read the description from a document without its entries, or from a broken one as far as it goes."""
    parser = etree.XMLParser(
        encoding="utf-8", recover=True, resolve_entities=False, no_network=True, load_dtd=False,
        huge_tree=False, remove_comments=True, remove_pis=True,
    )  # fmt: skip
    try:
        root = etree.fromstring(head, parser)
    except etree.XMLSyntaxError:
        return Channel()
    if root is None:
        return Channel()
    said = _Said(root, base)
    title = plain_title(said.title)[:title_limit] or None if said.title else None
    return Channel(
        title=title,
        homepage=said.homepage,
        language=language_code(said.language),
        hints=FeedHints(
            ttl=_ttl(said.texts) or _period(said.texts),
            skip_hours=frozenset(said.hours),
            skip_days=frozenset(said.days),
            hub=said.links.get("hub"),
            self_url=said.links.get("self"),
        ),
    )


def language_code(tag: str | None) -> str | None:
    """Return the language of a language tag, without region: `ja` of `ja-JP`."""
    match = _LANGUAGE.fullmatch(tag.strip()) if tag else None
    return match.group(1).lower() if match else None


class _Said:
    """The elements of a description, one look at each."""

    def __init__(self, root: etree._Element, base: str) -> None:
        self.title = ""
        self.homepage: str | None = None
        self.language = root.get(_XML + "lang")
        self.texts: dict[str, str] = {}
        self.links: dict[str, str] = {}
        self.hours: set[int] = set()
        self.days: set[int] = set()
        for element, element_base in _description(root, base):
            self._look(element, element_base)

    def _look(self, element: etree._Element, base: str) -> None:
        namespace, local = _name(element)
        if local == "link":
            self._link(element, base)
        elif local in ("title", "language") and _is_plain(namespace):
            text = _once_encoded("".join(map(str, element.itertext())).strip())
            if local == "title":
                self.title = self.title or text
            else:
                self.language = text or self.language
        elif local in ("ttl", "updateperiod", "updatefrequency"):
            self.texts[local] = (element.text or "").strip().lower()
        elif local == "skiphours":
            self.hours.update(
                h % 24 for h in map(_number, _texts(element)) if h is not None and h <= 24
            )
        elif local == "skipdays":
            self.days.update(_DAYS.index(day) for day in _texts(element) if day in _DAYS)

    def _link(self, element: etree._Element, base: str) -> None:
        relation = (element.get("rel") or "alternate").lower()
        href = element.get("href") or (element.text if relation == "alternate" else None)
        url = safe_url(href, base) if href else None
        if url is None:
            return
        if relation in ("hub", "self"):
            self.links.setdefault(relation, url)
        elif relation == "alternate" and (element.get("type") or "text/html").lower() in (
            "text/html",
            "application/xhtml+xml",
        ):
            self.homepage = self.homepage or url


def _description(root: etree._Element, base: str) -> Iterator[tuple[etree._Element, str]]:
    """Yield the elements that describe the feed: of the root, and of the channel inside it."""
    base = _based(root, base)
    for child in root.iterchildren("*"):
        if _name(child)[1] == "channel":
            inner = _based(child, base)
            yield from ((said, _based(said, inner)) for said in child.iterchildren("*"))
        elif _name(root)[1] in ("feed", "channel"):
            yield child, _based(child, base)


def _name(element: etree._Element) -> tuple[str, str]:
    """Return namespace and local name in lower case; `dc:date` without a declaration keeps its prefix."""
    namespace, _, local = str(element.tag).lower().rpartition("}")
    return namespace.lstrip("{"), local


def _based(element: etree._Element, base: str) -> str:
    given = element.get(_XML + "base")
    found = safe_url(given, base) if given else None
    return found if found and is_http(found) else base


def _is_plain(namespace: str) -> bool:
    """Tell whether a title or language is the feed's own, or Dublin Core's, not that of some extension."""
    return (
        not namespace
        or "rss" in namespace
        or "atom" in namespace
        or "purl.org/dc/" in namespace
        or "rdf" in namespace
    )


def _once_encoded(text: str) -> str:
    """Undo UTF-8 that was taken for Latin-1 and encoded again, as feedparser does in entries."""
    try:
        return text.encode("iso-8859-1").decode("utf-8")
    except UnicodeError:
        return text


def _texts(element: etree._Element) -> list[str]:
    return [(child.text or "").strip().lower() for child in element.iterchildren("*")]


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _ttl(texts: dict[str, str]) -> timedelta | None:
    minutes = _number(texts.get("ttl", ""))
    return timedelta(minutes=min(minutes, _LONGEST_TTL)) if minutes else None


def _period(texts: dict[str, str]) -> timedelta | None:
    """Return sy:updatePeriod over sy:updateFrequency (RSS 1.0 syndication module; daily and 1 if one is absent)."""
    if "updateperiod" not in texts and "updatefrequency" not in texts:
        return None
    hours = _PERIODS.get(texts.get("updateperiod", "daily"))
    times = _number(texts.get("updatefrequency", "1")) or 1
    return timedelta(hours=hours) / times if hours else None
