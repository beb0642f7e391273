"""Every row of the reliability sheet (A inputs, B faults, C politeness, D security) is a test of its name.

`test_a07_...` proves A7, `test_a52_a54_...` both. `python -m pytest -k b33` runs the tests of a row.
"""

import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
ROWS = {"a": 74, "b": 36, "c": 26, "d": 8}
MEASURED = {
    "b20": "5,000 feeds and 100,000 entries: benchmarks/pages.py, benchmarks/restart.py",
}


def rows_with_tests() -> set[str]:
    rows = set[str]()
    for file in TESTS.rglob("test_*.py"):
        for name in re.findall(r"def test_((?:[abcd]\d\d_)+)", file.read_text("utf-8")):
            rows.update(name.strip("_").split("_"))
    return rows


@pytest.mark.parametrize("table", ROWS)
def test_every_row_has_a_test(table: str) -> None:
    wanted = {f"{table}{number:02}" for number in range(1, ROWS[table] + 1)} - MEASURED.keys()
    found = {row for row in rows_with_tests() if row[0] == table}
    assert sorted(wanted - found) == []
    assert sorted(found - wanted) == []
