"""What tests of reading documents share."""

from typing import Any

import pytest

from aggregator.parse import xml


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """Note what feedparser is given."""
    documents: list[bytes] = []
    original = xml._feedparser

    def watched(document: bytes) -> Any:
        documents.append(document)
        return original(document)

    monkeypatch.setattr(xml, "_feedparser", watched)
    return documents
