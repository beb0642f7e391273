"""Readiness, reload and stop as systemd is told of them (sd_notify(3)), where it started us."""

import os
import socket
import time


def notify(*lines: str) -> None:
    """Send state lines such as READY=1; without NOTIFY_SOCKET nothing happens."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    if address.startswith("@"):
        address = "\0" + address[1:]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as channel:
        channel.sendto("\n".join(lines).encode(), address)


def reloading() -> tuple[str, str]:
    """Return the lines that announce a reload; systemd matches them by the monotonic time."""
    return "RELOADING=1", f"MONOTONIC_USEC={time.monotonic_ns() // 1000}"


def watchdog_seconds() -> float | None:
    """Return how often systemd wants a sign of life, halved as its manual advises; None: never."""
    asked = os.environ.get("WATCHDOG_USEC")
    return int(asked) / 2_000_000 if asked else None
