"""What outputs show, in memory: always what the store would say."""

import random
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from typing_extensions import override

from aggregator.errors import StoreError
from aggregator.model.change import OutputChange
from aggregator.model.identifiers import OutputId
from aggregator.model.output import Publication
from aggregator.observe.clock import SystemClock
from aggregator.pipeline.showcase import Showcase
from aggregator.publish.item import make_item
from aggregator.store.sqlite.store import SqliteStore
from tests.publish.newsroom import ALL, NOW, context, filed, story

OTHER = replace(ALL, id=OutputId("other"), limit=3)


class Faulty(SqliteStore):
    """A store that fails once it has written."""

    faulty = False

    @override
    async def apply_publications(self, changes: Sequence[OutputChange]) -> None:
        await super().apply_publications(changes)
        if self.faulty:
            raise StoreError("the disk is gone")


@pytest.fixture
async def store(tmp_path) -> AsyncIterator[Faulty]:
    store = Faulty(tmp_path / "aggregator.db", SystemClock())
    await store.open()
    yield store
    await store.close()


def publication(number: int, minutes: int, output=ALL) -> Publication:
    at = (NOW - minutes * timedelta(minutes=1)).replace(microsecond=0)
    item = make_item(story(filed(), id=number), output, context(), at, at)
    return Publication(
        output=output.id, item=item, lead=item.entries[0], lead_since=at, independent=1
    )


async def test_after_any_changes_it_shows_what_the_store_would(store):
    showcase, chance = Showcase(store), random.Random(5)
    assert await showcase.shown(ALL) == ()
    for _ in range(30):
        changed = [
            replace(
                publication(chance.randrange(20), chance.randrange(9)),
                left=chance.random() < 0.4,
                notified=chance.random() < 0.5,
            )
            for _ in range(chance.randrange(6))
        ]
        await showcase.apply(ALL.id, list({p.item.id: p for p in changed}.values()))
        assert await showcase.shown(ALL) == await store.publications(ALL.id, 100)


async def test_an_output_is_read_at_most_to_its_limit_and_anew_when_that_may_have_changed(store):
    showcase = Showcase(store)
    made = [publication(n, n, OTHER) for n in range(1, 6)]
    await showcase.apply(OTHER.id, made)
    assert list(await showcase.shown(OTHER)) == made[:3]
    longer = replace(OTHER, limit=4)
    assert list(await showcase.shown(longer)) == made[:3]
    showcase.forget()
    assert list(await showcase.shown(longer)) == made[:4]


async def test_after_a_failure_the_store_is_asked_again(store):
    showcase = Showcase(store)
    assert await showcase.shown(ALL) == ()
    store.faulty = True
    made = publication(1, 1)
    with pytest.raises(StoreError):
        await showcase.apply(ALL.id, [made])
    assert await showcase.shown(ALL) == (made,)
