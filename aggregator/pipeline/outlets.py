"""Outlets that only ever came by import: their names, kept so that people read those and not ids."""

import json
from collections.abc import Mapping
from typing import Final

from aggregator.model.identifiers import SourceId
from aggregator.store.store import Store

_STATE: Final = "imported-outlets"


async def imported_outlets(store: Store) -> dict[SourceId, str]:
    """Return the names of imported outlets by source."""
    known = await store.state(_STATE)
    return {} if known is None else json.loads(known)


async def remember_outlets(store: Store, outlets: Mapping[SourceId, str]) -> None:
    """Keep the names of imported outlets; later ones win."""
    known = await imported_outlets(store)
    if not outlets.items() <= known.items():
        await store.set_state(_STATE, json.dumps(known | dict(outlets), ensure_ascii=False))
