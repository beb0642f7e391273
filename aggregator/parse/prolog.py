"""What stands before the root element: document types, entities, junk; and what kind of document this is."""

import re
from typing import Final

from aggregator.errors import NotAFeed, UnsafeDocument

_NAME: Final = rb"(?:[A-Za-z_][\w.-]*:)?([A-Za-z_][\w.-]*)"
_TAG: Final = re.compile(rb"<" + _NAME)
_REMARKS: Final = re.compile(rb"(?:\s+|<!--.*?-->|<\?.*?\?>)*", re.DOTALL)
_FEED_ROOT: Final = re.compile(rb"<\?xml\b|<(?:rss|feed|rdf:RDF|RDF)[\s>]")
_DOCTYPE: Final = re.compile(rb"<!DOCTYPE\b([^\[>]*)(\[)?", re.IGNORECASE)
_SUBSET_TOKEN: Final = re.compile(
    rb"""<!--.*?(?:-->|\Z)|"[^"]*"|'[^']*'|<!ENTITY\b|\]""", re.DOTALL
)
_ENTITY: Final = re.compile(
    rb"""<!ENTITY\s+(%\s+)?([^\s"'>]+)\s*(?:(SYSTEM|PUBLIC)\b|"([^"]*)"|'([^']*)')""", re.IGNORECASE
)
_REFERENCE: Final = re.compile(rb"&(?!#)|%[\w.-]+;")
_LONGEST_ENTITY: Final = 64  # bytes: a character or a word; longer ones multiply
_JUNK_LIMIT: Final = 8192  # bytes before a feed begins: warnings of PHP, blank lines
_ROOTS: Final = frozenset(("rss", "feed", "rdf", "channel", "entry"))
_KINDS: Final = {
    "html": "an HTML page", "head": "an HTML page", "body": "an HTML page", "opml": "an OPML list of feeds",
    "urlset": "a sitemap", "sitemapindex": "a sitemap", "svg": "a picture (SVG)", "error": "an XML error message",
}  # fmt: skip
_HTML_SIGN: Final = re.compile(
    rb"<(?:html|head|body|title|meta|div|p|br|b|h1|center|script|a|table|span)\b", re.IGNORECASE
)
_CHALLENGE: Final = re.compile(
    rb"cf-chl|challenge-platform|Just a moment\.\.\.|Attention Required|captcha|_Incapsula_|ddos-guard",
    re.IGNORECASE,
)
_LOGIN: Final = re.compile(rb"""type\s*=\s*["']?password""", re.IGNORECASE)


def feed_document(document: bytes) -> bytes:
    """Return the document from its root element on, with a plain document type if it has one.

    Raises:
        NotAFeed: It is something else; the message names what.
        UnsafeDocument: Its internal subset could expand to more than it is, or name files.
    """
    document = document.strip()
    if not document:
        raise NotAFeed("the body is empty")
    doctype, start = _read_doctype(document, _after_remarks(document, 0))
    start = _after_remarks(document, start)
    tag = _TAG.match(document, start)
    root = tag.group(1).decode("ascii", "replace").lower() if tag else ""
    if root in _ROOTS:
        return doctype + document[start:]
    if (feed := _FEED_ROOT.search(document, 0, _JUNK_LIMIT)) and feed.start() > 0:
        return feed_document(document[feed.start() :])
    if tag is None:
        found = (
            "an HTML page"
            if _HTML_SIGN.search(document, 0, _JUNK_LIMIT)
            else "not XML: " + _kind_of_text(document)
        )
        raise NotAFeed(found)
    if _HTML_SIGN.match(tag.group()):
        raise NotAFeed(_kind_of_page(document))
    if root in _KINDS:
        raise NotAFeed(_KINDS[root])
    return doctype + document[start:]


def root_name(document: bytes) -> str:
    """Return the local name of the root element, in lower case."""
    tag = _TAG.search(document)
    return tag.group(1).decode("ascii", "replace").lower() if tag else ""


def is_feed_root(name: str) -> bool:
    """Tell whether a root element is one of a feed's: others count only if entries are found."""
    return name in _ROOTS


def _after_remarks(document: bytes, start: int) -> int:
    """Return where comments, instructions and white space end."""
    remarks = _REMARKS.match(document, start)
    return remarks.end() if remarks else start


def _read_doctype(document: bytes, start: int) -> tuple[bytes, int]:
    """Return the document type without its internal subset, and where it ends."""
    found = _DOCTYPE.match(document, start)
    if found is None:
        return b"", start
    end = _read_subset(document, found.end()) if found.group(2) else found.end()
    closing = document.find(b">", end)
    return _plain_doctype(found.group(1)), closing + 1 if closing >= 0 else len(document)


def _plain_doctype(external: bytes) -> bytes:
    """Keep the name of the type: feedparser tells Netscape's RSS 0.91 by it. Nothing is ever loaded."""
    return b"<!DOCTYPE " + b" ".join(external.split())[:512] + b">\n"


def _read_subset(document: bytes, start: int) -> int:
    """Return where the internal subset ends; it is dropped, and refused where it could do harm."""
    position = start
    while token := _SUBSET_TOKEN.search(document, position):
        if token.group() == b"]":
            return token.end()
        position = token.end()
        if token.group().upper() != b"<!ENTITY":
            continue
        entity = _ENTITY.match(document, token.start())
        if entity is None:
            raise UnsafeDocument("its document type has an entity that cannot be read")
        position = entity.end()
        _judge_entity(entity)
    raise UnsafeDocument("its document type never ends")


def _judge_entity(entity: re.Match[bytes]) -> None:
    parameter, name, external = (
        entity.group(1),
        entity.group(2)[:40].decode("utf-8", "replace"),
        entity.group(3),
    )
    value = entity.group(4) or entity.group(5) or b""
    if external:
        if not parameter:  # the XHTML character sets come as parameters: harmless, never loaded
            raise UnsafeDocument(f"its document type names a file for the entity {name!r}")
    elif _REFERENCE.search(value):
        raise UnsafeDocument(f"its document type builds the entity {name!r} from others")
    elif len(value) > _LONGEST_ENTITY:
        raise UnsafeDocument(f"its document type has a long entity {name!r}")


def _kind_of_page(document: bytes) -> str:
    head = document[:65536]
    if _CHALLENGE.search(head):
        return "an HTML page that checks for robots"
    if _LOGIN.search(head):
        return "an HTML page that asks to log in"
    return "an HTML page"


def _kind_of_text(document: bytes) -> str:
    if (
        document.startswith((b"%PDF", b"\x89PNG", b"GIF8", b"PK\x03\x04"))
        or b"\xef\xbf\xbd" in document[:64]
    ):
        return "binary data"
    return "plain text"
