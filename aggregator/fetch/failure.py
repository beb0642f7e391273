"""How an exchange fails, in stable words for programs and plain words for people (pure)."""

from typing import Final

from aggregator.model.exchange import FetchFailed, Freshness, Severity

_KNOWN_STATUSES: Final[dict[int, tuple[Severity, str]]] = {
    400: (Severity.SOFT, "the site did not understand the request"),
    401: (Severity.SOFT, "the site wants a login"),
    402: (Severity.SOFT, "the site wants to be paid"),
    403: (Severity.SOFT, "refused by the site"),
    404: (Severity.SOFT, "no such page; the feed may have moved"),
    406: (Severity.SOFT, "the site has no form of it that we can read"),
    408: (Severity.TEMPORARY, "the site waited too long"),
    410: (Severity.HARD, "gone; the site says that it will not come back"),
    429: (Severity.SOFT, "the site asks us to slow down"),
    451: (Severity.SOFT, "blocked for legal reasons"),
    500: (Severity.TEMPORARY, "the site has an error of its own"),
    502: (Severity.TEMPORARY, "the site is down behind its front"),
    503: (Severity.TEMPORARY, "the site is overloaded or closed for a while"),
    504: (Severity.TEMPORARY, "the site does not answer behind its front"),
}
_BROKEN: Final[dict[str, tuple[Severity, str, str]]] = {
    "connect": (Severity.TEMPORARY, "connect", "no connection to the site"),
    "certificate": (Severity.SOFT, "tls", "the site's certificate is not valid"),
    "tls": (Severity.TEMPORARY, "tls", "no secure connection came about"),
    "connection": (Severity.TEMPORARY, "connection", "the connection broke"),
    "protocol": (Severity.TEMPORARY, "protocol", "the answer is not proper HTTP"),
    "cut_short": (Severity.TEMPORARY, "cut_short", "the answer was cut short"),
}


def status_failure(url: str, status: int, freshness: Freshness, seconds: float) -> FetchFailed:
    """Return the failure that a status stands for; its message begins with the number and a colon."""
    if status in _KNOWN_STATUSES:
        severity, words = _KNOWN_STATUSES[status]
    elif status >= 500:
        severity, words = Severity.TEMPORARY, "the site has an error of its own"
    elif status >= 400:
        severity, words = Severity.SOFT, "refused by the site"
    else:
        severity, words = Severity.SOFT, "not an answer to what we asked"
    return FetchFailed(
        url=url,
        severity=severity,
        kind=f"http_{status}",
        message=f"{status}: {words}",
        status=status,
        freshness=freshness,
        seconds=seconds,
    )


class ExchangeFailed(Exception):
    """Ends an exchange from inside; `Client` turns it into a `FetchFailed`."""

    def __init__(
        self,
        severity: Severity,
        kind: str,
        message: str,
        *,
        status: int | None = None,
        freshness: Freshness | None = None,
    ) -> None:
        self.severity = severity
        self.kind = kind
        self.status = status
        self.freshness = freshness or Freshness()
        super().__init__(message)

    def outcome(self, url: str, seconds: float) -> FetchFailed:
        """Return the failure as a value."""
        return FetchFailed(
            url=url,
            severity=self.severity,
            kind=self.kind,
            message=str(self),
            status=self.status,
            freshness=self.freshness,
            seconds=seconds,
        )


def fell_silent(seconds: float) -> ExchangeFailed:
    """Return the failure for an idle limit that passed."""
    return ExchangeFailed(Severity.TEMPORARY, "timeout", f"nothing came for {seconds:g} s")


def header_too_large(limit: int) -> ExchangeFailed:
    """Return the failure for a header of more than so many bytes."""
    words = f"the answer's header is over {_size(limit)}"
    return ExchangeFailed(Severity.HARD, "headers_too_large", words)


def body_too_large(limit: int) -> ExchangeFailed:
    """Return the failure for a body of more than so many bytes."""
    return ExchangeFailed(Severity.HARD, "too_large", f"larger than {_size(limit)}")


def broken(how: str) -> ExchangeFailed:
    """Return the failure for an exchange that the network or the server broke; `how`: of `_BROKEN`."""
    severity, kind, words = _BROKEN[how]
    return ExchangeFailed(severity, kind, words)


def _size(count: int) -> str:
    """Return a number of bytes in words."""
    return f"{count / 1024 / 1024:g} MiB" if count >= 1024 * 1024 else f"{count / 1024:g} KiB"
