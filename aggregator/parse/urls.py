"""Links as a feed gives them: made absolute, and refused unless they are plain http or https."""

import ipaddress
import re
from functools import lru_cache
from typing import Final
from urllib.parse import urljoin, urlsplit

_LONGEST: Final = 2048  # characters; longer ones are attacks or data (reliability A34)
_EDGES: Final = "".join(map(chr, range(33)))
_BREAKS: Final = re.compile("[\t\r\n]+")
_FORBIDDEN: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f\\\\\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]"
)
_ESCAPED: Final = {ord(c): f"%{ord(c):02X}" for c in ' "<>`{}|^'} | {
    0x3000: "%E3%80%80",
    0xA0: "%C2%A0",
}
_HOST: Final = re.compile(r"(?=[^.])[a-z0-9_-]+(?:\.[a-z0-9_-]+)*\.?")
_NUMERIC: Final = re.compile(r"(?:0x[0-9a-f]*|[0-9]+)\.?")
# What nearly all links are like; their hosts are few, and nothing else of them needs a look.
_PLAIN: Final = re.compile(
    r"https?://([a-z0-9][a-z0-9.-]*)(?::[1-9][0-9]{0,3})?(?:[/?#][\w!#$%&'()*+,./:;=?@~\[\]-]*)?",
    re.ASCII,
)
_SCHEME: Final = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:")
_MAIL: Final = re.compile(r"mailto:[^\s<>\"]+", re.IGNORECASE)


def safe_url(raw: str, base: str | None, *, mail: bool = False) -> str | None:
    """Return a link as an absolute http or https URL, or None where it is none (policy D2).

    Credentials are cut off; a host in another script becomes its ASCII form. Refused: other
    schemes (`mail` allows mailto), control and direction characters, backslashes, odd spellings
    of IP addresses, more than 2,048 characters.
    """
    if len(raw) > 2 * _LONGEST:
        return None
    url = _BREAKS.sub("", raw.strip(_EDGES))
    if not url or _FORBIDDEN.search(url):
        return None
    try:
        if not _SCHEME.match(url):
            url = urljoin(base or "https:", url) if base or url.startswith("//") else ""
        elif url[:7].lower() == "mailto:":
            return url if mail and len(url) <= _LONGEST and _MAIL.fullmatch(url) else None
        return _checked(url)
    except ValueError:  # urllib: broken IPv6 literals, ports, and normalising hosts
        return None


def is_http(url: str) -> bool:
    """Tell whether a URL can be a base: anything else as xml:base is ignored (reliability A35)."""
    return url[:8].lower().startswith(("http://", "https://"))


@lru_cache(maxsize=256)  # an entry names its own address, and its feed's, again and again
def _checked(url: str) -> str | None:
    if (plain := _PLAIN.fullmatch(url)) and len(url) <= _LONGEST:
        return url if _checked_host(plain.group(1), plain.group(1)) else None
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        return None
    host = _checked_host(parts.netloc.rpartition("@")[2], parts.hostname or "")
    if host is None:
        return None
    port = f":{parts.port}" if parts.port is not None else ""
    # The rest is kept as it was written: identity may hang on it.
    rest = url[url.index("//") + 2 + len(parts.netloc) :].translate(_ESCAPED)
    found = f"{parts.scheme}://{host}{port}{rest}"
    return found if len(found) <= _LONGEST else None


@lru_cache(maxsize=256)
def _checked_host(written: str, host: str) -> str | None:
    if written.startswith("["):
        return None if "%" in host else f"[{ipaddress.IPv6Address(host).compressed}]"
    if not host.isascii():
        try:
            host = host.encode("idna").decode("ascii").lower()
        except UnicodeError:
            return None
    if not _HOST.fullmatch(host) or len(host) > 253:
        return None
    if _NUMERIC.fullmatch(host.rstrip(".").rpartition(".")[2]):
        # Browsers read 127.1, 0x7f.1 and 2130706433 as addresses: only the plain form is let through.
        return host if str(ipaddress.IPv4Address(host)) == host else None
    return host
