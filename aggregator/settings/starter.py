"""The commented configuration that one starts from: the shipped `config/`, which exists once."""

from pathlib import Path
from typing import Final

_PACKAGED: Final = Path(__file__).with_name("starter")  # in a wheel, which takes `config/` in there
_REPOSITORY: Final = Path(__file__).parents[2] / "config"


def starter_directory() -> Path:
    """Return where the shipped configuration lies."""
    return _PACKAGED if _PACKAGED.is_dir() else _REPOSITORY


def write_starter(directory: Path) -> tuple[Path, ...]:
    """Write the starter configuration; files that are there stay untouched.

    Returns:
        The files that were written.
    """
    written: list[Path] = []
    shipped = starter_directory()
    for source in sorted([*shipped.glob("*.yaml"), *shipped.glob("schema/*.json")]):
        target = directory / source.relative_to(shipped)
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            with target.open("xb") as file:
                file.write(source.read_bytes())
        except FileExistsError:
            continue
        written.append(target)
    return tuple(written)
