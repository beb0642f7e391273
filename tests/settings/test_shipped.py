"""The configuration that the project ships: it loads, and it says what editors and people need."""

import re
from pathlib import Path
from typing import Any

import pytest

from aggregator.settings import starter
from aggregator.settings.configuration import Settings
from aggregator.settings.json_schema import schema_text, schemas, write_schemas
from aggregator.settings.load import load
from aggregator.settings.schema import FILES

CONFIG = Path(__file__).parents[2] / "config"
POLLED = ["mainichi", "jiji", "tbs", "nhk", "bbc-japanese"]


def test_the_shipped_configuration_loads_and_polls_five_outlets():
    configuration = load(CONFIG, {})
    assert configuration.settings == Settings()
    assert [source.id for source in configuration.sources if source.enabled] == POLLED
    assert [output.id for output in configuration.outputs][:2] == ["all", "combined"]
    topics = {topic.id for topic in configuration.topics}
    assert {"russia-ukraine", "us-russia", "ukraine-ceasefire"} <= topics
    assert topics <= {output.id for output in configuration.outputs}


def test_the_outlets_ready_to_enable_load_when_they_are_enabled(tmp_path: Path):
    text = (CONFIG / "sources.yaml").read_text(encoding="utf-8")
    head, ready = text.split("  # - id: bbc-world")
    enabled = re.sub(r"^  # ", "  ", "  # - id: bbc-world" + ready, flags=re.MULTILINE)
    (tmp_path / "sources.yaml").write_text(head + enabled, encoding="utf-8")
    ids = [source.id for source in load(tmp_path, {}).sources]
    assert ids == [*POLLED, "bbc-world", "aljazeera", "dw"]


@pytest.mark.parametrize("name", FILES)
def test_each_file_names_its_schema_for_editors(name):
    first = (CONFIG / name).read_text(encoding="utf-8").partition("\n")[0]
    assert first == f"# yaml-language-server: $schema=schema/{name.replace('.yaml', '.json')}"


@pytest.mark.parametrize("name", [name for name in FILES if name != "topics.yaml"])
def test_each_key_is_written_in_its_file_with_a_comment(name):
    text = (CONFIG / name).read_text(encoding="utf-8")
    keys = {
        key for model in _properties(schemas()[name.replace(".yaml", ".json")]) for key in model
    }
    assert not {key for key in keys if not re.search(rf"\b{key}\b", text)}


def _properties(schema: dict[str, Any]) -> list[dict[str, Any]]:
    models = [schema, *schema.get("$defs", {}).values()]
    return [model.get("properties", {}) for model in models]


@pytest.mark.parametrize("name", schemas())
def test_the_schemas_for_editors_are_current(name):
    """`python -m aggregator.settings.json_schema config/schema` writes them anew."""
    written = (CONFIG / "schema" / name).read_text(encoding="utf-8")
    assert written == schema_text(schemas()[name])


def test_schemas_show_defaults_as_one_writes_them(tmp_path: Path):
    write_schemas(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(schemas())
    polling = schemas()["settings.json"]["$defs"]["PollingModel"]["properties"]
    assert polling["min_interval"]["default"] == "15m"
    assert (polling["concurrency"]["minimum"], polling["concurrency"]["maximum"]) == (1, 1000)


def test_the_starter_is_the_shipped_configuration_and_overwrites_nothing(tmp_path: Path):
    (tmp_path / "settings.yaml").write_text("language: en")
    written = starter.write_starter(tmp_path)
    names = {str(path.relative_to(tmp_path)) for path in written}
    assert names == {*FILES, *(f"schema/{name}" for name in schemas())} - {"settings.yaml"}
    assert (tmp_path / "sources.yaml").read_bytes() == (CONFIG / "sources.yaml").read_bytes()
    assert load(tmp_path, {}).settings.language == "en"
    assert starter.write_starter(tmp_path) == ()


def test_a_wheel_carries_the_starter_in_the_package(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.setattr(starter, "_PACKAGED", tmp_path)
    (tmp_path / "sources.yaml").write_text("sources: []")
    assert starter.starter_directory() == tmp_path
    assert [path.name for path in starter.write_starter(tmp_path / "new")] == ["sources.yaml"]
