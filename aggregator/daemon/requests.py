"""Commands that change something: carried out by the daemon when one runs, else by the command itself."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Final

from aggregator.daemon.control import Reply, Request
from aggregator.daemon.newsroom import Newsroom
from aggregator.errors import UsageError
from aggregator.model.identifiers import SourceId
from aggregator.pipeline.replay import Retagged
from aggregator.pipeline.round import Wanted


async def carry_out(newsroom: Newsroom, request: Request) -> Reply:
    """Carry out one request.

    Raises:
        UsageError: there is no such command, or it cannot be carried out as given.
    """
    act = _ACTS.get(request.command)
    if act is None:
        raise UsageError(f"{request.command}: not a command that the daemon takes")
    return await act(newsroom, request)


async def _poll(newsroom: Newsroom, request: Request) -> Reply:
    known = {source.id for source in newsroom.configuration.sources}
    for name in request.arguments:
        if name not in known:
            raise UsageError(f"{name}: no such source in sources.yaml")
    sources = frozenset(SourceId(name) for name in request.arguments) or None
    wanted = Wanted(sources=sources, all_feeds=bool(request.options.get("all")))
    report = await newsroom.poll(wanted, defer=bool(request.options.get("defer")))
    done = report.round
    output = {
        "feeds": done.feeds,
        "fetched": done.fetched,
        "not_modified": done.not_modified,
        "failed": done.failed,
        "skipped": max(done.feeds - done.polled, 0),
        "new_entries": done.new_entries,
        "updated_entries": done.updated_entries,
        "new_stories": report.new_stories,
        "seconds": round(report.seconds, 3),
        "errors": [
            {"source": one.source, "feed": one.feed, "kind": one.kind, "message": one.message}
            for one in done.errors
        ],
    }
    return Reply(status=1 if done.failed else 0, output=output)


async def _correct(newsroom: Newsroom, request: Request) -> Reply:
    touched = await newsroom.correct(request.command, request.arguments)
    return Reply(output={"stories": sorted(touched)})


async def _publish(newsroom: Newsroom, request: Request) -> Reply:
    del request
    items = await newsroom.publish()
    return Reply(output={"items": items, "documents": list(newsroom.parts.shelf.files())})


async def _backup(newsroom: Newsroom, request: Request) -> Reply:
    if len(request.arguments) != 1:
        raise UsageError("backup takes the file to write")
    file = Path(request.arguments[0])
    if not await asyncio.to_thread(file.parent.is_dir):
        raise UsageError(f"{file.parent}: no such folder")
    await newsroom.parts.store.backup(file)
    size = (await asyncio.to_thread(file.stat)).st_size
    return Reply(output={"file": str(file), "bytes": size})


async def _retag(newsroom: Newsroom, request: Request) -> Reply:
    del request
    report = await newsroom.retag()
    return Reply(output=retag_document(report))


async def _regroup(newsroom: Newsroom, request: Request) -> Reply:
    del request
    report = await newsroom.regroup()
    return Reply(output={"entries": report.entries, "moved": len(report.moved)})


def retag_document(report: Retagged) -> dict[str, object]:
    """Return what a retag changed, or would change, as one JSON document."""
    return {
        "entries": report.entries,
        "gained": {topic: len(titles) for topic, titles in report.gained.items()},
        "lost": {topic: len(titles) for topic, titles in report.lost.items()},
    }


_ACTS: Final[Mapping[str, Callable[[Newsroom, Request], Awaitable[Reply]]]] = {
    "poll": _poll,
    "publish": _publish,
    "backup": _backup,
    "retag": _retag,
    "regroup": _regroup,
    **dict.fromkeys(("split", "join", "mute", "withdraw"), _correct),
}
