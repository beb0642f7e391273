"""The API in OpenAPI 3.1, written by hand as data; a test holds it against the routes."""

from typing import Any, Final

MAX_LIMIT: Final = 200

_TIME: Final = {"type": ["string", "null"], "format": "date-time"}
_TEXT: Final = {"type": ["string", "null"]}
_STRINGS: Final = {"type": "array", "items": {"type": "string"}}


def _object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": list(properties), "properties": properties}


def _list_of(schema: str) -> dict[str, Any]:
    return {"type": "array", "items": {"$ref": f"#/components/schemas/{schema}"}}


_STORY: Final = _object(
    id={"type": "string"},
    title={"type": "string"},
    language=_TEXT,
    lead={"type": "string", "description": "id of the entry that stands for the story"},
    entries=_STRINGS,
    sources=_STRINGS,
    independent={"type": "integer", "description": "sources whose report is no copy of another's"},
    first_seen=_TIME,
    updated=_TIME,
    topics=_list_of("TopicMatch"),
)

SCHEMAS: Final[dict[str, Any]] = {
    "Story": _STORY,
    "StoryWithReports": {
        **_STORY,
        "required": [*_STORY["required"], "reports"],
        "properties": {**_STORY["properties"], "reports": _list_of("Entry")},
    },
    "Entry": _object(
        id={"type": "string"},
        source={"type": "string"},
        feed={"type": "string"},
        guid=_TEXT,
        url=_TEXT,
        canonical_url=_TEXT,
        title={"type": "string"},
        summary={"type": "string", "description": "as long as the configured audience may see"},
        author=_TEXT,
        published=_TIME,
        updated=_TIME,
        first_seen=_TIME,
        language=_TEXT,
        categories=_STRINGS,
        story=_TEXT,
        copy_of=_TEXT,
        topics=_list_of("TopicMatch"),
    ),
    "TopicMatch": _object(
        id={"type": "string"},
        score={"type": "number"},
        evidence={
            "type": "array",
            "items": _object(
                term={"type": "string"},
                field={"type": "string"},
                start={"type": "integer"},
                end={"type": "integer"},
                points={"type": "number"},
            ),
        },
        by={"enum": ["entry", "story"]},
    ),
    "Topic": _object(
        id={"type": "string"},
        names={"type": "object", "additionalProperties": {"type": "string"}},
    ),
    "Source": _object(
        id={"type": "string"},
        name={"type": "string"},
        homepage=_TEXT,
        language=_TEXT,
        enabled={"type": "boolean"},
        feeds={
            "type": "array",
            "items": _object(
                url={"type": "string"},
                title=_TEXT,
                standing={"type": "string"},
                failure=_TEXT,
                last_poll=_TIME,
                last_success=_TIME,
                next_poll=_TIME,
            ),
        },
    ),
    "Problem": _object(status={"type": "integer"}, detail={"type": "string"}),
}


def _parameter(name: str, description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "query", "description": description, "schema": schema}


def _paging(default: int) -> list[dict[str, Any]]:
    numbers = {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": default}
    return [
        _parameter("cursor", "where the last page ended", {"type": "string"}),
        _parameter("limit", "how many at most", numbers),
    ]


_MANY: Final = {"type": "array", "items": {"type": "string"}}
_NARROWING: Final = [
    _parameter("source", "of any of these sources", _MANY),
    _parameter("language", "in any of these languages, as two letters", _MANY),
    _parameter("since", "at or after this date or time", {"type": "string"}),
    _parameter("before", "before this date or time", {"type": "string"}),
    *_paging(50),
]
_TOPIC: Final = _parameter("topic", "with any of these topics", _MANY)
_WORDS: Final = {
    **_parameter("q", "words that all occur", {"type": "string", "minLength": 1, "maxLength": 200}),
    "required": True,
}
_ID: Final = {
    "name": "id",
    "in": "path",
    "required": True,
    "description": "a story's id, or an entry's",
    "schema": {"type": "string"},
}


def _answer(description: str, schema: dict[str, Any], *errors: int) -> dict[str, Any]:
    problem = {
        "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}},
    }
    return {
        "200": {"description": description, "content": {"application/json": {"schema": schema}}},
        "304": {"description": "what you hold is current (If-None-Match)"},
        **{
            str(status): {"description": "the reason is in `detail`", "content": problem}
            for status in (400, 401, *errors, 503)
        },
        **{
            str(status): {"description": "absurdly long", "content": {"text/plain": {}}}
            for status in (414, 431)
        },
    }


def _page_of(schema: str) -> dict[str, Any]:
    return _object(items=_list_of(schema), next_cursor=_TEXT)


def _get(
    summary: str, responses: dict[str, Any], parameters: list[dict[str, Any]] | None = None
) -> dict[str, Any]:
    return {"get": {"summary": summary, "parameters": parameters or [], "responses": responses}}


PATHS: Final[dict[str, Any]] = {
    "/stories": _get(
        "Stories, newest first",
        _answer("a page of stories", _page_of("Story")),
        [_TOPIC, *_NARROWING],
    ),
    "/stories/{id}": _get(
        "One story with every report",
        _answer("the story", {"$ref": "#/components/schemas/StoryWithReports"}, 404),
        [_ID],
    ),
    "/entries": _get(
        "Entries, newest first",
        _answer("a page of entries", _page_of("Entry")),
        [_TOPIC, *_NARROWING],
    ),
    "/search": _get(
        "Entries that hold all the words",
        _answer("a page of entries", _page_of("Entry")),
        [_WORDS, *_NARROWING],
    ),
    "/topics": _get("The topics", _answer("all topics", _object(items=_list_of("Topic")))),
    "/sources": _get(
        "The sources and their feeds' health",
        _answer("a page of sources, in the order of the configuration", _page_of("Source")),
        _paging(MAX_LIMIT),
    ),
    "/openapi.json": _get("This document", _answer("OpenAPI", {"type": "object"})),
}


def document(version: str, public_url: str) -> dict[str, Any]:
    """Return the whole description."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Aggregator",
            "version": version,
            "description": "Read-only. `cursor` pages on; every answer has an ETag.",
        },
        "servers": [{"url": public_url.rstrip("/") + "/api/v1"}],
        "paths": PATHS,
        "components": {
            "schemas": SCHEMAS,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{}, {"token": []}],
    }
