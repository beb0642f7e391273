"""How daemon, nursery and workers talk: length-prefixed pickles of plain values over socket pairs."""

import io
import pickle
import socket
import struct
from typing import Any, Final

HEADER: Final = struct.Struct("!Q")  # how long the pickle behind it is
_LONGEST: Final = 1 << 30  # bytes: more than any worker may hold
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
    """Return a value as it travels: in one piece, so that whoever waits for it wakes once."""
    payload = pickle.dumps(value, protocol=pickle.HIGHEST_PROTOCOL)
    return HEADER.pack(len(payload)) + payload


def unpack_plain(payload: bytes | bytearray | memoryview) -> Any:
    """Return a worker's answer; raise pickle.UnpicklingError where it is more than values."""
    return _PlainUnpickler(io.BytesIO(payload)).load()


def checked_length(header: bytes | bytearray) -> int:
    """Return the length that a header announces; raise Closed for an impossible one."""
    (length,) = HEADER.unpack(header)
    if length > _LONGEST:
        raise Closed
    return int(length)


def receive(sock: socket.socket) -> Any:
    """Wait for a value from a trusted end; raise Closed when there will be none."""
    return pickle.loads(_exactly(sock, checked_length(_exactly(sock, HEADER.size))))  # noqa: S301  # the daemon's own words


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
