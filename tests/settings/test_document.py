import time

import pytest

from aggregator.settings.document import read_document

MEBIBYTE = 1024 * 1024


def read(body: bytes | str, environment=None):
    raw = body.encode("utf-8", "surrogatepass") if isinstance(body, str) else body
    return read_document("x.yaml", raw, environment or {}, MEBIBYTE)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"a: 1\nb: \xff\n", "x.yaml:2:4: not UTF-8 text"),
        ("a: 1\n".encode("utf-16"), "x.yaml:1:1: not UTF-8 text"),
        ("a: 1\nb: x\0y\n", "x.yaml:2:5: the character U+0000 is not allowed here"),
        ("a: \x1b[31m", "x.yaml:1:4: the character U+001B is not allowed here"),
        ("a: 'x\u2028y'", "x.yaml:1:6: the character U+2028 is not allowed here"),
        ('a: "x\\0y"', "x.yaml:1:1: a: the character U+0000 is not allowed here"),
        ('a: "\\ud800"', "x.yaml:1:1: a: the character U+D800 is not allowed here"),
        ('"a\\0": 1', "x.yaml:1:1: a key holds a control character"),
        ("a:\n\tb: 1", "x.yaml:2:1: not valid YAML: a tab; YAML indents with spaces"),
        (
            "a: b: c",
            "x.yaml:1:5: not valid YAML: a second ': ' on the line: put the text in quotes, or mend the indentation",
        ),
        (
            "a: @x",
            "x.yaml:1:4: not valid YAML: found character '@' that cannot start any token: put the text in quotes",
        ),
        ("a: 'x\n", "x.yaml:2:1: not valid YAML: found unexpected end of stream"),
        ("a: *b", "x.yaml:1:4: not valid YAML: found undefined alias 'b'"),
        (
            "a: 1\n---\nb: 2",
            "x.yaml:2:1: not valid YAML: a second document begins here (---): one file holds one",
        ),
        ("a: 1\nb: &x [*x]", "x.yaml:2:4: an alias refers to what it stands in"),
        ("[" * 40 + "]" * 40, "x.yaml:1:33: nested deeper than 32 levels"),
        ("a: 1\na: 2", "x.yaml:2:1: a: the key is given twice"),
        ("? [a, b]\n: 1", "x.yaml:1:3: a key must be plain text"),
        ("a: !!python/object:os.system x", "x.yaml:1:1: a: the tag '!!python/object:os.system' is not allowed"),
        ("a: !!binary aGk=", "x.yaml:1:1: a: the tag '!!binary' is not allowed"),
        ("a: !mine {b: 1}", "x.yaml:1:1: a: the tag '!mine' is not allowed"),
        ("a: !!bool maybe", "x.yaml:1:1: a: must be true or false"),
        ("%YAML 1.1\n---\na: yes", "x.yaml:3:1: a: must be true or false"),
        ("a: .inf", "x.yaml:1:1: a: must be a finite number"),
        ("a: 1e999", "x.yaml:1:1: a: must be a finite number"),
        (f"a: {'9' * 5000}", "x.yaml:1:1: a: not a number that can be read"),
        ("#" * MEBIBYTE + "#", "x.yaml:1:1: the file is larger than 1 MiB"),
    ],
)  # fmt: skip
def test_a69_what_is_refused_and_where(body, expected):
    assert [problem.written() for problem in read(body).problems] == [expected]


def test_a69_aliases_that_make_a_file_explode_are_refused_at_once():
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 20)]
    begin = time.monotonic()
    document = read("\n".join(lines))
    assert time.monotonic() - begin < 2
    assert not document.readable
    [problem] = document.problems
    assert problem.message == "aliases (*name) make the file more than ten times as long as it is"


def test_values_of_yaml_1_2():
    values = (
        "a: no\nb: 010\nc: 07:30\nd: 2026-12-31\ne: 1_000\nf: 0x1F\ng: -1.5\nh: true\ni: ~\nj: '5'"
    )
    assert read(values).value == {
        "a": "no", "b": 10, "c": "07:30", "d": "2026-12-31", "e": 1000, "f": 31, "g": -1.5, "h": True, "i": None, "j": "5",
    }  # fmt: skip


def test_a_byte_order_mark_shifts_no_column():
    [problem] = read(b"\xef\xbb\xbfa: !x y").problems
    assert (problem.line, problem.column) == (1, 1)


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_lines_count_as_in_an_editor(line_end):
    document = read(line_end.join(["# 日本", "a:", "  - 1", "  - b: 1", "    '日本': !x 1", ""]))
    [problem] = document.problems
    assert problem.written().startswith("x.yaml:5:5: a[1].日本: ")


def test_a_path_that_ends_early_has_the_place_of_what_is_there():
    document = read("a:\n  b: 1\n  c: [1, 2]\n")
    assert document.place_of(("a", "c", 1)) == (3, 10)
    assert document.place_of(("a", "c", 7)) == (3, 3)
    assert document.place_of(("a", "x", "y")) == (1, 1)
    assert document.place_of(("a", "b", "y")) == (2, 3)


def test_without_an_environment_variables_stay_as_written():
    document = read_document("x.yaml", b"a: ${A}\nb: [x, '${B}']", None, MEBIBYTE)
    assert document.value == {"a": "${A}", "b": ["x", "${B}"]}
    assert document.variables == {("a",), ("b", 1)}


def test_a_variable_with_a_control_character_is_refused():
    [problem] = read("a: ${A}", {"A": "x\ny\x00"}).problems
    assert problem.message == "the environment variable A holds a control character"
