"""Whatever the stores keep as JSON comes back as it was."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.errors import UsageError
from aggregator.model.digest import Edition
from aggregator.model.entry import Entry
from aggregator.model.feed import ArrivalHistory, Feed, FeedHints
from aggregator.model.output import Publication
from aggregator.model.story import Decision, Placement, Story
from aggregator.model.topic import TopicMatch
from aggregator.store.codec import Codec, microseconds, moment
from aggregator.store.cursor import read_cursor, write_cursor

_TIMES = st.datetimes(timezones=st.just(UTC))
st.register_type_strategy(datetime, _TIMES)
st.register_type_strategy(float, st.floats(allow_nan=False))


@given(_TIMES)
def test_a_time_survives_to_the_microsecond(at: datetime) -> None:
    assert moment(microseconds(at)) == at


@pytest.mark.parametrize(
    "kind",
    [
        Decision,
        Placement,
        Story,
        TopicMatch,
        tuple[TopicMatch, ...],
        Publication,
        Edition,
        FeedHints,
        ArrivalHistory,
        Entry,
        Feed,
    ],
)
@settings(deadline=None, max_examples=15)  # the first example works out a strategy for the type
@given(data=st.data())
def test_every_kind_that_is_kept_comes_back(kind: Any, data: st.DataObject) -> None:
    codec = Codec[Any](kind)
    value = data.draw(st.from_type(kind))
    assert codec.load(codec.dump(value)) == value


def test_numbers_written_as_a_list_are_still_read() -> None:
    codec = Codec(tuple[float, ...])
    assert codec.load("[0.1,2.0]") == codec.load(codec.dump((0.1, 2.0))) == (0.1, 2.0)


def test_defaults_take_no_room_and_unknown_fields_are_passed_over() -> None:
    codec = Codec(FeedHints)
    assert codec.dump(FeedHints()) == "{}"
    assert codec.load('{"hub":"h","added_later":1}') == FeedHints(hub="h")


def test_a_type_that_cannot_be_kept_is_refused_by_name() -> None:
    with pytest.raises(TypeError, match="complex"):
        Codec(complex).dump(1j)


@given(st.integers(-(1 << 62) + 1, (1 << 62) - 1), st.text())
def test_a_cursor_comes_back(at: int, name: str) -> None:
    assert read_cursor(write_cursor(at, name)) == (at, name)


@given(st.text())
def test_any_other_text_is_a_cursor_or_refused(text: str) -> None:
    try:
        at, name = read_cursor(text)
    except UsageError:
        return
    assert isinstance(at, int)
    assert isinstance(name, str)
