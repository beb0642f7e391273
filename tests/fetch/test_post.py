"""What is sent to webhooks and hubs goes through the same guard and limits as every request."""

from aggregator.fetch.client import Client, FetchOptions
from aggregator.model.exchange import Fetched, FetchFailed
from tests.fakes.origin import Origin
from tests.fetch.conftest import NOW

HEADERS = {"Content-Type": "application/json", "X-Mark": "1"}


async def test_the_body_and_headers_arrive_as_given(client: Client, site: Origin) -> None:
    site.answer("/hook", status=204)
    outcome = await client.post(site.url("/hook"), b'{"a": 1}', HEADERS, NOW)
    assert isinstance(outcome, Fetched)
    (asked,) = site.requests
    assert (asked.method, asked.body, asked.header("X-Mark")) == ("POST", b'{"a": 1}', "1")


async def test_an_error_is_a_failure_and_so_is_a_redirect_that_would_drop_the_body(
    client: Client, site: Origin
) -> None:
    site.answer("/hook", status=503, headers={"Retry-After": "600"})
    outcome = await client.post(site.url("/hook"), b"x", HEADERS, NOW)
    assert isinstance(outcome, FetchFailed)
    assert outcome.freshness.not_before is not None
    site.redirect("/hook", "/elsewhere", status=302)
    outcome = await client.post(site.url("/hook"), b"x", HEADERS, NOW)
    assert isinstance(outcome, FetchFailed)
    assert site.asked("/elsewhere") == []


async def test_an_address_inside_the_own_network_is_not_posted_to(site: Origin) -> None:
    site.answer("/hook")
    async with Client(FetchOptions()) as stranger:
        outcome = await stranger.post(site.url("/hook"), b"x", HEADERS, NOW)
    assert isinstance(outcome, FetchFailed)
    assert outcome.kind == "refused_address"
    assert site.connections == 0
