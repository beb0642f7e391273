"""RSS 2.0 and Atom 1.0 through feedgen, the only place that knows it.

feedgen switches the process's locale while it writes RSS dates: call from one thread at a time. What
it cannot express (atom:source whole, language per item, hub in RSS) is added by extensions of ours.
"""

import re
import uuid
from collections.abc import Sequence

from feedgen.entry import FeedEntry
from feedgen.feed import FeedGenerator
from lxml import etree

from aggregator import __version__
from aggregator.model.output import Item
from aggregator.publish.address import web_address
from aggregator.publish.channel import GENERATOR, Channel, media_type_of
from aggregator.publish.fragments import Cut
from aggregator.publish.plain_text import markup

_ATOM = "http://www.w3.org/2005/Atom"
_DC = "http://purl.org/dc/elements/1.1/"
_MEDIA = "http://search.yahoo.com/mrss/"
_HISTORY = "http://purl.org/syndication/history/1.0"  # RFC 5005
_TITLE = re.compile(rb'<title>[^<]*|\btitle="[^"<]*"')
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def render_rss(channel: Channel, items: Sequence[Item]) -> bytes:
    """Return an RSS 2.0 document of sound items (soundness.py) in the order given."""
    feed = _generator(channel, items, "rss", "application/rss+xml")
    return _plain_titles(feed.rss_str(pretty=True))


def render_atom(channel: Channel, items: Sequence[Item]) -> bytes:
    """Return an Atom 1.0 document of sound items (soundness.py) in the order given."""
    feed = _generator(channel, items, "atom", "application/atom+xml")
    return _plain_titles(feed.atom_str(pretty=True))


def cut_rss(document: bytes) -> Cut:
    """Take apart what `render_rss` made."""
    return _cut(document, b"    <item>", b"  </channel>\n</rss>\n")


def cut_atom(document: bytes) -> Cut:
    """Take apart what `render_atom` made."""
    return _cut(document, b"  <entry", b"</feed>\n")


def _cut(document: bytes, opening: bytes, tail: bytes) -> Cut:
    # Every `<` of others is escaped: an opening tag is one of ours.
    head, *items = re.split(b"(?=%s)" % opening, document.removesuffix(tail))
    return Cut(head=head, items=items, tail=tail)


def _plain_titles(document: bytes) -> bytes:
    """Write `&` and `<` of titles as numbers: the same text to XML, and to readers that guess no HTML.

    The RSS Advisory Board's profile asks for it (characters in plain-text elements); without it the
    W3C validator takes S&P500 for markup.
    """

    def numbered(title: re.Match[bytes]) -> bytes:
        return title.group().replace(b"&amp;", b"&#x26;").replace(b"&lt;", b"&#x3C;")

    return _TITLE.sub(numbered, document)


def _generator(
    channel: Channel, items: Sequence[Item], extension: str, media_type: str
) -> FeedGenerator:
    feed = FeedGenerator()
    feed.id(channel.id)
    feed.title(channel.title)
    feed.description(channel.description)
    feed.language(channel.language)
    feed.updated(channel.updated)
    feed.generator(GENERATOR, version=__version__)
    feed.link({"href": channel.self_url(extension), "rel": "self", "type": media_type})
    if channel.hub is not None:
        feed.link({"href": channel.hub, "rel": "hub"})
    for relation, address in channel.chain.links():
        feed.link({"href": f"{address}.{extension}", "rel": relation, "type": media_type})
    # Last: feedgen takes the last link of a feed for RSS's own.
    feed.link({"href": channel.home_url, "rel": "alternate", "type": "text/html"})
    feed.register_extension("aggregator", lambda: _FeedExtension(channel, media_type))
    for item in items:
        feed.add_entry(_entry(item), order="append")  # its default turns the order round
    return feed


def _entry(item: Item) -> FeedEntry:
    entry = FeedEntry()
    entry.guid(item.id, permalink=False)
    entry.title(item.title)
    entry.published(item.published)
    entry.updated(item.updated)
    entry.author({"name": item.outlet})
    entry.content(item.html, type="html")
    if item.summary:
        # As HTML in both formats, since RSS knows nothing else.
        entry.summary(markup(item.summary), type="html")
    if item.url is not None:
        entry.link({"href": item.url, "rel": "alternate"})
    if item.enclosure is not None:
        enclosure = item.enclosure
        entry.enclosure(enclosure.url, enclosure.length, media_type_of(enclosure))
    entry.category([{"term": topic, "label": label} for topic, label in item.topics])
    if (feed_url := web_address(item.feed_url)) is not None:
        entry.source(feed_url, item.feed_title)
    entry.register_extension("aggregator", lambda: _EntryExtension(item))
    return entry


class _FeedExtension:
    """What feedgen leaves out of a feed; it asks for these three methods and no more."""

    def __init__(self, channel: Channel, media_type: str) -> None:
        self._channel = channel
        self._media_type = media_type

    @property
    def _is_archive(self) -> bool:
        """Tell whether to mark a page; one alone has no neighbour, and validators miss its links then."""
        chain = self._channel.chain
        return chain.current is not None and bool(chain.previous or chain.following)

    def extend_ns(self) -> dict[str, str]:
        history = {"fh": _HISTORY} if self._is_archive else {}
        return {"dc": _DC, "media": _MEDIA, **history}

    def extend_atom(self, feed: etree._Element) -> etree._Element:
        feed.set(_LANG, self._channel.language)
        if self._is_archive:
            _add(feed, f"{{{_HISTORY}}}archive")
        return feed

    def extend_rss(self, feed: etree._Element) -> etree._Element:
        channel = self._channel
        if channel.hub is not None:
            _add(feed[0], f"{{{_ATOM}}}link", rel="hub", href=channel.hub)
        for rel, address in channel.chain.links():
            given = {"rel": rel, "href": f"{address}.rss", "type": self._media_type}
            _add(feed[0], f"{{{_ATOM}}}link", **given)
        if self._is_archive:
            _add(feed[0], f"{{{_HISTORY}}}archive")
        return feed


class _EntryExtension:
    """What feedgen leaves out of an entry."""

    def __init__(self, item: Item) -> None:
        self._item = item

    def extend_atom(self, entry: etree._Element) -> etree._Element:
        item = self._item
        if item.language is not None:
            entry.set(_LANG, item.language)
        # feedgen 1.0.0 keeps nothing of an entry's links but their href (its loop overwrites its own
        # variable), and title and link of its source. Its Atom elements have names without namespace.
        for given in [*entry.findall("link"), *entry.findall("source")]:
            entry.remove(given)
        self._add_links(entry)
        source = _add(entry, "source")
        feed_url = web_address(item.feed_url)
        _add(source, "id", feed_url or uuid.uuid5(uuid.NAMESPACE_URL, item.feed_url).urn)
        _add(source, "title", item.feed_title)
        _add(source, "updated", item.updated.isoformat())
        if feed_url is not None:
            _add(source, "link", rel="self", href=feed_url)
        self._add_thumbnail(entry)
        return entry

    def _add_links(self, entry: etree._Element) -> None:
        item = self._item
        if item.url is not None:
            _add(entry, "link", rel="alternate", href=item.url, **_hreflang(item.language))
        for report in item.related:
            if report.url is not None:
                title = {"title": report.title} if report.title else {}
                language = _hreflang(report.language)
                _add(entry, "link", rel="related", href=report.url, **language, **title)
        if item.enclosure is not None:
            attributes = {"type": media_type_of(item.enclosure)}
            if item.enclosure.length:
                attributes["length"] = str(item.enclosure.length)
            _add(entry, "link", rel="enclosure", href=item.enclosure.url, **attributes)

    def extend_rss(self, item: etree._Element) -> etree._Element:
        _add(item, f"{{{_DC}}}creator", self._item.outlet)
        if self._item.language is not None:
            _add(item, f"{{{_DC}}}language", self._item.language)
        _add(item, f"{{{_ATOM}}}updated", self._item.updated.isoformat())
        self._add_thumbnail(item)
        return item

    def _add_thumbnail(self, element: etree._Element) -> None:
        if self._item.image is not None:
            _add(element, f"{{{_MEDIA}}}thumbnail", url=self._item.image)


def _hreflang(language: str | None) -> dict[str, str]:
    return {"hreflang": language} if language is not None else {}


def _add(
    parent: etree._Element, name: str, text: str | None = None, **attributes: str
) -> etree._Element:
    element = etree.SubElement(parent, name, attributes)
    element.text = text
    return element
