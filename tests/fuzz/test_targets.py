"""Every target over its seeds, over what fuzzing found before, and over random changes of both."""

import importlib.util
import random
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fuzz.targets import TARGETS, seeds_of

CASES = [(name, file) for name in TARGETS for file in sorted(seeds_of(name).iterdir())]


@pytest.mark.parametrize(("name", "file"), CASES, ids=[f"{n}-{f.name}" for n, f in CASES])
def test_every_seed_is_taken(name, file):
    TARGETS[name](file.read_bytes())


@pytest.mark.parametrize("name", TARGETS)
def test_any_bytes_are_taken(name):
    @given(st.binary(max_size=300))
    def taken(data):
        TARGETS[name](data)

    taken()


@pytest.mark.parametrize(("name", "file"), CASES, ids=[f"{n}-{f.name}" for n, f in CASES])
def test_seeds_with_random_damage_are_taken(name, file):
    dice, seed = random.Random(1), file.read_bytes()
    for _ in range(60):
        data = bytearray(seed)
        for _ in range(dice.randint(1, 8)):
            place = dice.randrange(len(data) + 1)
            piece = dice.choice(
                (b"<", b">", b"&", b'"', b"\0", b"]]>", b"<!--", bytes([dice.randrange(256)]))
            )
            data[place : place + dice.randint(0, 20)] = piece
        TARGETS[name](bytes(data))


@pytest.mark.slow
@pytest.mark.parametrize("name", TARGETS)
def test_coverage_guided_fuzzing_finds_nothing_in_half_a_minute(name, tmp_path):
    if importlib.util.find_spec("atheris") is None:
        pytest.skip("atheris is not installed (pip install atheris)")
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-m", "tests.fuzz", name, "-max_total_time=30"],
        cwd=tmp_path,
        env={"PYTHONPATH": str(root)},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
