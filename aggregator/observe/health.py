"""How the daemon is, as plain values: written by those who know, read by pages and probes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(slots=True, kw_only=True)
class Health:
    """The daemon's condition now; one mutable value, shared by its parts."""

    started_at: datetime
    version: str
    libraries: Mapping[str, str] = field(default_factory=dict)  # beneath us, with their versions
    config_problems: tuple[str, ...] = ()  # of the files on disk; empty: what runs is what they say
    config_loaded_at: datetime | None = None
    outputs_ready: bool = False  # outputs can be served
    last_round_at: datetime | None = None  # the last sweep that polled something
    last_publish_at: datetime | None = None
    storage_problem: str | None = None  # why nothing can be written just now
    stopping: bool = False
    restart_needed: tuple[str, ...] = field(default=())  # changed settings that wait for a restart

    @property
    def config(self) -> str:
        """Return `ok` or `broken`."""
        return "broken" if self.config_problems else "ok"
