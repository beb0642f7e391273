"""A small RSS feed for tests, made of (guid, title, summary)."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from html import escape


def rss(
    items: Sequence[tuple[str, str, str]],
    title: str = "みなと新聞",
    base: str = "https://news.example",
    newest: datetime | None = None,
) -> bytes:
    """Return a feed with these items, the first the newest, dated today or just before `newest`."""
    now = (newest or datetime.now(UTC)).replace(microsecond=0)
    body = "".join(
        f"<item><title>{escape(name)}</title><link>{base}/{guid}</link>"
        f"<guid isPermaLink='false'>{guid}</guid><description>{escape(text)}</description>"
        f"<pubDate>{format_datetime(now - timedelta(minutes=10 * number + 5))}</pubDate></item>"
        for number, (guid, name, text) in enumerate(items)
    )
    return (
        f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>{title}</title>'
        f"<link>{base}/</link><description>{title}</description><language>ja</language>{body}</channel></rss>"
    ).encode()
