"""What anybody writes first: urllib, feedparser and sqlite3. A peer of the benchmark.

python -m benchmarks.naive DATABASE URLS
"""

import sqlite3
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import feedparser

_TABLES = """
CREATE TABLE IF NOT EXISTS feeds (url TEXT PRIMARY KEY, etag TEXT);
CREATE TABLE IF NOT EXISTS entries (
  feed TEXT, id TEXT, title TEXT, link TEXT, author TEXT, published TEXT, summary TEXT, content TEXT,
  PRIMARY KEY (feed, id));
"""


def _get(known: tuple[str, str | None]) -> tuple[str, str | None, Any]:
    url, etag = known
    try:
        with urlopen(Request(url, headers={"If-None-Match": etag} if etag else {})) as answer:
            return (
                url,
                answer.headers["ETag"],
                feedparser.parse(answer.read()),
            )  # what a naive script does
    except HTTPError as error:
        if error.code != 304:
            raise
        return url, etag, None


def _main(database: str, urls: list[str]) -> None:
    connection = sqlite3.connect(database)
    connection.executescript(_TABLES)
    etags = dict(connection.execute("SELECT url, etag FROM feeds"))
    with ThreadPoolExecutor(8) as pool:
        for url, etag, document in pool.map(_get, [(url, etags.get(url)) for url in urls]):
            if document is None:
                continue
            with connection:
                connection.execute("INSERT OR REPLACE INTO feeds VALUES (?, ?)", (url, etag))
                connection.executemany(
                    "INSERT OR IGNORE INTO entries VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                    [
                        (url, one.get("id"), one.get("title"), one.get("link"), one.get("author"), one.get("published"),
                         one.get("summary"), one.content[0].value if "content" in one else None)
                        for one in document.entries
                    ],
                )  # fmt: skip


if __name__ == "__main__":
    _main(sys.argv[1], Path(sys.argv[2]).read_text("utf-8").split())
