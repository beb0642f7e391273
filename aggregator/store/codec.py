"""Nested values as JSON and back, by their types: what the stores keep in one column.

A dataclass becomes an object of its fields, those at their default left out; times become whole
microseconds since 1970 (UTC), days ISO text, spans microseconds, tuples and frozensets lists. A
tuple of floats is kept as its bytes in base 64: the 24 of a feed's day took longer as JSON, to write
and to read at every poll, than all the rest of its row (44 of 61 us).
"""

import json
import types
from binascii import a2b_base64, b2a_base64
from collections.abc import Callable
from dataclasses import MISSING, fields, is_dataclass
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from functools import cache, cached_property, lru_cache
from struct import pack, unpack
from typing import (
    Any,
    Final,
    Generic,
    NewType,
    TypeVar,
    Union,
    get_args,
    get_origin,
    get_type_hints,
)

T = TypeVar("T")
_Turn = Callable[[Any], Any]

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_compact: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def microseconds(at: datetime) -> int:
    """Return a time as whole microseconds since 1970, exactly."""
    return (at - _EPOCH) // _MICROSECOND


def moment(count: int) -> datetime:
    """Return the time that `microseconds` counted."""
    return _EPOCH + timedelta(microseconds=count)


class Codec(Generic[T]):
    """Turns values of one type into compact JSON text and back.

    Args:
        type_: of the values.
        remember: how many texts to keep with their values, where many rows say the same.
    """

    def __init__(self, type_: type[T], remember: int = 0) -> None:
        self._type = type_
        self.load: Callable[[str], T] = lru_cache(remember)(self._load) if remember else self._load

    @cached_property
    def _turns(self) -> tuple[_Turn, _Turn]:
        kind: Any = self._type
        return _turns(kind)

    def dump(self, value: T) -> str:
        """Return `value` as JSON."""
        return _compact(self._turns[0](value))

    def _load(self, text: str) -> T:
        """Return the value that `dump` wrote."""
        value: T = self._turns[1](json.loads(text))
        return value


def _same(value: Any) -> Any:
    return value


@cache
def _turns(type_: Any) -> tuple[_Turn, _Turn]:
    """Return how a type is written and read."""
    if isinstance(type_, NewType):
        return _turns(type_.__supertype__)
    origin = get_origin(type_)
    if origin in (Union, types.UnionType):
        return _optional_turns(type_)
    if origin in (tuple, frozenset):
        return _sequence_turns(origin, get_args(type_))
    if is_dataclass(type_):
        return _dataclass_turns(type_)
    if type_ in (str, int, float, bool):
        return _same, _same
    if type_ is datetime:
        return microseconds, moment
    if type_ is date:
        return date.isoformat, date.fromisoformat
    if type_ is timedelta:
        return (lambda span: span // _MICROSECOND), (lambda count: timedelta(microseconds=count))
    if issubclass(type_, Enum):
        return (lambda member: member.value), type_
    raise TypeError(f"{type_}: no way to keep this in JSON")


def _optional_turns(type_: Any) -> tuple[_Turn, _Turn]:
    (inner,) = (one for one in get_args(type_) if one is not type(None))
    write, read = _turns(inner)
    if write is _same:
        return _same, _same
    return (
        lambda value: None if value is None else write(value),
        lambda value: None if value is None else read(value),
    )


def _sequence_turns(origin: Any, arguments: tuple[Any, ...]) -> tuple[_Turn, _Turn]:
    if origin is tuple and arguments[-1] is not Ellipsis:
        places = [_turns(one) for one in arguments]
        return (
            lambda value: [turn[0](one) for turn, one in zip(places, value, strict=True)],
            lambda value: tuple(turn[1](one) for turn, one in zip(places, value, strict=True)),
        )
    if origin is tuple and arguments[0] is float:
        return _pack, _unpack
    write, read = _turns(arguments[0])
    if write is _same:
        return list, origin
    return (
        lambda value: [write(one) for one in value],
        lambda value: origin([read(one) for one in value]),
    )


def _pack(numbers: tuple[float, ...]) -> str:
    return b2a_base64(pack(f"<{len(numbers)}d", *numbers), newline=False).decode()


def _unpack(packed: str | list[float]) -> tuple[float, ...]:
    if isinstance(packed, list):  # as stores before migration `arrivals` have it
        return tuple(packed)
    raw = a2b_base64(packed)
    return unpack(f"<{len(raw) // 8}d", raw)


def _dataclass_turns(type_: Any) -> tuple[_Turn, _Turn]:
    hints = get_type_hints(type_)
    places = []
    for field in fields(type_):
        default = field.default
        if field.default_factory is not MISSING:
            default = field.default_factory()
        places.append((field.name, default, *_turns(hints[field.name])))

    def write(value: Any) -> dict[str, Any]:
        plain = {}
        for name, default, write_one, _ in places:
            one = getattr(value, name)
            if default is MISSING or one != default:
                plain[name] = write_one(one)
        return plain

    readers = {name: read_one for name, _, _, read_one in places}

    def read(plain: dict[str, Any]) -> Any:
        return type_(**{name: readers[name](one) for name, one in plain.items() if name in readers})

    return write, read
