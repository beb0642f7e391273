"""The comparable form of a link: two links to one article are equal here, two articles never.

It is for comparing only. What is fetched, shown and published is the link as the publisher wrote it.
"""

import re
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any, Final
from urllib.parse import quote, urlsplit

import idna

from aggregator.model.identifiers import CanonicalUrl

_LONGEST: Final = 2048  # characters; a longer link is none (reliability A34)
_HOST: Final = re.compile(r"[a-z0-9_.-]+|\[[0-9a-f:.]+\]")
_MOBILE: Final = frozenset({"www", "m", "sp", "mobile", "amp"})
# Second-level labels under which names are registered: in `m.co.jp` the m is somebody's name.
_REGISTRY_LABELS: Final = frozenset(
    {"co", "com", "ne", "or", "ac", "go", "org", "net", "gov", "edu"}
)
_INDEX: Final = re.compile(r"/(?:index|default)\.(?:s?html?|php|aspx?|jsp)$", re.IGNORECASE)
_AMP_SUFFIX: Final = re.compile(r"\.amp(?:\.html?)?$", re.IGNORECASE)
# AMP caches wrap the address of the page itself: /amp/s/HOST/PATH, /c/s/HOST/PATH.
_AMP_CACHE: Final = re.compile(
    r"https?://(?:www\.google\.[a-z.]+/amp|[a-z0-9-]+\.cdn\.ampproject\.org/[cv])/(?:s/)?(?=[^/?#]+\.)",
    re.IGNORECASE,
)
_ESCAPE: Final = re.compile(r"%([0-9A-Fa-f]{2})?")
_UNRESERVED: Final = frozenset(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~"  # RFC 3986 2.3
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _HostRules:
    """What the data file says of a host."""

    drop: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()
    paths: tuple[tuple[str, str], ...] = ()


def _load_rules() -> tuple[re.Pattern[str], Mapping[str, frozenset[str]], Mapping[str, _HostRules]]:
    """Read the data file that lies beside this module."""
    raw: dict[str, Any] = tomllib.loads(
        files("aggregator.identify").joinpath("tracking.toml").read_text("utf-8")
    )
    everywhere = "|".join(re.escape(name).replace(r"\*", ".*") for name in raw["drop"])
    values = {name: frozenset(allowed) for name, allowed in raw["values"].items()}
    hosts = {
        host: _HostRules(
            drop=tuple(rules.get("drop", ())),
            keep=tuple(rules.get("keep", ())),
            paths=tuple(rules.get("paths", {}).items()),
        )
        for host, rules in raw["hosts"].items()
    }
    return re.compile(everywhere), values, hosts


_TRACKING, _TRACKING_VALUES, _HOSTS = _load_rules()
_NO_RULES: Final = _HostRules()


def canonical_url(url: str, keep_query: Collection[str] = ()) -> CanonicalUrl | None:
    """Return the comparable form of an http(s) link, or None where it is no such link.

    Equal for http and https, default ports, fragments, user names, tracking parameters, order of
    parameters, mobile and AMP forms, index pages and trailing slashes. Parameters that nothing is
    known of are kept: a query may hold the identity (Jiji's `k`). Idempotent.

    Args:
        url: The link as its publisher wrote it, absolute.
        keep_query: Parameters that are identity for this source, whatever the defaults say.
    """
    cleaned = "".join(url.split())
    return _canonical(cleaned, tuple(keep_query)) if len(cleaned) <= _LONGEST else None


@lru_cache(maxsize=256)  # an entry's is asked for by its key, and by who publishes it
def _canonical(cleaned: str, keep_query: tuple[str, ...]) -> CanonicalUrl | None:
    while unwrapped := _AMP_CACHE.match(cleaned):
        cleaned = f"https://{cleaned[unwrapped.end() :]}"
    try:
        parts = urlsplit(cleaned)
        port = parts.port
    except ValueError:
        return None
    host = _host(parts.hostname or "")
    if parts.scheme not in ("http", "https") or host is None:
        return None
    rules = _rules_for(host)
    path = _path(_escaped(parts.path), rules)
    query = _query(parts.query, rules, frozenset(name.lower() for name in keep_query))
    netloc = host if port in (None, 80, 443) else f"{host}:{port}"
    canonical = f"https://{netloc}{path}{'?' if query else ''}{query}"
    return CanonicalUrl(canonical) if len(canonical) <= _LONGEST else None  # escaping made it long


def identifies(url: CanonicalUrl | None) -> bool:
    """Tell whether a link can stand for one article: a site's front page cannot."""
    return url is not None and url.count("/") > 2 and not url.endswith("/")


def host_of(url: CanonicalUrl) -> str:
    """Return the host of a canonical URL."""
    return url.split("/", 3)[2]


def _host(name: str) -> str | None:
    """Return a host in lower case and ASCII, without the labels that only choose a form of the site."""
    host = name.rstrip(".")
    if not host.isascii():
        try:
            host = idna.encode(host, uts46=True).decode()
        except idna.IDNAError:
            return None
    if ":" in host:
        host = f"[{host}]"
    if not _HOST.fullmatch(host):
        return None
    first, _, rest = host.partition(".")
    while first in _MOBILE and _is_registered(rest):
        host = rest
        first, _, rest = host.partition(".")
    return host


def _is_registered(host: str) -> bool:
    """Tell whether a host looks like a site of its own, not like a suffix under which sites live."""
    labels = host.split(".")
    return all(labels) and (
        len(labels) > 2 or (len(labels) == 2 and labels[0] not in _REGISTRY_LABELS)
    )


@lru_cache(maxsize=4096)
def _rules_for(host: str) -> _HostRules:
    """Return the rules for a host or the nearest host above it."""
    while host:
        if host in _HOSTS:
            return _HOSTS[host]
        host = host.partition(".")[2]
    return _NO_RULES


def _escaped(text: str) -> str:
    """Return text with percent-encoding in one form (RFC 3986 6.2.2)."""

    def one(match: re.Match[str]) -> str:
        if match[1] is None:
            return "%25"
        character = chr(int(match[1], 16))
        return character if character in _UNRESERVED else match[0].upper()

    decoded = _ESCAPE.sub(one, text)
    return quote(decoded, safe="%/:@!$&'()*+,;=~", errors="replace")


def _path(path: str, rules: _HostRules) -> str:
    """Return a path without index pages, trailing slashes, AMP and mobile marks."""
    for beginning, standard in rules.paths:
        if path.startswith(beginning):
            path = standard + path[len(beginning) :]
    while True:
        segments = path.rstrip("/").split("/")
        if any(segment not in ("", "amp") for segment in segments):
            segments = [segment for segment in segments if segment != "amp"]
        shorter = _AMP_SUFFIX.sub("", _INDEX.sub("", "/".join(segments)))
        if shorter == path:
            return path or "/"
        path = shorter


def _query(query: str, rules: _HostRules, kept: frozenset[str]) -> str:
    """Return the parameters that may be identity, sorted."""
    pairs = []
    for piece in query.replace("+", "%20").split("&"):
        name, equals, value = piece.partition("=")
        pair = f"{_escaped(name)}{equals}{_escaped(value)}"
        if pair and (name.lower() in kept or not _is_tracking(name.lower(), value.lower(), rules)):
            pairs.append(pair)
    return "&".join(sorted(pairs))


def _is_tracking(name: str, value: str, rules: _HostRules) -> bool:
    """Tell whether a parameter says nothing of what is read."""
    if rules.keep:
        return name not in rules.keep
    return (
        name in rules.drop
        or _TRACKING.fullmatch(name) is not None
        or value in _TRACKING_VALUES.get(name, ())
    )
