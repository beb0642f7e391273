"""The four files and the environment, read into one checked Configuration."""

from collections.abc import Iterator, Mapping
from itertools import chain
from pathlib import Path
from stat import S_ISREG
from typing import Any, Final, get_args

from pydantic import BaseModel, ValidationError

from aggregator.errors import ConfigurationError
from aggregator.settings.assemble import assemble
from aggregator.settings.checks import check_outputs, check_settings, check_sources, check_topics
from aggregator.settings.configuration import Configuration
from aggregator.settings.document import Document, read_document
from aggregator.settings.problems import KeyPath, Problem, did_you_mean
from aggregator.settings.schema import FILES, Section

_MEBIBYTE: Final = 1024 * 1024
MAX_SIZE: Final = {"sources.yaml": 16 * _MEBIBYTE}  # tens of thousands of feeds; others 1 MiB

# What pydantic calls a mismatch, in words for people who write YAML.
_WORDS: Final = {
    "missing": "this key is needed",
    "string_type": "must be text: put it in quotes",
    "bool_type": "must be true or false",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "tuple_type": "must be a list",
    "dict_type": "must be a mapping (key: value)",
    "model_type": "must be a mapping (key: value)",
    "model_attributes_type": "must be a mapping (key: value)",
    "literal_error": "must be {expected}",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
    "too_short": "must not be empty",
    "string_pattern_mismatch": "must be {pattern}",
}
_PATTERNS: Final = {
    "^[a-z0-9]": "a slug: small letters a-z, digits and -, at most 64",
    "^[a-z]{2": "a language code like ja or en",
}


def load(directory: Path, environment: Mapping[str, str]) -> Configuration:
    """Load the configuration of a directory.

    Raises:
        ConfigurationError: with every problem of all four files, in the files' order.
    """
    return configuration_from(read_files(directory), directory, environment)


def read_files(directory: Path) -> dict[str, bytes]:
    """Read the four files as they are; an absent one is left out.

    Raises:
        ConfigurationError: one that is there cannot be read.
    """
    bodies: dict[str, bytes] = {}
    problems: list[str] = []
    for name in FILES:
        path = directory / name
        try:
            if not S_ISREG(path.stat().st_mode):  # a FIFO would be read for ever
                raise OSError("not a regular file")  # noqa: TRY301 - told like any other reason
            bodies[name] = path.read_bytes()
        except FileNotFoundError:
            if path.is_symlink():
                problems.append(f"{path}:1:1: a symbolic link to nothing")
        except OSError as error:
            problems.append(f"{path}:1:1: cannot be read: {error.strerror or error}")
    if problems:
        raise ConfigurationError(problems)
    return bodies


def configuration_from(
    bodies: Mapping[str, bytes], directory: Path, environment: Mapping[str, str]
) -> Configuration:
    """Make the configuration of the files' bytes, by file name.

    Raises:
        ConfigurationError: with every problem of all files.
    """
    read, problems = _read(bodies, directory, environment, quickly=True)
    if problems:  # once more, by the parser that knows the very place of each
        read, problems = _read(bodies, directory, environment, quickly=False)
    if problems:
        raise ConfigurationError(in_order(problems))
    return assemble(
        directory,
        read["settings.yaml"],
        read["sources.yaml"],
        read["topics.yaml"],
        read["outputs.yaml"],
    )


def _read(
    bodies: Mapping[str, bytes], directory: Path, environment: Mapping[str, str], *, quickly: bool
) -> tuple[dict[str, Any], list[Problem]]:
    """Return the models of the files, and all that is wrong with them."""
    documents = {
        name: read_document(
            str(directory / name),
            bodies.get(name, b""),
            environment,
            MAX_SIZE.get(name, _MEBIBYTE),
            quickly=quickly,
        )
        for name in FILES
    }
    models: dict[str, Any] = {}
    problems = [problem for document in documents.values() for problem in document.problems]
    for name, document in documents.items():
        models[name], found = validated(document, FILES[name])
        problems += found
    problems += chain(
        check_settings(documents["settings.yaml"]),
        check_sources(documents["sources.yaml"]),
        check_topics(documents["topics.yaml"]),
        check_outputs(
            documents["outputs.yaml"], documents["sources.yaml"], documents["topics.yaml"]
        ),
    )
    return models, problems


def in_order(problems: list[Problem]) -> list[str]:
    """Return problems as lines, each place once, by file in the order of reading, then by place."""
    order = list(FILES)
    by_place = {
        (problem.file, problem.line, problem.column, problem.path): problem
        for problem in reversed(problems)
    }
    ranked = sorted(
        by_place.values(),
        key=lambda problem: (order.index(Path(problem.file).name), problem.line, problem.column),
    )
    return [problem.written() for problem in ranked]


def validated(document: Document, model: type[Section]) -> tuple[Section | None, list[Problem]]:
    """Check a document against its schema; return the model, or what is wrong."""
    if not document.readable:
        return None, []
    try:
        return model.model_validate({} if document.value is None else document.value), []
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)
        return None, list(_translated(document, model, found))


def _translated(document: Document, model: type[Section], found: Any) -> Iterator[Problem]:
    paths: list[KeyPath] = [
        tuple(step for step in details["loc"] if step not in ("[key]", "")) for details in found
    ]
    for details, path in zip(found, paths, strict=True):
        if path in document.variables:
            continue  # left as `${NAME}`: its value is not known here
        if details["type"] == "too_short" and any(
            len(other) > len(path) and other[: len(path)] == path for other in paths
        ):
            continue  # pydantic calls a list too short whose only items are wrong
        yield document.problem(path, _message(details, model, path))


def _message(details: Any, model: type[Section], path: KeyPath) -> str:
    kind, context = details["type"], details.get("ctx", {})
    if kind == "value_error":
        return str(context["error"])
    if kind == "extra_forbidden":
        return f"unknown key{did_you_mean(str(path[-1]), _keys(model, path[:-1]))}"
    if kind == "string_pattern_mismatch":
        known = (text for start, text in _PATTERNS.items() if context["pattern"].startswith(start))
        context = {"pattern": next(known)}
    return _WORDS[kind].format(**context) if kind in _WORDS else str(details["msg"])


def _keys(model: type[BaseModel] | None, path: KeyPath) -> list[str]:
    """Return the keys that a mapping at `path` may have."""
    for step in path:
        if model is None or isinstance(step, int):
            continue
        known = {
            field.alias or name: field.annotation for name, field in model.model_fields.items()
        }
        model = _model_in(known.get(step))
    if model is None:
        return []
    return [field.alias or name for name, field in model.model_fields.items()]


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """Return the model inside an annotation such as `tuple[Model, ...] | None`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next(filter(None, map(_model_in, get_args(annotation))), None)
