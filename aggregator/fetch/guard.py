"""Which URLs and addresses we never connect to, whoever names them: a feed, a redirect, a page.

The one choke point is `AddressGuard.open_socket`, which opens every socket: it sees the very
address of every connection, after any spelling, resolver or redirect (reference: table D2, D3).
"""

import re
import socket
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any, Final

from yarl import URL

from aggregator.errors import AddressRefused

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

PORTS: Final = frozenset({80, 443, 8080, 8443})
MAX_URL: Final = 4096  # characters; longer ones are never a feed's address

# The standard library's `is_global` of Python 3.11 says yes to several of these, multicast among
# them, so the list is our own (IANA special-purpose registries, read 2026-11).
_DENIED_V4: Final = tuple(
    IPv4Network(text)
    for text in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16",
        "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16",
        "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
    )
)  # fmt: skip
_GLOBAL_V6: Final = IPv6Network("2000::/3")  # all that is given out as global unicast
_DENIED_V6: Final = tuple(
    IPv6Network(text)
    for text in (
        "2001::/23",  # protocol assignments; Teredo is 2001::/32
        "2001:db8::/32",
        "2002::/16",  # 6to4
        "3fff::/20",
    )
)
_NAT64: Final = IPv6Network("64:ff9b::/96")
REFUSED_CHARACTERS: Final = re.compile(r"[\x00-\x20\x7f-\xa0\\\u2028\u2029\ufeff]")
_NAME: Final = re.compile(r"[a-z0-9_.-]+")
_NUMERIC_LABEL: Final = re.compile(r"0[xX][0-9a-fA-F]*|[0-9]+")


@dataclass(frozen=True, slots=True)
class Allowance:
    """One pattern of `network.allow_private`: an address, network or name, and a port or any."""

    host: str | Network
    port: int | None

    def covers(self, host: str | Address, port: int) -> bool:
        """Tell whether this pattern allows a name or an address at a port."""
        if self.port not in (None, port):
            return False
        if isinstance(self.host, str):
            return isinstance(host, str) and host == self.host
        return not isinstance(host, str) and host in self.host


@lru_cache(maxsize=256)
def parse_allowance(pattern: str) -> Allowance:
    """Read `host:port`, `10.0.0.5:*`, `127.0.0.0/8:*` or `[::1]:8000`.

    Raises:
        ValueError: it is none of these.
    """
    host, separator, port = pattern.strip().rpartition(":")
    if host.startswith("[") == host.endswith("]"):
        host = host.strip("[]").lower()
    if not (separator and host):
        raise ValueError(f"{pattern!r} is not host:port, address:port or network:port")
    if port != "*" and not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        raise ValueError(f"{pattern!r}: the port is a number from 1 to 65535, or *")
    try:
        where: str | Network = ip_network(host)
    except ValueError:
        if set("/:[]") & set(host) or _NUMERIC_LABEL.search(host):
            raise ValueError(f"{pattern!r}: {host!r} is neither an address nor a network") from None
        where = host
    return Allowance(where, None if port == "*" else int(port))


def unwrap(address: Address) -> Address:
    """Return the IPv4 address that a mapped or NAT64 one really leads to, else the address itself.

    The other wrappings (compatible, 6to4, Teredo) lie outside of what `is_public` accepts: nobody
    serves feeds from them.
    """
    if isinstance(address, IPv4Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return IPv4Address(int(address) & 0xFFFFFFFF) if address in _NAT64 else address


def is_public(address: Address) -> bool:
    """Tell whether an address is global unicast and on no list of ours."""
    inner = unwrap(address)
    if isinstance(inner, IPv4Address):
        return not any(inner in network for network in _DENIED_V4)
    return inner in _GLOBAL_V6 and not any(inner in network for network in _DENIED_V6)


def parse_url(url: str) -> URL:
    """Return the one reading of a URL that is both checked and connected to.

    Raises:
        AddressRefused: it is not an http(s) URL that has exactly one meaning (D2).
    """
    if len(url) > MAX_URL:
        raise AddressRefused("the address is too long")
    if REFUSED_CHARACTERS.search(url):
        raise AddressRefused("the address has a space, control character or backslash in it")
    try:
        # An all-ASCII URL is sent as written: signed queries break when "%7E" becomes "~".
        parsed = URL(url.partition("#")[0], encoded=url.isascii())
        scheme, host = parsed.scheme.lower(), (parsed.raw_host or "").lower()
        port = parsed.port
    except (ValueError, IndexError):  # UnicodeError (IDNA) is one; yarl 1.25 trips over "[:]\xbdb@"
        raise AddressRefused("the address cannot be read") from None
    if scheme not in ("http", "https"):
        raise AddressRefused("only http and https addresses are fetched")
    if parsed.raw_user is not None or parsed.raw_password is not None or "@" in _authority(url):
        raise AddressRefused("the address holds a user name or password")
    if not host or port is None or port == 0:
        raise AddressRefused("the address names no host")
    _check_host(host)
    return parsed


def _authority(url: str) -> str:
    """Return what stands between `//` and the path, as written."""
    return re.split(r"[/?#]", url.partition("//")[2], maxsplit=1)[0]


def _check_host(host: str) -> None:
    """Refuse host names with more than one reading: zones, escapes, odd spellings of IPv4."""
    if "%" in host:
        raise AddressRefused("the host has an escape or a zone in it")
    if ":" in host:
        return  # yarl has read it as an IPv6 address
    if _NUMERIC_LABEL.fullmatch(host.removesuffix(".").rpartition(".")[2]):
        address = literal(host)
        if not isinstance(address, IPv4Address) or str(address) != host:
            raise AddressRefused("the host is an IPv4 address in an odd spelling")
    if not _NAME.fullmatch(host) or ".." in host or host.startswith("."):
        raise AddressRefused("the host is not a name")


@lru_cache(maxsize=4096)  # asked three times for each connection
def literal(host: str) -> Address | None:
    """Return the address that a host is, or None for a name."""
    try:
        return ip_address(host)
    except ValueError:
        return None


class AddressGuard:
    """Decides for one client; holds the operator's exceptions and our own listening addresses."""

    def __init__(
        self,
        allow_private: tuple[str, ...] = (),
        own_addresses: tuple[tuple[str, int], ...] = (),
        proxy: tuple[str, int] | None = None,
    ) -> None:
        """Read the patterns.

        Args:
            allow_private: `host:port`, `10.0.0.5:*`, `127.0.0.0/8:*`, `[::1]:8000`.
            own_addresses: address (or `localhost`) and port that this process listens on;
                `0.0.0.0`: every one of this machine. Refused even where allowed above.
            proxy: host and port of a configured proxy, a trusted hop of its own.

        Raises:
            ValueError: a pattern is none of these.
        """
        self._allowances = tuple(parse_allowance(pattern) for pattern in allow_private)
        self._own = frozenset(
            (ip_address(address), port)
            for host, port in own_addresses
            for address in (("127.0.0.1", "::1") if host == "localhost" else (host,))
        )
        self._own_everywhere = frozenset(port for own, port in self._own if own.is_unspecified)
        self._proxy = proxy
        # Addresses that a *name* on the operator's list resolved to, with its port.
        self._named: set[tuple[Address, int]] = set()

    def check_url(self, url: str) -> URL:
        """Return the parsed URL, or refuse it before anything is connected.

        Raises:
            AddressRefused: its form, port or literal address is not ours to ask.
        """
        parsed = parse_url(url)
        host, port = (parsed.raw_host or "").lower(), parsed.port or 0
        address = literal(host)
        if address is not None:
            self._check_address(address, port)
        elif self._proxy is not None and host.removesuffix(".").endswith("localhost"):
            raise AddressRefused("a proxy is not asked for its own machine")
        elif port not in PORTS and not self._may_lead(host, port):
            raise AddressRefused(f"port {port} is not one that feeds are served on")
        return parsed

    def note_resolved(self, host: str, port: int, addresses: list[str]) -> None:
        """Remember where a host *name* leads that the operator allowed by name."""
        trusted = self._proxy == (host, port) or any(
            allowance.covers(host.lower(), port) for allowance in self._allowances
        )
        if trusted:
            self._named.update((unwrap(ip_address(address)), port) for address in addresses)

    def open_socket(self, info: tuple[Any, ...]) -> socket.socket:
        """Open the socket of one connection: what libcurl calls for it.

        Raises:
            AddressRefused: the address is not ours to ask.
        """
        family, kind, protocol, _, address = info
        where = literal(address[0].partition("%")[0])
        if where is None:
            raise AddressRefused("the address cannot be read")
        self._check_address(where, int(address[1]))
        return socket.socket(family, kind, protocol)

    def _check_address(self, address: Address, port: int) -> None:
        inner = unwrap(address)
        if self._is_own(inner, port):
            raise AddressRefused("this is the aggregator's own address")
        if self._is_listed(inner, port) or (inner, port) in self._named:
            return
        if self._proxy == (str(address), port):
            return
        if not is_public(address):
            raise AddressRefused("the address is not on the public internet")
        if port not in PORTS:
            raise AddressRefused(f"port {port} is not one that feeds are served on")

    def _is_listed(self, host: str | Address, port: int) -> bool:
        return any(allowance.covers(host, port) for allowance in self._allowances)

    def _may_lead(self, host: str, port: int) -> bool:
        """Tell whether a name could lead to something listed; its address decides, at the socket."""
        return any(
            allowance.covers(host, port)
            or (allowance.port in (None, port) and not isinstance(allowance.host, str))
            for allowance in self._allowances
        )

    def _is_own(self, address: Address, port: int) -> bool:
        everywhere = port in self._own_everywhere
        return (address, port) in self._own or (everywhere and address.is_loopback)


def check_url(url: str, allow_private: tuple[str, ...] = ()) -> None:
    """Refuse a URL that we would never ask, before any connection.

    Raises:
        AddressRefused: with the reason in plain words.
    """
    AddressGuard(allow_private).check_url(url)
