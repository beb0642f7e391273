"""One answer as it comes in: its header read, its body decoded, both within their limits (pure)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.parser import HeaderParser
from email.policy import HTTP
from functools import lru_cache
from typing import Final

from yarl import URL

from aggregator.fetch.coding import Decoder, decoder_for
from aggregator.fetch.failure import body_too_large, broken, header_too_large

_STATUS: Final = re.compile(rb"HTTP/1\.\d ([1-9]\d\d)\s")
_NAME: Final = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110 5.6.2
_SWITCHING: Final = 101  # the one answer of its class that is the last
_LINK: Final = re.compile(r",(?=\s*<)")
_TARGET: Final = re.compile(r"\s*<(.*)>(.*)")
_RELATION: Final = re.compile(r""";\s*rel\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s;]*))""", re.IGNORECASE)


@dataclass(slots=True)
class Answer:
    """What has come so far, first lines of the header, then pieces of the body."""

    max_headers: int  # bytes, trailers and answers that only announce this one included
    max_body: int  # bytes, on the wire and decoded
    wanted: frozenset[int]  # statuses whose body is taken
    status: int = 0  # 0: the header is not complete
    fields: tuple[tuple[bytes, bytes], ...] = ()  # of the header, as they came
    named: Mapping[str, str] = field(
        default_factory=dict
    )  # by name in title case, the first of each
    received: int = 0  # bytes of the body on the wire
    _lines: list[bytes] = field(default_factory=list)
    _size: int = 0
    _decoder: Decoder | None = None
    _pieces: list[bytes] = field(default_factory=list)
    _decoded: int = 0

    @property
    def is_enough(self) -> bool:
        """Tell whether nothing more is wanted, though it may come."""
        return self.status != 0 and self._decoder is None

    @property
    def is_open_ended(self) -> bool:
        """Tell whether a body is coming whose end only the connection's tells."""
        sized = self.named.keys() & {"Content-Length", "Transfer-Encoding"}
        return self._decoder is not None and not sized

    def add_line(self, line: bytes) -> None:
        """Take the next line of a header: its status line, a field, or the empty one at its end.

        Raises:
            ExchangeFailed: the header is too large or not proper HTTP, or the body will be too large.
            BadCoding: the body is in a coding that we did not offer.
        """
        if self._lines or not line.startswith(b"HTTP/"):
            self._size += len(line)
            if self._size > self.max_headers:
                raise header_too_large(self.max_headers)
        if self.status:
            return  # a trailer
        if self._lines and not line.strip():
            self._read_header()
        else:
            self._lines.append(line)

    def _read_header(self) -> None:
        lines, self._lines = self._lines, []
        first = _STATUS.match(lines[0])
        if first is None:
            raise broken("protocol")
        status = int(first[1])
        if status < 200 and status != _SWITCHING:
            return
        self.status, self.fields = status, tuple(map(_field, lines[1:]))
        self.named = _named(self.fields)
        if status not in self.wanted:
            return
        length = self.named.get("Content-Length", "")
        if length.isascii() and length.isdigit() and int(length[:20]) > self.max_body:
            raise body_too_large(self.max_body)
        self._decoder = decoder_for(self.named.get("Content-Encoding", ""))

    def add_piece(self, data: bytes) -> None:
        """Take the next piece of the body, as it was on the wire; what is not wanted is dropped.

        Raises:
            ExchangeFailed: the body is too large.
            BadCoding: it is not in the coding that the header names.
        """
        if self._decoder is None:
            return
        self.received += len(data)
        for piece in self._decoder.feed(data):
            self._pieces.append(piece)
            self._decoded += len(piece)
            if max(self._decoded, self.received) > self.max_body:
                raise body_too_large(self.max_body)

    def body(self) -> bytes:
        """Return the whole body, decoded.

        Raises:
            BadCoding: the coding's own end did not come.
        """
        if self._decoder is not None:
            self._decoder.finish()
        return b"".join(self._pieces)

    @property
    def content_type(self) -> str | None:
        """Return the media type; `application/octet-stream` where the header's is none, None without."""
        if not (value := self.named.get("Content-Type")):
            return value
        media_type = value.partition(";")[0].strip().lower()
        return media_type if media_type.count("/") == 1 else "application/octet-stream"

    @property
    def charset(self) -> str | None:
        """Return the charset of the Content-Type header."""
        return _charset(self.named.get("Content-Type", ""))

    def links(self, base: URL) -> dict[str, str]:
        """Return the targets of the Link headers by relation, the last of each (WebSub).

        What cannot be read is left out.
        """
        values = ", ".join(_text(value) for name, value in self.fields if name.lower() == b"link")
        found: dict[str, str] = {}
        for link in _LINK.split(values):
            match = _TARGET.match(link)
            relation = match and _RELATION.search(match[2])
            if match is None or relation is None:
                continue
            try:
                found["".join(filter(None, relation.groups()))] = str(base.join(URL(match[1])))
            except (ValueError, IndexError):  # as in guard.parse_url
                continue
        return found


def _field(line: bytes) -> tuple[bytes, bytes]:
    """Return name and value of a line of a header.

    Raises:
        ExchangeFailed: it is none.
    """
    name, _, value = line.partition(b":")
    if not _NAME.fullmatch(name):
        raise broken("protocol")
    return name, value.strip(b" \t\r\n")


def _named(fields: tuple[tuple[bytes, bytes], ...]) -> dict[str, str]:
    named: dict[str, str] = {}
    for name, value in fields:
        named.setdefault(_text(name).title(), _text(value))
    return named


@lru_cache(maxsize=256)
def _charset(content_type: str) -> str | None:
    if ";" not in content_type:
        return None
    message = HeaderParser(policy=HTTP).parsestr(f"Content-Type: {content_type}")
    return dict(message.get_params(())).get("charset")


def _text(value: bytes) -> str:
    return value.decode("utf-8", "surrogateescape")
