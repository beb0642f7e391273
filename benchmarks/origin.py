"""An origin of our own: N feeds on as many loopback addresses, served by one cheap process.

    python -m benchmarks.origin --feeds 1000 [--port 0]

prints its port and serves `http://127.x.y.z:PORT/N/feed` until its standard input closes. What
happens on it is asked for by whoever measures:

    /-/add?COUNT       each feed gets so many new entries; as many old ones leave
    /-/stamp           each document is built anew without news: other bytes, the same entries
    /-/forget?1        no validators are sent or honoured: every answer is a 200 (?0: again)

Documents are made and compressed before a step is answered, so that no measured second goes into that.
"""

import argparse
import asyncio
import gzip
import hashlib
import socket
import ssl
import subprocess
import sys
from dataclasses import dataclass
from email.utils import format_datetime
from pathlib import Path
from types import TracebackType
from typing import Final, Self
from urllib.request import urlopen

from typing_extensions import override

from benchmarks.documents import Document, State

_TYPES: Final = {"rss": "application/rss+xml", "atom": "application/atom+xml", "rdf": "text/xml"}


def address(number: int) -> str:
    """Return the loopback address of a feed."""
    return f"127.{1 + number // 62_500}.{number // 250 % 250}.{1 + number % 250}"


def documents(feeds: int, port: int) -> list[Document]:
    """Return the origin's feeds."""
    return [Document(number, f"http://{address(number)}:{port}") for number in range(feeds)]


def feed_url(document: Document) -> str:
    """Return where a feed is served."""
    return f"{document.base}/{document.number}/feed"


@dataclass(frozen=True, slots=True)
class _Answer:
    """What is sent for one feed as it stands."""

    etag: bytes
    validators: bytes
    plain: bytes  # a 200 from its Content-Type on
    zipped: bytes


class Answers:
    """Every answer, ready to be sent."""

    def __init__(self, feeds: list[Document]) -> None:
        self._feeds = feeds
        self._state = State()
        self._forgetful = False
        self._answers: list[_Answer] = []
        self._make()

    def to(self, request: bytes) -> bytes:
        """Return the answer to a request."""
        path = request.split(b" ", 2)[1]
        answer = self._answers[int(path[1 : path.index(b"/", 1)])]
        if not self._forgetful and answer.etag in request:
            return b"HTTP/1.1 304 Not Modified\r\n" + answer.validators + b"\r\n"
        body = answer.zipped if b"gzip" in request else answer.plain
        return b"HTTP/1.1 200 OK\r\n" + (b"" if self._forgetful else answer.validators) + body

    def act(self, step: str) -> None:
        """Take a step."""
        name, _, value = step.partition("?")
        if name == "forget":
            self._forgetful = value == "1"
            return
        added = self._state.added + (int(value) if name == "add" else 0)
        self._state = State(added=added, stamp=self._state.stamp + 1)
        self._make()

    def _make(self) -> None:
        self._answers = [self._answer(feed) for feed in self._feeds]

    def _answer(self, feed: Document) -> _Answer:
        body = feed.render(self._state)
        packed = gzip.compress(body, 6, mtime=0)
        etag = f'"{hashlib.blake2b(body, digest_size=10).hexdigest()}"'
        modified = format_datetime(feed.built_at(self._state), usegmt=True)
        common = f"Server: origin\r\nVary: Accept-Encoding\r\nContent-Type: {_TYPES[feed.format]}; charset=utf-8\r\n"
        return _Answer(
            etag=etag.encode(),
            validators=f"ETag: {etag}\r\nLast-Modified: {modified}\r\n".encode(),
            plain=f"{common}Content-Length: {len(body)}\r\n\r\n".encode() + body,
            zipped=f"{common}Content-Encoding: gzip\r\nContent-Length: {len(packed)}\r\n\r\n".encode()
            + packed,
        )


class _Connection(asyncio.Protocol):
    """One connection: requests without bodies, one after the other."""

    def __init__(self, answers: Answers) -> None:
        self._answers = answers
        self._waiting = b""
        self._steps: set[asyncio.Task[None]] = set()

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    @override
    def data_received(self, data: bytes) -> None:
        self._waiting += data
        while b"\r\n\r\n" in self._waiting:
            request, _, self._waiting = self._waiting.partition(b"\r\n\r\n")
            if request.startswith(b"GET /-/"):
                step = asyncio.create_task(self._act(request.split(b" ", 2)[1][3:].decode()))
                self._steps.add(step)
                step.add_done_callback(self._steps.discard)
                continue
            try:
                self._transport.write(self._answers.to(request))
            except (ValueError, IndexError):
                self._transport.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
            if b"connection: close" in request.lower() or request.startswith(b"HEAD"):
                self._transport.close()

    async def _act(self, step: str) -> None:
        """Take a step on a thread: whoever asks for a feed meanwhile is answered as it was.

        Rendering 2,500 feeds in the loop kept a daemon waiting for more than ten seconds, which it
        took for an outage of the network: it left 60 feeds alone for up to a quarter of an hour.
        """
        await asyncio.to_thread(self._answers.act, step)
        self._transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")


async def _serve(feeds: int, port: int, certificate: str | None) -> None:
    loop = asyncio.get_running_loop()
    answers: list[Answers] = []
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"lo")  # all of 127/8, no more
    listening.bind(("0.0.0.0", port))
    context = None
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
    server = await loop.create_server(
        lambda: _Connection(answers[0]), sock=listening, backlog=1024, ssl=context
    )
    port = listening.getsockname()[1]
    answers.append(Answers(documents(feeds, port)))
    print(port, flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


class Origin:
    """The origin as a process of its own."""

    def __init__(self, feeds: int, certificate: Path | None = None) -> None:
        """Prepare; `certificate`: a file with key and certificate, to speak TLS."""
        self._feeds = feeds
        self._certificate = certificate
        self._state = State()

    def __enter__(self) -> Self:
        """Start it."""
        tls = ["--certificate", str(self._certificate)] if self._certificate else []
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.origin", "--feeds", str(self._feeds), *tls],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        self.port = int(self._process.stdout.readline())
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End it."""
        self._process.communicate(timeout=10)  # its input ends, and so does it

    @property
    def documents(self) -> list[Document]:
        """Return its feeds."""
        return documents(self._feeds, self.port)

    @property
    def urls(self) -> list[str]:
        """Return the addresses of its feeds."""
        urls = [feed_url(document) for document in self.documents]
        return [url.replace("http:", "https:", 1) for url in urls] if self._certificate else urls

    def published(self) -> int:
        """Return how many entries all feeds together have ever had."""
        return sum(document.published(self._state) for document in self.documents)

    def text(self) -> int:
        """Return the bytes of what all present entries say: titles, texts, links, authors, sections."""
        return sum(
            len(part.encode())
            for document in self.documents
            for one in document.articles(self._state)
            for part in (one.title, one.summary, one.content, one.link, one.author, *one.sections)
        )

    def add(self, count: int) -> None:
        """Give each feed new entries."""
        self._state = State(added=self._state.added + count)
        self._ask(f"add?{count}")

    def stamp(self) -> None:
        """Build each document anew, without news."""
        self._ask("stamp")

    def forget(self, wanted: bool) -> None:
        """Answer every request with a 200, or no longer."""
        self._ask(f"forget?{int(wanted)}")

    def _ask(self, step: str) -> None:
        with urlopen(f"http://127.0.0.1:{self.port}/-/{step}", timeout=600):
            pass


def _main() -> None:
    parser = argparse.ArgumentParser(description="Serve many made-up feeds on loopback.")
    parser.add_argument("--feeds", type=int, default=1000)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--certificate", help="a file with key and certificate: speak TLS")
    options = parser.parse_args()
    asyncio.run(_serve(options.feeds, options.port, options.certificate))


if __name__ == "__main__":
    _main()
