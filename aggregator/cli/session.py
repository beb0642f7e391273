"""What the commands have in common: the folders, the logs, and the way to the daemon."""

import asyncio
import gc
import json
import logging
import os
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from aggregator.daemon.control import Reply
    from aggregator.daemon.newsroom import Newsroom
    from aggregator.settings.configuration import Configuration
    from aggregator.store.store import Store

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One call of the command line."""

    config: Path
    data: Path
    log_format: str = "text"
    verbose: bool = False
    quiet: bool = False

    def configure_logging(self, ordinary: int = logging.WARNING, *, waits: bool = True) -> None:
        """Set up the logs: `ordinary` is the level without -v and -q; a daemon `waits` for no reader."""
        from aggregator.observe.log import configure_logging

        level = logging.DEBUG if self.verbose else logging.ERROR if self.quiet else ordinary
        configure_logging(self.log_format, level, waits=waits)

    def configuration(self) -> "Configuration":
        """Load the configuration.

        Raises:
            ConfigurationError: with every problem of all four files.
        """
        from aggregator.settings.load import load

        gc.disable()  # what is loaded stays, as what is imported does: neither is walked again
        try:
            return load(self.config, os.environ)
        finally:
            gc.freeze()
            gc.enable()

    def with_newsroom(self, work: "Callable[[Newsroom], Awaitable[T]]") -> T:
        """Own the data directory for one piece of work.

        Raises:
            LockedError: a daemon or another command owns it.
        """
        from aggregator.cli.progress import shown
        from aggregator.daemon.lock import DataLock
        from aggregator.daemon.newsroom import open_newsroom
        from aggregator.pipeline.progress import Progress

        self.configure_logging()
        configuration = self.configuration()

        async def run(progress: Progress) -> T:
            async with open_newsroom(configuration, self.data) as newsroom:
                newsroom.parts.progress = progress
                return await work(newsroom)

        with DataLock(self.data), shown(quiet=self.quiet) as progress:
            return asyncio.run(run(progress))

    def reading_newsroom(self, work: "Callable[[Newsroom], Awaitable[T]]") -> T:
        """Have a newsroom for work that only reads, whoever owns the data directory."""
        from aggregator.daemon.newsroom import open_newsroom

        self.configure_logging()
        configuration = self.configuration()
        self.data.mkdir(parents=True, exist_ok=True)

        async def run() -> T:
            async with open_newsroom(configuration, self.data, owned=False) as newsroom:
                return await work(newsroom)

        return asyncio.run(run())

    def with_store(self, work: "Callable[[Store, Configuration], Awaitable[T]]") -> T:
        """Read the store, whoever owns it."""
        from aggregator.daemon.assemble import store_from
        from aggregator.observe.clock import SystemClock

        self.configure_logging()
        configuration = self.configuration()
        self.data.mkdir(parents=True, exist_ok=True)

        async def run() -> T:
            store = store_from(configuration, self.data, SystemClock())
            await store.open()
            try:
                return await work(store, configuration)
            finally:
                await store.close()

        return asyncio.run(run())

    def carry_out(self, command: str, *arguments: str, **options: Any) -> "Reply":
        """Have a changing command carried out: by the daemon where one runs, else here."""
        from aggregator.daemon.control import Request, ask_daemon
        from aggregator.daemon.requests import carry_out

        request = Request(command=command, arguments=arguments, options=options)
        reply = ask_daemon(self.data, request)
        if reply is None:
            reply = self.with_newsroom(lambda newsroom: carry_out(newsroom, request))
        if reply.error is not None:
            complain(reply.error)
        return reply


def print_json(document: Any) -> None:
    """Print one JSON document and nothing else."""
    sys.stdout.write(json.dumps(document, ensure_ascii=False) + "\n")


def say(text: str = "") -> None:
    """Print a line for people on standard output."""
    sys.stdout.write(text + "\n")


def complain(text: str) -> None:
    """Print a line on standard error."""
    sys.stderr.write(text + "\n")
