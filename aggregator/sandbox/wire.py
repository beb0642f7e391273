"""How daemon and workers talk: length-prefixed pickles of plain values over socket pairs.

A job's long bytes travel beside its pickle, from where they lie: copied into it, each body of 10 MiB
would cost the daemon twice that. Answers are pickles alone.
"""

import io
import pickle
import socket
import struct
from typing import Any, Final

from typing_extensions import Buffer

Piece = bytes | memoryview
HEADER: Final = struct.Struct("!Q")
_LONGEST: Final = 1 << 30  # bytes: more than any worker may hold
_APART: Final = 64 * 1024  # bytes from which on an argument is not copied
# A worker has eaten hostile bytes: its answer may name our own classes and plain values, nothing else.
_OUR_VALUES: Final = tuple(
    f"aggregator.{room}." for room in ("model", "parse", "identify", "sources")
)
_PLAIN: Final = {
    "builtins": frozenset(("set", "frozenset", "bytearray", "complex")),
    "datetime": frozenset(("datetime", "date", "time", "timedelta", "timezone")),
    "collections": frozenset(("OrderedDict", "deque")),
}


class Closed(Exception):
    """The other end is gone."""


def pack(value: object) -> bytes:
    """Return an answer as it travels, without its header."""
    return pickle.dumps(value, protocol=pickle.HIGHEST_PROTOCOL)


def unpack_plain(answer: io.BytesIO) -> Any:
    """Return a worker's answer; raise pickle.UnpicklingError where it is more than values."""
    return _PlainUnpickler(answer).load()


def job_pieces(
    module: str, name: str, args: tuple[Any, ...], keywords: dict[str, Any]
) -> list[Piece]:
    """Return a job as it travels, headers included: its pickle, then its long bytes as they lie."""
    apart: list[pickle.PickleBuffer] = []
    plain = pickle.dumps(
        (module, name, tuple(_apart(value) for value in args), keywords),
        protocol=pickle.HIGHEST_PROTOCOL,
        buffer_callback=apart.append,
    )
    # What is short goes in one piece, so that whoever waits for it wakes once.
    pieces: list[Piece] = [HEADER.pack(len(apart)) + HEADER.pack(len(plain)) + plain]
    for buffer in apart:
        piece = buffer.raw()
        pieces += [HEADER.pack(len(piece)), piece]
    return pieces


def _apart(value: object) -> object:
    return pickle.PickleBuffer(value) if type(value) is bytes and len(value) > _APART else value


def checked_length(header: Buffer) -> int:
    """Return the length that a header announces; raise Closed for an impossible one."""
    (length,) = HEADER.unpack(header)
    if length > _LONGEST:
        raise Closed
    return int(length)


def send_answer(sock: socket.socket, answer: bytes) -> None:
    """Send a packed answer and wait until it is on its way."""
    header = HEADER.pack(len(answer))
    if len(answer) <= _APART:
        sock.sendall(header + answer)
    else:
        sock.sendall(header)
        sock.sendall(answer)


def receive_job(sock: socket.socket) -> Any:
    """Wait for a job from the daemon; raise Closed when there will be none."""
    (apart,) = HEADER.unpack(_exactly(sock, HEADER.size))
    plain = _piece(sock)
    return pickle.loads(plain, buffers=[bytes(_piece(sock)) for _ in range(apart)])  # noqa: S301  # the daemon's own words


def _piece(sock: socket.socket) -> bytearray:
    return _exactly(sock, checked_length(_exactly(sock, HEADER.size)))


def _exactly(sock: socket.socket, length: int) -> bytearray:
    buffer = bytearray(length)
    view = memoryview(buffer)
    while view:
        count = sock.recv_into(view)
        if not count:
            raise Closed
        view = view[count:]
    return buffer


class _PlainUnpickler(pickle.Unpickler):
    """Knows our own classes, exceptions that Python raises, and plain values."""

    def find_class(self, module: str, name: str) -> Any:  # type: ignore[explicit-override]  # Python 3.12 has typing.override
        """Return a class by name, or refuse."""
        if name in _PLAIN.get(module, ()):
            return super().find_class(module, name)
        if module == "aggregator.errors" or module.startswith(_OUR_VALUES):
            found = super().find_class(module, name)
            if isinstance(found, type):
                return found
        raise pickle.UnpicklingError(f"{module}.{name} is no plain value")
