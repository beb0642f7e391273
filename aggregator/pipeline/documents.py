"""Documents on their way to the shelf: sound ones replace the old, others leave it standing.

They are made on a thread, one feed at a time: whoever asks for a feed meanwhile is answered, and the
fragments that feeds share are touched by one alone.
"""

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime

from aggregator.errors import RenderFailed
from aggregator.observe.log import get_log
from aggregator.pipeline.parts import Parts

_log = get_log("publish")


async def put_documents(
    parts: Parts,
    make: Callable[[], Mapping[str, bytes]],
    modified_at: datetime,
    *,
    private: bool = False,
) -> None:
    """Make the documents of one feed and publish them, all or none; `parts.news` notes those that are new."""
    try:
        async with parts.rendering:
            documents = await asyncio.to_thread(make)
    except RenderFailed as error:
        parts.metrics.refused_documents.inc()
        _log.error("document refused; the one before it stays", why=str(error))
        return
    new = [
        name
        for name, body in documents.items()
        if parts.shelf.put(name, body, modified_at, private=private)
    ]
    parts.news.update(new)
