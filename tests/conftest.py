"""What every test stands on: no network but loopback, and a clock to turn."""

import logging
import os
import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import structlog
from hypothesis import settings
from pycurl import SOCKET_BAD

from aggregator.fetch.transport import _Channel

# The machine's speed is no property of the code; and the same code gives the same examples, so that
# a finding is the finder's: `make test-all` looks for new ones (--hypothesis-profile=exploring).
settings.register_profile("steady", deadline=None, derandomize=True)
settings.register_profile("exploring", deadline=None)
settings.load_profile("steady")


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Refuse connections to any address but loopback, so that a test can never reach out."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: object) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6):
            host = str(address[0]) if isinstance(address, tuple) else str(address)
            if not (host.startswith("127.") or host in ("::1", "localhost")):
                raise AssertionError(f"a test tried to reach {host}")
        connect(self, address)  # type: ignore[arg-type]  # whatever the caller gave goes through

    def opened(self: _Channel, purpose: int, address: Any) -> int:
        descriptor = open_socket(self, purpose, address)
        host = address.addr[0]
        if descriptor != SOCKET_BAD and not (host.startswith("127.") or host == "::1"):
            reached.append(host)
            os.close(descriptor)
            return SOCKET_BAD
        return descriptor

    reached: list[str] = []
    open_socket = _Channel._open_socket  # libcurl connects by itself
    monkeypatch.setattr(socket.socket, "connect", guarded)
    monkeypatch.setattr(_Channel, "_open_socket", opened)
    yield
    assert not reached, f"a test tried to reach {reached}"


@pytest.fixture(autouse=True)
def own_logs() -> Iterator[None]:
    """Undo what a command run in this process made of the logs: its standard error is closed by now."""
    handlers = list(logging.getLogger().handlers)
    yield
    structlog.reset_defaults()
    logging.getLogger().handlers[:] = handlers


class TurnedClock:
    """The real time plus what a test has turned it by."""

    def __init__(self) -> None:
        self.turned = timedelta()

    def now(self) -> datetime:
        """Return the time of day."""
        return datetime.now(UTC) + self.turned

    def monotonic(self) -> float:
        """Return steady seconds."""
        return self.now().timestamp()


@pytest.fixture
def turned_clock() -> TurnedClock:
    """Return a clock for this test to turn."""
    return TurnedClock()
