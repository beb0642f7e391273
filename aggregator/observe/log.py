"""Structured events: one line each, escaped and bounded, as text for people or JSON for machines."""

import logging
import sys
from typing import Any, Final, cast

import structlog
from structlog.typing import EventDict, FilteringBoundLogger, WrappedLogger

_LONGEST: Final = (
    2048  # characters of one value: strangers' titles and headers end up in logs (A74)
)
_CONTROLS: Final = {c: f"\\x{c:02x}" for c in (*range(32), 127, *range(128, 160))} | {
    0x2028: "\\u2028",
    0x2029: "\\u2029",
}


def get_log(room: str) -> FilteringBoundLogger:
    """Return the log of a room; what it writes names the room."""
    return cast(FilteringBoundLogger, structlog.get_logger(room=room))


def configure_logging(form: str = "text", level: int = logging.INFO) -> None:
    """Send all logs, those of libraries too, to standard error as `text` or `json` lines."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _escape,
    ]
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False) if form == "json" else _as_text
    )
    structlog.configure(
        processors=[*shared, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
            foreign_pre_chain=[_name_of_library, *shared],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(max(level, logging.WARNING))  # libraries speak only when something is wrong


def _name_of_library(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    record = event.get("_record")
    if record is not None:
        event["room"] = record.name
    return event


def _escape(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Keep every value on one line and of bounded length, whatever a stranger put into it."""
    return {
        key: _bounded(value) if isinstance(value, str) else value for key, value in event.items()
    }


def _bounded(text: str) -> str:
    if len(text) > _LONGEST:
        text = f"{text[:_LONGEST]}… ({len(text)} characters)"
    return text.translate(_CONTROLS)


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
    return f'"{text}"' if " " in text else text
