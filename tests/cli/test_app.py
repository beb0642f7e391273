"""The command line as a person meets it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from aggregator.cli.app import hoist


def call(*arguments: str, cwd, typed: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "aggregator", *arguments],
        input=typed,
        capture_output=True,
        text=True,
        cwd=cwd,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])},
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(
    ("typed", "run"),
    [
        (["poll", "--data", "d"], ["--data", "d", "poll"]),
        (["--data", "d", "poll", "-v"], ["--data", "d", "-v", "poll"]),
        (["poll", "--config=c", "x"], ["--config=c", "poll", "x"]),
        (["search", "--", "--data"], ["search", "--", "--data"]),
        (["poll", "--data"], ["--data", "poll"]),
    ],
)
def test_global_options_may_stand_before_or_after_the_command(typed, run):
    assert hoist(typed) == run


def test_a_broken_configuration_ends_with_two_and_names_every_place(tmp_path):
    config = tmp_path / "config"
    config.mkdir()
    (config / "sources.yaml").write_text("sources:\n  - id: Bad Id\n    url: http://a.example/\n")
    (config / "settings.yaml").write_text("langauge: ja\n")
    done = call("check", cwd=tmp_path)
    assert done.returncode == 2
    assert "config/sources.yaml:2:5: sources[0].id:" in done.stderr
    assert "config/settings.yaml:1:1: langauge:" in done.stderr


def test_check_names_what_full_text_misses(tmp_path):
    config = tmp_path / "config"
    config.mkdir()
    (config / "sources.yaml").write_text(
        "sources:\n  - {id: minato, url: 'http://a.example/', full_text: true}\n"
    )
    assert "trafilatura" not in call("check", cwd=tmp_path).stdout
    without = (
        "import importlib.util as u, sys; find = u.find_spec\n"
        "u.find_spec = lambda name, *more: None if name == 'trafilatura' else find(name, *more)\n"
        "from aggregator.__main__ import main; sys.argv = ['aggregator', 'check']; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", without],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])},
        timeout=60,
        check=False,
    )
    assert done.returncode == 0
    assert "sources.yaml: minato: full_text: true needs trafilatura" in done.stdout
    assert "aggregator[fulltext]" in done.stdout


def test_an_unknown_command_is_wrong_usage(tmp_path):
    assert call("pol", cwd=tmp_path).returncode == 2


def test_the_version_is_printed(tmp_path):
    done = call("--version", cwd=tmp_path)
    assert done.returncode == 0
    assert done.stdout.startswith("aggregator 0.")


def test_reading_an_empty_archive_works_without_any_file(tmp_path):
    done = call("stats", "--json", cwd=tmp_path)
    assert done.returncode == 0
    assert '"entries": 0' in done.stdout


def test_import_reads_standard_input_and_names_the_first_lines_it_refuses(tmp_path):
    good = '{"source": "港町日報", "guid": "1", "title": "港の防波堤が完成"}\n'
    done = call("import", "-", cwd=tmp_path, typed=good + "{}\n" * 25)
    assert done.returncode == 1
    assert done.stdout == "26 lines: 1 new entries, 0 updated, 25 refused\n"
    assert done.stderr.splitlines()[0] == "-:2: source: is required"
    assert len(done.stderr.splitlines()) == 21
    assert done.stderr.endswith("and 5 more; -v names them all\n")
    assert "1 source   港の防波堤が完成" in call("stories", "list", cwd=tmp_path).stdout
    assert "  港町日報  港の防波堤が完成" in call("search", "防波堤", cwd=tmp_path).stdout
    again = call("import", "-", "-v", cwd=tmp_path, typed="{}\n" * 25)
    assert sum(": source: is required" in line for line in again.stderr.splitlines()) == 25


def test_token_prints_the_addresses_of_private_feeds_and_makes_one_to_sign_in_with(tmp_path):
    config = tmp_path / "config"
    config.mkdir()
    (config / "outputs.yaml").write_text("outputs: [{id: mine, title: 私, private: true}]\n")
    found = call("token", cwd=tmp_path)
    assert found.returncode == 0, found.stderr
    assert "/feeds/mine.rss?token=" in found.stdout
    assert "admin_token_hash: sha256:" in call("token", "--admin", cwd=tmp_path).stdout
