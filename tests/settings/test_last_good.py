import stat
from pathlib import Path

import pytest

from aggregator.errors import ConfigurationError
from aggregator.settings.last_good import load_or_last_good

GOOD = 'sources: [{id: a, url: "https://a.example/${KEY}", headers: {X: "${KEY}"}}]'


@pytest.fixture
def config(tmp_path: Path) -> Path:
    directory = tmp_path / "config"
    directory.mkdir()
    (directory / "sources.yaml").write_text(GOOD)
    return directory


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


def test_a_good_configuration_is_kept_without_its_secrets(config, data):
    configuration, problems = load_or_last_good(config, data, {"KEY": "s3cr3t"})
    assert problems == ()
    assert configuration.sources[0].feeds[0].url == "https://a.example/s3cr3t"
    [copy] = data.iterdir()
    assert "s3cr3t" not in copy.read_text()
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600


@pytest.mark.parametrize("broken", ["sources: [", "sources: [{id: a}]", "\0", "sources: {}"])
def test_a_broken_file_leaves_the_last_good_one_in_force(config, data, broken):
    good, _ = load_or_last_good(config, data, {"KEY": "1"})
    (config / "sources.yaml").write_text(broken)
    for _ in range(2):  # over a restart too
        configuration, problems = load_or_last_good(config, data, {"KEY": "1"})
        assert configuration == good
        assert problems
        assert all(problem.startswith(f"{config}/sources.yaml:1:") for problem in problems)


def test_a_mended_file_takes_effect_again(config, data):
    load_or_last_good(config, data, {"KEY": "1"})
    (config / "sources.yaml").write_text("sources: [")
    load_or_last_good(config, data, {"KEY": "1"})
    (config / "sources.yaml").write_text("sources: [{id: b, url: https://b.example}]")
    configuration, problems = load_or_last_good(config, data, {"KEY": "1"})
    assert ([source.id for source in configuration.sources], problems) == (["b"], ())


def test_without_a_good_copy_the_error_is_raised(config, data):
    (config / "sources.yaml").write_text("sources: [")
    with pytest.raises(ConfigurationError):
        load_or_last_good(config, data, {})


def test_a_file_that_is_gone_counts_as_broken_until_an_empty_one_stands_there(config, data):
    good, _ = load_or_last_good(config, data, {"KEY": "1"})
    (config / "sources.yaml").unlink()
    configuration, problems = load_or_last_good(config, data, {"KEY": "1"})
    assert configuration == good
    assert problems == (
        f"{config}/sources.yaml:1:1: the file is gone; put it back, or leave an empty one to go without it",
    )
    (config / "sources.yaml").write_text("")
    configuration, problems = load_or_last_good(config, data, {"KEY": "1"})
    assert (configuration.sources, problems) == ((), ())


def test_the_copy_of_another_directory_is_not_taken(config, data, tmp_path):
    load_or_last_good(config, data, {"KEY": "1"})
    other = tmp_path / "other"
    other.mkdir()
    (other / "outputs.yaml").write_text("outputs: []")
    configuration, problems = load_or_last_good(other, data, {})
    assert (configuration.sources, problems) == ((), ())
    (config / "sources.yaml").write_text("sources: [")
    with pytest.raises(ConfigurationError):
        load_or_last_good(config, data, {"KEY": "1"})


def test_a_copy_that_no_longer_loads_gives_the_problems_of_the_present_files(config, data):
    load_or_last_good(config, data, {"KEY": "1"})
    (config / "sources.yaml").write_text("sources: [")
    with pytest.raises(ConfigurationError, match="not valid YAML"):
        load_or_last_good(config, data, {})


def test_a_damaged_copy_is_as_none(config, data):
    load_or_last_good(config, data, {"KEY": "1"})
    [copy] = data.iterdir()
    copy.write_text("[1]")
    (config / "sources.yaml").write_text("sources: [")
    with pytest.raises(ConfigurationError):
        load_or_last_good(config, data, {"KEY": "1"})
