"""The C parser's values are those of the thorough one, or it does not answer."""

from pathlib import Path

import pytest
import ruamel.yaml.main
from hypothesis import given
from hypothesis import strategies as st

from aggregator.settings.document import read_document
from aggregator.settings.quick import NotPlain, read_quickly

CONFIG = Path(__file__).parents[2] / "config"
SHIPPED = [path.read_text("utf-8") for path in sorted(CONFIG.glob("*.yaml"))]
KINDS = (
    "a: {b: [1, 2,], c: 'x''y', \"d\": \"\\/\\u00e9\"}\n",
    "- >-\n  folded\n  text\n\n  more\n- |+\n  keep\n\n- plain\n  goes on\n- ~\n- 0o17\n- 017\n- 1_000\n",
    "- 1e3\n- .5\n- 2001-01-01\n- 12:30\n- yes\n- on\n- No\n- true\n- Null\n- 0x1F\n- +1\n- .inf\n- 1e999\n",
    "? k\n: v\n? [1]\n: 2\na: 1\na: 2\n",
    '{a: 1, b : 2, "c":3, e: http://x:80/y?z=1&w=2#v}\n',
    'x: [a b, c: d, -1, - f]\n# c\ny: "several\n  lines\\\n  end"\n<<: {a: 1}\nz: =\n',
)
PIECES = (
    ":", " ", "\n", "- ", "? ", "[", "]", "{", "}", ",", "#", " #", "'", '"', "&a", "*a", "!", "!!str ", "|",
    ">", "%", "@", "`", "~", "yes", "\t", "\\", "\r\n", "---", "...", "\n  ", "\n\n", "0o7", "<<", "日本", "：",
)  # fmt: skip

with_c_parser = pytest.mark.skipif(
    ruamel.yaml.main.CParser is None,  # type: ignore[attr-defined]
    reason="ruamel.yaml.clib is not installed: every file is read by the thorough parser",
)


@st.composite
def texts(draw: st.DrawFn) -> str:
    """Draw some lines of a shipped file, or of a text with every kind of value, broken in places."""
    text = draw(st.sampled_from((*SHIPPED, *KINDS)))
    lines = text.splitlines(keepends=True)
    start = draw(st.integers(0, max(len(lines) - 8, 0)))
    text = "".join(lines[start : start + 8]) if len(lines) > 12 else text
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(text)))
        text = text[:at] + draw(st.sampled_from(PIECES)) + text[at + draw(st.integers(0, 2)) :]
    return text


def read(text: str, *, quickly: bool) -> tuple[object, list[str]]:
    document = read_document("x.yaml", text.encode(), {}, 1 << 20, quickly=quickly)
    return document.value, [problem.message for problem in document.problems]


@given(text=texts())
def test_the_quick_values_are_the_thorough_ones(text: str):
    assert read(text, quickly=True) == read(text, quickly=False)


@with_c_parser
@pytest.mark.parametrize("text", SHIPPED)
def test_what_people_write_is_read_quickly(text: str):
    assert read_quickly(text, 32, lambda node, path: node.value) is not None


@with_c_parser
@pytest.mark.parametrize(
    "text",
    [
        "[" * 500_000,
        "- " * 500_000,
        "a: &b 1",
        "a: !x 1",
        "a:\t1",
        "%YAML 1.1\n---\na: yes",
        "a: [",
        "a: 1\na: 2",
        "? [a]\n: 1",
        '"\\a": 1',
        "a: 1\n---\nb: 2",
        "|\n# no comment\n",
    ],
)
def test_what_is_deep_or_particular_or_wrong_is_left_to_the_thorough_parser(text: str):
    with pytest.raises(NotPlain):
        read_quickly(text, 32, lambda node, path: node.value)
