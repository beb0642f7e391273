import os
import stat
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.errors import ConfigurationError, UsageError
from aggregator.settings.edit import add_source, add_sources, remove_source
from aggregator.settings.load import load

WRITTEN = """\
# My outlets
sources:   # the list

  # --- 毎日 ---
  - id: mainichi   # do not change
    name: "毎日新聞"
    every: 30m     # window of 20
    url: 'https://m.example/rss'   # flash

  - id: bbc
    # inner
    headers: {X-Key: "${NOT_SET}"}
    feeds:
        - url: https://b.example/1   # wide indentation
          every: 15m

  # - id: later
  #   url: https://later.example
# the end
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "sources.yaml"
    path.write_text(WRITTEN, encoding="utf-8")
    return path


def test_a_source_is_added_behind_the_last_and_nothing_else_changes(file):
    add_source(
        file, {"id": "new", "name": "新しい: 媒体", "url": "https://n.example", "keep_query": ["k"]}
    )
    added = """\

  - id: new
    name: '新しい: 媒体'
    url: https://n.example
    keep_query:
      - k
"""
    head, tail = WRITTEN.split("\n\n  # - id: later")
    assert file.read_text(encoding="utf-8") == f"{head}\n{added}\n  # - id: later{tail}"


def test_what_was_added_can_be_removed_without_a_trace(file):
    add_sources(
        file, [{"id": "x", "url": "https://x.example"}, {"id": "y", "url": "https://y.example"}]
    )
    remove_source(file, "x")
    remove_source(file, "y")
    assert file.read_text(encoding="utf-8") == WRITTEN


def test_a_removed_source_takes_its_inner_comments_along_and_no_others(file):
    remove_source(file, "bbc")
    head, _ = WRITTEN.split("  - id: bbc")
    assert file.read_text(encoding="utf-8") == head + WRITTEN[WRITTEN.index("  # - id: later") :]


@pytest.mark.parametrize(
    "text",
    [
        "", "# only a comment", "sources:\n", "sources:", "sources: []\n", "sources: null # x\n# - id: x\n", "{}",
        '{"sources": []}', '{"sources": null}', '{"sources": [{"id": "q", "url": "https://q.example"}]}',
        "sources: [{id: a, url: 'https://a.example'},\n  ]", "sources:\n- id: a\n  url: https://a.example",
        "sources:\r\n  - id: a\r\n    url: https://a.example\r\n# c\r\n", "\ufeffsources:\n  - {id: a, url: https://a.example}\n",
    ],
)  # fmt: skip
def test_every_way_to_write_the_list_can_be_edited(tmp_path: Path, text: str):
    file = tmp_path / "sources.yaml"
    file.write_bytes(text.encode())
    before = load(tmp_path, {}).sources
    add_source(file, {"id": "new", "url": "https://n.example"})
    *others, new = load(tmp_path, {}).sources
    assert (tuple(others), new.id) == (before, "new")
    assert ("\r\n" in text) == (b"\r\n" in file.read_bytes())
    remove_source(file, "new")
    assert load(tmp_path, {}).sources == before


def test_a_file_that_is_not_there_is_made(tmp_path: Path):
    add_source(tmp_path / "sources.yaml", {"id": "a", "url": "https://a.example"})
    assert (
        tmp_path / "sources.yaml"
    ).read_text() == "sources:\n  - id: a\n    url: https://a.example\n"


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ({"id": "bbc", "url": "https://n.example"}, "the id 'bbc' is taken in line 10"),
        ({"id": "n", "url": "https://M.example:443/rss"}, "the same feed as in line 8"),
        ({"id": "n", "url": "ftp://n.example"}, "must be a URL"),
        ({"id": "N", "url": "https://n.example"}, "must be a slug"),
        ({"id": "n"}, "needs `url`"),
    ],
)
def test_an_edit_that_would_break_the_file_leaves_it_alone(file, source, reason):
    with pytest.raises(ConfigurationError, match=reason):
        add_source(file, source)
    assert file.read_text(encoding="utf-8") == WRITTEN
    assert [path.name for path in file.parent.iterdir()] == ["sources.yaml"]


def test_a_broken_file_is_not_edited(file):
    file.write_text("sources: [")
    with pytest.raises(ConfigurationError, match="not valid YAML"):
        add_source(file, {"id": "n", "url": "https://n.example"})
    assert file.read_text() == "sources: ["


def test_a_source_that_is_not_there_is_named(file):
    with pytest.raises(UsageError, match="no source 'x'"):
        remove_source(file, "x")


def test_the_mode_and_a_symbolic_link_are_kept(tmp_path: Path):
    real = tmp_path / "elsewhere.yaml"
    real.write_text("sources: []")
    real.chmod(0o640)
    link = tmp_path / "sources.yaml"
    link.symlink_to(real)
    add_source(link, {"id": "a", "url": "https://a.example"})
    assert link.is_symlink()
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    assert "https://a.example" in real.read_text()


def test_a_disk_that_is_full_leaves_the_old_file(file, monkeypatch: pytest.MonkeyPatch):
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        add_source(file, {"id": "n", "url": "https://n.example"})
    assert file.read_text(encoding="utf-8") == WRITTEN
    assert [path.name for path in file.parent.iterdir()] == ["sources.yaml"]


@settings(max_examples=40)
@given(
    st.text(st.characters(categories=("L", "N", "P", "S", "Zs")), min_size=1, max_size=40).filter(
        lambda text: text.strip() == text and "${" not in text
    )
)
def test_any_name_is_written_so_that_it_reads_back(
    tmp_path_factory: pytest.TempPathFactory, name: str
):
    file = tmp_path_factory.mktemp("edit") / "sources.yaml"
    add_source(file, {"id": "a", "name": name, "url": "https://a.example"})
    assert load(file.parent, {}).sources[0].name == name
