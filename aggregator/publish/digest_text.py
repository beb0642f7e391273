"""A digest as Markdown and as plain text."""

import re
from collections.abc import Iterator
from typing import Final
from zoneinfo import ZoneInfo

from typing_extensions import override

from aggregator.model.digest import Digest, Section
from aggregator.publish.address import web_address
from aggregator.publish.digest_labels import DigestLabels, digest_labels
from aggregator.publish.plain_text import plain_line

# What would make markup of others' words: CommonMark 2.4, those that can begin something in a line.
_EMPTY_LINES: Final = re.compile(r"\n{3,}")
_MARKUP: Final = re.compile(r"([\\`*_\[\]<>#|~&])")


class _Plain:
    """Plain text: addresses behind what they belong to."""

    def title(self, text: str) -> str:
        return f"{text}\n"

    def heading(self, text: str) -> str:
        return f"\n■ {text}"

    def topic(self, text: str) -> str:
        return f"\n【{text}】"

    def line(self, text: str) -> str:
        return text

    def item(self, text: str) -> str:
        return f"  {text}"

    def link(self, url: str | None, text: str) -> str:
        return f"{text} {url}" if url else text

    def safe(self, text: str) -> str:
        return plain_line(text)


class _Markdown(_Plain):
    """CommonMark."""

    @override
    def title(self, text: str) -> str:
        return f"# {text}\n"

    @override
    def heading(self, text: str) -> str:
        return f"\n### {text}\n"

    @override
    def topic(self, text: str) -> str:
        return f"\n## {text}"

    @override
    def line(self, text: str) -> str:
        return f"{text}\n"

    @override
    def item(self, text: str) -> str:
        return f"- {text}"

    @override
    def link(self, url: str | None, text: str) -> str:
        if not url:
            return text
        address = url.replace("(", "%28").replace(")", "%29")
        return f"[{text}]({address})"

    @override
    def safe(self, text: str) -> str:
        return _MARKUP.sub(r"\\\1", plain_line(text))


def digest_markdown(digest: Digest, zone: ZoneInfo) -> str:
    """Return a digest as Markdown (CommonMark)."""
    return _joined(_lines(digest, zone, _Markdown()))


def digest_text(digest: Digest, zone: ZoneInfo) -> str:
    """Return a digest as plain text."""
    return _joined(_lines(digest, zone, _Plain()))


def _joined(lines: Iterator[str]) -> str:
    return _EMPTY_LINES.sub("\n\n", "\n".join(lines)).strip() + "\n"


def _lines(digest: Digest, zone: ZoneInfo, form: _Plain) -> Iterator[str]:
    words = digest_labels(digest.language)
    yield form.title(form.safe(digest.title))
    yield form.line(form.safe(digest.changed))
    topic = None
    for section in digest.sections:
        if section.topic is not None and section.topic != topic and section.correction is None:
            topic = section.topic
            yield form.topic(form.safe(topic))
        yield from _section(section, zone, words, form)
    if digest.background:
        yield form.heading(words.background)
        for e in digest.background:
            headline = form.link(web_address(e.url), form.safe(e.headline))
            yield form.item(f"{words.full(e.at.astimezone(zone))} {form.safe(e.outlet)} {headline}")
    if digest.top:
        yield form.heading(f"💡 {words.top}")
        for headline, count, url in digest.top:
            head = f"{form.safe(headline)} — {words.outlets(count)}"
            yield form.item(form.link(web_address(url), head))


def _section(section: Section, zone: ZoneInfo, words: DigestLabels, form: _Plain) -> Iterator[str]:
    yield form.heading(form.safe(section.headline))
    if section.correction:
        yield form.line(form.safe(words.correction(section.correction)))
    dates = words.published(section.published.astimezone(zone))
    if section.updated is not None:
        dates += f" {words.updated(section.updated.astimezone(zone))}"
    if len(section.sources) == 1:
        dates += f" {words.one_outlet}"
    yield form.line(dates)
    for p in section.points:
        yield form.item(
            "✅ " + form.safe(words.point(p.text, p.outlet, p.at.astimezone(zone), p.also))
        )
    for reading in section.readings:
        line = form.safe(words.reading(reading.outlet, reading.title))
        paid = words.paid if reading.paid else ""
        yield form.item(f"{words.read_on} {form.link(web_address(reading.url), line)}{paid}")
