"""The last configuration that was good, kept in data/ so that a broken file outlives no restart."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from aggregator.errors import ConfigurationError
from aggregator.settings.configuration import Configuration
from aggregator.settings.load import configuration_from, read_files
from aggregator.settings.replace import replace_file

_COPY: Final = "last-good-config.json"


def load_or_last_good(
    directory: Path, data: Path, environment: Mapping[str, str]
) -> tuple[Configuration, tuple[str, ...]]:
    """Load a directory's configuration, or the last good one with the problems of the present one.

    All four files are kept as one file, replaced atomically, so that they always belong together;
    secrets stay `${NAME}` in it. A file that was there and is gone counts as a problem: to go
    without it, leave it empty.

    Raises:
        ConfigurationError: the files have problems and there is no good copy of this directory.
    """
    kept = _kept(directory, data)
    try:
        bodies = read_files(directory)
        _refuse_vanished(directory, kept, bodies)
        configuration = configuration_from(bodies, directory, environment)
    except ConfigurationError as error:
        if not kept:
            raise
        return _from_copy(kept, directory, environment, error), tuple(error.problems)
    if bodies != kept:
        _keep(directory, data, bodies)
    return configuration, ()


def _refuse_vanished(
    directory: Path, kept: Mapping[str, bytes], bodies: Mapping[str, bytes]
) -> None:
    """Refuse the loss of a file that held something (reliability B27: deleted by mistake)."""
    gone = [name for name, body in kept.items() if body.strip() and name not in bodies]
    if gone:
        advice = "the file is gone; put it back, or leave an empty one to go without it"
        raise ConfigurationError([f"{directory / name}:1:1: {advice}" for name in gone])


def _from_copy(
    kept: Mapping[str, bytes],
    directory: Path,
    environment: Mapping[str, str],
    broken: ConfigurationError,
) -> Configuration:
    try:
        return configuration_from(kept, directory, environment)
    except ConfigurationError:
        # An environment variable is gone, or a newer version reads the files more strictly: what
        # the operator can mend is the present files.
        raise broken from None


def _kept(directory: Path, data: Path) -> dict[str, bytes]:
    """Return the files of the copy, empty where there is none of this directory."""
    try:
        copy = json.loads((data / _COPY).read_text(encoding="utf-8"))
        if copy["directory"] != str(directory.resolve()):
            return {}
        return {name: text.encode("utf-8") for name, text in copy["files"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def _keep(directory: Path, data: Path, bodies: Mapping[str, bytes]) -> None:
    """Write the copy beside its place and move it there; only its owner may read it."""
    data.mkdir(parents=True, exist_ok=True)
    files = {name: body.decode("utf-8-sig") for name, body in bodies.items()}
    text = json.dumps({"directory": str(directory.resolve()), "files": files}, ensure_ascii=False)
    replace_file(data / _COPY, text.encode("utf-8"), mode=0o600)
