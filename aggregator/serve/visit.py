"""One request's reader: language, zone, the token they came with, whether they may change things."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo

from starlette.requests import Request

from aggregator.serve import times
from aggregator.serve.access import Keys
from aggregator.serve.desk import Desk
from aggregator.serve.wording import LANGUAGES, WORDINGS
from aggregator.settings.configuration import Configuration

_OWN_PLACE: Final = ("token", "lang", "done", "undo")  # put in by `link`, or said only once
SESSION_COOKIE: Final = "session"  # set by signing in alone: who only reads gets no cookie


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """What a page needs to know of who asks; handed to every handler and template."""

    path: str
    query: Mapping[str, str]
    configuration: Configuration = field(repr=False)
    keys: Keys = field(repr=False)
    now: datetime
    language: str
    zone: ZoneInfo
    token: str | None = field(default=None, repr=False)  # as given in the address
    may_read: bool = True
    reader_known: bool = False  # came with a token or session that opens everything
    signed_in: bool = False

    def t(self, key: str, **values: object) -> str:
        """Return one of our messages in the reader's language."""
        return WORDINGS[self.language](key, **values)

    def has(self, key: str) -> bool:
        """Tell whether we have such a message."""
        return WORDINGS[self.language].has(key)

    def link(self, path: str, **query: object) -> str:
        """Return the address of a page of ours; language and token go along, so that no cookie has to."""
        kept: dict[str, object] = {k: v for k, v in query.items() if v not in (None, "", ())}
        if kept.setdefault("lang", self.language) == self.configuration.settings.language:
            del kept["lang"]
        if self.token is not None:
            kept["token"] = self.token
        return quote(path) + (f"?{urlencode(kept, doseq=True)}" if kept else "")

    def here(self, **changes: object) -> str:
        """Return the address of this page with another query; None takes a part away."""
        kept: dict[str, object] = {k: v for k, v in self.query.items() if k not in _OWN_PLACE}
        return self.link(self.path, **{**kept, **changes})

    def in_language(self, language: str) -> str:
        """Return the address of this page in another language."""
        return self.here(lang=language)

    def absolute(self, path: str, **query: object) -> str:
        """Return an address as others must write it: from the configuration, never from `Host`."""
        kept = {k: v for k, v in query.items() if v is not None}
        base = self.configuration.settings.public_url.rstrip("/")
        return base + quote(path) + (f"?{urlencode(kept)}" if kept else "")

    def clock(self, at: datetime) -> str:
        """Return the time of day in the reader's zone."""
        return times.clock(at, self.zone)

    def day(self, at: datetime) -> str:
        """Return the day in the reader's zone."""
        return times.day(at, self.zone, self.language)

    def short_day(self, at: datetime) -> str:
        """Return the day in a few characters, with its year where that is not this one."""
        this_year = self.now.astimezone(self.zone).year
        return times.short_day(at, self.zone, self.language, this_year)

    def brief(self, at: datetime) -> str:
        """Return the time of day, with the day before it where that is not today."""
        if at.astimezone(self.zone).date() == self.now.astimezone(self.zone).date():
            return self.clock(at)
        return times.stamp(at, self.zone, self.language)

    def full(self, at: datetime, zone: str | None = None) -> str:
        """Return day, year and time, in the reader's zone or another."""
        return times.full(at, ZoneInfo(zone) if zone else self.zone, self.language)

    def span(self, length: timedelta) -> str:
        """Return a length of time in words."""
        return times.span(length, self.language)


def bearer(authorization: str) -> str | None:
    """Return the token of an `Authorization: Bearer` header."""
    scheme, _, token = authorization.partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


def visit_of(request: Request, desk: Desk, keys: Keys) -> Visit:
    """Return who asks, as far as the request proves it."""
    configuration = desk.configuration()
    settings = configuration.settings
    token = request.query_params.get("token")
    signed_in = keys.session_holds(
        request.cookies.get(SESSION_COOKIE, ""), desk.clock.now(), settings.server.admin_token_hash
    )
    given = token or bearer(request.headers.get("authorization", ""))
    known = signed_in or keys.opens_pages(given)
    asked = request.query_params.get("lang")
    return Visit(
        path=request.url.path,
        query=dict(request.query_params),
        configuration=configuration,
        keys=keys,
        now=desk.clock.now(),
        language=asked if asked in LANGUAGES else settings.language,
        zone=ZoneInfo(settings.timezone),
        token=token,
        may_read=settings.server.access == "open" or known,
        reader_known=known,
        signed_in=signed_in,
    )
