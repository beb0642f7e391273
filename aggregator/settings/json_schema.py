"""JSON Schemas of the four files, for editors that complete and check while one types."""

import json
import sys
from pathlib import Path
from typing import Any

from aggregator.settings.schema import FILES


def schemas() -> dict[str, dict[str, Any]]:
    """Return each schema by the name of its file, such as `sources.json`."""
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    return {
        name.replace(".yaml", ".json"): head | model.model_json_schema()
        for name, model in FILES.items()
    }


def schema_text(schema: dict[str, Any]) -> str:
    """Write a schema as its file in config/schema holds it."""
    return json.dumps(schema, ensure_ascii=False, indent=2) + "\n"


def write_schemas(directory: Path) -> None:
    """Write every schema as its file: `python -m aggregator.settings.json_schema config/schema`."""
    for name, schema in schemas().items():
        (directory / name).write_text(schema_text(schema), encoding="utf-8")


if __name__ == "__main__":
    write_schemas(Path(sys.argv[1]))
