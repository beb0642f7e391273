"""One YAML file as plain values that know their place: the only reader of YAML.

The node tree is composed, never constructed: that gives every value its position at two thirds of
the cost of ruamel's round-trip loader, keeps tags from making objects, and lets an alias be counted
before it is expanded.
"""

import math
import re
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.composer import MaxDepthExceededError
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from aggregator.settings.problems import KeyPath, Problem, shortened
from aggregator.settings.quick import NotPlain, read_quickly

_MAX_DEPTH: Final = 32  # our own files need eight
_MAX_EXPANSION: Final = 10  # times the nodes written: what aliases may make of a file
_VARIABLE: Final = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_TAG: Final = "tag:yaml.org,2002:"
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_LINE_END: Final = re.compile(r"\r\n|\n|\r")
# C0 but tab and line ends, DEL, C1, the Unicode line ends that editors and YAML count differently,
# surrogates, non-characters.
_UNPRINTABLE: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]"
)


class FromEnvironment(str):
    """Text that holds an environment variable's value, and how it was written: what messages may show."""

    __slots__ = ("written",)
    written: str

    def __new__(cls, value: str, written: str) -> "FromEnvironment":
        """Join the two."""
        made = super().__new__(cls, value)
        made.written = written
        return made


def quoted(value: object) -> str:
    """Return a value as a message may show it: never the content of an environment variable."""
    written = value.written if isinstance(value, FromEnvironment) else value
    return shortened(repr(written) if isinstance(written, str) else str(written))


@dataclass(slots=True, kw_only=True)
class Document:
    """The values of one file, and the place of each."""

    file: str  # as messages name it
    text: str = ""
    root: Any = None  # ruamel's node tree; None for an empty, unreadable or quickly read file
    value: object = None
    readable: bool = True  # False: it could not be read as YAML, nothing is known of its content
    problems: list[Problem] = field(default_factory=list)
    line_starts: list[int] = field(default_factory=list)  # offsets; filled when first asked for
    variables: set[KeyPath] = field(default_factory=set)  # values left as `${NAME}`

    def problem(self, path: KeyPath, message: str) -> Problem:
        """Return a problem of the value at `path`, or of the nearest value around it that exists."""
        line, column = self.place_of(path)
        return Problem(file=self.file, line=line, column=column, path=path, message=message)

    def place_of(self, path: KeyPath) -> tuple[int, int]:
        """Return the line and column of a key or item, or of the nearest around it that exists."""
        return self.place(_offset(self.root, path))

    def place(self, offset: int) -> tuple[int, int]:
        """Return the 1-based line and column of a character, as editors count them."""
        if not self.line_starts:
            self.line_starts = [0, *(end.end() for end in _LINE_END.finditer(self.text))]
        line = bisect_right(self.line_starts, offset)
        return line, offset - self.line_starts[line - 1] + 1


def read_document(
    file: str,
    body: bytes,
    environment: Mapping[str, str] | None,
    max_size: int,
    *,
    quickly: bool = False,
) -> Document:
    """Read one file's bytes; whatever is wrong is in the document's `problems`.

    Args:
        file: The name that messages give it.
        body: UTF-8 YAML 1.2, which JSON is too.
        environment: For `${NAME}`; None leaves these as they are written.
        max_size: In bytes; a longer body is not read at all.
        quickly: The values are wanted, and no exact places: whoever finds a problem reads anew.
    """
    document = Document(file=file, readable=False)
    if len(body) > max_size:
        _refuse(document, 0, f"the file is larger than {max_size // (1024 * 1024)} MiB")
        return document
    try:
        document.text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        document.text = body[: error.start].decode("utf-8-sig")
        _refuse(document, len(document.text), "not UTF-8 text")
        return document
    if unprintable := _UNPRINTABLE.search(document.text):
        name = f"U+{ord(unprintable.group()):04X}"
        _refuse(document, unprintable.start(), f"the character {name} is not allowed here")
        return document
    if quickly and _read_quickly(document, environment):
        return document
    if _compose(document):
        document.readable = True
        reader = _Reader(document, environment)
        document.value = reader.value(document.root, ()) if document.root is not None else None
    return document


def _read_quickly(document: Document, environment: Mapping[str, str] | None) -> bool:
    """Read the values alone, without their places; tell whether that could be done."""
    reader = _Reader(document, environment)
    try:
        document.value = read_quickly(document.text, _MAX_DEPTH, reader.scalar)
    except NotPlain:
        document.problems.clear()  # the thorough parser finds them again
        document.variables.clear()
        return False
    document.readable = True
    return True


def _compose(document: Document) -> bool:
    """Compose the node tree; tell whether there is one to go on with."""
    yaml = YAML(typ="safe", pure=True)
    yaml.max_depth = _MAX_DEPTH
    yaml.composer.warn_double_anchors = False
    try:
        document.root = yaml.compose(document.text)
    except MaxDepthExceededError as error:
        _refuse(document, _mark(error), f"nested deeper than {_MAX_DEPTH} levels")
    except MarkedYAMLError as error:
        _refuse(document, _mark(error), f"not valid YAML: {_reason(error)}")
    except (YAMLError, ValueError) as error:
        _refuse(document, 0, f"not valid YAML: {shortened(str(error))}")
    else:
        return not _expands_too_far(document)
    return False


def _mark(error: MarkedYAMLError) -> int:
    mark = error.problem_mark or error.context_mark
    return int(mark.index) if mark is not None else 0


def _reason(error: MarkedYAMLError) -> str:
    """Return ruamel's words, and in plain ones what most often is behind them."""
    problem = " ".join(str(error.problem or error.context or "").split())
    if "'\\t'" in problem:
        return "a tab; YAML indents with spaces"
    if "cannot start any token" in problem:
        return f"{problem}: put the text in quotes"
    if "mapping values are not allowed" in problem:
        return "a second ': ' on the line: put the text in quotes, or mend the indentation"
    if problem == "but found another document":
        return "a second document begins here (---): one file holds one"
    return problem


def _refuse(document: Document, offset: int, message: str) -> None:
    line, column = document.place(offset)
    document.problems.append(
        Problem(file=document.file, line=line, column=column, path=(), message=message)
    )


def _expands_too_far(document: Document) -> bool:
    """Refuse aliases that refer to themselves, or make a file many times longer than it is."""
    sizes: dict[int, int] = {}
    open_nodes: set[int] = set()

    def size(node: Node) -> int:
        if id(node) in open_nodes:
            raise RecursionError(node.start_mark.index)
        if id(node) not in sizes:
            open_nodes.add(id(node))
            sizes[id(node)] = 1 + sum(map(size, _children(node)))
            open_nodes.discard(id(node))
        return sizes[id(node)]

    if document.root is None:
        return False
    try:
        expanded = size(document.root)
    except RecursionError as error:
        _refuse(document, int(error.args[0]), "an alias refers to what it stands in")
        return True
    if expanded > 1000 + _MAX_EXPANSION * len(sizes):
        _refuse(document, 0, "aliases (*name) make the file more than ten times as long as it is")
        return True
    return False


def _children(node: Node) -> list[Node]:
    if isinstance(node, MappingNode):
        return [part for pair in node.value for part in pair]
    return list(node.value) if isinstance(node, SequenceNode) else []


def _offset(node: Any, path: KeyPath) -> int:
    """Return where the key, or the list's item, at the end of `path` begins, as far as the path exists."""
    offset = node.start_mark.index if node is not None else 0
    for step in path:
        if isinstance(node, MappingNode):
            pairs = [(key, value) for key, value in node.value if key.value == step]
            if not pairs:
                break
            key, node = pairs[0]
            offset = key.start_mark.index
        elif isinstance(node, SequenceNode) and isinstance(step, int) and step < len(node.value):
            node = node.value[step]
            offset = node.start_mark.index
        else:
            break
    return int(offset)


class _Reader:
    """Turns nodes into plain values and notes what cannot be one."""

    def __init__(self, document: Document, environment: Mapping[str, str] | None) -> None:
        self.document = document
        self.environment = environment

    def note(self, path: KeyPath, message: str, node: Node | None = None) -> None:
        if node is None:
            self.document.problems.append(self.document.problem(path, message))
            return
        line, column = self.document.place(node.start_mark.index)
        self.document.problems.append(
            Problem(file=self.document.file, line=line, column=column, path=path, message=message)
        )

    def value(self, node: Node, path: KeyPath) -> object:
        tag = str(node.tag)
        if isinstance(node, MappingNode) and tag == f"{_TAG}map":
            return self.mapping(node, path)
        if isinstance(node, SequenceNode) and tag == f"{_TAG}seq":
            return [self.value(item, (*path, i)) for i, item in enumerate(node.value)]
        if isinstance(node, ScalarNode):
            return self.scalar(node, path)
        return self.refused(tag, path)

    def scalar(self, node: ScalarNode, path: KeyPath) -> object:
        tag = str(node.tag)
        match tag.removeprefix(_TAG):
            case "str" | "timestamp":
                return self.text(node, path)
            case "null":
                return None
            case "bool":
                return self.switch(node, path)
            case "int" | "float":
                return self.number(node, path)
            case _:  # !!binary, !!python/..., a name of the writer's own
                return self.refused(tag, path)

    def refused(self, tag: str, path: KeyPath) -> object:
        self.note(path, f"the tag {quoted(tag.replace(_TAG, '!!'))} is not allowed")
        return None

    def mapping(self, node: MappingNode, path: KeyPath) -> dict[str, object]:
        made: dict[str, object] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, ScalarNode):
                self.note(path, "a key must be plain text", key_node)
                continue
            key = str(key_node.value)
            if _UNPRINTABLE.search(key):
                self.note(path, "a key holds a control character", key_node)
            elif key in made:
                self.note((*path, key), "the key is given twice", key_node)
            else:
                made[key] = self.value(value_node, (*path, key))
        return made

    def switch(self, node: ScalarNode, path: KeyPath) -> bool | None:
        value = {"true": True, "false": False}.get(node.value.lower())
        if value is None:  # !!bool maybe, or a directive that asks for YAML 1.1
            self.note(path, "must be true or false")
        return value

    def number(self, node: ScalarNode, path: KeyPath) -> int | float | None:
        written = node.value.replace("_", "")
        try:
            if str(node.tag) == f"{_TAG}int":
                return int(written, 10 if written.lstrip("+-").isdecimal() else 0)
            number = float(written.replace(".inf", "inf").replace(".nan", "nan"))
        except ValueError:
            self.note(path, "not a number that can be read")
            return None
        if not math.isfinite(number):
            self.note(path, "must be a finite number")
            return None
        return number

    def text(self, node: ScalarNode, path: KeyPath) -> str:
        # JSON writes characters beyond U+FFFF as two escapes; YAML reads each by itself.
        written = str(node.value)
        if _SURROGATE.search(written):
            written = written.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")
        if unprintable := _UNPRINTABLE.search(written):
            name = f"U+{ord(unprintable.group()):04X}"
            self.note(path, f"the character {name} is not allowed here")
            return ""
        if not _VARIABLE.search(written):
            return written
        if self.environment is None:
            self.document.variables.add(path)
            return written
        return self.expanded(written, path, self.environment)

    def expanded(self, written: str, path: KeyPath, environment: Mapping[str, str]) -> str:
        """Put in environment variables; names that are not set are noted, each once."""
        names = dict.fromkeys(_VARIABLE.findall(written))
        for name in names:
            if name not in environment:
                self.note(path, f"the environment variable {name} is not set")
            elif _UNPRINTABLE.search(environment[name]):
                self.note(path, f"the environment variable {name} holds a control character")
        value = _VARIABLE.sub(lambda match: environment.get(match.group(1), ""), written)
        return FromEnvironment(value, written)
