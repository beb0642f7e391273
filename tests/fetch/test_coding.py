import gzip
import zlib

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.fetch.coding import BadCoding, decoder_for

ENCODERS = {"gzip": gzip.compress, "deflate": zlib.compress, "br": brotli.compress, "": bytes}


def decoded(coding: str, pieces: list[bytes]) -> bytes:
    decoder = decoder_for(coding)
    body = b"".join(piece for data in pieces for piece in decoder.feed(data))
    decoder.finish()
    return body


@given(st.sampled_from(sorted(ENCODERS)), st.binary(max_size=2000), st.integers(1, 50))
def test_a_body_comes_back_whole_however_it_was_cut_up(coding, body, size):
    wire = ENCODERS[coding](body)
    assert decoded(coding, [wire[i : i + size] for i in range(0, len(wire), size)]) == body


@given(st.sampled_from(["gzip", "deflate", "br"]), st.lists(st.binary(max_size=300), max_size=5))
def test_any_bytes_are_a_body_or_a_bad_coding(coding, pieces):
    try:
        decoded(coding, pieces)
    except BadCoding:
        return


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br"])
def test_a_piece_is_never_larger_than_a_step(coding):
    wire = ENCODERS[coding](bytes(2_000_000))
    sizes = [len(piece) for piece in decoder_for(coding).feed(wire)]
    assert sum(sizes) == 2_000_000
    assert max(sizes) <= 512 * 1024


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br"])
def test_nothing_at_all_is_an_empty_body(coding):
    assert decoded(coding, []) == b""


@pytest.mark.parametrize("coding", ["gzip", "br"])
def test_what_follows_the_end_is_left_out(coding):
    assert (
        decoded(coding, [ENCODERS[coding](b"feed") + (b"" if coding == "br" else b"rest")])
        == b"feed"
    )
    assert decoded(coding, [ENCODERS[coding](b"feed"), b"rest"]) == b"feed"
