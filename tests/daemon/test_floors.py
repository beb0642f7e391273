"""What is older than it may be is refused, or told of (B36, D7)."""

from importlib import metadata

import pytest

from aggregator.daemon.floors import (
    library_versions,
    outdated_packages,
    refuse_outdated_packages,
    weak_libraries,
)
from aggregator.daemon.run import Daemon, DaemonOptions
from aggregator.errors import OutdatedPackages

SOUND = {"sqlite": "3.51.3", "expat": "2.7.2", "libcurl": "8.4.0"}


async def test_b36_d07_a_daemon_does_not_start_on_a_package_that_was_downgraded(
    monkeypatch, tmp_path
):
    installed = metadata.version
    monkeypatch.setattr(
        metadata, "version", lambda name: "0.47.2" if name == "starlette" else installed(name)
    )
    with pytest.raises(OutdatedPackages, match=r"^starlette 0\.47\.2 is too old: pip install -U"):
        await Daemon(DaemonOptions(config=tmp_path, data=tmp_path / "data", port=0)).run()
    assert list(tmp_path.iterdir()) == []


def test_b36_d07_it_starts_on_what_is_installed_here():
    refuse_outdated_packages()


@pytest.mark.parametrize(
    ("asked_for", "version", "refused"),
    [
        ("nh3>=0.3.8", "0.3.7", True),
        ("nh3>=0.3.8", "0.3.10", False),
        ("nh3>=0.3.8", "0.3.8+local.1", False),
        ("feedparser<7,>=6.0.14", "6.0.2", True),
        ("tzdata>=2026.1", "2025.3", True),
        ("ruamel.yaml.clib>=0.2.15; platform_python_implementation == 'CPython'", "0.2.8", True),
        ("psycopg[binary,pool]>=3.3.9; extra == 'postgres'", "1", False),
        ("lxml", "1", False),
    ],
)
def test_a_package_is_compared_by_its_numbers(asked_for, version, refused):
    assert bool(outdated_packages([asked_for], lambda name: version)) is refused


def test_a_package_that_is_not_there_is_said_where_it_is_missed():
    def missing(name):
        raise metadata.PackageNotFoundError(name)

    assert outdated_packages(["nh3>=0.3.8"], missing) == []


def test_sources_without_metadata_ask_for_nothing(monkeypatch):
    def missing(name):
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "requires", missing)
    refuse_outdated_packages()


def test_b36_d07_the_libraries_here_have_versions_that_can_be_compared():
    assert library_versions().keys() == SOUND.keys()
    assert weak_libraries(SOUND) == []
    weak_libraries(library_versions())


@pytest.mark.parametrize(
    ("name", "version", "told"),
    [
        ("sqlite", "3.40.1", True),
        ("sqlite", "3.44.5", True),
        ("sqlite", "3.44.6", False),
        ("sqlite", "3.50.7", False),
        ("sqlite", "3.51.2", True),
        ("sqlite", "3.52.0", False),
        ("expat", "2.5.0", True),
        ("libcurl", "7.88.1", True),
        ("libcurl", "8.23.0", False),
    ],
)
def test_b10_b36_d07_a_library_with_known_holes_is_told_of(name, version, told):
    lines = weak_libraries(SOUND | {name: version})
    assert bool(lines) is told
    assert all(line.startswith(f"{name} {version} is older than ") for line in lines)
