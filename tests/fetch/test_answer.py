import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from aggregator.fetch.answer import Answer
from aggregator.fetch.coding import BadCoding
from aggregator.fetch.failure import ExchangeFailed

BASE = URL("https://site.example/a/feed")


def answer(*lines: bytes, wanted: frozenset[int] = frozenset({200})) -> Answer:
    made = Answer(max_headers=1000, max_body=1000, wanted=wanted)
    for line in (*lines, b""):
        made.add_line(line + b"\r\n")
    return made


def test_a_header_is_read_when_its_empty_line_comes():
    made = Answer(max_headers=1000, max_body=1000, wanted=frozenset({200}))
    for line in (b"HTTP/1.1 200 OK\r\n", b'ETag:  "1" \r\n', b'etag: "2"\r\n'):
        made.add_line(line)
        assert made.status == 0
    made.add_line(b"\r\n")
    assert made.status == 200
    assert made.fields == ((b"ETag", b'"1"'), (b"etag", b'"2"'))
    assert made.named == {"Etag": '"1"'}


def test_an_answer_that_only_announces_another_is_passed_over():
    made = answer(b"HTTP/1.1 103 Early Hints", b"ETag: early")
    assert made.status == 0
    for line in (b"HTTP/1.1 200 OK\r\n", b"Server: x\r\n", b"\r\n"):
        made.add_line(line)
    assert (made.status, made.named) == (200, {"Server": "x"})
    assert answer(b"HTTP/1.1 101 Switching Protocols").status == 101


def test_what_comes_after_the_body_is_no_part_of_the_header():
    made = answer(b"HTTP/1.1 200 OK")
    made.add_line(b"ETag: late\r\n")
    assert made.fields == ()


@pytest.mark.parametrize(
    "lines",
    [
        [b"HTTP/2 200 OK"],
        [b"HTTP/1.1 1000 Much"],
        [b"HTTP/1.1 20 Little"],
        [b"http/1.1 200 OK"],
        [b"", b"HTTP/1.1 200 OK"],
        [b"HTTP/1.1 200 OK", b"ETag : x"],
        [b"HTTP/1.1 200 OK", b": x"],
        [b"HTTP/1.1 200 OK", b"X\xe9: x"],
        [b"HTTP/1.1 200 OK", b"no field"],
    ],
)
def test_a_header_that_is_none_is_not_proper_http(lines):
    with pytest.raises(ExchangeFailed) as caught:
        answer(*lines)
    assert caught.value.kind == "protocol"


def test_announcements_and_trailers_count_for_the_limit_of_the_header():
    with pytest.raises(ExchangeFailed, match=r"over 0\.976562 KiB"):
        answer(b"HTTP/1.1 200 OK", b"X: " + b"y" * 1000)
    made = answer(b"HTTP/1.1 103 Early Hints", b"X: " + b"y" * 600)
    for line in (b"HTTP/1.1 200 OK\r\n", b"\r\n"):
        made.add_line(line)
    with pytest.raises(ExchangeFailed) as caught:
        made.add_line(b"X: " + b"y" * 600)
    assert caught.value.kind == "headers_too_large"


def test_a_body_that_is_not_wanted_is_enough_and_dropped():
    made = answer(b"HTTP/1.1 404 Not Found", b"Content-Length: 100000", b"Content-Encoding: odd")
    assert made.is_enough
    made.add_piece(bytes(5000))
    assert (made.body(), made.received) == (b"", 0)


def test_a_body_is_refused_by_its_announced_length_its_size_and_its_decoded_size():
    for length in (b"1001", b"9" * 30):
        with pytest.raises(ExchangeFailed, match="larger"):
            answer(b"HTTP/1.1 200 OK", b"Content-Length: " + length)
    plain = answer(b"HTTP/1.1 200 OK")
    plain.add_piece(bytes(1000))
    with pytest.raises(ExchangeFailed, match="larger"):
        plain.add_piece(b"x")
    packed = answer(b"HTTP/1.1 200 OK", b"Content-Encoding: gzip")
    with pytest.raises(ExchangeFailed, match="larger"):
        packed.add_piece(gzip.compress(bytes(1001)))


def test_a_coding_that_was_not_offered_is_refused_before_the_body_comes():
    with pytest.raises(BadCoding):
        answer(b"HTTP/1.1 200 OK", b"Content-Encoding: zstd")


@pytest.mark.parametrize(
    ("fields", "open_ended"),
    [([], True), ([b"Content-Length: 5"], False), ([b"Transfer-Encoding: chunked"], False)],
)
def test_a_body_without_a_stated_length_ends_with_the_connection(fields, open_ended):
    assert answer(b"HTTP/1.1 200 OK", *fields).is_open_ended == open_ended
    assert not answer(b"HTTP/1.1 404 Not Found", *fields).is_open_ended


@pytest.mark.parametrize(
    ("value", "content_type", "charset"),
    [
        (b'TEXT/XML; Charset="utf-8"', "text/xml", "utf-8"),
        (b"text/xml", "text/xml", None),
        (b"nonsense", "application/octet-stream", None),
        (b"", "", None),
        (b'text/xml; x="a;charset=b"; charset=Shift_JIS', "text/xml", "Shift_JIS"),
        (b"a/b/c; charset=x", "application/octet-stream", "x"),
        (b"text/xml; charset", "text/xml", ""),
    ],
)
def test_a_content_type_is_a_media_type_and_perhaps_a_charset(value, content_type, charset):
    made = answer(b"HTTP/1.1 200 OK", b"Content-Type: " + value)
    assert (made.content_type, made.charset) == (content_type, charset)
    assert answer(b"HTTP/1.1 200 OK").content_type is None


@pytest.mark.parametrize(
    ("fields", "links"),
    [
        ([b"Link: <https://hub.example/>; rel=hub", b"link: </s>; rel=self"],
         {"hub": "https://hub.example/", "self": "https://site.example/s"}),
        ([b"Link: <https://hub.example/a,b>; title=\"x\"; rel=\"hub\", <s>; rel='self'"],
         {"hub": "https://hub.example/a,b", "self": "https://site.example/a/s"}),
        ([b"Link: <https://one.example/>; rel=hub, <https://two.example/>; REL = hub"],
         {"hub": "https://two.example/"}),
        ([b"Link: <http://[broken/>; rel=hub, </s>; rel=self"], {"self": "https://site.example/s"}),
        ([b"Link: https://hub.example/; rel=hub", b"Link: <https://x.example/>"], {}),
        ([], {}),
    ],
)  # fmt: skip
def test_links_are_told_by_their_relation(fields, links):
    assert answer(b"HTTP/1.1 200 OK", *fields).links(BASE) == links


@given(st.lists(st.binary(max_size=80), max_size=8), st.lists(st.binary(max_size=200), max_size=4))
def test_whatever_bytes_come_end_as_a_failure_or_an_answer(lines, pieces):
    made = Answer(max_headers=200, max_body=300, wanted=frozenset({200}))
    try:
        for line in (b"HTTP/1.1 200 OK", *lines, b""):
            made.add_line(line + b"\r\n")
        for piece in pieces:
            made.add_piece(piece)
        made.body()
        made.links(BASE)
    except (ExchangeFailed, BadCoding) as error:
        assert str(error)  # noqa: PT017  # either way is right; only the words are checked
