"""Undoes the one content coding of a body piece by piece, never making more than asked for at once."""

import zlib
from collections.abc import Iterator
from typing import Final, Protocol

ACCEPTED: Final = "gzip, deflate, br"
_STEP: Final = 256 * 1024  # decoded bytes per step: a bomb is noticed after one step, not after all


class BadCoding(ValueError):
    """The body is not what its Content-Encoding says, or was cut short."""


class Decoder(Protocol):
    """Turns bytes on the wire into bytes of the body."""

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yield decoded pieces of about 256 KiB at most (brotli makes up to twice as much).

        Raises:
            BadCoding: the data is not in this coding.
        """
        ...

    def finish(self) -> None:
        """Check that the coding's own end was seen.

        Raises:
            BadCoding: the body was cut short.
        """
        ...


class _Identity:
    def feed(self, data: bytes) -> Iterator[bytes]:
        yield data

    def finish(self) -> None:
        """Nothing to check: the length is HTTP's business."""


class _Zlib:
    """gzip, and deflate both with zlib's header and without (servers send either)."""

    def __init__(self, *, gzip: bool) -> None:
        self._gzip = gzip
        self._inflate: zlib._Decompress | None = None

    def feed(self, data: bytes) -> Iterator[bytes]:
        if self._inflate is None:
            self._inflate = zlib.decompressobj(self._window_bits(data))
        while data and not self._inflate.eof:  # what follows the stream's end is not the body
            try:
                piece = self._inflate.decompress(data, _STEP)
            except zlib.error as error:
                raise BadCoding("the compressed body is damaged") from error
            data = self._inflate.unconsumed_tail
            if piece:
                yield piece

    def _window_bits(self, beginning: bytes) -> int:
        if self._gzip:
            return zlib.MAX_WBITS | 16
        has_header = not beginning or beginning[0] & 0x0F == 8  # RFC 1950: 8 is zlib's method
        return zlib.MAX_WBITS if has_header else -zlib.MAX_WBITS

    def finish(self) -> None:
        if self._inflate is not None and not self._inflate.eof:
            raise BadCoding("the compressed body was cut short")


class _Brotli:
    def __init__(self) -> None:
        import brotli

        self._inflate = brotli.Decompressor()
        self._error: type[Exception] = brotli.error
        self._begun = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        self._begun = True
        while not self._inflate.is_finished():
            try:
                piece = self._inflate.process(data, output_buffer_limit=_STEP)
            except self._error as error:
                raise BadCoding("the compressed body is damaged") from error
            if not piece:  # "can accept more data" may be said with output still to come
                return
            data = b""
            yield piece

    def finish(self) -> None:
        if self._begun and not self._inflate.is_finished():
            raise BadCoding("the compressed body was cut short")


def decoder_for(content_encoding: str) -> Decoder:
    """Return the decoder for a Content-Encoding header.

    Raises:
        BadCoding: a coding that we did not offer, or more than one layer (A2).
    """
    codings = [name.strip().lower() for name in content_encoding.split(",") if name.strip()]
    match [name for name in codings if name != "identity"]:
        case []:
            return _Identity()
        case ["gzip" | "x-gzip"]:
            return _Zlib(gzip=True)
        case ["deflate"]:
            return _Zlib(gzip=False)
        case ["br"]:
            return _Brotli()
        case _:
            raise BadCoding(f"compressed in a way we did not ask for: {content_encoding[:80]!r}")
