"""How jobs and answers travel."""

import pytest

from aggregator.sandbox import wire
from aggregator.sandbox.pool import Sandbox, SandboxOptions
from tests.sandbox import jobs

LONG = bytes(200_000)


def test_the_long_bytes_of_a_job_are_sent_from_where_they_lie() -> None:
    pieces = wire.job_pieces("m", "f", (LONG, b"short", "text"), {})
    shared = [piece for piece in pieces if isinstance(piece, memoryview) and piece.obj is LONG]
    assert [len(piece) for piece in shared] == [len(LONG)]
    assert sum(len(piece) for piece in pieces) < len(LONG) + 1000


@pytest.mark.parametrize("value", [b"", b"x" * 65536, b"x" * 65537, LONG, bytearray(LONG)])
async def test_bytes_arrive_as_what_they_were(value: bytes | bytearray) -> None:
    box = Sandbox(SandboxOptions(workers=1))
    try:
        assert await box.run(jobs.kind_and_value, value, 1) == (type(value).__name__, value, 1)
    finally:
        await box.close()
