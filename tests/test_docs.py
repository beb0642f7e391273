"""The documentation keeps up with the product."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from aggregator.cli.app import app
from aggregator.settings.json_schema import schemas

ROOT = Path(__file__).parents[1]


def commands() -> Iterator[str]:
    """Yield every command as it is typed, groups spelt out."""
    root: Any = get_command(app)
    for name, command in root.commands.items():
        for inner in getattr(command, "commands", {}):
            yield f"{name} {inner}"
        if not hasattr(command, "commands"):
            yield name


def keys(schema: dict[str, Any]) -> Iterator[str]:
    """Yield every key that a configuration file may hold."""
    for part in (schema, *schema.get("$defs", {}).values()):
        yield from part.get("properties", {})


@pytest.mark.parametrize("command", sorted(commands()))
def test_every_command_is_in_the_reference(command):
    group, _, inner = command.partition(" ")
    rows = [
        line
        for line in (ROOT / "docs/reference.md").read_text().splitlines()
        if line.startswith("| `") and re.search(rf"`{re.escape(group)}\b", line)
    ]
    assert any(re.search(rf"`[^`]*\b{re.escape(inner or group)}\b", row) for row in rows)


def test_every_command_of_the_reference_is_there():
    text = (ROOT / "docs/reference.md").read_text()
    table = text.partition("| command | does |")[2].partition("\n\n")[0]
    named = set(re.findall(r"^\| `([a-z]+)", table, re.MULTILINE))
    assert len(named) > 20
    assert not named - {command.partition(" ")[0] for command in commands()}


@pytest.mark.parametrize("name", sorted(schemas()))
def test_every_setting_is_in_the_shipped_file_that_has_it(name):
    text = (ROOT / "config" / Path(name).with_suffix(".yaml").name).read_text()
    missing = {key for key in keys(schemas()[name]) if not re.search(rf"\b{key}\b", text)}
    assert not missing


def test_every_room_is_in_the_architecture():
    text = (ROOT / "docs/architecture.md").read_text()
    rooms = [
        path.name for path in (ROOT / "aggregator").iterdir() if (path / "__init__.py").exists()
    ]
    assert len(rooms) > 15
    assert not [room for room in rooms if f"| `{room}/` |" not in text]


def test_every_module_that_the_architecture_names_exists():
    text = (ROOT / "docs/architecture.md").read_text()
    named = set(re.findall(r"`([a-z_]+/[a-z_/]+\.py)`", text)) | set(
        re.findall(r"\b(pipeline/[a-z_]+\.py)", text)
    )
    assert named
    assert not [name for name in named if not (ROOT / "aggregator" / name).exists()]


def test_links_between_our_documents_lead_somewhere():
    broken = []
    for document in (*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")):
        for target in re.findall(r"\]\(([^)#:]+?)(?:#[^)]*)?\)", document.read_text()):
            if not (document.parent / target).exists():
                broken.append(f"{document.name}: {target}")
    assert not broken
