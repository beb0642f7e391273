"""feedparser as it comes, without anything of ours: what our readings are compared with."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import BytesIO
from typing import Any
from unittest import mock
from xml.parsers import expat

import feedparser

from aggregator.model.entry import ParsedEntry
from aggregator.model.identifiers import EntryHash
from aggregator.parse import sax, xml
from aggregator.parse.decode import to_utf8
from aggregator.parse.options import ParseHints, ParseLimits
from aggregator.parse.prolog import feed_document
from aggregator.parse.scan import scan
from aggregator.parse.xml_entry import EntryReader, last_of_each

NO_HASH = EntryHash(0)

_HANDLERS = feedparser.datetimes._date_handlers
_ITS_OWN = [handler for handler in _HANDLERS if handler is not xml._read_by_us]


@contextmanager
def as_it_comes() -> Iterator[None]:
    """Have feedparser use the usual driver, and copy as it does."""
    ours = feedparser.FeedParserDict.__deepcopy__
    assert [sax.__name__] == feedparser.api.PREFERRED_XML_PARSERS
    with mock.patch.object(feedparser.api, "PREFERRED_XML_PARSERS", []):
        del feedparser.FeedParserDict.__deepcopy__
        try:
            yield
        finally:
            feedparser.FeedParserDict.__deepcopy__ = ours


def parsed(document: bytes) -> Any:
    """Give feedparser a document in the way that we do."""
    return feedparser.parse(
        BytesIO(document),
        response_headers=xml._HEADERS,
        sanitize_html=False,
        resolve_relative_uris=False,
    )


def entries_alone(body: bytes, hints: ParseHints) -> list[ParsedEntry]:
    """Return what feedparser makes of a whole body, in our terms: nothing else of ours has a part in it."""
    document = feed_document(to_utf8(body, None).body)
    with as_it_comes(), mock.patch.object(feedparser.datetimes, "_date_handlers", _ITS_OWN):
        result = parsed(document)
    is_atom = str(result["version"] or "").startswith("atom")
    reader = EntryReader(hints=hints, limits=ParseLimits(), atom=is_atom)
    return last_of_each([reader.entry(raw, NO_HASH) for raw in result["entries"]])


def has_spaced_namespace(document: bytes) -> bool:
    """Tell whether a namespace holds white space, at which the usual driver takes names apart."""
    found: list[str] = []
    parser = expat.ParserCreate("utf-8", " ")
    parser.StartNamespaceDeclHandler = lambda _, uri: found.append(uri or "")
    with suppress(expat.ExpatError):
        parser.Parse(document, True)
    return any(uri and uri.split() != [uri] for uri in found)


def is_read_as_alone(body: bytes) -> bool:
    """Tell whether a body is well-formed, and none of what we read otherwise on purpose.

    Those are: ampersands that XML forbids, foreign bases, very long authors, namespaces with a space.
    """
    document = feed_document(to_utf8(body, None).body)
    if xml._FOREIGN_BASE.search(document) or xml._LONG_AUTHOR.search(document):
        return False
    return scan(document, b"", ParseLimits()) is not None and not has_spaced_namespace(document)


def said(result: Any) -> str:
    """Return all of a result as text, in which the order counts and no number is unlike itself."""
    parts = ("entries", "feed", "version", "namespaces", "bozo")
    return repr([result[part] for part in parts])
