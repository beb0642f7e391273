"""The SAX driver that feedparser reads through: expat, telling feedparser's strict parser of a document directly.

`feedparser.parse` takes its driver by name, from `PREFERRED_XML_PARSERS`. The usual one,
`xml.sax.expatreader`, makes objects of each name and of all attributes, of which the strict parser
makes strings again: a quarter of what feedparser costs. Here each name becomes feedparser's once a
document. (Besides, expatreader takes names apart at any white space, and feedparser breaks on a
namespace that holds some: found by fuzzing.)
"""

from collections.abc import Mapping
from typing import Any, Final
from xml.parsers import expat
from xml.sax import SAXException, xmlreader

from typing_extensions import override

_BETWEEN: Final = " "  # the parts of a name; expat refuses a namespace that holds it
_USERLAND: Final = "backend.userland.com/rss"
# Markup that is no HTML, of which the strict parser keeps the namespace.
_MARKUP: Final = {"math": "http://www.w3.org/1998/Math/MathML", "svg": "http://www.w3.org/2000/svg"}


def create_parser() -> "Driver":
    """Return a driver; `xml.sax.make_parser` calls it."""
    return Driver()


class Driver(xmlreader.XMLReader):
    """Tells feedparser's strict parser of one document of UTF-8."""

    @override
    def setFeature(self, name: str, state: object) -> None:
        """Take what is asked for as given: namespaces are resolved, and nothing external is loaded."""

    @override
    def parse(self, source: Any) -> None:
        """Read the bytes of a source.

        Raises:
            SAXException: they are not well-formed.
        """
        reader: Any = self.getContentHandler()
        names = _Names(reader)

        def start(written: str, attributes: dict[str, str]) -> None:
            name, markup = names[written]
            if attributes or markup or reader.decls:
                said, reader.decls = reader.decls, {}
                if markup:
                    said["xmlns"] = markup
                reader.unknown_starttag(name, _attributes(said, attributes, reader).items())
            else:
                reader.unknown_starttag(name, ())

        def end(written: str) -> None:
            reader.unknown_endtag(names[written][0])
            if not reader.contentparams:
                # What is known of a text is asked for six times an element, of texts or not; a
                # dictionary of feedparser's own takes ten times as long to say that it has nothing.
                reader.contentparams = {}

        def declare(prefix: str | None, namespace: str | None) -> None:
            names.clear()  # they may be called otherwise from here on
            reader.startPrefixMapping(prefix, namespace)

        parser = expat.ParserCreate("utf-8", _BETWEEN)
        parser.namespace_prefixes = True
        parser.buffer_text = True
        parser.StartElementHandler = start
        parser.EndElementHandler = end
        parser.CharacterDataHandler = reader.handle_data
        parser.StartNamespaceDeclHandler = declare
        # As in expatreader: entities of a document type that lies elsewhere are passed over.
        parser.ExternalEntityRefHandler = lambda *_: 1
        parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_UNLESS_STANDALONE)
        try:
            parser.Parse(source.getByteStream().read(), True)
        except expat.ExpatError as error:
            raise SAXException(str(error), error) from error


class _Names(dict[str, tuple[str, str | None]]):
    """feedparser's names for elements, by those that expat writes, and the namespace of foreign markup.

    See `_StrictFeedParser.startElementNS`: a prefix that feedparser has for the namespace, else the
    document's own.
    """

    def __init__(self, reader: Any) -> None:
        self._reader = reader

    def __missing__(self, written: str) -> tuple[str, str | None]:
        namespace, local = _taken_apart(written)[:2]
        local = local.lower()
        markup = namespace if namespace and _MARKUP.get(local) == namespace else None
        self[written] = name = (self._prefixed(namespace, local).lower(), markup)
        return name

    def _prefixed(self, namespace: str, local: str) -> str:
        known = namespace.lower()
        prefix = "" if _USERLAND in known else self._reader._matchnamespaces.get(known)
        if not prefix and namespace:
            in_use: Mapping[str, str] = self._reader.namespaces_in_use
            prefix = next((p for p, uri in in_use.items() if p and uri == namespace), None)
        return f"{prefix}:{local}" if prefix else local


def _attributes(said: dict[str, str], given: dict[str, str], reader: Any) -> dict[str, str]:
    """Add attributes under feedparser's names, then under the document's own."""
    parts = [(*_taken_apart(written), value) for written, value in given.items()]
    for namespace, local, _, value in parts:
        prefix = reader._matchnamespaces.get(namespace.lower(), "")
        said[(f"{prefix}:{local}" if prefix else local).lower()] = value
    for _, local, prefix, value in parts:
        said[(f"{prefix}:{local}" if prefix else local).lower()] = value
    return said


def _taken_apart(written: str) -> tuple[str, str, str]:
    """Return namespace, local part and prefix of a name as expat writes it; empty where there is none."""
    parts = written.split(_BETWEEN)
    if len(parts) == 1:
        return "", written, ""
    return parts[0], parts[1], parts[2] if len(parts) > 2 else ""
