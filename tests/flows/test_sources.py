"""Sources as people manage them: add, discover, OPML in and out, and what `doctor` says; the real command."""

import textwrap
from datetime import UTC, datetime, timedelta

import pytest

from tests.fakes.origin import origin
from tests.flows.conftest import LOOPBACK
from tests.flows.newsletter import rss

ITEMS = [("a1", "港に初雪が降る", "港町に今年初めての雪。"), ("a2", "市場の再開が決まる", "来週。")]
COMMENTED = textwrap.dedent("""\
    # わたしの一覧 / my list
    sources:
      - id: minato   # keep me
        name: "みなと新聞"
        url: %s
    """)


@pytest.fixture
def written(place):
    """Write settings for loopback and a sources.yaml with a comment; return its path."""

    def write(url="https://minato.example/feed"):
        place.write(settings=LOOPBACK)
        file = place.config / "sources.yaml"
        file.write_text(COMMENTED % url)
        return file

    return write


# -- add and discover ---------------------------------------------------------------------------------


async def test_c16_a_feed_that_is_added_is_asked_once_for_title_entries_and_validators(
    place, written
):
    async with origin() as site:
        file = written()
        site.answer("/feed", body=rss(ITEMS, title="山の便り"), headers={"ETag": '"1"'})
        added = await place.run("sources", "add", site.url("/feed"), "--id", "yama")
        assert added.status == 0, added.err
        assert added.out == f"yama: 山の便り: {site.url('/feed')}\n"
        assert "# keep me" in file.read_text()
        polled = await place.run("poll", "yama", "--json")
        assert polled.json["new_entries"] == 2, polled.err
        assert len(site.requests) == 1
        again = await place.run("poll", "yama", "--all", "--json")
        assert again.json["not_modified"] == 1
        assert site.requests[1].header("If-None-Match") == '"1"'


async def test_a_page_s_address_adds_the_feed_that_it_declares(place, written):
    async with origin() as site:
        file = written()
        page = (
            '<html><head><link rel="alternate" type="application/rss+xml" href="/news.rss"></head>'
        )
        site.answer("/", body=page, headers={"Content-Type": "text/html"})
        site.answer("/news.rss", body=rss(ITEMS, title="山の便り"))
        added = await place.run("sources", "add", site.url("/"))
        assert added.status == 0, added.err
        assert "山の便り" in added.out
        assert site.url("/news.rss") in file.read_text()
        assert file.read_text().startswith("# わたしの一覧")


async def test_of_a_page_with_more_feeds_the_others_are_named(place, written):
    async with origin() as site:
        written(site.url("/all"))
        links = "".join(
            f'<link rel="alternate" type="application/rss+xml" title="{title}" href="{path}">'
            for path, title in (("/news", "総合"), ("/sports", "スポーツ"))
        )
        site.answer("/", body=f"<html><head>{links}</head>")
        site.answer("/news", body=rss(ITEMS, title="山の便り"))
        other = f"  also on this page: {site.url('/sports')}  スポーツ"
        added = await place.run("sources", "add", site.url("/"))
        assert added.out.splitlines()[1:] == [other], added.err
        again = await place.run("sources", "add", site.url("/"))
        assert "there already" in again.err
        assert again.err.splitlines()[1:] == [other]


async def test_a_feed_that_has_moved_for_good_is_added_where_it_is_now(place, written):
    async with origin() as site:
        file = written()
        site.answer("/old", status=301, headers={"Location": site.url("/new")})
        site.answer("/lent", status=302, headers={"Location": site.url("/new?2")})
        for path in ("/new", "/new?2"):
            site.answer(path, body=rss(ITEMS, title="山の便り"))
        moved = await place.run("sources", "add", site.url("/old"))
        assert moved.out.endswith(f": {site.url('/new')}\n"), moved.err
        lent = await place.run("sources", "add", site.url("/lent"))
        assert lent.out.endswith(f": {site.url('/lent')}\n"), lent.err
        assert site.url("/old") not in file.read_text()


async def test_a_name_that_we_know_is_added_without_asking_anybody(place, written):
    file = written()
    added = await place.run("sources", "add", "毎日新聞")
    assert added.status == 0, added.err
    assert "mainichi" in file.read_text()
    assert "# keep me" in file.read_text()
    assert (await place.run("check")).status == 0
    twice = await place.run("sources", "add", "毎日新聞")
    assert twice.status == 2
    assert "there already" in twice.err


@pytest.mark.parametrize(
    ("what", "said"),
    [
        (
            "存在しない新聞",
            "neither an address nor the name of an outlet that we know; these are: ",
        ),
        ("http://10.0.0.1/feed", "not on the public internet"),
        ("ftp://news.example/feed", "only http and https"),
    ],
)
async def test_what_cannot_be_added_is_refused_in_plain_words(place, written, what, said):
    file = written()
    before = file.read_text()
    refused = await place.run("sources", "add", what)
    assert refused.status == 2
    assert said in refused.err
    assert "Traceback" not in refused.err
    assert file.read_text() == before


async def test_a_page_without_a_feed_and_a_refusal_say_so(place, written):
    async with origin() as site:
        written()
        site.answer("/", body="<html><body>nothing</body></html>")
        site.answer("/closed", status=403)
        bare = await place.run("sources", "add", site.url("/"))
        closed = await place.run("sources", "add", site.url("/closed"))
        assert (bare.status, closed.status) == (2, 2)
        assert "no feed found" in bare.err
        assert "403: refused by the site" in closed.err


async def test_discover_lists_what_a_page_offers_and_changes_nothing(place, written):
    async with origin() as site:
        file = written()
        before = file.read_text()
        page = '<html><head><link rel="alternate" type="application/atom+xml" title="全部" href="/a"></head>'
        site.answer("/", body=page)
        found = await place.run("sources", "discover", site.url("/"))
        assert found.status == 0, found.err
        assert found.out.splitlines()[0] == f"{site.url('/a')}  全部"
        assert "a guess" in found.out
        assert file.read_text() == before


# -- OPML ---------------------------------------------------------------------------------------------


async def test_opml_goes_in_at_once_and_comes_out_again(place, written, tmp_path):
    file = written()
    outlines = "".join(
        f'<outline text="紙{n}" type="rss" xmlUrl="https://s{n}.example/feed" htmlUrl="https://s{n}.example/"/>'
        for n in range(400)
    )
    known = '<outline text="x" xmlUrl="https://minato.example/feed"/>'
    opml = tmp_path / "list.opml"
    opml.write_text(
        f'<opml version="2.0"><body><outline text="folder">{known}{outlines}</outline></body></opml>'
    )
    imported = await place.run("sources", "import", str(opml))
    assert imported.status == 0, imported.err
    assert imported.out.splitlines()[-1] == "added 400, there already 1"
    assert file.read_text().startswith(COMMENTED % "https://minato.example/feed")
    assert (await place.run("check")).status == 0
    exported = await place.run("sources", "export")
    assert exported.out.count("xmlUrl=") == 401
    again = tmp_path / "again.opml"
    again.write_text(exported.out)
    assert (await place.run("sources", "import", str(again))).out == "added 0, there already 401\n"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("not xml", "not an OPML file"),
        ("<rss/>", "not an OPML file"),
        ('<!DOCTYPE x [<!ENTITY a "b">]><opml><body/></opml>', "<!DOCTYPE"),
        ("<opml><body>" + '<outline text="a">' * 40 + "</body></opml>", ""),
    ],
)
async def test_an_opml_file_that_is_none_changes_nothing(place, written, tmp_path, body, said):
    file = written()
    before = file.read_text()
    opml = tmp_path / "bad.opml"
    opml.write_text(body)
    done = await place.run("sources", "import", str(opml))
    assert "Traceback" not in done.err
    assert said in done.err
    assert file.read_text() == before


# -- doctor and show ----------------------------------------------------------------------------------


async def test_doctor_says_what_is_wrong_with_each_source_and_which_line_to_change(place):
    async with origin() as site:
        site.answer("/well", body=rss(ITEMS), headers={"ETag": '"1"'})
        site.answer("/refused", status=403)
        site.answer("/missing", status=404)
        site.answer("/dead", status=410)
        site.answer("/moved", status=301, headers={"Location": site.url("/there")})
        site.answer("/there", body=rss(ITEMS, base="https://there.example"))
        site.answer("/page", body="<!doctype html><html><body>Please log in</body></html>")
        stale = datetime.now(UTC) - timedelta(days=40)
        site.answer("/stale", body=rss(ITEMS, newest=stale))
        names = ("well", "refused", "missing", "dead", "moved", "page", "stale")
        place.write(
            settings=LOOPBACK,
            sources={
                "sources": [
                    {"id": name, "name": name, "url": site.url(f"/{name}")} for name in names
                ]
            },
        )
        polled = await place.run("poll", "--all", "--json")
        assert polled.json["failed"] == 4
        assert polled.err == ""  # each failure is said once: there, in the document
        await place.run("poll", "moved", "--all")
        again = await place.run("poll", "moved", "page", "--all")
        assert again.err.count("an HTML page") == 1
        done = await place.run("doctor")
        lines = done.out.splitlines()
        told = {name: [line for line in lines if f"/{name}" in line] for name in names}
        assert not told["well"]
        assert "403: refused by the site" in told["refused"][0]
        assert f"aggregator sources discover {site.url('/')}" in told["missing"][0]
        assert "410: gone" in told["dead"][0]
        assert f"write `url: {site.url('/there')}`" in told["moved"][0]
        assert all("sources.yaml:1:" in lines[0] for lines in told.values() if lines)
        assert "sources.yaml:1:" in told["refused"][0]  # the line to change
        since = stale - timedelta(minutes=5)
        assert f"nothing new since {since:%Y-%m-%d}" in told["stale"][0]  # at the first look
        shown = await place.run("sources", "show", "refused")
        assert "refused" in shown.out
        assert "UTC (" in (await place.run("sources", "show", "well")).out  # when next, and why
        assert (await place.run("sources", "list")).out.count("ok ") == 3
