"""The daemon: start, signals, ticks, an orderly stop."""

import asyncio
import contextlib
import gc
import ipaddress
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Final

from aggregator import __version__
from aggregator.daemon import systemd
from aggregator.daemon.control import ControlServer
from aggregator.daemon.floors import library_versions, refuse_outdated_packages, weak_libraries
from aggregator.daemon.lock import DataLock
from aggregator.daemon.memory import give_back_free_pages
from aggregator.daemon.newsroom import Newsroom, open_newsroom
from aggregator.daemon.requests import carry_out
from aggregator.daemon.stall import watched_loop
from aggregator.engine.inline import InlineEngine
from aggregator.engine.timetable import Step, Tick
from aggregator.errors import ConfigurationError, StoreError
from aggregator.model.output import Audience
from aggregator.observe.clock import Clock, SystemClock
from aggregator.observe.health import Health
from aggregator.observe.log import get_log
from aggregator.pipeline.round import Round, Wanted
from aggregator.serve.app import Desk, make_app
from aggregator.serve.server import serve
from aggregator.settings.configuration import Configuration
from aggregator.settings.last_good import load_or_last_good
from aggregator.settings.watch import watch

_log = get_log("daemon")
_PATIENCE: Final = timedelta(seconds=60)  # then the summary names what has not answered yet
_ECHO: Final = 1.0  # seconds: a shell signals a whole group, make passes the signal on again
# Threads that compute let the loop on after so long (5 ms by default). An answer asks for the interpreter
# several times: at 5 ms one core that computes cuts answers to a quarter, at 0.5 ms to half.
_TURN: Final = 0.0005  # seconds
_COLLECTED: Final = (
    10_000  # objects more than before until cycles are looked for: it stays, and holds little
)
_GRACE: Final = 7.0  # seconds for polls under way; an orderly stop takes at most ten


@dataclass(slots=True, kw_only=True)
class DaemonOptions:
    """How the daemon is started."""

    config: Path
    data: Path
    port: int | None = None  # instead of settings.server.port
    first_round: Callable[[Newsroom], Awaitable[None]] | None = None  # when every feed was asked
    listening: Callable[[str], None] | None = None  # told where pages are served
    clock: Clock = field(default_factory=SystemClock)


class Daemon:
    """One running daemon."""

    def __init__(self, options: DaemonOptions) -> None:
        self._options = options
        self._stop = asyncio.Event()
        self._asked_at = 0.0  # when the stop was asked for, by the loop's clock
        self._reload = asyncio.Event()
        self._told = options.first_round is None
        self._started_with: Configuration  # set when it starts
        self._health = Health(
            started_at=options.clock.now(), version=__version__, libraries=library_versions()
        )

    async def run(self) -> None:
        """Run until SIGTERM or SIGINT; a second signal ends the process at once.

        Raises:
            LockedError: another process owns the data directory.
            ConfigurationError: the files are broken and there is no last good copy.
            OutdatedPackages: what is installed is older than we ask for.
        """
        options = self._options
        refuse_outdated_packages()
        for line in weak_libraries(self._health.libraries):
            _log.info(line)
        configuration, problems = load_or_last_good(options.config, options.data, os.environ)
        self._started_with = configuration
        self._health.config_problems = problems
        self._health.config_loaded_at = options.clock.now()
        self._catch_signals()
        sys.setswitchinterval(_TURN)
        with DataLock(options.data), watched_loop(options.clock):
            async with open_newsroom(
                configuration, options.data, running=True, clock=options.clock
            ) as newsroom:
                await self._work(newsroom)

    async def _work(self, newsroom: Newsroom) -> None:
        settings = newsroom.configuration.settings
        if settings.audience is Audience.PRIVATE and not _is_loopback(settings.server.host):
            _log.warning(
                "others can read others' text here: see settings.audience",
                host=settings.server.host,
            )
        sweep = Round(newsroom.parts, Wanted(), endless=True)
        control = ControlServer(self._options.data, lambda request: carry_out(newsroom, request))
        await newsroom.publish()
        self._health.outputs_ready = True
        await control.start()
        engine = InlineEngine(self._options.clock)
        engine.start(self._timetable(newsroom, sweep))
        server = asyncio.create_task(
            serve(
                make_app(self._desk(newsroom)),
                settings.server.host,
                self._options.port if self._options.port is not None else settings.server.port,
                self._stop,
                on_listening=self._listening,
            )
        )
        background = [
            asyncio.create_task(self._reload_when_told(newsroom)),
            asyncio.create_task(self._watch_files()),
            asyncio.create_task(self._watchdog()),
        ]
        gc.set_threshold(_COLLECTED)
        # A full collection of garbage holds up everybody: it need not look at what stays (modules, rules,
        # templates), which takes it 50 ms.
        gc.freeze()
        stopped = asyncio.create_task(self._stop.wait())
        await asyncio.wait({stopped, server}, return_when=asyncio.FIRST_COMPLETED)
        systemd.notify("STOPPING=1")
        self._health.stopping = True
        self._stop.set()
        newsroom.understanding.stop()
        _log.info("stopping")
        for task in background:
            task.cancel()
        await control.stop()
        await sweep.drain(_GRACE)
        await engine.stop()
        await asyncio.gather(*background, return_exceptions=True)
        await server

    def _timetable(self, newsroom: Newsroom, sweep: Round) -> tuple[Tick, ...]:
        async def poll() -> None:
            await sweep.step()
            self._health.last_round_at = sweep.last_poll_at or self._health.last_round_at

        async def understand() -> None:
            if sweep.committed or not self._health.last_publish_at:
                sweep.committed = False
                try:
                    await newsroom.understand()
                except BaseException:
                    sweep.committed = True  # it still waits in the log
                    raise
                self._health.last_publish_at = self._options.clock.now()
            await self._tell_of_first_round(newsroom)

        async def age() -> None:
            await newsroom.understand()

        async def edit() -> None:
            await newsroom.make_digests()

        async def take_up_pushes() -> None:
            if await newsroom.subscriber.postbox.take_up():
                sweep.committed = True

        async def retain() -> None:
            await newsroom.expire()

        return (
            Tick("sweep", timedelta(seconds=1), self._watched(poll)),
            Tick("understand", timedelta(seconds=1), self._watched(understand)),
            Tick("age", timedelta(minutes=10), self._watched(age)),
            Tick("digests", timedelta(minutes=1), self._watched(edit)),
            Tick(
                "articles",
                timedelta(seconds=10),
                self._until_stopped(self._watched(newsroom.read_articles)),
            ),
            Tick("pushes", timedelta(seconds=1), self._watched(take_up_pushes)),
            Tick("hubs", timedelta(minutes=1), self._until_stopped(newsroom.subscriber.step)),
            Tick("incidents", timedelta(seconds=30), newsroom.look_around),
            Tick("notify", timedelta(seconds=5), self._until_stopped(newsroom.tell)),
            Tick("retention", timedelta(hours=1), self._watched(retain)),
            Tick("memory", timedelta(seconds=30), give_back_free_pages),
        )

    def _watched(self, step: Step) -> Step:
        """Return a step that tells of a store that cannot be written, and when it can be again."""

        async def watched() -> None:
            try:
                await step()
            except StoreError as error:
                self._health.storage_problem = str(error)
                raise
            self._health.storage_problem = None

        return watched

    def _until_stopped(self, step: Step) -> Step:
        """Return a step that a stop breaks off: what strangers are slow to take is sent again another time."""

        async def broken_off() -> None:
            work = asyncio.ensure_future(step())
            stopped = asyncio.ensure_future(self._stop.wait())
            await asyncio.wait({work, stopped}, return_when=asyncio.FIRST_COMPLETED)
            stopped.cancel()
            if work.done():
                work.result()
            work.cancel()
            await asyncio.gather(work, return_exceptions=True)

        return broken_off

    async def _tell_of_first_round(self, newsroom: Newsroom) -> None:
        """Tell once when every feed that may be asked has been: the operator waits for this."""
        if self._told or self._options.first_round is None:
            return
        now = await newsroom.parts.store.now()
        waiting = [
            feed.id
            async for feed in newsroom.parts.store.each_feed()
            if feed.last_poll_at is None and feed.next_poll_at <= now
        ]
        patience = now - self._health.started_at > _PATIENCE
        if patience or not waiting:
            self._told = True
            await self._options.first_round(newsroom)

    def _desk(self, newsroom: Newsroom) -> Desk:
        async def act(name: str, arguments: tuple[str, ...]) -> str:
            touched = await newsroom.correct(name, arguments)
            return ", ".join(sorted(touched))

        return Desk(
            store=newsroom.parts.store,
            shelf=newsroom.parts.shelf,
            configuration=lambda: newsroom.configuration,
            health=self._health,
            clock=self._options.clock,
            metrics=newsroom.parts.metrics.render,
            act=act,
            on_demand=newsroom.publisher.special.make,
            postbox=newsroom.subscriber.postbox,
            verify=newsroom.subscriber.verify,
        )

    def _listening(self, address: str) -> None:
        systemd.notify("READY=1", f"STATUS=serving {address}")
        _log.info("serving", address=address)
        if self._options.listening is not None:
            self._options.listening(address)

    def _catch_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop_or_leave)
        loop.add_signal_handler(signal.SIGHUP, self._reload.set)

    def _stop_or_leave(self) -> None:
        now = asyncio.get_running_loop().time()
        if self._stop.is_set() and now - self._asked_at > _ECHO:
            os._exit(1)  # asked twice: whatever is not committed was never promised
        if not self._stop.is_set():
            self._asked_at = now
        self._stop.set()

    async def _reload_when_told(self, newsroom: Newsroom) -> None:
        while True:
            await self._reload.wait()
            self._reload.clear()
            systemd.notify(*systemd.reloading())
            await self._take_up_files(newsroom)
            systemd.notify("READY=1")

    async def _take_up_files(self, newsroom: Newsroom) -> None:
        """Load the files and swap; broken ones change nothing but what is reported."""
        options = self._options
        try:
            configuration, problems = await asyncio.to_thread(
                load_or_last_good, options.config, options.data, os.environ
            )
        except ConfigurationError as error:
            problems, configuration = tuple(error.problems), newsroom.configuration
        self._health.config_problems = problems
        if problems:
            _log.error(
                "configuration is broken; the last good one stays", problems="; ".join(problems)
            )
            return
        if configuration == newsroom.configuration:
            return
        self._health.restart_needed = _needs_restart(self._started_with, configuration)
        await newsroom.reconfigure(configuration)
        self._health.config_loaded_at = options.clock.now()
        _log.info(
            "configuration taken up",
            restart_needed=", ".join(self._health.restart_needed) or None,
        )

    async def _watch_files(self) -> None:
        async for _ in watch(self._options.config, self._stop):
            self._reload.set()

    async def _watchdog(self) -> None:
        """Tell systemd that the loop turns; a loop that hangs tells nothing and is restarted."""
        seconds = systemd.watchdog_seconds()
        with contextlib.suppress(asyncio.CancelledError):
            while seconds is not None:
                systemd.notify("WATCHDOG=1")
                await asyncio.sleep(seconds)


def _is_loopback(host: str) -> bool:
    """Tell whether only this machine can reach a listening address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _needs_restart(started_with: Configuration, new: Configuration) -> tuple[str, ...]:
    """Return the settings that a running daemon cannot take up and that are not what it started with."""
    needs = []
    if started_with.settings.server != new.settings.server:
        needs.append("server")
    if started_with.settings.storage_url != new.settings.storage_url:
        needs.append("storage")
    return tuple(needs)
