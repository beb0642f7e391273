"""Validators: what a server gave us to ask again with, echoed byte for byte (pure)."""

import re
from collections.abc import Iterable
from typing import Final

from aggregator.model.feed import Validators

MAX_VALIDATOR: Final = 1024  # bytes; a longer one is not kept (A59)
_NAMES: Final = frozenset({b"etag", b"last-modified"})
_UNSAFE: Final = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


def conditional_headers(validators: Validators, url: str) -> dict[str, str]:
    """Return the headers that ask only for what is new at `url`: both whenever both are known.

    Validators belong to one URL and go nowhere else (C5); which of the two decides is the server's
    business (RFC 9110 13.2.2).
    """
    if validators.url != url:
        return {}
    headers = {}
    if validators.etag is not None:
        headers["If-None-Match"] = validators.etag
    if validators.last_modified is not None:
        headers["If-Modified-Since"] = validators.last_modified
    return headers


def validators_of(headers: Iterable[tuple[bytes, bytes]], url: str) -> Validators:
    """Return the validators in raw response headers; never parsed, never invented (A59, A60)."""
    found = {name.lower(): _kept(value) for name, value in headers if name.lower() in _NAMES}
    etag, modified = found.get(b"etag"), found.get(b"last-modified")
    known = etag is not None or modified is not None
    return Validators(etag=etag, last_modified=modified, url=url if known else None)


def _kept(value: bytes) -> str | None:
    """Return a header value that can be sent back as the very bytes it came in, else None."""
    try:
        text = value.decode("utf-8")  # what is sent is encoded as UTF-8: the same bytes again
    except UnicodeDecodeError:
        return None
    return text if 0 < len(value) <= MAX_VALIDATOR and not _UNSAFE.search(text) else None


def renewed(sent: Validators, received: Validators) -> Validators:
    """Return the validators after a 304: those it brings replace ours, the others stay (RFC 9111 4.3.4)."""
    if not sent:
        return sent  # a 304 that we did not ask for names a body that we never had (A58)
    return Validators(
        etag=received.etag if received.etag is not None else sent.etag,
        last_modified=received.last_modified
        if received.last_modified is not None
        else sent.last_modified,
        url=sent.url,
    )
