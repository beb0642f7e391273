"""What one exchange costs: our client beside libcurl's multi interface, plain and over TLS.

    python -m benchmarks.exchanges [--feeds 200]

Each feed is on an address of its own, 64 are asked at once, and every exchange has a connection of
its own, as in a round of a daemon. Needs `openssl`; libcurl's rows need the package `pycurl`. Ours
checks addresses, keeps time limits and reads validators; the loop over libcurl does none of that.
"""

import argparse
import asyncio
import ssl
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from importlib import import_module
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any, Final

import aiohttp.connector

from aggregator.fetch.client import Client, FetchOptions
from aggregator.model.exchange import Fetched, FetchRequest
from aggregator.model.feed import Validators
from benchmarks.origin import Origin, address

_AT_ONCE: Final = 64
_REPEATS: Final = 3
Known = Mapping[str, Validators]


def ours(urls: Sequence[str], known: Known, _: Path) -> tuple[float, Counter[int], Known]:
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


def libcurl(
    urls: Sequence[str], known: Known, certificate: Path
) -> tuple[float, Counter[int], Known]:
    """Ask with libcurl's multi interface."""
    curl: Any = import_module("pycurl")
    multi, statuses = curl.CurlMulti(), Counter[int]()
    waiting, idle, busy = list(urls), [curl.Curl() for _ in range(_AT_ONCE)], 0
    started = time.process_time()
    while waiting or busy:
        while waiting and idle:
            url, handle = waiting.pop(), idle.pop()
            _prepare(curl, handle, url, known.get(url, Validators()), certificate)
            multi.add_handle(handle)
            busy += 1
        multi.perform()
        _, done, failed = multi.info_read()
        for handle in (*done, *(one for one, *_ in failed)):
            statuses[handle.getinfo(curl.RESPONSE_CODE)] += 1
            multi.remove_handle(handle)
            idle.append(handle)
            busy -= 1
        if busy:
            multi.select(1.0)
    return time.process_time() - started, statuses, {}


def _prepare(curl: Any, handle: Any, url: str, known: Validators, certificate: Path) -> None:
    headers: list[bytes] = []
    handle.setopt(curl.URL, url)
    handle.setopt(curl.CAINFO, str(certificate))
    handle.setopt(curl.ENCODING, "gzip")
    handle.setopt(curl.WRITEFUNCTION, BytesIO().write)
    handle.setopt(curl.HEADERFUNCTION, headers.append)
    handle.setopt(curl.HTTPHEADER, [f"If-None-Match: {known.etag}"] if known.etag else [])


def _row(name: str, ask: Callable[..., Any], urls: Sequence[str], known: Known, path: Path) -> None:
    cells = []
    for status, validators in ((304, known), (200, {})):
        seconds = []
        for _ in range(_REPEATS):
            spent, statuses, _found = ask(urls, validators, path)
            if statuses != {status: len(urls)}:
                raise SystemExit(f"{name}: {dict(statuses)}, not {len(urls)} of {status}")
            seconds.append(spent / len(urls) * 1000)
        cells.append(f"{median(seconds):.2f}")
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
    asks = {"ours (aiohttp)": ours} | ({"libcurl multi": libcurl} if find_spec("pycurl") else {})
    print("ms of CPU per exchange\n| client | 304 | 200 |\n|---|---|---|")
    with TemporaryDirectory() as folder:
        file = _certificate(Path(folder), count)
        # What verifies for every session without a context of its own, as ours is.
        trusted: ssl.SSLContext = aiohttp.connector._SSL_CONTEXT_VERIFIED
        trusted.load_verify_locations(file)
        for words, tls in (("plain", None), ("TLS", file)):
            with Origin(count, tls) as origin:
                _, _, known = ours(origin.urls, {}, file)
                for name, ask in asks.items():
                    _row(f"{name}, {words}", ask, origin.urls, known, file)


if __name__ == "__main__":
    _main()
