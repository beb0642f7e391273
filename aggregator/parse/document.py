"""One body in, one parsed feed out: what the sandbox runs."""

from aggregator.errors import NotAFeed
from aggregator.model.entry import ParsedFeed
from aggregator.model.identifiers import EntryHash
from aggregator.parse.budget import within_budget
from aggregator.parse.decode import to_utf8
from aggregator.parse.json_feed import parse_json
from aggregator.parse.options import ParseHints, ParseLimits
from aggregator.parse.prolog import feed_document
from aggregator.parse.xml import parse_xml

__all__ = ["ParseHints", "ParseLimits", "parse"]

_DEFAULT_LIMITS = ParseLimits()


def parse(
    body: bytes,
    hints: ParseHints,
    known: frozenset[EntryHash] = frozenset(),
    limits: ParseLimits = _DEFAULT_LIMITS,
) -> ParsedFeed:
    """Read a feed; entries whose hash is in `known` are left out, and mostly not even parsed.

    The format is told by the body: content types lie.

    Raises:
        NotAFeed: The body is something else; the message names what.
        UnsafeDocument: It was refused before parsing; the message names why.
    """
    decoded = to_utf8(body, hints.charset, hints.language)
    try:
        if decoded.body.lstrip()[:1] in (b"{", b"["):
            feed = parse_json(decoded.body, hints, known, limits, decoded.problem)
        else:
            document = feed_document(decoded.body)
            feed = parse_xml(document, hints, known, limits, decoded.problem)
    except NotAFeed as error:
        if hints.content_type is None:
            raise
        raise NotAFeed(f"{error} (sent as {hints.content_type[:60]})") from None
    return within_budget(feed, limits.document)
