"""Configurations written as files, and what loading them says."""

from collections.abc import Callable
from pathlib import Path

import pytest

from aggregator.errors import ConfigurationError
from aggregator.settings.configuration import Configuration
from aggregator.settings.load import load

Load = Callable[..., Configuration]
Problems = Callable[..., list[str]]


def _write(directory: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (directory / f"{name}.yaml").write_bytes(text.encode("utf-8", "surrogatepass"))


@pytest.fixture
def loaded(tmp_path: Path) -> Load:
    """Load a configuration given as `sources="..."` and so on."""

    def load_it(environment: dict[str, str] | None = None, **files: str) -> Configuration:
        _write(tmp_path, files)
        return load(tmp_path, environment or {})

    return load_it


@pytest.fixture
def problems(tmp_path: Path) -> Problems:
    """Return the problems of a configuration, without the directory before the file's name."""

    def problems_of(environment: dict[str, str] | None = None, **files: str) -> list[str]:
        _write(tmp_path, files)
        with pytest.raises(ConfigurationError) as caught:
            load(tmp_path, environment or {})
        return [problem.removeprefix(f"{tmp_path}/") for problem in caught.value.problems]

    return problems_of
