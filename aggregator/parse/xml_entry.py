"""An entry as feedparser gives it, turned into ours: here its dictionaries end."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from aggregator.model.entry import Enclosure, ParsedEntry
from aggregator.model.identifiers import EntryHash
from aggregator.parse.channel import language_code
from aggregator.parse.dates import date_from_struct, parse_date
from aggregator.parse.enclosures import enclosure
from aggregator.parse.options import ParseHints, ParseLimits
from aggregator.parse.plain import plain_title
from aggregator.parse.texts import Fragment, bounded_id, texts_from
from aggregator.parse.urls import safe_url

_LONGEST_AUTHOR: Final = 1000  # characters
_WITH_ADDRESS: Final = re.compile(
    r"[^\s@()<>]+@[^\s@()<>]+\s*\((.+)\)|([^<>]*[^<>\s])\s*<[^\s@<>]+@[^\s@<>]+>|([^()]*[^()\s])\s*\([^\s@()]+@[^\s@()]+\)"
)

Fields = dict[str, Any]
"""One entry of feedparser's, as a plain dictionary: its own class has ideas about missing keys."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryReader:
    """Reads the entries of one document."""

    hints: ParseHints
    limits: ParseLimits
    atom: bool  # only Atom says whether a text is markup; elsewhere feedparser guesses

    def entry(self, raw: Any, entry_hash: EntryHash) -> ParsedEntry:
        """Return one entry of feedparser's as ours."""
        fields: Fields = dict(raw.items())
        texts = texts_from(self._summary(fields), self._content(fields), self.limits)
        published = self._date(fields, "published") or self._date(fields, "created")
        updated = self._date(fields, "updated")
        return ParsedEntry(
            guid=bounded_id(str(fields.get("id") or "")),
            url=self._link(fields),
            title=self._title(fields),
            summary=texts.summary,
            content=texts.content,
            author=self._author(fields),
            published=published or updated,
            updated=updated if published else None,
            language=_language(fields),
            categories=self._categories(fields),
            image=self._image(fields) or texts.image,
            enclosures=self._enclosures(fields),
            hash=entry_hash,
        )

    def _title(self, fields: Fields) -> str:
        markup = self._is_markup(_detail(fields, "title_detail"))
        return plain_title(str(fields.get("title") or ""), markup=markup)[: self.limits.title]

    def _summary(self, fields: Fields) -> Fragment | None:
        value = fields.get("summary")
        return self._fragment(str(value), _detail(fields, "summary_detail")) if value else None

    def _content(self, fields: Fields) -> Fragment | None:
        """Return the longest text among an entry's contents; pictures and sounds inline are not text."""
        texts = [
            self._fragment(str(content["value"]), content)
            for content in _details(fields, "content")
            if content.get("value") and _is_text(str(content.get("type") or "text/html"))
        ]
        return max(texts, key=lambda text: len(text.value), default=None)

    def _fragment(self, value: str, detail: Any) -> Fragment:
        base = detail.get("base")
        found = safe_url(str(base), self.hints.url) if base else None
        return Fragment(value, self._is_markup(detail), found or self.hints.url)

    def _is_markup(self, detail: Any) -> bool:
        return not self.atom or detail.get("type", "text/html") != "text/plain"

    def _link(self, fields: Fields) -> str | None:
        links = [fields.get("link")]
        links += [
            link.get("href") for link in _details(fields, "links") if link.get("rel") == "alternate"
        ]
        links.append(fields.get("id") if fields.get("guidislink") else None)
        found = (safe_url(str(link), self.hints.url) for link in links if link)
        return next((link for link in found if link), None)

    def _date(self, fields: Fields, name: str) -> datetime | None:
        raw = str(fields.get(name) or "")
        parsed = fields.get(f"{name}_parsed")  # a text where an element has that very name
        return parse_date(raw, self.hints.timezone) or date_from_struct(
            raw, parsed if isinstance(parsed, tuple) else None
        )

    def _author(self, fields: Fields) -> str | None:
        authors = [str(a.get("name") or "") for a in _details(fields, "authors")]
        if len(authors) < 2:
            # As written: feedparser's own idea of an address ends after four letters of .example.
            authors = [_without_address(str(fields.get("author") or ""))]
        names = ", ".join(dict.fromkeys(name for name in map(plain_title, authors) if name))
        return names[: self.limits.author] or None

    def _categories(self, fields: Fields) -> tuple[str, ...]:
        given = (str(t.get("label") or t.get("term") or "") for t in _details(fields, "tags"))
        words = (plain_title(word)[: self.limits.category] for word in given)
        return tuple(dict.fromkeys(word for word in words if word))[: self.limits.categories]

    def _image(self, fields: Fields) -> str | None:
        pictures = [
            *_details(fields, "media_thumbnail"),
            *filter(_is_picture, _details(fields, "media_content")),
            *filter(_is_picture, _enclosed(fields)),
        ]
        if isinstance(fields.get("image"), dict):
            pictures.append(fields["image"])
        given = (picture.get("url") or picture.get("href") for picture in pictures)
        found = (safe_url(str(url), self.hints.url) for url in given if url)
        return next((url for url in found if url), None)

    def _enclosures(self, fields: Fields) -> tuple[Enclosure, ...]:
        given = [(e.get("href"), e.get("type"), e.get("length")) for e in _enclosed(fields)]
        given += [
            (media.get("url"), media.get("type"), media.get("filesize"))
            for media in _details(fields, "media_content")
            if not _is_picture(media)
        ]
        found = (enclosure(url, kind, length, self.hints.url) for url, kind, length in given)
        return tuple({e.url: e for e in found if e}.values())[: self.limits.enclosures]


def last_of_each(entries: list[ParsedEntry]) -> list[ParsedEntry]:
    """Return the entries in order, of those with one guid only the last (reliability A40)."""
    last = {entry.guid: index for index, entry in enumerate(entries)}
    return [e for i, e in enumerate(entries) if e.guid is None or last[e.guid] == i]


def _without_address(author: str) -> str:
    """Return the name of `taro@news.example (Taro)`, `Taro <taro@news.example>`, `Taro (taro@news.example)`."""
    match = _WITH_ADDRESS.fullmatch(author[:_LONGEST_AUTHOR].strip())
    return next((name for name in match.groups() if name), author) if match else author


def _language(fields: Fields) -> str | None:
    """Return an entry's own language, or that of its texts (xml:lang, where it is in force)."""
    details = (
        _detail(fields, "title_detail"),
        _detail(fields, "summary_detail"),
        *_details(fields, "content"),
    )
    tags = (fields.get("language"), *(detail.get("language") for detail in details))
    return next((code for code in map(language_code, tags) if code), None)


def _details(fields: Fields, name: str) -> list[Any]:
    """Return what feedparser lists by a name: an element of that very name, <tags>, it leaves as a text."""
    found = fields.get(name)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _detail(fields: Fields, name: str) -> Any:
    """Return what feedparser tells of a text by a name, or an empty dictionary, as above."""
    found = fields.get(name)
    return found if isinstance(found, dict) else {}


def _enclosed(fields: Fields) -> list[Any]:
    return [link for link in _details(fields, "links") if link.get("rel") == "enclosure"]


def _is_picture(media: Any) -> bool:
    kind = str(media.get("type") or "")
    return str(media.get("medium") or "") == "image" or kind.startswith("image/")


def _is_text(kind: str) -> bool:
    return kind.startswith("text/") or "html" in kind or kind.endswith("xml")
