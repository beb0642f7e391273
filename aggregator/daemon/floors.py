"""Whether what we stand on is old enough to have known holes (B36, D7).

A package that is older than what we ask for is refused: pip mends that. Libraries beneath are mostly
the system's, which may have mended them under their old number: those are told of, and what keeps the
holes from doing harm beside them.
"""

import re
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from importlib import metadata
from pyexpat import EXPAT_VERSION
from typing import Final

from aggregator.errors import OutdatedPackages
from aggregator.fetch.transport import LIBCURL_VERSION

_REQUIREMENT: Final = re.compile(r"([\w.-]+)[^;]*?>=\s*([\d.]+)[^;]*(;.*)?$")

# From these versions on; a release of an older line that was mended as well; what there is against it.
_WANTED: Final[Mapping[str, tuple[tuple[str, ...], str]]] = {
    "sqlite": (("3.51.3", "3.50.7", "3.44.6"), "two checkpoints at once can lose a commit; only one connection makes any"),
    "expat": (("2.7.2",), "CVE-2024-8176, CVE-2025-59375; feeds are read in processes with limits"),
    "libcurl": (("8.4.0",), "CVE-2023-38545, of SOCKS5 proxies; none is used unless you configure it"),
}  # fmt: skip


def refuse_outdated_packages() -> None:
    """Compare what is installed with what our own package asks for.

    Raises:
        OutdatedPackages: with one line for each that is older.
    """
    try:
        asked_for = metadata.requires("aggregator") or ()
    except metadata.PackageNotFoundError:  # run from its sources: nothing says what it needs
        return
    outdated = outdated_packages(asked_for, metadata.version)
    if outdated:
        raise OutdatedPackages(outdated)


def outdated_packages(asked_for: Iterable[str], installed: Callable[[str], str]) -> list[str]:
    """Return one line for each package that is older than asked for; extras are not looked at."""
    lines = []
    for requirement in asked_for:
        found = _REQUIREMENT.match(requirement)
        if found is None or "extra" in (found[3] or ""):
            continue
        name, floor = found[1], found[2]
        try:
            version = installed(name)
        except metadata.PackageNotFoundError:  # for another Python, or missed where it is imported
            continue
        if _numbers(version) < _numbers(floor):
            lines.append(f"{name} {version} is too old: pip install -U '{name}>={floor}'")
    return lines


def library_versions() -> dict[str, str]:
    """Return the versions of what lies beneath Python and its packages."""
    return {
        "sqlite": sqlite3.sqlite_version,
        "expat": EXPAT_VERSION.removeprefix("expat_"),
        "libcurl": LIBCURL_VERSION,
    }


def weak_libraries(versions: Mapping[str, str]) -> list[str]:
    """Return one line for each library with known holes."""
    return [
        f"{name} {versions[name]} is older than {wanted[0]}: {holes}"
        for name, (wanted, holes) in _WANTED.items()
        if not _is_mended(_numbers(versions[name]), [_numbers(one) for one in wanted])
    ]


def _is_mended(version: tuple[int, ...], wanted: list[tuple[int, ...]]) -> bool:
    """Tell whether a version is the newest wanted or later, or at least that of its own line."""
    return version >= wanted[0] or any(
        version[:2] == line[:2] and version >= line for line in wanted
    )


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(digits) for digits in re.findall(r"\d+", version.partition("+")[0]))
