"""Documents put together of kept fragments are those that are rendered whole, and no more is kept."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from aggregator.model.output import Item
from aggregator.publish.channel import Chain, Channel, channel_of
from aggregator.publish.fragments import Fragments
from aggregator.publish.item import make_item
from aggregator.publish.json_feed import render_json
from aggregator.publish.render import render_feed
from aggregator.publish.rss_atom import render_atom, render_rss
from aggregator.publish.soundness import sound
from tests.publish.hostile import hostile_stories, texts, urls
from tests.publish.newsroom import ALL, NOW, context, filed, story

CTX = context(public_url="https://news.example", hub="https://hub.example/")
MINUTE = timedelta(minutes=1)
CHAIN = Chain(previous="https://news.example/feeds/all.1")
PAGE = Chain(previous="https://news.example/p", current="https://news.example/feeds/all")


def item(number: int, **changes: str | None) -> Item:
    at = (NOW - number * MINUTE).replace(microsecond=0)
    made = make_item(story(filed(f"見出し{number}"), id=number + 1), ALL, CTX, at, at)
    return replace(made, **changes)  # type: ignore[arg-type]  # whatever a strategy names


def whole(name: str, channel: Channel, items: Sequence[Item]) -> dict[str, bytes]:
    """Return the documents as one call of each format makes them of all items."""
    fit = [sound(one) for one in items]
    return {
        f"{name}.rss": render_rss(channel, fit),
        f"{name}.atom": render_atom(channel, fit),
        f"{name}.json": render_json(channel, fit),
    }


hostile_items = st.builds(
    item,
    st.integers(0, 8),
    title=texts,
    html=texts,
    summary=texts,
    outlet=texts,
    feed_title=texts,
    url=urls,
    language=st.sampled_from(["ja", "en", None]),
)
made_items = hostile_stories().map(
    lambda files: [make_item(file, ALL, CTX, NOW, NOW) for file in files]
)
feeds = st.tuples(
    st.sampled_from(["feeds/all", "feeds/us-russia", "feeds/all.1"]),
    st.lists(st.integers(0, 30), unique=True, max_size=8),
    st.sampled_from([Chain(), CHAIN, PAGE]),
    texts.map(lambda text: f"見出し {text}"),
)


@given(st.lists(hostile_items, max_size=12), made_items, st.lists(feeds, min_size=1, max_size=8))
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_over_any_updates_documents_are_those_that_are_rendered_whole(
    hostile: list[Item],
    made: list[Item],
    updates: list[tuple[str, list[int], Chain, str]],
) -> None:
    pool = [*hostile, *made, item(0), item(1)]
    fragments = Fragments()
    for name, chosen, chain, title in updates:
        items = [pool[number % len(pool)] for number in chosen]
        output = replace(ALL, title=title)
        channel = replace(channel_of(output, items, CTX), chain=chain)
        wanted = whole(name, channel, items)
        assert render_feed(name, channel, items, fragments) == wanted
        assert render_feed(name, channel, items) == wanted


def test_an_item_is_rendered_once_for_all_feeds_and_again_when_it_changed() -> None:
    fragments = Fragments()
    one, two = item(1), item(2)
    for name, items in (("feeds/a", [one, two]), ("feeds/b", [two])):
        render_feed(name, channel_of(ALL, items, CTX), items, fragments)
    kept = fragments.get(two)
    assert kept is not None
    changed = replace(two, title="訂正", updated=two.updated + MINUTE)
    items = [changed, replace(one)]
    documents = render_feed("feeds/a", channel_of(ALL, items, CTX), items, fragments)
    assert fragments.get(two) is kept  # for the other feed
    assert fragments.get(changed) is not kept
    root = etree.fromstring(documents["feeds/a.rss"])
    assert [title.text for title in root.iterfind("channel/item/title")] == ["訂正", "見出し1"]


def test_what_no_feed_holds_any_more_is_let_go() -> None:
    fragments = Fragments()
    one, two, three = item(1), item(2), item(3)
    for name, items in (("feeds/a", [one, two]), ("feeds/b", [two, three])):
        render_feed(name, channel_of(ALL, items, CTX), items, fragments)
    render_feed("feeds/a", channel_of(ALL, [], CTX), [], fragments)
    assert fragments.get(one) is None
    assert fragments.get(two) is not None
    fragments.keep({"feeds/a"})
    assert fragments.get(two) is fragments.get(three) is None


def test_each_item_of_a_json_feed_has_a_line() -> None:
    items = [item(1, title='「"items":[」'), item(2)]
    document = render_json(channel_of(ALL, items, CTX), items)
    _, *lines, end = document.decode().splitlines()
    assert [json.loads(line.rstrip(","))["title"] for line in lines] == [i.title for i in items]
    assert end == "]}"
    assert json.loads(render_json(channel_of(ALL, [], CTX), []))["items"] == []
