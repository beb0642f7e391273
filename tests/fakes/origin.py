"""A publisher to talk to: a real HTTP server on loopback whose answers a test programs.

    async with origin() as site:
        site.answer("/feed", body=b"<rss/>", headers={"ETag": '"1"'})
        ... fetch site.url("/feed") ...
        assert site.requests[0].header("If-None-Match") is None

It writes bytes itself rather than through a web framework, since much of what it has to play is
broken HTTP: bodies cut short, dripped, bombs, endless headers.
"""

import asyncio
import contextlib
import gzip
import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from itertools import repeat


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request as it came in."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    raw: bytes = field(repr=False)  # request line and headers, byte for byte
    at: float  # the loop's clock
    body: bytes = field(default=b"", repr=False)  # of a POST

    def header(self, name: str) -> str | None:
        """Return a header, or None."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One response to give."""

    status: int = 200
    body: bytes = b""
    headers: tuple[tuple[str | bytes, str | bytes], ...] = ()
    conditional: bool = True  # answer 304 where If-None-Match or If-Modified-Since fits
    delay: float = 0.0  # seconds before the first byte
    drip: float = 0.0  # seconds between single bytes of the body
    cut: int | None = None  # close after so many bytes of the body, having announced all of it
    chunked: bool = False
    endless: bytes | None = None  # repeat this for ever as the body
    silent: bool = False  # headers, then nothing
    hang_up: bool = False  # close without a byte
    raw: bytes | None = None  # sent as it is instead of everything else


Program = Answer | Callable[[Asked], Answer]


class Origin:
    """The server: what it answers where, and what it was asked."""

    def __init__(self) -> None:
        self.requests: list[Asked] = []
        self.connections = 0
        self._programs: dict[str, list[Program]] = {}
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self.host = ""
        self.port = 0
        self.scheme = "http"

    # -- programming ------------------------------------------------------------------------------

    def answer(
        self,
        path: str,
        *,
        body: bytes | str = b"",
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        **how: object,
    ) -> None:
        """Answer a path so from now on."""
        self.program(path, make_answer(body=body, status=status, headers=headers, **how))

    def program(self, path: str, *answers: Program) -> None:
        """Answer a path with these in turn; the last one stays."""
        self._programs[path] = list(answers)

    def redirect(self, path: str, to: str, status: int = 301) -> None:
        """Redirect a path."""
        self.answer(path, status=status, headers={"Location": to})

    def bomb(self, path: str, size: int) -> None:
        """Answer with a gzip body that inflates to `size` zeros."""
        body = gzip.compress(bytes(size), compresslevel=9)
        self.answer(path, body=body, headers={"Content-Encoding": "gzip"})

    def url(self, path: str = "/") -> str:
        """Return the address of a path."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}{path}"

    @property
    def place(self) -> str:
        """Return `host:port`, as in network.allow_private."""
        return self.url("")[len(f"{self.scheme}://") :]

    def asked(self, path: str) -> list[Asked]:
        """Return the requests for a path, its query left out."""
        return [asked for asked in self.requests if asked.target.partition("?")[0] == path]

    # -- serving ----------------------------------------------------------------------------------

    async def start(self, host: str = "127.0.0.1", tls: ssl.SSLContext | None = None) -> None:
        """Listen on a free port."""
        self._server = await asyncio.start_server(self._accept, host, 0, ssl=tls)
        self.host, self.port = self._server.sockets[0].getsockname()[:2]
        self.scheme = "https" if tls else "http"

    async def stop(self) -> None:
        """Stop listening and hang up."""
        assert self._server is not None
        self._server.close()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.get_running_loop().create_task(self._converse(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while await self._exchange(reader, writer):
                pass
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Answer one request; tell whether the connection can be used again."""
        raw = await reader.readuntil(b"\r\n\r\n")
        first, *lines = raw.decode("utf-8", "surrogateescape").split("\r\n")[:-2]
        method, target, _ = first.split(" ", 2)
        headers = tuple(
            (name, value.strip()) for name, _, value in (x.partition(":") for x in lines)
        )
        lengths = (value for name, value in headers if name.lower() == "content-length")
        body = await reader.readexactly(int(next(lengths, "0")))
        asked = Asked(
            method=method,
            target=target,
            headers=headers,
            raw=raw,
            at=asyncio.get_running_loop().time(),
            body=body,
        )
        self.requests.append(asked)
        answer = self._choose(asked)
        if answer.delay:
            await asyncio.sleep(answer.delay)
        if answer.hang_up:
            return False
        if answer.raw is not None:
            writer.write(answer.raw)
            await writer.drain()
            return False
        return await _respond(writer, asked, answer)

    def _choose(self, asked: Asked) -> Answer:
        answers = self._programs.get(asked.target) or self._programs.get(
            asked.target.partition("?")[0]
        )
        if not answers:
            return Answer(status=404, body=b"nothing here")
        program = answers.pop(0) if len(answers) > 1 else answers[0]
        answer = program if isinstance(program, Answer) else program(asked)
        return not_modified(answer) if answer.conditional and _fits(asked, answer) else answer


def make_answer(
    *,
    body: bytes | str = b"",
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    **how: object,
) -> Answer:
    """Return an answer from friendlier arguments."""
    content = body.encode() if isinstance(body, str) else body
    pairs = tuple((headers or {}).items())
    return Answer(status=status, body=content, headers=pairs, **how)  # type: ignore[arg-type]  # passed through as given


def not_modified(answer: Answer) -> Answer:
    """Return the 304 that stands for an answer."""
    return Answer(
        status=304,
        headers=tuple(
            pair
            for pair in answer.headers
            if _text(pair[0]).lower() not in ("content-type", "content-encoding")
        ),
    )


def _fits(asked: Asked, answer: Answer) -> bool:
    """Tell whether the client has this answer already: If-None-Match before If-Modified-Since."""
    if answer.status != 200:
        return False
    given = {_text(name).lower(): _text(value) for name, value in answer.headers}
    match, since = asked.header("If-None-Match"), asked.header("If-Modified-Since")
    if match is not None:
        return match == given.get("etag")
    return since is not None and since == given.get("last-modified")


def _text(value: str | bytes) -> str:
    return value.decode("utf-8", "surrogateescape") if isinstance(value, bytes) else value


async def _respond(writer: asyncio.StreamWriter, asked: Asked, answer: Answer) -> bool:
    bodiless = answer.status in (204, 304) or asked.method == "HEAD"
    names = {_text(name).lower() for name, _ in answer.headers}
    lines = [f"HTTP/1.1 {answer.status} Because".encode()]
    lines += [_bytes(name) + b": " + _bytes(value) for name, value in answer.headers]
    chunked = answer.chunked or answer.endless is not None
    if chunked:
        lines.append(b"Transfer-Encoding: chunked")
    elif answer.status not in (204, 304) and "content-length" not in names:
        lines.append(f"Content-Length: {len(answer.body)}".encode())
    writer.write(b"\r\n".join(lines) + b"\r\n\r\n")
    await writer.drain()
    if bodiless:
        return True
    if answer.silent:
        await asyncio.sleep(3600)
    pieces = _pieces(answer)
    for piece in pieces:
        writer.write(b"%x\r\n%s\r\n" % (len(piece), piece) if chunked else piece)
        await writer.drain()
        if answer.drip:
            await asyncio.sleep(answer.drip)
    if answer.cut is not None:
        return False
    if chunked:
        writer.write(b"0\r\n\r\n")
        await writer.drain()
    return "content-length" not in names


def _pieces(answer: Answer) -> "list[bytes] | repeat[bytes]":
    if answer.endless is not None:
        return repeat(answer.endless)
    body = answer.body if answer.cut is None else answer.body[: answer.cut]
    if answer.drip:
        return [body[i : i + 1] for i in range(len(body))]
    return [body] if body else []


def _bytes(value: str | bytes) -> bytes:
    return value if isinstance(value, bytes) else value.encode("utf-8", "surrogateescape")


@contextlib.asynccontextmanager
async def origin(
    host: str = "127.0.0.1", tls: ssl.SSLContext | None = None
) -> AsyncIterator[Origin]:
    """Serve for the length of the block on a free port of `host` (127.0.0.2, ::1 ...)."""
    site = Origin()
    await site.start(host, tls)
    try:
        yield site
    finally:
        await site.stop()
