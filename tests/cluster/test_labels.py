"""The hand-made story labels are what the fit and the benchmarks take them for."""

import re
from collections import Counter
from pathlib import Path

import pytest

FILES = sorted((Path(__file__).parent / "labels").glob("*.tsv"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_file_of_labels_names_its_stream_and_holds_ids_without_text(file):
    head, *lines = file.read_text(encoding="utf-8").splitlines()
    assert re.match(r"# stream: (?:(?:[\w.-]+/)?[\w.-]+\.jsonl ?)+; ", head)
    assert all(re.fullmatch(r"[0-9a-f]{12}\t(?:[.?]|[\w.-]+)", line) for line in lines)
    assert len({line.split("\t")[0] for line in lines}) == len(lines)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_named_story_has_several_reports(file):
    marks = [line.split("\t")[1] for line in file.read_text(encoding="utf-8").splitlines()[1:]]
    counts = Counter(mark for mark in marks if mark not in ".?")
    assert counts
    assert min(counts.values()) > 1
