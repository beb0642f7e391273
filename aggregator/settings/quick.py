"""Composes plain YAML by ruamel's C parser, where it is installed: eighteen times as fast.

That parser is libyaml, which knows YAML 1.1. Scalars are resolved here as in 1.2, and a text with
anything in it that the two read otherwise is not composed at all: so what is composed has the
values that ruamel's own parser finds (tests/settings/test_quick.py). Their places may differ by
the space before an empty value.
"""

import re
from typing import Any, Final

import ruamel.yaml.main
from ruamel.yaml.error import YAMLError
from ruamel.yaml.resolver import Resolver
from typing_extensions import override

_CParser: Any = ruamel.yaml.main.CParser  # type: ignore[attr-defined]  # None where it is not installed
# Tabs, anchors, aliases, tags, directives, the end of a document, a comment on a block's mark.
_PARTICULAR: Final = re.compile(
    r"""\t|(?:^|[\s,\[\]{}]|["']:)[&*!]|^%|^\.\.\.|[|>]#""", re.MULTILINE
)


class NotPlain(Exception):
    """The text, whether right or wrong, is for the thorough parser."""


def compose_quickly(text: str, max_depth: int) -> Any:
    """Return the node tree of a text, None for an empty one.

    Raises:
        NotPlain: there is no C parser, or the text is not certainly right and plain.
    """
    if _CParser is None or _PARTICULAR.search(text):
        raise NotPlain
    try:
        return _Composer(text, max_depth).get_single_node()
    except YAMLError as error:
        raise NotPlain from error


class _Absent:
    """Stands where the C parser would."""


class _Composer(_CParser or _Absent, Resolver):  # type: ignore[misc]  # C code without stubs
    """The parser with the methods that it wants to find on itself."""

    def __init__(self, text: str, max_depth: int) -> None:
        _CParser.__init__(self, text)
        Resolver.__init__(self, loadumper=self)
        self._left = max_depth + 1

    @override
    def descend_resolver(self, current_node: Any, current_index: Any) -> None:
        self._left -= 1  # the C code recurses: a million brackets would overflow its stack
        if self._left < 0:
            raise NotPlain

    @override
    def ascend_resolver(self) -> None:
        self._left += 1
