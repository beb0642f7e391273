import asyncio
import gzip
import os
import socket
import ssl
import subprocess
import time
import zlib
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import brotli
import pytest

from aggregator import __version__
from aggregator.fetch.client import Client, FetchOptions
from aggregator.fetch.resolver import system_lookup
from aggregator.model.exchange import (
    Fetched,
    FetchFailed,
    FetchRequest,
    NotModified,
    Severity,
)
from aggregator.model.feed import Validators
from tests.fakes.origin import Answer, origin
from tests.fetch.conftest import NOW, OPTIONS

FEED = "<rss><channel><title>毎日</title></channel></rss>".encode()


async def fetched(client: Client, url: str) -> Fetched:
    outcome = await client.fetch(FetchRequest(url=url), NOW)
    assert isinstance(outcome, Fetched), outcome
    return outcome


async def failure(client: Client, url: str) -> FetchFailed:
    outcome = await client.fetch(FetchRequest(url=url), NOW)
    assert isinstance(outcome, FetchFailed), outcome
    return outcome


# -- what is asked ------------------------------------------------------------------------------


async def test_a_request_says_who_asks_and_for_what_and_nothing_more(site, client):
    site.answer("/feed", body=FEED, headers={"Set-Cookie": "a=b"})
    await fetched(client, site.url("/feed"))
    await fetched(client, site.url("/feed"))
    for asked in site.requests:
        names = [name for name, _ in asked.headers]
        assert names == ["Host", "User-Agent", "Accept", "Accept-Encoding"]
        assert (
            asked.header("User-Agent")
            == f"Aggregator/{__version__} (+https://aggregator.example/bot)"
        )
        assert (asked.header("Accept") or "").startswith(
            "application/atom+xml, application/rss+xml"
        )
        assert asked.header("Accept-Encoding") == "gzip, deflate, br"
        assert asked.target == "/feed"


@pytest.mark.parametrize(
    ("etag", "modified"),
    [
        (b'"abc"', b"Mon, 23 Nov 2026 00:00:00 GMT"),
        (b'W/"abc-gzip"', b"Tue, 01 Jan 2999 00:00:00 GMT"),
        (b"unquoted", b"soon"),
        (b'""', b"0"),
        ('"日本"'.encode(), b"Mon, 23 Nov 2026 00:00:00 +0900"),
        (b'"' + b"x" * 1000 + b'"', b"-1"),
        (b'"a\tb,c;d\\"', b"mon, 23 nov 2026 00:00:00 gmt"),
    ],
)
async def test_a59_a60_validators_are_echoed_byte_for_byte(site, client, etag, modified):
    site.program("/feed", Answer(body=FEED, headers=(("ETag", etag), ("Last-Modified", modified))))
    first = await fetched(client, site.url("/feed"))
    second = await client.fetch(
        FetchRequest(url=site.url("/feed"), validators=first.validators), NOW
    )
    assert isinstance(second, NotModified)
    assert b"If-None-Match: " + etag + b"\r\n" in site.requests[1].raw
    assert b"If-Modified-Since: " + modified + b"\r\n" in site.requests[1].raw
    assert second.validators == first.validators


@pytest.mark.parametrize("etag", [b'"' + b"x" * 10_000 + b'"', b'"\xff\xfe"', b'"a\x01b"', b""])
async def test_a59_a_validator_that_cannot_be_echoed_is_not_kept(site, client, etag):
    site.program("/feed", Answer(body=FEED, headers=(("ETag", etag),)))
    outcome = await client.fetch(FetchRequest(url=site.url("/feed")), NOW)
    if isinstance(outcome, Fetched):  # aiohttp itself refuses the control character
        assert not outcome.validators
    else:
        assert b"\x01" in etag


async def test_validators_go_only_to_the_url_they_belong_to(site, client):
    site.answer("/new", body=FEED, headers={"ETag": '"1"'})
    site.redirect("/old", "/new")
    first = await fetched(client, site.url("/old"))
    assert first.validators.url == site.url("/new")
    again = await client.fetch(FetchRequest(url=site.url("/old"), validators=first.validators), NOW)
    assert isinstance(again, NotModified)
    assert [asked.header("If-None-Match") for asked in site.requests] == [None, None, None, '"1"']


async def test_a58_a_304_with_a_new_etag_replaces_it_and_keeps_the_other(site, client):
    known = Validators(etag='"1"', last_modified="then", url=site.url("/feed"))
    site.program("/feed", Answer(status=304, headers=(("ETag", '"2"'),)))
    outcome = await client.fetch(FetchRequest(url=site.url("/feed"), validators=known), NOW)
    assert isinstance(outcome, NotModified)
    assert outcome.validators == replace(known, etag='"2"')


async def test_a58_a_304_that_was_not_asked_for_is_unchanged_and_gives_no_validators(site, client):
    site.program("/feed", Answer(status=304, headers=(("ETag", '"2"'),)))
    outcome = await client.fetch(FetchRequest(url=site.url("/feed")), NOW)
    assert isinstance(outcome, NotModified)
    assert not outcome.validators


async def test_a61_a_200_replaces_both_validators_even_by_nothing(site, client):
    known = Validators(etag='"1"', last_modified="then", url=site.url("/feed"))
    site.answer("/feed", body=FEED, headers={"ETag": '"2"'})
    outcome = await client.fetch(FetchRequest(url=site.url("/feed"), validators=known), NOW)
    assert isinstance(outcome, Fetched)
    assert outcome.validators == Validators(etag='"2"', url=site.url("/feed"))


# -- what comes ---------------------------------------------------------------------------------


async def test_a_200_gives_its_body_and_what_its_headers_say(site, client):
    site.answer(
        "/feed",
        body=FEED,
        headers={
            "Content-Type": "application/rss+xml; charset=UTF-8",
            "Cache-Control": "max-age=600",
            "Link": '<https://hub.example/>; rel="hub", </self>; rel="self"',
        },
    )
    outcome = await fetched(client, site.url("/feed"))
    assert outcome.body == FEED
    assert outcome.url == site.url("/feed")
    assert (outcome.content_type, outcome.charset) == ("application/rss+xml", "UTF-8")
    assert outcome.hub == "https://hub.example/"
    assert outcome.self_url == site.url("/self")
    assert outcome.moved_to is None
    assert outcome.received == len(FEED)
    assert outcome.freshness.not_before is not None
    early = timedelta(seconds=600)
    assert early <= outcome.freshness.not_before - NOW <= early + timedelta(seconds=5)


async def test_a_link_header_that_cannot_be_read_is_left_out(site, client):
    site.answer("/feed", body=FEED, headers={"Link": "<http://[broken/>; rel=hub, nonsense"})
    outcome = await fetched(client, site.url("/feed"))
    assert outcome.hub is None


def raw_deflate(body: bytes) -> bytes:
    deflate = zlib.compressobj(wbits=-15)
    return deflate.compress(body) + deflate.flush()


@pytest.mark.parametrize(
    ("coding", "encode"),
    [
        ("gzip", gzip.compress),
        ("x-gzip", gzip.compress),
        ("deflate", zlib.compress),
        ("deflate", raw_deflate),
        ("br", brotli.compress),
        ("identity", bytes),
        ("GZIP", gzip.compress),
    ],
)
@pytest.mark.parametrize("chunked", [False, True])
async def test_an_offered_coding_is_undone(site, client, coding, encode, chunked):
    body = encode(FEED * 50)
    site.answer("/feed", body=body, headers={"Content-Encoding": coding}, chunked=chunked)
    outcome = await fetched(client, site.url("/feed"))
    assert outcome.body == FEED * 50
    assert outcome.received == len(body)


@pytest.mark.parametrize(
    ("coding", "encode"),
    [
        ("gzip", gzip.compress),
        ("br", partial(brotli.compress, quality=4)),
        ("deflate", zlib.compress),
    ],
)
async def test_a01_a_bomb_is_stopped_at_the_limit(site, client, coding, encode):
    site.answer("/feed", body=encode(bytes(20_000_000)), headers={"Content-Encoding": coding})
    outcome = await failure(client, site.url("/feed"))
    assert (outcome.kind, outcome.severity) == ("too_large", Severity.HARD)
    assert outcome.message == "larger than 1 MiB"


@pytest.mark.parametrize("coding", ["gzip, gzip", "gzip, br", "zstd", "compress", "nonsense"])
async def test_a02_other_codings_and_a_second_layer_are_refused(site, client, coding):
    site.answer(
        "/feed", body=gzip.compress(gzip.compress(FEED)), headers={"Content-Encoding": coding}
    )
    assert (await failure(client, site.url("/feed"))).kind == "coding"


async def test_a03_a_body_over_the_limit_is_refused_whatever_its_length_says(site, client):
    site.answer("/honest", body=bytes(1024 * 1024 + 1))
    site.answer("/announced", headers={"Content-Length": "1000000000"}, silent=True)
    site.answer("/endless", endless=b"x" * 65536)
    for path in ("/honest", "/announced", "/endless"):
        assert (await failure(client, site.url(path))).kind == "too_large"


async def test_a_body_of_exactly_the_limit_is_taken(site, client):
    site.answer("/feed", body=b"x" * (1024 * 1024))
    assert len((await fetched(client, site.url("/feed"))).body) == 1024 * 1024


async def test_a04_a_header_beyond_measure_is_refused(site, client):
    site.answer("/many", body=FEED, headers={f"X-{n}": "y" * 1000 for n in range(40)})
    site.answer("/countless", body=FEED, headers={f"X-{n}": "y" for n in range(10_000)})
    site.answer("/long", body=FEED, headers={"X-Long": "y" * 200_000})
    site.program(
        "/trailers",
        Answer(
            raw=b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n"
            + b"X-Trailer: y\r\n" * 200_000
        ),
    )
    kinds = [
        (await failure(client, site.url(path))).kind
        for path in ("/many", "/countless", "/long", "/trailers")
    ]
    assert kinds[0] == "headers_too_large"
    assert set(kinds[1:]) <= {"headers_too_large", "protocol", "connection", "cut_short"}


async def test_a_long_content_security_policy_is_no_obstacle(site, client):
    site.answer("/feed", body=FEED, headers={"Content-Security-Policy": "x" * 20_000})
    await fetched(client, site.url("/feed"))


async def test_a05_a_slow_body_and_a_silent_one_end_in_time(site, impatient):
    site.answer("/drip", body=b"x" * 1000, drip=0.05)
    site.answer("/silent", body=b"x" * 1000, silent=True)
    site.answer("/late", body=FEED, delay=5)
    outcomes = [await failure(impatient, site.url(path)) for path in ("/drip", "/silent", "/late")]
    assert [outcome.kind for outcome in outcomes] == ["timeout"] * 3
    assert [outcome.message for outcome in outcomes] == [
        "no answer within 0.6 s",
        "nothing came for 0.3 s",
        "nothing came for 0.3 s",
    ]
    assert all(outcome.severity is Severity.TEMPORARY for outcome in outcomes)


async def test_the_caller_can_wait_less_than_the_limit(site, client):
    site.answer("/feed", body=FEED, delay=5)
    outcome = await client.fetch(FetchRequest(url=site.url("/feed"), deadline=0.1), NOW)
    assert isinstance(outcome, FetchFailed)
    assert outcome.message == "no answer within 0.1 s"


async def test_a06_a_body_that_was_cut_short_is_refused(site, client):
    packed = gzip.compress(FEED * 1000)
    site.answer("/cut", body=FEED, cut=10, headers={"ETag": '"1"'})
    site.answer("/gzip", body=packed[:-20], headers={"Content-Encoding": "gzip"})
    site.answer("/br", body=brotli.compress(FEED)[:-3], headers={"Content-Encoding": "br"})
    site.answer("/damaged", body=b"\x1f\x8b" + FEED, headers={"Content-Encoding": "gzip"})
    site.answer("/plain", body=FEED, headers={"Content-Encoding": "gzip"})
    site.answer("/br-plain", body=FEED, headers={"Content-Encoding": "br"})
    site.answer("/chunk", endless=b"", chunked=True)
    kinds = [
        (await failure(client, site.url(path))).kind
        for path in ("/cut", "/gzip", "/br", "/damaged", "/plain", "/br-plain")
    ]
    assert kinds == ["cut_short", "coding", "coding", "coding", "coding", "coding"]


@pytest.mark.parametrize("body", [b"", b" \r\n\t "])
async def test_a17_an_empty_answer_is_a_failure(site, client, body):
    site.answer("/feed", body=body, headers={"ETag": '"1"'})
    assert (await failure(client, site.url("/feed"))).kind == "empty"


@pytest.mark.parametrize(
    ("status", "severity", "words"),
    [
        (403, Severity.SOFT, "403: refused by the site"),
        (401, Severity.SOFT, "401: the site wants a login"),
        (404, Severity.SOFT, "404: no such page; the feed may have moved"),
        (410, Severity.HARD, "410: gone; the site says that it will not come back"),
        (429, Severity.SOFT, "429: the site asks us to slow down"),
        (418, Severity.SOFT, "418: refused by the site"),
        (500, Severity.TEMPORARY, "500: the site has an error of its own"),
        (503, Severity.TEMPORARY, "503: the site is overloaded or closed for a while"),
        (599, Severity.TEMPORARY, "599: the site has an error of its own"),
        (226, Severity.SOFT, "226: not an answer to what we asked"),
        (204, Severity.SOFT, "204: not an answer to what we asked"),
        (300, Severity.SOFT, "300: not an answer to what we asked"),
    ],
)
async def test_a_status_has_a_severity_and_plain_words(site, client, status, severity, words):
    site.answer("/feed", status=status, body=b"x" if status != 204 else b"")
    outcome = await failure(client, site.url("/feed"))
    assert (outcome.severity, outcome.message) == (severity, words)
    assert (outcome.kind, outcome.status) == (f"http_{status}", status)


@pytest.mark.parametrize("status", [429, 503])
async def test_a_whole_host_is_to_be_left_alone_after(site, client, status):
    site.answer("/feed", status=status, headers={"Retry-After": "7200"})
    freshness = (await failure(client, site.url("/feed"))).freshness
    assert freshness.whole_host
    assert freshness.not_before is not None
    assert freshness.not_before >= NOW + timedelta(hours=2)


async def test_a_broken_connection_is_a_failure_in_plain_words(site, client):
    site.answer("/hangs-up", hang_up=True)
    site.program("/nonsense", Answer(raw=b"SSH-2.0-OpenSSH_9.2\r\n\r\n"))
    assert (await failure(client, site.url("/hangs-up"))).message == "the connection broke"
    assert (await failure(client, site.url("/nonsense"))).kind == "protocol"
    closed = await failure(client, "http://127.0.0.1:1/")
    assert (closed.kind, closed.message) == ("connect", "no connection to the site")


# -- redirects ----------------------------------------------------------------------------------


async def test_an_unbroken_chain_of_permanent_redirects_names_where_it_led(site, client):
    site.redirect("/a", "/b", 301)
    site.redirect("/b", "/c", 308)
    site.answer("/c", body=FEED)
    assert (await fetched(client, site.url("/a"))).moved_to == site.url("/c")


@pytest.mark.parametrize("statuses", [(302, 301), (301, 302), (307, 308), (303, 301)])
async def test_a_chain_with_a_temporary_redirect_has_not_moved(site, client, statuses):
    site.redirect("/a", "/b", statuses[0])
    site.redirect("/b", "/c", statuses[1])
    site.answer("/c", body=FEED)
    outcome = await fetched(client, site.url("/a"))
    assert (outcome.moved_to, outcome.url) == (None, site.url("/c"))


async def test_five_redirects_are_followed_and_no_more(site, client):
    for n in range(6):
        site.redirect(f"/{n}", f"/{n + 1}", 302)
    site.answer("/6", body=FEED)
    assert (await fetched(client, site.url("/1"))).url == site.url("/6")
    assert (await failure(client, site.url("/0"))).kind == "redirects"


async def test_a51_loops_and_broken_locations_end(site, client):
    site.redirect("/self", "/self")
    site.redirect("/x", "/y")
    site.redirect("/y", "/x")
    site.answer("/nowhere", status=301, body=b"x")
    site.redirect("/malformed", "http://[::1")
    site.redirect("/empty", "")
    kinds = [
        (await failure(client, site.url(path))).kind
        for path in ("/self", "/x", "/nowhere", "/malformed", "/empty")
    ]
    assert kinds == ["redirects", "redirects", "http_301", "refused_address", "redirects"]
    assert len(site.asked("/self")) == 6


async def test_a_location_with_spaces_or_japanese_letters_is_followed(site, client):
    site.answer("/a%20b/%E6%97%A5", body=FEED)
    site.program("/feed", Answer(status=302, headers=(("Location", "/a b/日".encode()),)))
    await fetched(client, site.url("/feed"))


async def test_d03_credentials_are_not_carried_to_another_origin(site, client):
    request = FetchRequest(url=site.url("/feed"), headers=(("Authorization", "Bearer s3cret"),))
    async with origin("127.0.0.2") as other:
        other.answer("/feed", body=FEED)
        site.redirect("/feed", "/same", 302)
        site.redirect("/same", other.url("/feed"), 302)
        assert isinstance(await client.fetch(request, NOW), Fetched)
    sent = [asked.header("Authorization") for asked in (*site.requests, *other.requests)]
    assert sent == ["Bearer s3cret", "Bearer s3cret", None]
    assert other.requests[0].header("Referer") is None
    assert "s3cret" not in repr(request)


async def test_a_redirect_that_says_wait_is_not_followed(site, client):
    site.answer("/feed", status=302, headers={"Location": "/busy", "Retry-After": "3600"})
    outcome = await failure(client, site.url("/feed"))
    assert outcome.kind == "http_302"
    assert outcome.freshness.not_before is not None
    assert not site.asked("/busy")


async def test_a66_cookies_are_neither_kept_nor_sent(site, client):
    site.answer("/feed", status=302, headers={"Location": "/b", "Set-Cookie": "a=b; Path=/"})
    site.answer("/b", body=FEED, headers={"Set-Cookie": "c=d; Path=/"})
    await fetched(client, site.url("/feed"))
    await fetched(client, site.url("/b"))
    assert all(asked.header("Cookie") is None for asked in site.requests)


# -- TLS, proxies, names ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a file with a key and a certificate for 127.0.0.1 that nobody vouches for."""
    file = tmp_path_factory.mktemp("tls") / "site.pem"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
               "-nodes", "-keyout", f"{file}.key", "-out", f"{file}.crt", "-days", "2",
               "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True)
    file.write_bytes(Path(f"{file}.key").read_bytes() + Path(f"{file}.crt").read_bytes())
    return file


async def secure(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


async def test_a_certificate_that_nobody_vouches_for_is_refused(client, certificate):
    async with origin(tls=await secure(certificate)) as site:
        site.answer("/feed", body=FEED)
        outcome = await failure(client, site.url("/feed"))
        assert not site.requests
    assert (outcome.kind, outcome.severity) == ("tls", Severity.SOFT)


async def test_a53_a_redirect_from_https_to_http_is_refused(site, client, certificate, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    site.answer("/feed", body=FEED)
    async with origin(tls=await secure(certificate)) as safe, Client(OPTIONS) as trusting:
        safe.redirect("/feed", site.url("/feed"))
        outcome = await failure(trusting, safe.url("/feed"))
    assert outcome.kind == "downgrade"
    assert not site.requests


async def test_a_folder_of_certificates_that_the_environment_names_is_trusted_too(
    certificate, tmp_path, monkeypatch
):
    command = ["openssl", "x509", "-noout", "-hash", "-in", f"{certificate}.crt"]
    name = subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
    (tmp_path / f"{name}.0").write_bytes(Path(f"{certificate}.crt").read_bytes())
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
    async with origin(tls=await secure(certificate)) as safe, Client(OPTIONS) as trusting:
        safe.answer("/feed", body=FEED)
        await fetched(trusting, safe.url("/feed"))


async def test_a_body_that_only_the_end_of_a_tls_connection_ends_is_whole(certificate, monkeypatch):
    """Without a close_notify, as old servers end it."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    context = await secure(certificate)

    def serve(listening: socket.socket) -> None:
        for head in (b"HTTP/1.1 200 OK\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n"):
            connection = context.wrap_socket(listening.accept()[0], server_side=True)
            connection.recv(4096)
            connection.sendall(head + FEED)
            os.close(connection.detach())  # without another word

    with socket.create_server(("127.0.0.1", 0)) as listening:
        url = f"https://127.0.0.1:{listening.getsockname()[1]}/"
        serving = asyncio.get_running_loop().run_in_executor(None, serve, listening)
        async with Client(OPTIONS) as trusting:
            assert (await fetched(trusting, url)).body == FEED
            assert (await failure(trusting, url)).kind == "cut_short"
        await serving


async def test_an_answer_that_is_not_tls_is_a_failure(client):
    async def babble(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(babble, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    outcome = await failure(client, f"https://127.0.0.1:{port}/")
    server.close()
    await server.wait_closed()
    assert (outcome.kind, outcome.severity) == ("tls", Severity.TEMPORARY)


async def test_b23_a_tls_handshake_that_stalls_ends_in_time(site, impatient):
    outcome = await failure(impatient, site.url("/feed").replace("http:", "https:"))
    assert (outcome.kind, outcome.message) == ("timeout", "nothing came for 0.3 s")


async def test_a_configured_proxy_is_asked_and_those_of_the_environment_are_not(site, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    site.answer("http://example.com/feed", body=FEED)
    async with Client(replace(OPTIONS, proxy=site.url(""), allow_private=())) as proxied:
        assert (await fetched(proxied, "http://example.com/feed")).body == FEED
        assert (await failure(proxied, "http://10.0.0.1/feed")).kind == "refused_address"
    async with Client(OPTIONS) as direct:
        site.answer("/feed", body=FEED)
        await fetched(direct, site.url("/feed"))


@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:1080", "proxy:3128", "http://"])
def test_a_proxy_that_cannot_be_used_is_an_error(proxy):
    with pytest.raises(ValueError, match="http://host:port"):
        Client(FetchOptions(proxy=proxy))


async def test_b21_a_name_server_that_hangs_costs_no_more_than_the_deadline(monkeypatch):
    monkeypatch.setattr("aggregator.fetch.resolver.DEADLINE", 0.05)

    def hanging(host: str, port: int) -> list[str]:
        time.sleep(0.3)
        return ["127.0.0.1"]

    async with Client(OPTIONS, lookup=hanging) as client:
        outcome = await failure(client, "http://example.com/")
    assert outcome.kind == "dns"
    assert outcome.seconds < 0.25


async def test_a_name_without_an_address_is_a_dns_failure():
    def nothing(host: str, port: int) -> list[str]:
        raise OSError("no such name")

    async with Client(OPTIONS, lookup=nothing) as client:
        outcome = await failure(client, "http://example.com/")
    assert (outcome.kind, outcome.message) == ("dns", "the host name was not found")


def test_the_systems_own_lookup_knows_this_machine():
    assert set(system_lookup("localhost", 80)) <= {"127.0.0.1", "::1"}


async def test_b19_no_more_exchanges_run_at_once_than_allowed(site):
    site.answer("/feed", body=FEED, delay=0.1)
    async with Client(replace(OPTIONS, concurrency=2)) as client:
        before = asyncio.get_running_loop().time()
        await asyncio.gather(*(fetched(client, site.url("/feed")) for _ in range(4)))
        assert asyncio.get_running_loop().time() - before >= 0.2


async def test_a_page_is_asked_for_as_html(site, client):
    site.answer("/", body=b"<html></html>")
    outcome = await client.fetch_page(site.url("/"), NOW)
    assert isinstance(outcome, Fetched)
    assert (site.requests[0].header("Accept") or "").startswith("text/html")


async def test_a_304_for_a_page_is_a_failure(site, client):
    site.answer("/", status=304)
    outcome = await client.fetch_page(site.url("/"), NOW)
    assert isinstance(outcome, FetchFailed)


async def test_a_client_can_be_closed_twice_and_used_again(site):
    site.answer("/feed", body=FEED)
    client = Client(OPTIONS)
    await client.close()
    await fetched(client, site.url("/feed"))
    await client.close()
    await client.close()


@pytest.mark.parametrize("where", ["Location", "Link"])
async def test_an_address_that_the_url_library_trips_over_is_a_refusal_not_an_exception(
    site, client, where
):
    odd = "http://[:]é@"
    headers = {"Location": odd} if where == "Location" else {"Link": f'<{odd}>; rel="hub"'}
    site.answer("/feed", status=302 if where == "Location" else 200, body=FEED, headers=headers)
    outcome = await client.fetch(FetchRequest(url=site.url("/feed")), NOW)
    if where == "Link":
        assert isinstance(outcome, Fetched)
        assert outcome.hub is None
    else:
        assert isinstance(outcome, FetchFailed)
        assert outcome.kind == "refused_address"


async def test_a64_a_delta_that_was_not_asked_for_is_no_answer(site, client):
    """We send no `A-IM`: a 226 cannot be merged with anything, and its validators are not kept."""
    site.answer("/feed", status=226, headers={"IM": "feed", "ETag": '"1"'}, body=FEED)
    assert (await failure(client, site.url("/feed"))).kind == "http_226"
    assert site.requests[0].header("A-IM") is None
