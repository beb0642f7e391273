"""The contract of article pages: which are wanted, what is kept, and who may ask a host meanwhile."""

from collections.abc import Collection
from dataclasses import replace
from datetime import timedelta
from functools import partial

from aggregator.model.article import Article
from aggregator.model.change import HostCommit, StoryChange
from aggregator.model.identifiers import EntryId, HostKey, SourceId, TopicId
from aggregator.model.story import Correction, Hand
from aggregator.model.topic import TopicMatch
from aggregator.store.store import Store
from tests.store.samples import DAY, HOUR, MINUTE, NOW, World, an_entry

WAR = TopicId("war")
TEXT = "県は24日、完成が遅れると発表した。"


async def wanted(
    world: World,
    *,
    sources: Collection[str] = ("nhk",),
    topics: Collection[TopicId] | None = None,
    limit: int = 9,
) -> list[EntryId]:
    found = await world.store.wanted_articles(
        sources=[SourceId(one) for one in sources],
        topics=topics,
        since=NOW - DAY,
        now=world.clock.at,
        limit=limit,
    )
    return [one.entry for one in found]


def article(entry: EntryId, **more: object) -> Article:
    return replace(
        Article(entry=entry, fetched_at=NOW, outcome="text", text=TEXT),
        **more,  # type: ignore[arg-type]  # whatever the test names
    )


async def test_a_placed_entry_of_a_source_is_wanted_until_it_was_asked_for(world: World) -> None:
    nhk, tbs = await world.listen("nhk", "tbs")
    one, two, other = an_entry(nhk, "1"), an_entry(nhk, "2", at=NOW + MINUTE), an_entry(tbs, "3")
    await world.poll(nhk, one, two)
    await world.poll(tbs, other)
    assert await wanted(world) == []
    await world.understand({"a": [one], "b": [two], "c": [other]})
    assert await wanted(world) == [two.id, one.id]
    assert await wanted(world, limit=1) == [two.id]
    await world.store.save_article(article(two.id))
    assert await wanted(world) == [one.id]
    assert await world.store.article_texts([one.id, two.id]) == {two.id: TEXT}


async def test_only_stories_with_a_topic_asked_for_are_wanted(world: World) -> None:
    (feed,) = await world.listen("nhk")
    one, two = an_entry(feed, "1"), an_entry(feed, "2")
    await world.poll(feed, one, two)
    match = TopicMatch(topic=WAR, score=2.0, evidence=())
    (story, _) = await world.understand({"a": [one], "b": [two]})
    await world.store.apply_stories(StoryChange(stories=(replace(story, topics=(match,)),), at=NOW))
    assert await wanted(world, topics=[WAR]) == [one.id]
    assert await wanted(world, topics=[]) == []


async def test_what_is_old_or_leads_nowhere_is_not_wanted(world: World) -> None:
    (feed,) = await world.listen("nhk")
    old = an_entry(feed, "1", at=NOW - 2 * DAY)
    nowhere = an_entry(feed, "2", url=None, canonical_url=None)
    await world.poll(feed, old, nowhere)
    await world.understand({"a": [old], "b": [nowhere]})
    assert await wanted(world) == []


async def test_a_page_that_two_entries_lead_to_is_wanted_once(world: World) -> None:
    nhk, tbs = await world.listen("nhk", "tbs")
    one = an_entry(nhk, "1")
    same = an_entry(tbs, "9", canonical_url=one.canonical_url, at=NOW + MINUTE)
    await world.poll(nhk, one)
    await world.poll(tbs, same)
    await world.understand({"a": [one, same]})
    assert await wanted(world, sources=["nhk", "tbs"]) == [same.id]
    await world.store.save_article(article(same.id))
    assert await wanted(world, sources=["nhk", "tbs"]) == []


async def test_a_failure_is_tried_again_when_its_time_has_come(world: World) -> None:
    (feed,) = await world.listen("nhk")
    entry = an_entry(feed, "1")
    await world.poll(feed, entry)
    await world.understand({"a": [entry]})
    failed = article(entry.id, outcome="timeout", text="", again_at=NOW + HOUR)
    await world.store.save_article(failed)
    assert await wanted(world) == []
    assert await world.store.article_texts([entry.id]) == {}
    world.clock.at = NOW + HOUR
    (again,) = await world.store.wanted_articles(
        sources=[SourceId("nhk")], topics=None, since=NOW, now=world.clock.at, limit=9
    )
    assert (again.entry, again.url, again.title, again.tries) == (
        entry.id, entry.url, entry.title, 1,
    )  # fmt: skip
    await world.store.save_article(replace(failed, outcome="http_404", tries=2, again_at=None))
    assert await wanted(world) == []


async def test_a_withdrawn_entry_loses_its_text_and_gets_none(world: World) -> None:
    (feed,) = await world.listen("nhk")
    entry = an_entry(feed, "1")
    await world.poll(feed, entry)
    await world.understand({"a": [entry]})
    await world.store.save_article(article(entry.id))
    hand = Correction(hand=Hand.WITHDRAW, subject=entry.id, at=NOW)
    await world.store.apply_stories(StoryChange(corrections=(hand,), withdrawn=(entry.id,), at=NOW))
    assert await world.store.article_texts([entry.id]) == {}
    await world.store.save_article(article(entry.id))
    assert await world.store.article_texts([entry.id]) == {}
    assert await wanted(world) == []


async def test_texts_expire_before_entries_and_are_not_asked_for_again(world: World) -> None:
    (feed,) = await world.listen("nhk")
    old, new = an_entry(feed, "1"), an_entry(feed, "2")
    await world.poll(feed, old, new)
    await world.understand({"a": [old], "b": [new]})
    await world.store.save_article(article(old.id))
    await world.store.save_article(article(new.id, fetched_at=NOW + HOUR))
    keep_entries = {"stored_before": NOW - DAY, "revised_before": NOW - DAY}
    await world.store.expire(**keep_entries)
    assert len(await world.store.article_texts([old.id, new.id])) == 2
    await world.store.expire(**keep_entries, articles_before=NOW + HOUR)
    assert await world.store.article_texts([old.id, new.id]) == {new.id: TEXT}
    assert await wanted(world) == []
    await world.store.expire(stored_before=NOW + DAY, revised_before=NOW)
    assert await world.store.article_texts([new.id]) == {}
    assert await world.store.check() == []


async def test_the_text_of_an_unknown_entry_is_not_kept(store: Store) -> None:
    await store.save_article(article(EntryId("nobody")))
    assert await store.article_texts([EntryId("nobody")]) == {}


# -- whose turn it is at a host -----------------------------------------------------------------------


async def claim(world: World, host: str) -> "timedelta | None":
    """Return for how long a host is ours; None where it is not."""
    lease = await world.store.claim_idle_host(
        HostKey(host), at_least=5 * MINUTE, lease=HOUR, now=world.clock.at
    )
    if lease is None:
        return None
    after = world.clock.at
    assert (
        await world.store.commit_polls([HostCommit(lease=lease, changes=(), next_allowed_at=after)])
        == ()
    )
    return lease.until - world.clock.at


async def test_a_host_is_lent_until_its_next_feed_is_due(world: World) -> None:
    (feed,) = await world.listen("nhk")
    assert await claim(world, feed.host) is None  # the feed is due now
    await world.poll(feed)  # due again in an hour
    assert await claim(world, feed.host) == HOUR
    world.clock.at += 50 * MINUTE
    assert await claim(world, feed.host) == 10 * MINUTE
    world.clock.at += 6 * MINUTE
    assert await claim(world, feed.host) is None


async def test_a_host_without_feeds_is_lent_too_but_to_one_at_a_time(world: World) -> None:
    how = {"at_least": MINUTE, "lease": HOUR}
    host = HostKey("pages.example")
    lease = await world.store.claim_idle_host(host, now=NOW, **how)
    assert lease is not None
    assert await world.store.claim_idle_host(host, now=NOW, **how) is None
    assert await world.store.next_due_at() is None
    late = HostCommit(lease=lease, changes=(), next_allowed_at=NOW + 2 * HOUR)
    assert await world.store.commit_polls([late]) == ()
    assert await world.store.claim_idle_host(host, now=NOW + HOUR, **how) is None
    assert await world.store.claim_idle_host(host, now=NOW + 2 * HOUR, **how) is not None


async def test_a_feed_that_comes_due_is_not_asked_while_its_host_is_lent(world: World) -> None:
    (feed,) = await world.listen("nhk")
    await world.poll(feed)
    lease = await world.store.claim_idle_host(
        feed.host, at_least=MINUTE, lease=10 * MINUTE, now=world.clock.at
    )
    assert lease is not None
    claim_all = partial(world.store.claim_hosts, limit=9, lease=HOUR, all_feeds=True)
    assert await claim_all(now=world.clock.at) == ()
    assert len(await claim_all(now=lease.until)) == 1
