"""lemon24's `reader` as a program that updates all feeds once. A peer of the benchmark.

python -m benchmarks.lemon24 DATABASE URLS
"""

import sys
import warnings
from pathlib import Path

warnings.simplefilter("ignore")  # the feedparser that it vendors is full of old escapes

from reader import make_reader  # noqa: E402  # after the filter


def _main(database: str, urls: list[str]) -> None:
    with make_reader(database, search_enabled=False) as reader:
        for url in urls:
            reader.add_feed(url, exist_ok=True)
        reader.update_feeds(workers=10, scheduled=False)  # whatever it asked lately


if __name__ == "__main__":
    _main(sys.argv[1], Path(sys.argv[2]).read_text("utf-8").split())
