"""Structured events: one line each, escaped and bounded, as text for people or JSON for machines."""

import atexit
import contextlib
import logging
import re
import sys
from collections.abc import Callable, Iterator
from typing import Any, Final, TextIO, cast

from typing_extensions import override

from aggregator.observe.sink import Sink


@contextlib.contextmanager
def _without(module: str) -> Iterator[None]:
    """Let a module seem not to be installed; one that is there already stays."""
    hidden = module not in sys.modules
    if hidden:
        sys.modules[module] = None  # type: ignore[assignment]  # the import system's own sign for it
    try:
        yield
    finally:
        if hidden:
            del sys.modules[module]


# structlog imports rich where it is there, as Typer brings it, to draw tracebacks that we never draw:
# 4 MB, and a twentieth of the start.
with _without("rich"):
    import structlog
    from structlog.typing import EventDict, FilteringBoundLogger, WrappedLogger

_LONGEST: Final = 2048  # bytes of a line: strangers' titles and headers end up in logs (A74)
_MINUTE: Final = 60.0  # seconds
_LAST_WORDS: Final = 1.0  # seconds for what is still to be written when the process ends
_PLAIN: Final = (int, float, bool, type(None))
# Of what a terminal would obey: controls, line ends, and turns of direction.
_CONTROLS: Final = {c: f"\\x{c:02x}" for c in (*range(32), *range(127, 160))} | {
    c: f"\\u{c:04x}"
    for c in (0x061C, 0x200E, 0x200F, *range(0x2028, 0x202F), *range(0x2066, 0x206A))
}

# What opens a feed is in some addresses: a name before the @, a key of the query (A69).
_SECRET: Final = re.compile(
    r"""(?<=://)[^\s/?#@"']+(?=@)|(?<=[?&])((?:[\w.-]{0,40}(?:key|token|auth|sig|pass|pw|secret)[\w.-]{0,40})=)[^&#\s"']+""",
    re.IGNORECASE,
)


def get_log(room: str) -> FilteringBoundLogger:
    """Return the log of a room; what it writes names the room."""
    return cast(FilteringBoundLogger, structlog.get_logger(room=room))


def configure_logging(form: str = "text", level: int = logging.INFO, *, waits: bool = True) -> None:
    """Send all logs, those of libraries too, to standard error as `text` or `json` lines.

    `waits`: a line that nobody reads holds up who logs it, as with any command; a daemon drops it.
    """
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _escape,
    ]
    renderer = _bounded(
        structlog.processors.JSONRenderer(ensure_ascii=False) if form == "json" else _as_text
    )
    out = sys.stderr if waits else _sink(renderer)
    structlog.configure(
        processors=[*shared, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(cast(TextIO, out)),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[renderer],
            foreign_pre_chain=[_name_of_library, *shared],
        )
    )
    handler.addFilter(_Seldom())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(max(level, logging.WARNING))  # libraries speak only when something is wrong


def _sink(render: Callable[[WrappedLogger, str, EventDict], str]) -> Sink:
    """Return standard error as a way out that waits for nobody."""
    stamp = structlog.processors.TimeStamper(fmt="iso", utc=True)

    def dropped(lines: int) -> str:
        event = {"event": "nobody read the log", "lines_dropped": lines, "level": "warning"}
        return render(None, "warning", stamp(None, "warning", {**event, "room": "log"})) + "\n"

    sink = Sink(sys.stderr.fileno(), dropped)
    atexit.register(sink.drain, _LAST_WORDS)
    return sink


class _Seldom(logging.Filter):
    """Lets a library say the same thing once a minute: a broken cookie each was a storm (CVE-2025-69230)."""

    def __init__(self) -> None:
        super().__init__()
        # By line of code: messages hold strangers' words.
        self._said: dict[tuple[str, int], float] = {}

    @override
    def filter(self, record: logging.LogRecord) -> bool:
        place = (record.pathname, record.lineno)
        if record.created - self._said.get(place, -_MINUTE) < _MINUTE:
            return False
        self._said[place] = record.created
        return True


def _name_of_library(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    record = event.get("_record")
    if record is not None:
        event["room"] = record.name
    return event


def _escape(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Keep every value on one line, whatever a stranger put into it and whatever it is."""
    return {
        key: value if isinstance(value, _PLAIN) else _shown(str(value))
        for key, value in event.items()
        if not key.startswith("_")  # structlog's own, of a library's record
    }


def _shown(text: str) -> str:
    return _cut(_SECRET.sub(_masked, text), _LONGEST).translate(_CONTROLS)


def _masked(secret: re.Match[str]) -> str:
    return f"{secret.group(1) or ''}***"


def _bounded(render: Callable[..., str | bytes]) -> Callable[[WrappedLogger, str, EventDict], str]:
    """Return a renderer whose lines are bounded: the longest values are cut until one is."""

    def rendered(logger: WrappedLogger, method: str, event: EventDict) -> str:
        longest = _LONGEST
        while True:
            cut = {
                key: _cut(value, longest) if isinstance(value, str) else value
                for key, value in event.items()
            }
            line = str(render(logger, method, cut))
            if len(line.encode("utf-8", "backslashreplace")) < _LONGEST or not longest:
                return line
            longest = longest * 3 // 4

    return rendered


def _cut(text: str, longest: int) -> str:
    """Return the beginning and the end of a text: of a traceback, the end tells what went wrong."""
    if len(text) <= longest:
        return text
    return f"{text[: longest // 2]}…{text[len(text) - longest // 2 :]}"


def _as_text(_logger: WrappedLogger, _method: str, event: EventDict) -> str:
    """Write `12:34:56 warning poll: event key=value ...`."""
    time = str(event.pop("timestamp", ""))[11:19]
    level = event.pop("level", "info")
    room = event.pop("room", "")
    words = [str(event.pop("event", ""))]
    words += [f"{key}={_quoted(value)}" for key, value in event.items() if value is not None]
    flag = "" if level == "info" else f"{level} "
    return f"{time} {flag}{room}: {' '.join(words)}"


def _quoted(value: Any) -> str:
    text = str(value)
    quoted = text.replace('"', '\\"')
    return f'"{quoted}"' if " " in text else text
