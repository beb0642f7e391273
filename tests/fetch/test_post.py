"""Posting to hubs and webhooks: the same guard, the same limits."""

import asyncio

import pytest

from aggregator.model.exchange import Fetched, FetchFailed
from tests.fetch.conftest import NOW

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.mark.parametrize("status", [200, 201, 202, 204])
async def test_any_2xx_is_success_and_the_body_arrives_as_given(site, client, status):
    site.answer("/hub", status=status, body=b"" if status == 204 else b"thanks")
    outcome = await client.post(site.url("/hub"), b"hub.mode=subscribe", FORM, NOW)
    assert isinstance(outcome, Fetched)
    (asked,) = site.requests
    assert (asked.method, asked.body) == ("POST", b"hub.mode=subscribe")
    assert asked.header("Content-Type") == FORM["Content-Type"]
    assert (asked.header("User-Agent") or "").startswith("Aggregator/")


@pytest.mark.parametrize("status", [304, 400, 404, 410, 500])
async def test_anything_else_is_a_failure_in_words(site, client, status):
    site.answer("/hub", status=status)
    outcome = await client.post(site.url("/hub"), b"x", FORM, NOW)
    assert isinstance(outcome, FetchFailed)
    assert outcome.message.startswith(f"{status}:")


@pytest.mark.parametrize("status", [307, 308])
async def test_a_redirect_that_keeps_the_method_is_followed(site, client, status):
    site.redirect("/hub", "/new", status)
    site.answer("/new", status=202)
    outcome = await client.post(site.url("/hub"), b"x=1", FORM, NOW)
    assert isinstance(outcome, Fetched)
    assert [(asked.method, asked.body) for asked in site.asked("/new")] == [("POST", b"x=1")]


@pytest.mark.parametrize("status", [301, 302, 303])
async def test_a_redirect_that_would_make_it_a_get_is_a_failure(site, client, status):
    site.redirect("/hub", "/new", status)
    outcome = await client.post(site.url("/hub"), b"x=1", FORM, NOW)
    assert isinstance(outcome, FetchFailed)
    assert not site.asked("/new")


async def test_an_address_inside_is_not_posted_to_nor_redirected_to(site, client):
    site.redirect("/hub", "http://169.254.169.254/", 307)
    for url in ("http://10.0.0.1/hub", site.url("/hub")):
        outcome = await client.post(url, b"x", FORM, NOW)
        assert isinstance(outcome, FetchFailed)
        assert outcome.kind == "refused_address"


async def test_an_endless_answer_is_not_read(site, client):
    site.answer("/hub", endless=b"x" * 65536)
    begun = asyncio.get_running_loop().time()
    assert isinstance(await client.post(site.url("/hub"), b"x", FORM, NOW), Fetched)
    assert asyncio.get_running_loop().time() - begun < 0.5
