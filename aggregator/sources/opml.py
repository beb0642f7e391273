"""Lists of feeds as OPML 2.0: how readers exchange their subscriptions."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from lxml import etree

from aggregator.errors import NotAFeed, UnsafeDocument

_MAX_BYTES: Final = 16 * 1024 * 1024
_MAX_OUTLINES: Final = 10_000  # reliability A71
_MAX_DEPTH: Final = 16
_MAX_TITLE: Final = 200
_DECLARATION: Final = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
# What XML 1.0 cannot carry (2.2), and line ends that titles have no use for.
# What XML or a line cannot hold, and what turns the direction of the text around it (A22).
_UNSHOWN: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]+"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpmlFeed:
    """One subscription."""

    title: str
    url: str
    homepage: str | None = None
    folder: tuple[str, ...] = ()  # titles of the outlines around it, outermost first


@dataclass(frozen=True, slots=True, kw_only=True)
class OpmlOutline:
    """A list of subscriptions."""

    title: str
    feeds: tuple[OpmlFeed, ...]


def parse_opml(body: bytes) -> OpmlOutline:
    """Read an OPML document; each address once, at its first place.

    Raises:
        UnsafeDocument: it declares a document type or entities, or is beyond all measure
            (16 MiB, 10,000 outlines, 16 levels).
        NotAFeed: it is no OPML.
    """
    if len(body) > _MAX_BYTES:
        raise UnsafeDocument("the OPML file is larger than 16 MiB")
    if _DECLARATION.search(body.replace(b"\0", b"")):  # without NUL, so that UTF-16 hides nothing
        raise UnsafeDocument("the OPML file declares a document type or entities (<!DOCTYPE)")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, recover=True)
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise NotAFeed("not an OPML file: it is no XML") from error
    if root is None or root.tag.lower() != "opml":
        raise NotAFeed("not an OPML file: its root is not <opml>")
    feeds: dict[str, OpmlFeed] = {}
    for feed in _feeds(root):
        feeds.setdefault(feed.url, feed)
    return OpmlOutline(title=_line(root.findtext("head/title")), feeds=tuple(feeds.values()))


def _feeds(root: etree._Element) -> Iterator[OpmlFeed]:
    """Yield the feeds in the order of the document."""
    seen = 0
    waiting: list[tuple[etree._Element, tuple[str, ...]]]
    waiting = [(outline, ()) for outline in reversed(root.findall("body/outline"))]
    while waiting:
        outline, folders = waiting.pop()
        seen += 1
        if seen > _MAX_OUTLINES:
            raise UnsafeDocument(f"the OPML file has more than {_MAX_OUTLINES} outlines")
        if len(folders) >= _MAX_DEPTH:
            raise UnsafeDocument(f"the OPML file is nested deeper than {_MAX_DEPTH} levels")
        yield from _feed(outline, folders)
        inner = (*folders, _title(outline))
        waiting += [(child, inner) for child in reversed(outline.findall("outline"))]


def _feed(outline: etree._Element, folders: tuple[str, ...]) -> Iterator[OpmlFeed]:
    url = _address(_attribute(outline, "xmlUrl"))
    if url is not None:
        homepage = _address(_attribute(outline, "htmlUrl"))
        title = _title(outline) or url
        yield OpmlFeed(title=title, url=url, homepage=homepage, folder=tuple(filter(None, folders)))


def _title(outline: etree._Element) -> str:
    return _line(_attribute(outline, "title")) or _line(_attribute(outline, "text"))


def _attribute(outline: etree._Element, name: str) -> str:
    """Return an attribute whose name may be written in any case, as exporters do."""
    found = (value for key, value in outline.attrib.items() if str(key).lower() == name.lower())
    return str(next(found, ""))


def _address(written: str) -> str | None:
    """Return an http address; `feed:` stands for it in old exports."""
    url = re.sub(r"^feed:(?://)?(?=https?:)", "", written.strip(), flags=re.IGNORECASE)
    url = re.sub(r"^feed://", "http://", url, flags=re.IGNORECASE)
    plain = re.match(r"https?://[^/\s]", url, re.IGNORECASE) and not re.search(r"\s", url)
    return url if plain and not _UNSHOWN.search(url) else None


def _line(text: str | None) -> str:
    """Return a title as one line without control characters, of bearable length."""
    return " ".join(_UNSHOWN.sub(" ", text or "").split())[:_MAX_TITLE].rstrip()


def render_opml(title: str, feeds: Iterable[OpmlFeed]) -> bytes:
    """Write feeds as OPML 2.0, each in its folder; the same feeds give the same bytes."""
    root = etree.Element("opml", version="2.0")
    etree.SubElement(etree.SubElement(root, "head"), "title").text = _line(title)
    body = etree.SubElement(root, "body")
    folders: dict[tuple[str, ...], etree._Element] = {(): body}
    for feed in feeds:
        outline = etree.SubElement(_folder(folders, tuple(map(_line, feed.folder))), "outline")
        shown = _line(feed.title) or feed.url
        outline.attrib.update({"type": "rss", "text": shown, "title": shown, "xmlUrl": feed.url})
        if feed.homepage:
            outline.set("htmlUrl", feed.homepage)
    return etree.tostring(root, xml_declaration=True, encoding="utf-8", pretty_print=True)


def _folder(
    folders: dict[tuple[str, ...], etree._Element], path: tuple[str, ...]
) -> etree._Element:
    """Return the outline of a folder, made with those around it where it is new."""
    if path not in folders:
        around = _folder(folders, path[:-1])
        folders[path] = etree.SubElement(around, "outline", text=path[-1], title=path[-1])
    return folders[path]
