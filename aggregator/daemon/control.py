"""`data/control.sock`: commands typed beside a running daemon are carried out by it.

One request a connection, one JSON document each way: `{"command": ..., "arguments": [...],
"options": {...}}` and `{"status": 0, "output": ..., "error": ...}`. The socket is the owner's alone.
"""

import asyncio
import json
import os
import socket
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from aggregator.errors import AggregatorError, UsageError
from aggregator.observe.log import get_log

_log = get_log("control")
_LONGEST: Final = 1 << 20  # bytes of a request


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A command as it was typed elsewhere."""

    command: str
    arguments: tuple[str, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What came of it."""

    status: int = 0
    output: Any = None  # what the command's own process prints
    error: str | None = None


Handler = Callable[[Request], Awaitable[Reply]]


class ControlServer:
    """Listens on the control socket for as long as the daemon runs."""

    def __init__(self, data: Path, carry_out: Handler) -> None:
        self._path = data / "control.sock"
        self._carry_out = carry_out
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Listen; a socket that a killed daemon left behind is replaced (the data lock is ours)."""
        self._path.unlink(missing_ok=True)
        with short_name(self._path) as address:
            self._server = await asyncio.start_unix_server(self._answer, address, limit=_LONGEST)
        self._path.chmod(0o600)

    async def stop(self) -> None:
        """Stop listening."""
        if self._server is not None:
            self._server.close()
            self._path.unlink(missing_ok=True)

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            line = await reader.readline()
            if line:
                reply = await self._reply(line)
                writer.write(
                    json.dumps(
                        {"status": reply.status, "output": reply.output, "error": reply.error}
                    ).encode()
                    + b"\n"
                )
                await writer.drain()
        except (ConnectionError, ValueError) as error:
            _log.warning("control connection failed", error=str(error))
        finally:
            writer.close()

    async def _reply(self, line: bytes) -> Reply:
        try:
            asked = json.loads(line)
            request = Request(
                command=str(asked["command"]),
                arguments=tuple(str(one) for one in asked.get("arguments", ())),
                options=dict(asked.get("options", {})),
            )
            return await self._carry_out(request)
        except UsageError as error:
            return Reply(status=2, error=str(error))
        except AggregatorError as error:
            return Reply(status=1, error=str(error))
        except (KeyError, TypeError, ValueError) as error:
            return Reply(status=2, error=f"not a request: {error}")


def ask_daemon(data: Path, request: Request) -> Reply | None:
    """Hand a command to the daemon that owns `data`; None when none is running."""
    path = data / "control.sock"
    if not path.exists():
        return None
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC) as channel:
        try:
            with short_name(path) as address:
                channel.connect(address)
        except (ConnectionRefusedError, FileNotFoundError):
            return None
        message = {
            "command": request.command,
            "arguments": list(request.arguments),
            "options": dict(request.options),
        }
        channel.sendall(json.dumps(message).encode() + b"\n")
        with channel.makefile("rb") as stream:
            answer = stream.readline()
    if not answer:
        return Reply(status=1, error="the daemon stopped before it answered")
    found = json.loads(answer)
    return Reply(status=found["status"], output=found["output"], error=found["error"])


@contextmanager
def short_name(path: Path) -> Iterator[str]:
    """Yield a name of `path` that fits a socket address (108 bytes, unix(7)), however deep it lies."""
    folder = os.open(path.parent, os.O_RDONLY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)
