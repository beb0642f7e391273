"""Valid files broken in every place, one at a time: each is refused there, none with a traceback."""

import json
import re
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aggregator.errors import ConfigurationError
from aggregator.settings.load import load

VALID: dict[str, Any] = {
    "settings": {
        "timezone": "Asia/Tokyo", "language": "ja", "public_url": "https://a.example", "audience": "team",
        "server": {"host": "::1", "port": 1, "access": "open", "admin_token_hash": "x"},
        "storage": {"url": "sqlite"},
        "polling": {
            "min_interval": "1m", "default_interval": "2m", "max_interval": "3m", "concurrency": 1,
            "timeout": "1s", "max_body": "1MiB", "host_spacing": "0s", "contact": "x",
        },
        "network": {"allow_private": ["a:1"], "proxy": "http://p:1"},
        "stories": {"window": "1d", "sensitivity": "loose"},
        "retention": {"entries": "1d", "revisions": "1d"},
        "websub": {"subscribe": False, "hub": "https://h.example"},
    },
    "sources": {"sources": [
        {
            "id": "a", "name": "A", "short": "A", "note": "n", "homepage": "https://a.example",
            "language": "ja", "timezone": "UTC", "weight": 1.5, "access": "paid", "fold": False,
            "full_text": True, "images": True, "enabled": False, "keep_query": ["k"], "headers": {"X": "y"},
            "feeds": [{"url": "https://a.example/1", "every": "1m", "kind": "audio"}],
        },
        {"id": "b", "url": "https://b.example", "every": "1d", "kind": "video"},
    ]},
    "topics": {"topics": [{
        "id": "t", "name": {"ja": "話題"}, "aliases": {"x": ["y", {"case": "Z"}]}, "all": [["$x"], ["z"]],
        "not": ["n"], "near": "anywhere", "weights": {"w": 1}, "threshold": 2,
    }]},
    "outputs": {
        "outputs": [{
            "id": "o", "title": "O", "topics": ["t"], "sources": ["a"], "languages": ["ja"], "language": "en",
            "min_sources": 1, "exclude": ["x"], "items": "stories", "limit": 1, "max_age": "1d",
            "backfill": "1h", "per_source": 1, "updates": "again", "title_form": "{title}", "private": True,
            "notify": {"url": "https://n.example", "kind": "ntfy", "min_independent": 1, "quiet": "1:00-2:00", "max_per_day": 1},
        }],
        "per_topic": True,
        "mute": [{"words": ["x"], "until": "2030-01-01"}],
        "digests": [{"topic": "t", "editions": {"daily": "7:00", "weekly": {"day": "mon", "at": "7:00"}}, "empty": "note"}],
    },
}  # fmt: skip
Steps = tuple[str | int, ...]
FREE_KEYS = {"name", "aliases", "headers", "weights"}  # mappings whose keys the operator chooses
MARK = "zz-broken"
LINE = re.compile(r"(?P<file>[^:]+\.yaml):(?P<line>\d+):(?P<column>\d+): (?P<rest>.+)")


def paths(value: Any, path: Steps = ()) -> Iterator[Steps]:
    """Yield the path of every value inside."""
    items = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    for step, inner in items:
        yield (*path, step)
        yield from paths(inner, (*path, step))


# A term is one thing: what is wrong inside `{case: Z}` is told at the term.
PLACES = [
    (file, path) for file, value in VALID.items() for path in paths(value) if path[-1] != "case"
]
KEYS = [
    (file, path)
    for file, path in PLACES
    if isinstance(path[-1], str) and not (len(path) > 1 and path[-2] in FREE_KEYS)
]


def container(files: dict[str, Any], file: str, path: Steps) -> Any:
    value = files[file]
    for step in path[:-1]:
        value = value[step]
    return value


def problems_of(directory: Path, files: dict[str, Any]) -> list[dict[str, str]]:
    for file, value in files.items():
        text = value if isinstance(value, str) else json.dumps(value, indent=1, ensure_ascii=False)
        (directory / f"{file}.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError) as caught:
        load(directory, {})
    found = [LINE.fullmatch(problem) for problem in caught.value.problems]
    assert all(found), caught.value.problems
    return [match.groupdict() for match in found if match]


def place_of_mark(directory: Path, file: str) -> tuple[str, str, str]:
    """Return where the mark's key, or the mark as a list's item, begins."""
    path = directory / f"{file}.yaml"
    for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), start=1):
        if MARK in line:
            return str(path), str(number), str(len(line) - len(line.lstrip(" ")) + 1)
    raise AssertionError("no mark")


def place(problem: dict[str, str]) -> tuple[str, str, str]:
    return problem["file"], problem["line"], problem["column"]


def test_the_files_are_valid_before_they_are_broken(tmp_path: Path):
    for file, value in VALID.items():
        (tmp_path / f"{file}.yaml").write_text(json.dumps(value), encoding="utf-8")
    assert len(load(tmp_path, {}).sources) == 2
    assert len(PLACES) + len(KEYS) > 200


@pytest.mark.parametrize(("file", "path"), KEYS, ids=lambda value: str(value))
def test_an_unknown_key_is_refused_where_it_stands(tmp_path: Path, file: str, path: Steps):
    files = {file: deepcopy(VALID[file])}
    inside = container(files, file, path)
    inside[f"{path[-1]}{MARK}"] = inside.pop(path[-1])
    found = problems_of(tmp_path, files)
    assert place_of_mark(tmp_path, file) in map(place, found)
    assert any("unknown key" in problem["rest"] for problem in found)


@pytest.mark.parametrize(("file", "path"), PLACES, ids=lambda value: str(value))
def test_a_wrong_type_is_refused_where_it_stands(tmp_path: Path, file: str, path: Steps):
    files = {file: deepcopy(VALID[file])}
    inside = container(files, file, path)
    was = inside[path[-1]]
    # A list of the mark is right nowhere that text, a number, a switch or a mapping is wanted.
    inside[path[-1]] = MARK if isinstance(was, list) else [MARK]
    found = problems_of(tmp_path, files)
    file_name, line, column = place_of_mark(tmp_path, file)
    lines = {problem["line"] for problem in found if problem["file"] == file_name}
    assert lines & {line, str(int(line) - 1)}, (column, found)


def what_load_says(directory: Path) -> list[str]:
    try:
        load(directory, {})
    except ConfigurationError as error:
        return error.problems or ["refused without a reason"]
    return []


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("broken")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    file=st.sampled_from(sorted(VALID)),
    at=st.floats(0, 1),
    cut=st.integers(0, 30),
    put=st.sampled_from(["", "\t", "\0", "'", '"', "[", "}", "- ", ": ", "\n", "*x ", "!!x ", "<<: ", "${X}", "% ", "&", "|", "\ud800", "é"])
    | st.text(max_size=5),
)  # fmt: skip
def test_damaged_text_never_gives_a_traceback(
    directory: Path, file: str, at: float, cut: int, put: str
):
    text = json.dumps(VALID[file], indent=1, ensure_ascii=False)
    start = int(at * len(text))
    broken = text[:start] + put + text[start + cut :]
    for name in VALID:
        (directory / f"{name}.yaml").unlink(missing_ok=True)
    (directory / f"{file}.yaml").write_bytes(broken.encode("utf-8", "surrogatepass"))
    found = what_load_says(directory)
    assert all(LINE.fullmatch(problem) for problem in found), found
