"""The JSON Lines that `import` takes: one entry a line, each taken or refused by itself."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from aggregator.model.entry import ParsedEntry
from aggregator.model.identifiers import EntryHash, digest63
from aggregator.parse.channel import language_code
from aggregator.parse.dates import parse_date
from aggregator.parse.options import ParseHints, ParseLimits
from aggregator.parse.plain import plain_title, tidy
from aggregator.parse.texts import Fragment, texts_from
from aggregator.parse.urls import safe_url

_ID: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,99}")
_NOT_OF_AN_ID: Final = re.compile(r"[^a-z0-9]+")
_LIMITS: Final = ParseLimits()


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedLine:
    """One entry of an import."""

    line: int
    source: str
    outlet: str | None
    entry: ParsedEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class LineProblem:
    """Why a line was not taken."""

    line: int
    message: str  # names the field


class _Refused(Exception):
    """A field is not as the format has it."""


def parse_lines(
    chunk: bytes, first_line: int, hints: ParseHints
) -> tuple[ImportedLine | LineProblem, ...]:
    """Read complete lines, of which the first has the number `first_line`; empty ones are passed over.

    `hints.timezone` serves times without a zone; unknown fields are ignored, null counts as absent.
    """
    return tuple(_read(chunk, first_line, hints))


def _read(chunk: bytes, first_line: int, hints: ParseHints) -> Iterator[ImportedLine | LineProblem]:
    for number, raw in enumerate(chunk.split(b"\n"), first_line):
        line = raw.strip().removeprefix(b"\xef\xbb\xbf")
        if not line:
            continue
        try:
            yield _imported(line, number, hints)
        except _Refused as refused:
            yield LineProblem(line=number, message=str(refused))


def _imported(line: bytes, number: int, hints: ParseHints) -> ImportedLine:
    fields = _load(line)
    source = _required(fields, "source")
    title = plain_title(_required(fields, "title"), markup=False)[: _LIMITS.title]
    if not title:
        raise _Refused("title: is empty")
    guid, url = _string(fields, "guid"), _string(fields, "url")
    if not guid and not url:
        raise _Refused("guid, url: one of them is required")
    safe = safe_url(url, None) if url else None
    if url and safe is None:
        raise _Refused("url: not an http or https address")
    summary, content = _texts(fields, safe)
    return ImportedLine(
        line=number,
        source=_source_id(source),
        outlet=_outlet(fields, source),
        entry=ParsedEntry(
            guid=guid,
            url=safe,
            title=title,
            summary=summary,
            content=content,
            author=plain_title(_string(fields, "author") or "")[: _LIMITS.author] or None,
            published=_date(fields, "published", hints),
            updated=_date(fields, "updated", hints),
            language=_language(fields),
            categories=_categories(fields),
            hash=EntryHash(digest63(line)),
        ),
    )


def _source_id(name: str) -> str:
    """Return a source's id, or one made from its name: its letters, and a mark where some were lost."""
    lower = name.lower()
    if _ID.fullmatch(lower):
        return lower
    letters = _NOT_OF_AN_ID.sub("-", lower).strip("-")[:80]
    mark = f"{digest63(name.encode('utf-8', 'surrogatepass')):016x}"[-8:]
    return f"{letters}-{mark}" if letters else f"source-{mark}"


def _outlet(fields: dict[str, Any], source: str) -> str | None:
    """Return the outlet's name: a source that is no id is one, too."""
    name = _string(fields, "outlet") or (None if _ID.fullmatch(source) else source)
    return plain_title(name or "", markup=False) or None


def _load(line: bytes) -> dict[str, Any]:
    try:
        fields = json.loads(line.decode("utf-8"))
    except UnicodeDecodeError:
        raise _Refused("not UTF-8") from None
    except (ValueError, RecursionError):
        raise _Refused("not JSON") from None
    if not isinstance(fields, dict):
        raise _Refused("not a JSON object")
    return fields


def _string(fields: dict[str, Any], name: str) -> str | None:
    value = fields.get(name)
    if value is None:
        return None
    if not isinstance(value, str):
        raise _Refused(f"{name}: must be a string")
    # JSON can write half a surrogate pair, which no database takes.
    return value.encode("utf-8", "replace").decode("utf-8").replace("\0", "").strip() or None


def _required(fields: dict[str, Any], name: str) -> str:
    value = _string(fields, name)
    if value is None:
        raise _Refused(f"{name}: is required")
    return value


def _texts(fields: dict[str, Any], base: str | None) -> tuple[str, str]:
    """Return summary and content; a summary is kept as it is, however long."""
    given = tidy(_string(fields, "summary") or "")[: _LIMITS.content]
    html = _string(fields, "content")
    if html is None:
        return given, ""
    texts = texts_from(
        Fragment(given, markup=False) if given else None,
        Fragment(html, markup=True, base=base),
        _LIMITS,
    )
    return given or texts.summary, texts.content


def _date(fields: dict[str, Any], name: str, hints: ParseHints) -> datetime | None:
    raw = _string(fields, name)
    if raw is None:
        return None
    found = parse_date(raw, hints.timezone)
    if found is None:
        raise _Refused(f"{name}: not a date and time (RFC 3339): {raw[:40]!r}")
    return found


def _language(fields: dict[str, Any]) -> str | None:
    raw = _string(fields, "language")
    code = language_code(raw)
    if raw and code is None:
        raise _Refused(f"language: not a language code: {raw[:40]!r}")
    return code


def _categories(fields: dict[str, Any]) -> tuple[str, ...]:
    given = fields.get("categories")
    if given is None:
        return ()
    if not isinstance(given, list) or not all(isinstance(word, str) for word in given):
        raise _Refused("categories: must be a list of strings")
    words = (plain_title(word)[: _LIMITS.category] for word in given)
    return tuple(dict.fromkeys(word for word in words if word))[: _LIMITS.categories]
