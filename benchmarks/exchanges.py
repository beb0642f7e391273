"""What one exchange costs: our client beside libcurl's multi interface and aiohttp, plain and over TLS.

    python -m benchmarks.exchanges [--feeds 200]

Each feed is on an address of its own, 64 are asked at once, and every exchange has a connection of
its own, as in a round of a daemon. Needs `openssl`; aiohttp's rows need the package `aiohttp`. Ours
checks addresses, keeps limits and reads validators; the loops of the others do none of that.

`longest step`: the processor time of the longest turn that the event loop gave to anything, in ms.
"""

import argparse
import asyncio
import os
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any, Final

import pycurl

from aggregator.fetch.client import Client, FetchOptions
from aggregator.model.exchange import Fetched, FetchRequest
from aggregator.model.feed import Validators
from benchmarks.origin import Origin, address

_AT_ONCE: Final = 64
_REPEATS: Final = 3
Known = Mapping[str, Validators]
Asking = Callable[[Sequence[str], Known], tuple[float, Counter[int], Known]]


def ours(urls: Sequence[str], known: Known) -> tuple[float, Counter[int], Known]:
    """Ask with our client; return seconds of processor time, statuses and validators."""
    options = FetchOptions(allow_private=("127.0.0.0/8:*",), concurrency=_AT_ONCE)

    async def run() -> Any:
        async with Client(options) as client:
            now = datetime.now(UTC)
            return await asyncio.gather(
                *(
                    client.fetch(
                        FetchRequest(url=url, validators=known.get(url, Validators())), now
                    )
                    for url in urls
                )
            )

    started = time.process_time()
    outcomes = asyncio.run(run())
    seconds = time.process_time() - started
    found = {url: one.validators for url, one in zip(urls, outcomes, strict=True)}
    return seconds, Counter(200 if isinstance(one, Fetched) else 304 for one in outcomes), found


def libcurl(urls: Sequence[str], known: Known) -> tuple[float, Counter[int], Known]:
    """Ask with libcurl's multi interface."""
    multi, statuses = pycurl.CurlMulti(), Counter[int]()
    waiting, idle, busy = list(urls), [pycurl.Curl() for _ in range(_AT_ONCE)], 0
    started = time.process_time()
    while waiting or busy:
        while waiting and idle:
            url, handle = waiting.pop(), idle.pop()
            _prepare(handle, url, known.get(url, Validators()))
            multi.add_handle(handle)
            busy += 1
        multi.perform()
        _, done, failed = multi.info_read()
        for handle in (*done, *(one for one, *_ in failed)):
            statuses[handle.getinfo(pycurl.RESPONSE_CODE)] += 1
            multi.remove_handle(handle)
            idle.append(handle)
            busy -= 1
        if busy:
            multi.select(1.0)
    multi.close()
    return time.process_time() - started, statuses, {}


def _prepare(handle: pycurl.Curl, url: str, known: Validators) -> None:
    headers: list[bytes] = []
    handle.setopt(pycurl.URL, url)
    handle.setopt(pycurl.CAINFO, os.environ["SSL_CERT_FILE"])
    handle.setopt(pycurl.ENCODING, "gzip")
    handle.setopt(pycurl.WRITEFUNCTION, BytesIO().write)
    handle.setopt(pycurl.HEADERFUNCTION, headers.append)
    handle.setopt(pycurl.HTTPHEADER, [f"If-None-Match: {known.etag}"] if known.etag else [])


def aiohttp(urls: Sequence[str], known: Known) -> tuple[float, Counter[int], Known]:
    """Ask with aiohttp."""
    import aiohttp

    async def ask(session: aiohttp.ClientSession, url: str, slots: asyncio.Semaphore) -> int:
        etag = known.get(url, Validators()).etag
        async with slots, session.get(url, headers={"If-None-Match": etag} if etag else {}) as got:
            await got.read()
            return got.status

    async def run() -> list[int]:
        connector = aiohttp.TCPConnector(limit=0)
        async with aiohttp.ClientSession(
            connector=connector, cookie_jar=aiohttp.DummyCookieJar()
        ) as session:
            slots = asyncio.Semaphore(_AT_ONCE)
            return await asyncio.gather(*(ask(session, url, slots) for url in urls))

    started = time.process_time()
    statuses = asyncio.run(run())
    return time.process_time() - started, Counter(statuses), {}


@contextmanager
def _steps() -> Iterator[list[float]]:
    """Measure the turns of event loops meanwhile; yields seconds of processor time."""
    found: list[float] = []
    real = asyncio.Handle._run

    def timed(self: asyncio.Handle) -> None:
        started = time.thread_time()
        real(self)
        found.append(time.thread_time() - started)

    asyncio.Handle._run = timed  # type: ignore[method-assign]  # for this measurement
    try:
        yield found
    finally:
        asyncio.Handle._run = real  # type: ignore[method-assign]  # as it was


def _row(name: str, ask: Asking, urls: Sequence[str], known: Known) -> None:
    cells = []
    for status, validators in ((304, known), (200, {})):
        seconds = []
        for _ in range(_REPEATS):
            spent, statuses, _found = ask(urls, validators)
            if statuses != {status: len(urls)}:
                raise SystemExit(f"{name}: {dict(statuses)}, not {len(urls)} of {status}")
            seconds.append(spent / len(urls) * 1000)
        cells.append(f"{median(seconds):.2f}")
    with _steps() as steps:
        ask(urls, {})
    cells.append(f"{max(steps) * 1000:.0f}" if steps else "")
    print(f"| {name} | {' | '.join(cells)} |", flush=True)


def _certificate(folder: Path, count: int) -> Path:
    """Make a key and a certificate for the addresses of the feeds, in one file."""
    file = folder / "both.pem"
    names = ",".join(f"IP:{address(number)}" for number in range(count))
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
         "-nodes", "-days", "2", "-subj", "/CN=origin", "-addext", f"subjectAltName={names}",
         "-keyout", str(folder / "key.pem"), "-out", str(folder / "certificate.pem")],
        check=True, capture_output=True,
    )  # fmt: skip
    file.write_text((folder / "key.pem").read_text() + (folder / "certificate.pem").read_text())
    return file


def _main() -> None:
    parser = argparse.ArgumentParser(description="Measure what one exchange costs.")
    parser.add_argument("--feeds", type=int, default=200)
    count = parser.parse_args().feeds
    asks: dict[str, Asking] = {"ours": ours, "libcurl alone": libcurl}
    if find_spec("aiohttp"):
        asks["aiohttp alone"] = aiohttp
    print("ms of CPU per exchange\n| client | 304 | 200 | longest step |\n|---|---|---|---|")
    with TemporaryDirectory() as folder:
        file = _certificate(Path(folder), count)
        os.environ["SSL_CERT_FILE"] = str(file)  # all three trust what it names
        for words, tls in (("plain", None), ("TLS", file)):
            with Origin(count, tls) as origin:
                _, _, known = ours(origin.urls, {})
                for name, ask in asks.items():
                    _row(f"{name}, {words}", ask, origin.urls, known)


if __name__ == "__main__":
    _main()
