import asyncio
from collections.abc import AsyncIterator
from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.errors import AddressRefused
from aggregator.fetch.article import RobotsCache, fetch_article
from aggregator.fetch.client import Client, FetchOptions
from aggregator.fetch.guard import (
    AddressGuard,
    check_url,
    is_public,
    parse_allowance,
    parse_url,
    unwrap,
)
from aggregator.model.exchange import FetchFailed, FetchRequest
from tests.fakes.origin import Origin, origin
from tests.fetch.conftest import NOW

# Every form leads, or would lead if it were read carelessly, to this machine or a private network.
# {p} is the port of a listener that must never be reached.
FORMS = [
    "http://127.0.0.1:{p}/",
    "http://[:]é@127.0.0.1:{p}/",
    "http://127.1:{p}/",
    "http://127.0.1:{p}/",
    "http://127.255.255.254:{p}/",
    "http://2130706433:{p}/",
    "http://0x7f000001:{p}/",
    "http://0x7f.1:{p}/",
    "http://0x7f.0x0.0x0.0x1:{p}/",
    "http://0177.0.0.1:{p}/",
    "http://017700000001:{p}/",
    "http://127.0.0.01:{p}/",
    "http://127.0.0.1.:{p}/",
    "http://127.0.0.1..:{p}/",
    "http://0.0.0.0:{p}/",
    "http://0:{p}/",
    "http://00000000:{p}/",
    "http://１２７.0.0.1:{p}/",
    "http://①②⑦.⓪.⓪.①:{p}/",
    "http://127。0。0。1:{p}/",
    "http://127%2e0%2e0%2e1:{p}/",
    "http://%31%32%37.0.0.1:{p}/",
    "http://localhost:{p}/",
    "http://LOCALHOST:{p}/",
    "http://localhost.:{p}/",
    "http://rebound.test:{p}/",
    "http://rebound6.test:{p}/",
    "http://mapped.test:{p}/",
    "http://linklocal.test:{p}/",
    "http://[::1]:{p}/",
    "http://[0:0:0:0:0:0:0:1]:{p}/",
    "http://[::]:{p}/",
    "http://[::127.0.0.1]:{p}/",
    "http://[::7f00:1]:{p}/",
    "http://[::ffff:127.0.0.1]:{p}/",
    "http://[::ffff:7f00:1]:{p}/",
    "http://[0:0:0:0:0:ffff:7f00:0001]:{p}/",
    "http://[::ffff:0:127.0.0.1]:{p}/",
    "http://[64:ff9b::127.0.0.1]:{p}/",
    "http://[64:ff9b::10.0.0.1]/",
    "http://[64:ff9b:1::7f00:1]:{p}/",
    "http://[2002:7f00:1::]:{p}/",
    "http://[2001:0:7f00:1::80ff:fffe]:{p}/",
    "http://[2001:db8::1]/",
    "http://[fe80::1]:{p}/",
    "http://[fe80::1%25lo]:{p}/",
    "http://[::1%lo]:{p}/",
    "http://[fc00::1]/",
    "http://[fd12:3456::1]/",
    "http://[fec0::1]/",
    "http://[ff02::1]/",
    "http://[3fff::1]/",
    "http://[5f00::1]/",
    "http://[100::1]/",
    "http://10.0.0.1/",
    "http://172.16.0.1/",
    "http://172.31.255.255/",
    "http://192.168.1.1/",
    "http://169.254.169.254/latest/meta-data/",
    "http://100.64.0.1/",
    "http://192.0.0.8/",
    "http://192.0.2.1/",
    "http://192.88.99.1/",
    "http://198.18.0.1/",
    "http://198.51.100.1/",
    "http://203.0.113.1/",
    "http://224.0.0.1/",
    "http://240.0.0.1/",
    "http://255.255.255.255/",
    "http://user@127.0.0.1:{p}/",
    "http://example.com@127.0.0.1:{p}/",
    "http://user:secret@example.com/",
    "http://@127.0.0.1:{p}/",
    "http://example.com\\@127.0.0.1:{p}/",
    "http://127.0.0.1\\@example.com/",
    "http://127.0.0.1:{p}\\.example.com/",
    "http://127.0.0.1 .example.com/",
    "http://exa\tmple.com/",
    "http://example.com\r\nHost: x/",
    "http://exam\x00ple.com/",
    "http://example.com:22/",
    "http://8.8.8.8:6379/",
    "http://example.com:25/",
    "http://example.com:6379/",
    "http://example.com:0/",
    "http://example.com:99999/",
    "http:///etc/passwd",
    "http://",
    "http:127.0.0.1:{p}/",
    "//127.0.0.1:{p}/",
    "file:///etc/passwd",
    "ftp://127.0.0.1:{p}/",
    "gopher://127.0.0.1:{p}/_",
    "data:text/xml,<rss/>",
    "unix:///var/run/docker.sock",
    "javascript:alert(1)",
    "http://..example.com/",
    "http://exa$mple.com/",
    "http://[::1/",
    "http://[not-an-address]/",
    "http://" + "a" * 5000 + ".com/",
]

NAMES = {
    "localhost": ["127.0.0.1", "::1"],
    "localhost.": ["127.0.0.1"],
    "rebound.test": ["127.0.0.1"],
    "rebound6.test": ["::1"],
    "mapped.test": ["::ffff:127.0.0.1"],
    "linklocal.test": ["169.254.169.254"],
    "intranet.test": ["127.0.0.9"],
}


def lookup(host: str, port: int) -> list[str]:
    try:
        return NAMES[host.lower()]
    except KeyError:
        raise OSError("no such name") from None


@pytest.fixture
async def canary() -> AsyncIterator[list[int]]:
    """Listen on IPv4 and IPv6 loopback at one port; yields [port, connections so far]."""
    seen = [0, 0]

    def connected(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen[1] += 1
        writer.close()

    four = await asyncio.start_server(connected, "127.0.0.1", 0)
    seen[0] = four.sockets[0].getsockname()[1]
    six = await asyncio.start_server(connected, "::1", seen[0])
    yield seen
    for server in (four, six):
        server.close()
        await server.wait_closed()


def guarded(site: Origin, port: int) -> Client:
    """Return a client that may ask one site, and for which the canary's port is no obstacle."""
    return Client(FetchOptions(allow_private=(site.place, f"9.9.9.9:{port}")), lookup=lookup)


def test_there_are_at_least_sixty_forms():
    assert len(set(FORMS)) >= 60


async def test_a52_a54_no_form_is_connected_to_by_any_fetcher(canary):
    """P2, A52, A54: as a feed, as a redirect hop, as a page, as an article with its robots.txt,
    and as a hub or webhook that is posted to, directly or by a redirect."""
    port = canary[0]
    async with origin("127.0.0.5") as site, guarded(site, port) as client:
        for number, form in enumerate(FORMS):
            url = form.format(p=port)
            site.redirect(f"/{number}", url, status=302)
            hop = await client.fetch(FetchRequest(url=site.url(f"/{number}")), NOW)
            outcomes = [
                await client.fetch(FetchRequest(url=url), NOW),
                await client.fetch_page(url, NOW),
                await fetch_article(client, url, RobotsCache(), NOW),
            ]
            kinds = [o.kind for o in outcomes if isinstance(o, FetchFailed)]
            assert kinds[:2] == ["refused_address"] * 2, url
            assert kinds[2] in ("refused_address", "robots"), url  # robots.txt is asked first
            posted = await client.post(url, b"x", {}, NOW)
            assert isinstance(posted, FetchFailed)
            assert posted.kind == "refused_address", url
            site.redirect(f"/{number}", url, status=307)
            led_on = await client.post(site.url(f"/{number}"), b"x", {}, NOW)
            assert isinstance(led_on, FetchFailed), url
            assert isinstance(hop, FetchFailed)
            if not set(url) & {"\r", "\x00"}:  # those cannot be said in a header
                # The others: read as a path of the redirecting site itself ("http:///etc/passwd").
                assert hop.kind in ("refused_address", "http_404", "redirects"), url
    assert canary[1] == 0


async def test_the_canary_would_have_been_reached_without_the_guard(canary):
    reader, writer = await asyncio.open_connection("127.0.0.1", canary[0])
    await reader.read()
    writer.close()
    assert canary[1] == 1


@pytest.mark.parametrize("own", ["127.0.0.1", "0.0.0.0", "localhost"])
async def test_d03_our_own_address_is_refused_even_where_private_addresses_are_allowed(own):
    async with origin() as site:
        options = FetchOptions(allow_private=("127.0.0.0/8:*",), own_addresses=((own, site.port),))
        async with Client(options) as client:
            outcome = await client.fetch(FetchRequest(url=site.url("/")), NOW)
    assert isinstance(outcome, FetchFailed)
    assert outcome.kind == "refused_address"
    assert "own address" in outcome.message
    assert not site.requests


@pytest.mark.parametrize(
    "pattern", ["{host}:{port}", "{host}:*", "127.0.0.0/8:*", "intranet.test:{port}"]
)
async def test_a_listed_private_address_is_asked(pattern):
    async with origin("127.0.0.9") as site:
        site.answer("/", body=b"<rss/>")
        listed = pattern.format(host=site.host, port=site.port)
        name = "intranet.test" if "intranet" in pattern else site.host
        async with Client(FetchOptions(allow_private=(listed,)), lookup=lookup) as client:
            await client.fetch(FetchRequest(url=f"http://{name}:{site.port}/"), NOW)
    assert len(site.requests) == 1


async def test_an_ipv6_pattern_allows_its_address():
    async with (
        origin("::1") as site,
        Client(FetchOptions(allow_private=(f"[::1]:{site.port}",))) as client,
    ):
        await client.fetch(FetchRequest(url=site.url("/")), NOW)
    assert len(site.requests) == 1


async def test_a_network_pattern_allows_a_name_that_leads_into_it():
    async with (
        origin() as site,
        Client(FetchOptions(allow_private=("127.0.0.0/8:*",)), lookup=lookup) as client,
    ):
        await client.fetch(FetchRequest(url=f"http://localhost:{site.port}/"), NOW)
    assert len(site.requests) == 1


async def test_d03_a_pattern_allows_no_other_port():
    async with (
        origin() as site,
        Client(FetchOptions(allow_private=(f"127.0.0.1:{site.port + 1}",))) as client,
    ):
        outcome = await client.fetch(FetchRequest(url=site.url("/")), NOW)
    assert isinstance(outcome, FetchFailed)
    assert not site.requests


@pytest.mark.parametrize(
    "pattern", ["", "host", ":80", "host:", "host:0", "host:70000", "host:http", "10.0.0.0/33:*",
                "10.0.0.1/8:*", "[::1:80", "300.1.1.1:80", "host:８０"],
)  # fmt: skip
def test_a_pattern_that_cannot_be_read_is_an_error(pattern):
    with pytest.raises(ValueError, match=r"port|address|host"):
        parse_allowance(pattern)


@pytest.mark.parametrize(
    "url", ["https://example.com/feed?x=%7E&y=%2f", "http://例え.jp/フィード", "https://8.8.8.8/",
            "http://[2606:4700::1111]:8080/", "https://example.com:8443/a#part", "HTTP://Example.COM/",
            "http://rssbridge2/", "http://feeds.nas-0x1/"],
)  # fmt: skip
def test_an_ordinary_url_passes(url):
    check_url(url)


def test_an_ascii_url_is_sent_as_written():
    assert parse_url("https://example.com/%7Ea?x=%2f+%20#y").raw_path_qs == "/%7Ea?x=%2f+%20"


def test_a_proxy_is_not_asked_for_its_own_machine():
    guard = AddressGuard(proxy=("proxy.test", 3128))
    with pytest.raises(AddressRefused, match="proxy"):
        guard.check_url("http://www.localhost/")
    guard.check_url("http://example.com/")


def test_the_proxy_itself_may_be_connected_to():
    named, literal = (
        AddressGuard(proxy=("proxy.test", 3128)),
        AddressGuard(proxy=("10.0.0.9", 3128)),
    )
    named.note_resolved("proxy.test", 3128, ["10.0.0.9"])
    for guard in (named, literal):
        guard.open_socket((2, 1, 6, "", ("10.0.0.9", 3128))).close()
        with pytest.raises(AddressRefused):
            guard.open_socket((2, 1, 6, "", ("10.0.0.8", 3128)))


@given(st.ip_addresses())
def test_d03_nothing_is_public_that_the_standard_library_calls_private(address):
    inner = unwrap(address)
    if inner.is_private or inner.is_multicast or inner.is_reserved or inner.is_unspecified:
        assert not is_public(address)


@given(st.ip_addresses(v=4))
def test_d03_a_wrapped_address_is_judged_by_what_it_holds(address):
    for prefix in ("::ffff:", "64:ff9b::"):
        assert is_public(ip_address(f"{prefix}{address}")) == is_public(address)


@given(st.text(max_size=60))
def test_d02_any_text_is_either_a_url_or_refused(text):
    for url in (text, f"http://{text}", f"http://example.com/{text}"):
        try:
            check_url(url)
        except AddressRefused as error:
            assert str(error)  # noqa: PT017  # either way is right; only the words are checked
