"""Whom we are polite to: one request at a time, spaced, and one Retry-After for all of it."""

from functools import lru_cache
from ipaddress import ip_address
from typing import Any, Final
from urllib.parse import urlsplit

from aggregator.model.identifiers import HostKey

_DEFAULT_PORTS: Final = {"http": 80, "https": 443}


@lru_cache(maxsize=1)
def _suffixes() -> Any:
    from publicsuffixlist import PublicSuffixList

    # Of a platform (github.io, blogspot.com) all sites are on the same machines: its list of private
    # suffixes would make a stranger of each.
    return PublicSuffixList(only_icann=True)


def host_key(url: str) -> HostKey:
    """Return the registrable domain of a URL, with its port where that is not the default.

    All hosts below one registrable domain are one publisher's machines (FreshRSS and CommaFeed were
    banned for asking per host name). Addresses, and names without a public suffix, stand for
    themselves; an address always carries its port.
    """
    parts = urlsplit(url)
    host = (parts.hostname or "").rstrip(".")
    port = _port(parts.netloc, parts.scheme)
    try:
        address = ip_address(host)
    except ValueError:
        domain = _registrable(host)
        return HostKey(domain if port in _DEFAULT_PORTS.values() else f"{domain}:{port}")
    return HostKey(f"[{address}]:{port}" if address.version == 6 else f"{address}:{port}")


def _port(authority: str, scheme: str) -> int:
    """Return the port of an authority; a port that is no number counts as absent (the guard refuses it)."""
    tail = authority.rpartition("@")[2].rpartition("]")[2].rpartition(":")[2]
    if ":" in authority.rpartition("]")[2] and tail.isascii() and tail.isdigit():
        return int(tail)
    return _DEFAULT_PORTS.get(scheme, 0)


def _registrable(host: str) -> str:
    try:
        name = host.encode("idna").decode("ascii").lower()
    except UnicodeError:
        name = host.lower()
    return _suffixes().privatesuffix(name) or name
