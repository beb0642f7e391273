"""Edits of sources.yaml that leave every other byte as the operator wrote it.

The text is spliced at the places that the node tree names; nothing is written anew from values, so
quotes, comments, indentation and line ends stay. What comes out is read again and must hold exactly
what was meant before it replaces the file.
"""

import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode, SequenceNode

from aggregator.errors import ConfigurationError, UsageError
from aggregator.settings.checks import check_sources
from aggregator.settings.document import Document, read_document
from aggregator.settings.load import MAX_SIZE, in_order, validated
from aggregator.settings.replace import replace_file
from aggregator.settings.schema import SourcesFile

Splice = tuple[int, int, str]
"""From, to, and what stands there afterwards; offsets in code points."""


def add_source(file: Path, source: Mapping[str, object]) -> None:
    """Add a source at the end of the list; the file is made where there is none.

    Raises:
        ConfigurationError: the file, or what would become of it, is not right; it stays as it is.
    """
    add_sources(file, [source])


def add_sources(file: Path, sources: Sequence[Mapping[str, object]]) -> None:
    """Add several sources in one go, as an import does.

    Raises:
        ConfigurationError: the file, or what would become of it, is not right; it stays as it is.
    """
    document = _read(file)
    items = [dict(source) for source in sources]
    expected = {**_values(document), "sources": [*_listed(document), *items]}
    node = _value_node(document.root, "sources")
    _write(file, document, _additions(document, node, items), expected)


def remove_source(file: Path, source: str) -> None:
    """Remove a source and the comments inside it; comments around it stay.

    Raises:
        UsageError: there is no such source.
        ConfigurationError: the file is not right; it stays as it is.
    """
    document = _read(file)
    index = _index(document, source)
    listed = _listed(document)
    expected = {**_values(document), "sources": listed[:index] + listed[index + 1 :] or None}
    sequence = _value_node(document.root, "sources")
    if sequence.flow_style:
        expected["sources"] = expected["sources"] or []
    _write(file, document, [_removal(document.text, sequence, index)], expected)


def _read(file: Path) -> Document:
    body = file.read_bytes() if file.exists() else b""
    document = read_document(str(file), body, None, MAX_SIZE["sources.yaml"])
    _refuse_problems(document)
    return document


def _refuse_problems(document: Document) -> None:
    problems = [*document.problems, *validated(document, SourcesFile)[1], *check_sources(document)]
    if problems:
        raise ConfigurationError(in_order(problems))


def _values(document: Document) -> dict[str, Any]:
    return document.value if isinstance(document.value, dict) else {}


def _listed(document: Document) -> list[Any]:
    return list(_values(document).get("sources") or [])


def _index(document: Document, source: str) -> int:
    ids = [item["id"] for item in _listed(document)]
    if source not in ids:
        raise UsageError(f"no source {source!r} in {document.file}")
    return ids.index(source)


def _value_node(node: Any, key: str) -> Any:
    """Return the node below a key of a mapping, None where there is none."""
    pairs = node.value if isinstance(node, MappingNode) else []
    return next((value for name, value in pairs if name.value == key), None)


def _additions(document: Document, node: Any, items: list[dict[str, Any]]) -> list[Splice]:
    """Return the splices that put items at the end of `sources`, in whatever form it stands."""
    text, root = document.text, document.root
    if isinstance(node, SequenceNode) and (node.value or root.flow_style):
        return _insertions(text, node, items)
    block = _rendered(items, 2)
    if node is not None and root.flow_style:  # {"sources": null}
        return [(node.start_mark.index, node.end_mark.index, json.dumps(items, ensure_ascii=False))]
    if node is not None:  # `sources:` with nothing, `null` or [] behind it
        [key] = [key for key, _ in root.value if key.value == "sources"]
        after = _line_end(text, key.end_mark.index)
        # An empty value has no place of its own: what counts is the line of its key.
        begin = min(len(text[: node.start_mark.index].rstrip(" ")), after)
        end = max(begin, min(node.end_mark.index, after))
        return [(begin, end, ""), (after, after, "\n" + block)]
    if root is not None and root.flow_style:  # {}
        member = f'"sources": {json.dumps(items, ensure_ascii=False)}'
        return [(root.end_mark.index - 1, root.end_mark.index - 1, member)]
    gap = "" if not text or text.endswith("\n") else "\n"
    return [(len(text), len(text), f"{gap}sources:\n{block}\n")]


def _insertions(text: str, sequence: Any, items: list[dict[str, Any]]) -> list[Splice]:
    """Return the splice that puts items behind the last one of a list."""
    if sequence.flow_style:
        written = ", ".join(json.dumps(item, ensure_ascii=False) for item in items)
        if not sequence.value:
            return [(sequence.end_mark.index - 1, sequence.end_mark.index - 1, written)]
        end = _content_end(sequence.value[-1])
        return [(end, end, ", " + written)]
    end = _line_end(text, _content_end(sequence.value[-1]))
    gap = "\n" if _are_spaced(text, sequence) else ""
    written = gap.join("\n" + _rendered([item], sequence.start_mark.column) for item in items)
    return [(end, end, gap + written)]


def _are_spaced(text: str, sequence: Any) -> bool:
    """Tell whether an empty line stands between the last two items."""
    if len(sequence.value) < 2:
        return False
    before, last = sequence.value[-2:]
    between = text[_content_end(before) : last.start_mark.index]
    return any(not line.strip() for line in between.splitlines()[1:])


def _removal(text: str, sequence: Any, index: int) -> Splice:
    """Return the splice that takes out one item: its lines, or in flow style it and a comma."""
    items = sequence.value
    start, end = items[index].start_mark.index, _content_end(items[index])
    if sequence.flow_style:
        if index + 1 < len(items):
            return start, items[index + 1].start_mark.index, ""
        return (_content_end(items[index - 1]) if index else start), end, ""
    start = text.rfind("-", 0, start)
    start = _line_start(text, start)
    end = _line_end(text, end)
    end += text[end : end + 2].startswith("\r\n") or 0
    end = min(end + 1, len(text))
    rest = text[end:]
    if text[:start].endswith(("\n\n", "\r\n\r\n")):  # do not leave two empty lines
        end += len(rest) - len(rest.lstrip("\r\n"))
    return start, end, ""


def _content_end(node: Any) -> int:
    """Return where the last character of a value is: block nodes' own marks lie behind comments."""
    while isinstance(node, MappingNode | SequenceNode) and not node.flow_style and node.value:
        last = node.value[-1]
        node = last[1] if isinstance(node, MappingNode) else last
    return int(node.end_mark.index)


def _line_end(text: str, offset: int) -> int:
    end = text.find("\n", offset)
    end = len(text) if end < 0 else end
    return end - 1 if text[offset:end].endswith("\r") else end


def _line_start(text: str, offset: int) -> int:
    return text.rfind("\n", 0, offset) + 1


def _rendered(items: list[dict[str, Any]], column: int) -> str:
    """Write items as a block list whose dashes stand at `column`; no line end behind it."""
    yaml = YAML()
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.width = 1_000_000
    stream = io.StringIO()
    yaml.dump(items, stream)
    pad = " " * column
    return "\n".join(pad + line[2:] for line in stream.getvalue().rstrip("\n").split("\n"))


def _write(file: Path, document: Document, splices: list[Splice], expected: dict[str, Any]) -> None:
    """Splice, read again, and replace the file if it then holds what was meant."""
    text = document.text
    line_end = "\r\n" if "\r\n" in text else "\n"
    for start, end, written in sorted(splices, reverse=True):
        text = text[:start] + written.replace("\n", line_end) + text[end:]
    body = text.encode("utf-8")
    result = read_document(document.file, body, None, MAX_SIZE["sources.yaml"])
    _refuse_problems(result)
    if _values(result) != expected:
        advice = "this file cannot be edited without changing something else in it: edit it by hand"
        raise ConfigurationError([f"{document.file}:1:1: {advice}"])
    target = file.resolve()  # a symbolic link stays one
    mode = target.stat().st_mode & 0o7777 if target.exists() else 0o644
    replace_file(target, body, mode=mode)
