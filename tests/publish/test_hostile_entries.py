"""Whatever entries say, every output is well-formed, reads back equal, and says the same in each format."""

from dataclasses import replace
from datetime import timedelta

import html5lib
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from aggregator.model.output import Audience
from aggregator.model.query import StoryFile
from aggregator.publish.render import render_output
from aggregator.publish.update import update_output
from tests.publish.hostile import audiences, hostile_stories
from tests.publish.newsroom import ALL, NOW, SOURCES, Shelf, context
from tests.publish.reading import as_feedparser_reads, expected, read_json, read_xml

EVERYTHING = replace(ALL, max_age=timedelta(days=36500), backfill=timedelta(days=36500))
WITH_PICTURES = {id: replace(source, images=True) for id, source in SOURCES.items()}
# What our own content is made of: no script, no style, no address but a web address can be in it.
OURS = {"html", "head", "body", "p", "ul", "li", "a", "br"}


def check_formats(files: tuple[StoryFile, ...], audience: Audience, url: str) -> int:
    ctx = context(audience=audience, public_url=url, sources=WITH_PICTURES)
    shelf = Shelf()
    shelf.write(update_output(EVERYTHING, (), (), files, ctx, NOW))
    documents = render_output(EVERYTHING, shelf.shown, ctx)
    items = [expected(publication.item) for publication in shelf.shown]
    assert len(items) == len(files)
    in_rss = [as_feedparser_reads(item) for item in items]
    assert read_xml(documents["feeds/all.rss"]) == in_rss
    # An Atom entry without a language has its feed's.
    in_atom = [replace(item, language=item.language or EVERYTHING.language) for item in in_rss]
    assert read_xml(documents["feeds/all.atom"]) == in_atom
    assert read_json(documents["feeds/all.json"]) == items
    for item in items:
        for element in html5lib.parse(item.html, namespaceHTMLElements=False).iter():
            assert element.tag in OURS
            assert set(element.attrib) <= {"href"}
            assert element.get("href", "https:").startswith(("http:", "https:"))
    return len(items)


public_urls = st.sampled_from(["http://127.0.0.1:8080", "https://news.example"])


@given(hostile_stories(), audiences, public_urls)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_d05_hostile_entries_read_back_equal_in_every_format(
    files: tuple[StoryFile, ...], audience: Audience, url: str
):
    check_formats(files, audience, url)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_ten_thousand_hostile_entries_read_back_equal_in_every_format():
    entries = 0

    @given(hostile_stories(), audiences, public_urls)
    @settings(
        max_examples=1500,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        database=None,
        phases=[Phase.generate],  # to shrink one of these takes longer than to find it
    )
    def check(files: tuple[StoryFile, ...], audience: Audience, url: str) -> None:
        nonlocal entries
        check_formats(files, audience, url)
        entries += sum(len(file.entries) for file in files)

    while entries < 10_000:
        check()
