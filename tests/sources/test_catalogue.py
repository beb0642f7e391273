import zoneinfo
from urllib.parse import urlsplit

import pytest

from aggregator.sources.catalogue import OUTLETS, find


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("毎日新聞", "mainichi"), ("ＴＢＳ　ＮＥＷＳ ＤＩＧ", "tbs"), ("mainichi", "mainichi"), ("BBC", "bbc-world"),
        ("https://newsdig.tbs.co.jp/articles/-/2888791?display=1", "tbs"), ("www.jiji.com", "jiji"),
        ("https://feeds.bbci.co.uk/japanese/rss.xml", "bbc-japanese"), ("読売", "yomiuri"), ("the guard", "guardian"),
    ],
)  # fmt: skip
def test_an_outlet_is_found_by_id_name_host_or_feed(asked, expected):
    found = find(asked)
    assert found is not None
    assert found.id == expected


@pytest.mark.parametrize(
    "asked",
    [
        "",
        " ",
        "存在しない新聞",
        "https://unknown.example/",
        "www.bbc.com",
        "the",
        "http://[::1/x.y",
    ],
)
def test_what_is_unknown_or_means_several_gives_none(asked):
    assert find(asked) is None


def test_every_outlet_could_stand_in_sources_yaml():
    ids = [outlet.id for outlet in OUTLETS]
    assert len(ids) == len(set(ids))
    for outlet in OUTLETS:
        assert outlet.timezone in zoneinfo.available_timezones()
        assert outlet.terms
        for url in (outlet.homepage, *(feed.url for feed in outlet.feeds)):
            assert urlsplit(url).scheme == "https"


def test_an_outlet_without_a_feed_says_so():
    assert all(outlet.warnings for outlet in OUTLETS if not outlet.feeds)


def test_the_traps_of_the_shipped_outlets_are_told():
    told = {id: " ".join(found.warnings) for id in ("jiji", "tbs", "nhk") if (found := find(id))}
    assert "access ranking" in told["jiji"]
    assert "403" in told["tbs"]
    assert "stale" in told["nhk"]
