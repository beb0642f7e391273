"""A digest as HTML: the content of its item in a feed, or a page that stands by itself."""

from collections.abc import Iterator
from html import escape
from zoneinfo import ZoneInfo

from aggregator.model.digest import Digest, Reading, Section
from aggregator.publish.address import web_address
from aggregator.publish.digest_labels import DigestLabels, digest_labels
from aggregator.publish.plain_text import plain_line


def digest_html(digest: Digest, zone: ZoneInfo) -> str:
    """Return a digest as a fragment without its title; every character of others is escaped."""
    words = digest_labels(digest.language)
    return "".join(_blocks(digest, zone, words))


def digest_page(digest: Digest, zone: ZoneInfo) -> str:
    """Return a digest as a whole document."""
    title = _safe(digest.title)
    return (
        f'<!DOCTYPE html>\n<html lang="{escape(digest.language)}"><head><meta charset="utf-8">'
        f'<meta name="robots" content="noindex"><title>{title}</title></head>'
        f"<body><h1>{title}</h1>{digest_html(digest, zone)}</body></html>\n"
    )


def _blocks(digest: Digest, zone: ZoneInfo, words: DigestLabels) -> Iterator[str]:
    yield f"<p>{_safe(digest.changed)}</p>"
    topic = None
    for section in digest.sections:
        if section.topic is not None and section.topic != topic and section.correction is None:
            topic = section.topic
            yield f"<h2>{_safe(topic)}</h2>"
        yield from _section(section, zone, words)
    if digest.background:
        yield f"<h3>{words.background}</h3>"
        yield _list(
            f"{words.full(e.at.astimezone(zone))} {_link(e.url, _safe(e.headline))} {_safe(e.outlet)}"
            for e in digest.background
        )
    if digest.top:
        yield f"<h3>💡 {words.top}</h3>"
        yield _list(
            f"{_link(url, _safe(headline))} {words.outlets(count)}"
            for headline, count, url in digest.top
        )


def _section(section: Section, zone: ZoneInfo, words: DigestLabels) -> Iterator[str]:
    yield f"<h3>{_safe(section.headline)}</h3>"
    if section.correction:
        yield f"<p>{_safe(words.correction(section.correction))}</p>"
    dates = words.published(section.published.astimezone(zone))
    if section.updated is not None:
        dates += f" {words.updated(section.updated.astimezone(zone))}"
    if len(section.sources) == 1:
        dates += f" {words.one_outlet}"
    yield f"<p>{dates}</p>"
    if section.points:
        yield _list(
            "✅ " + _safe(words.point(p.text, p.outlet, p.at.astimezone(zone), p.also))
            for p in section.points
        )
    if section.readings:
        yield _list(_reading(reading, words) for reading in section.readings)


def _reading(reading: Reading, words: DigestLabels) -> str:
    line = _link(reading.url, _safe(words.reading(reading.outlet, reading.title)))
    return f"{words.read_on} {line}{words.paid if reading.paid else ''}"


def _list(lines: Iterator[str]) -> str:
    return f"<ul>{''.join(f'<li>{line}</li>' for line in lines)}</ul>"


def _link(url: str | None, html: str) -> str:
    address = web_address(url)
    return f'<a href="{escape(address)}">{html}</a>' if address is not None else html


def _safe(text: str) -> str:
    return escape(plain_line(text), quote=True)
