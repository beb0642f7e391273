"""What systemd is told."""

import socket
from pathlib import Path

import pytest

from aggregator.daemon import systemd


def test_b30_readiness_goes_to_the_socket_that_systemd_named(tmp_path, monkeypatch):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(tmp_path / "notify"))
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        systemd.notify("READY=1", "STATUS=serving")
        assert listener.recv(1000) == b"READY=1\nSTATUS=serving"


def test_b30_without_systemd_nothing_happens(monkeypatch):
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    monkeypatch.delenv("WATCHDOG_USEC", raising=False)
    systemd.notify("READY=1")
    assert systemd.watchdog_seconds() is None


def test_b30_the_watchdog_is_fed_twice_as_often_as_asked(monkeypatch):
    monkeypatch.setenv("WATCHDOG_USEC", "30000000")
    assert systemd.watchdog_seconds() == 15


def test_b30_a_reload_is_announced_with_the_monotonic_time():
    first, second = systemd.reloading()
    assert first == "RELOADING=1"
    assert int(second.removeprefix("MONOTONIC_USEC=")) > 0


@pytest.mark.parametrize(
    "line",
    [
        "Type=notify",
        "NoNewPrivileges=yes",
        "ProtectSystem=strict",
        "PrivateTmp=yes",
        "RestrictNamespaces=user net",  # the workers' own
        "RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX",
        "SystemCallFilter=@system-service",
        "MemoryMax=2G",
    ],
)
def test_d08_b30_the_service_has_what_it_needs_and_no_more(line):
    unit = Path(__file__).parents[2] / "contrib" / "aggregator.service"
    assert line in unit.read_text().splitlines()
