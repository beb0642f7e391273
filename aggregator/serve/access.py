"""Who may read, and who may change: tokens, the signed-in session, and the brake on guessing.

Tokens for reading are derived from one secret that the store keeps, so there is nothing to set up,
each can be shown again to the operator, and a new secret revokes them all. The admin token is known
only by its hash. All comparisons take constant time.
"""

import hashlib
import hmac
import secrets
from base64 import b32encode
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from aggregator.store.store import Store

SECRET_STATE: Final = "serve.secret"  # noqa: S105  # the name of a stored value, not the value
SESSIONS_STATE: Final = "serve.sessions"  # how often all sessions were ended
SESSION: Final = timedelta(days=7)
_TOKEN_BYTES: Final = 20  # 160 bits: beyond guessing, so a plain fast hash of it is enough


def new_token() -> str:
    """Return a fresh random token, short enough to type."""
    return b32encode(secrets.token_bytes(_TOKEN_BYTES)).decode().lower()


def hash_token(token: str) -> str:
    """Return a token as `server.admin_token_hash` holds it: `sha256:` and the digest in hexadecimal."""
    return "sha256:" + hashlib.sha256(token.strip().encode()).hexdigest()


def token_matches(token: str, hashed: str | None) -> bool:
    """Tell whether a token is the one that was hashed; never where none was."""
    return hashed is not None and hmac.compare_digest(hash_token(token), hashed.strip().lower())


@dataclass(frozen=True, slots=True)
class Keys:
    """Every token that follows from the secret."""

    secret: bytes
    ended: int = 0  # how often all sessions were ended: those from before hold no more

    def reading(self) -> str:
        """Return the token that opens every page and feed."""
        return self._derive("read")

    def output(self, output: str) -> str:
        """Return the token that opens one private output and nothing else."""
        return self._derive(f"output:{output}")

    def webhook(self, output: str) -> str:
        """Return the secret that signs one output's webhook."""
        return self._derive(f"webhook:{output}")

    def opens_pages(self, token: str | None) -> bool:
        """Tell whether a token opens every page and feed."""
        return token is not None and hmac.compare_digest(token.encode(), self.reading().encode())

    def opens_output(self, token: str | None, output: str) -> bool:
        """Tell whether a token opens this output."""
        if token is None:
            return False
        own = hmac.compare_digest(token.encode(), self.output(output).encode())
        return own or self.opens_pages(token)

    def session(self, now: datetime, admin_token_hash: str) -> str:
        """Return a signed-in session: it ends by itself, when somebody signs out, or with the admin token."""
        until = str(int((now + SESSION).timestamp()))
        return f"{until}.{self._proof(until, admin_token_hash)}"

    def session_holds(self, session: str, now: datetime, admin_token_hash: str | None) -> bool:
        """Tell whether a session was given by us and has not ended."""
        until, _, proof = session.partition(".")
        if admin_token_hash is None or not (until.isascii() and until.isdigit()):
            return False
        expected = self._proof(until, admin_token_hash)
        fresh = now.timestamp() < int(until[:12])
        return hmac.compare_digest(proof.encode(), expected.encode()) and fresh

    def _proof(self, until: str, admin_token_hash: str) -> str:
        return self._derive(f"session:{self.ended}:{until}:{admin_token_hash}")

    def _derive(self, purpose: str) -> str:
        digest = hmac.new(self.secret, purpose.encode(), hashlib.sha256).digest()
        return b32encode(digest[:_TOKEN_BYTES]).decode().lower()


async def load_keys(store: Store) -> Keys:
    """Return the keys of this store; the secret is made on first use."""
    known = await store.state(SECRET_STATE)
    if known is None:
        known = secrets.token_hex(32)
        await store.set_state(SECRET_STATE, known)
    return Keys(bytes.fromhex(known), int(await store.state(SESSIONS_STATE) or 0))


async def end_sessions(store: Store, keys: Keys) -> Keys:
    """Return the keys under which no session holds that was given before: there is one admin, so all end."""
    await store.set_state(SESSIONS_STATE, str(keys.ended + 1))
    return replace(keys, ended=keys.ended + 1)


def came_from_our_page(headers: Mapping[str, str], public_url: str) -> bool:
    """Tell whether a browser sent a form from a page of ours (Fetch Metadata, else the Origin).

    An attacker's page cannot forge either header. `Host` is only compared with, never believed:
    where both name a stranger (DNS rebinding), the session's cookie does not come along.
    """
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    origin = headers.get("origin", "")
    if not origin.startswith(("http://", "https://")):
        return False
    return urlsplit(origin).netloc in (headers.get("host"), urlsplit(public_url).netloc)


class Throttle:
    """A brake on guessing: after some failures an address has to wait."""

    def __init__(self, failures: int = 5, seconds: float = 300.0, addresses: int = 4096) -> None:
        self._limit, self._seconds, self._addresses = failures, seconds, addresses
        self._failed: OrderedDict[str, list[float]] = OrderedDict()

    def blocks(self, address: str, now: float) -> bool:
        """Tell whether an address has failed too often of late."""
        recent = [at for at in self._failed.get(address, ()) if now - at < self._seconds]
        return len(recent) >= self._limit

    def note_failure(self, address: str, now: float) -> None:
        """Count a failure; the addresses that failed longest ago are forgotten first."""
        kept = [at for at in self._failed.pop(address, []) if now - at < self._seconds]
        self._failed[address] = [*kept[-self._limit :], now]
        while len(self._failed) > self._addresses:
            self._failed.popitem(last=False)
