"""Reads plain YAML by ruamel's C parser, where it is installed: eighteen times as fast.

That parser is libyaml, which knows YAML 1.1. Scalars are resolved here as in 1.2, and a text with
anything in it that the two read otherwise is not read at all: so what is read has the values that
ruamel's own parser finds (tests/settings/test_quick.py). No tree of nodes is made of it, which took
3 KB for each source, and would say where a value stands; whoever needs that reads thoroughly.
"""

import re
from collections.abc import Callable
from typing import Any, Final

import ruamel.yaml.main
from ruamel.yaml.error import YAMLError
from ruamel.yaml.events import (
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)
from ruamel.yaml.nodes import ScalarNode
from ruamel.yaml.resolver import Resolver

from aggregator.settings.problems import KeyPath

ReadScalar = Callable[[ScalarNode, KeyPath], object]

_CParser: Any = ruamel.yaml.main.CParser  # type: ignore[attr-defined]  # None where it is not installed
_TEXT: Final = Resolver.DEFAULT_SCALAR_TAG
# Tabs, anchors, aliases, tags, directives, the end of a document, a comment on a block's mark.
_PARTICULAR: Final = re.compile(
    r"""\t|(?:^|[\s,\[\]{}]|["']:)[&*!]|^%|^\.\.\.|[|>]#""", re.MULTILINE
)


class NotPlain(Exception):
    """The text, whether right or wrong, is for the thorough parser."""


def read_quickly(text: str, max_depth: int, read_scalar: ReadScalar) -> object:
    """Return the value of a text, None for an empty one.

    Args:
        text: YAML.
        max_depth: of lists and mappings in each other.
        read_scalar: makes a value of a resolved scalar at a path, unless it is printable text without `$`.

    Raises:
        NotPlain: there is no C parser, or the text is not certainly right and plain.
    """
    if _CParser is None or _PARTICULAR.search(text):
        raise NotPlain
    try:
        return _Values(text, read_scalar).of_document(max_depth)
    except YAMLError as error:
        raise NotPlain from error


class _Values:
    """The values of one text, made as the parser comes by them."""

    def __init__(self, text: str, read_scalar: ReadScalar) -> None:
        self._next: Callable[[], Any] = _CParser(text).get_event
        self._resolve: Callable[[type, str, Any], Any] = Resolver(loadumper=self).resolve
        self._read_scalar = read_scalar

    def of_document(self, max_depth: int) -> object:
        self._next()  # the start of the stream
        if isinstance(self._next(), StreamEndEvent):
            return None
        root = self._next()
        if isinstance(root, ScalarEvent):  # a block's lines that begin with # are read otherwise
            raise NotPlain
        value = self._value(root, (), max_depth)
        self._next()  # the end of the document
        if isinstance(self._next(), DocumentStartEvent):
            raise NotPlain
        return value

    def _value(self, event: Any, path: KeyPath, depth: int) -> object:
        if isinstance(event, ScalarEvent):
            text: str = event.value
            tag = self._resolve(ScalarNode, text, event.implicit)
            if tag is _TEXT and "$" not in text and text.isprintable():
                return text  # as nearly every one is
            return self._read_scalar(ScalarNode(tag, text, event.start_mark), path)
        if depth == 0:  # a million brackets would overflow the stack
            raise NotPlain
        if isinstance(event, SequenceStartEvent):
            return self._list(path, depth - 1)
        if isinstance(event, MappingStartEvent):
            return self._mapping(path, depth - 1)
        raise NotPlain

    def _list(self, path: KeyPath, depth: int) -> list[object]:
        made: list[object] = []
        while not isinstance(event := self._next(), SequenceEndEvent):
            made.append(self._value(event, (*path, len(made)), depth))
        return made

    def _mapping(self, path: KeyPath, depth: int) -> dict[str, object]:
        made: dict[str, object] = {}
        while not isinstance(event := self._next(), MappingEndEvent):
            key = event.value if isinstance(event, ScalarEvent) else ""
            if key in made or not (key and key.isprintable()):
                raise NotPlain
            made[key] = self._value(self._next(), (*path, key), depth)
        return made
