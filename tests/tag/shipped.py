"""The topics that the project ships, read without the rooms above tag."""

from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from aggregator.model.topic import Near, Topic
from tests.tag.build import Written, topic

ROOT = Path(__file__).resolve().parents[2]


def shipped_topics() -> list[Topic]:
    raw: dict[str, Any] = YAML(typ="safe").load(ROOT / "config" / "topics.yaml")
    return [_topic(entry) for entry in raw["topics"]]


def _topic(raw: dict[str, Any]) -> Topic:
    aliases: dict[str, list[Written]] = raw.get("aliases", {})

    def expanded(terms: list[Written]) -> list[Written]:
        return [
            inner
            for one in terms
            for inner in (
                aliases[one[1:]] if isinstance(one, str) and one.startswith("$") else [one]
            )
        ]

    near = raw.get("near", 40)
    return topic(
        *(expanded(terms) for terms in raw["all"]),
        id=raw["id"],
        never=tuple(expanded(raw.get("not", []))),
        weights=raw.get("weights"),
        near=Near(near) if isinstance(near, str) else near,
        threshold=raw.get("threshold", 2),
    )
