"""The contract of feeds, hosts and polls."""

from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from aggregator.errors import LeaseLost
from aggregator.model.change import EntryChange, HostCommit
from aggregator.model.feed import ArrivalHistory, FeedHints, FeedStanding, Validators
from aggregator.model.identifiers import (
    CanonicalUrl,
    EntryHash,
    EntryId,
    FeedUrl,
    HostKey,
    SourceId,
)
from aggregator.model.query import FeedSummary, SearchQuery
from aggregator.store.store import Store
from tests.store.samples import (
    DAY,
    HOUR,
    MINUTE,
    NOW,
    World,
    a_poll,
    an_entry,
    listing,
    rewritten,
)

LEASE = timedelta(seconds=60)


# -- what the configuration lists ---------------------------------------------------------------------


async def test_a_listed_feed_is_due_when_it_was_said_to_be(store: Store) -> None:
    await store.sync_feeds([listing("nhk", due=NOW + HOUR)], NOW)
    (feed,) = await store.feeds()
    assert (feed.url, feed.host, feed.next_poll_at) == (
        "https://nhk.example/rss",
        "nhk.example",
        NOW + HOUR,
    )
    assert await store.next_due_at() == NOW + HOUR


async def test_b14_plans_made_under_a_clock_that_was_years_ahead_are_called_back_and_spread(
    store: Store,
) -> None:
    then = NOW + 5 * 365 * DAY
    wrong = [listing(f"s{n}", due=then) for n in range(9)]
    sound = listing("gone", due=NOW + 30 * DAY)
    await store.sync_feeds([*wrong, sound], then)
    assert len(await store.claim_hosts(limit=99, lease=LEASE, now=then)) == 10
    await store.sync_feeds([*wrong, sound], NOW)
    due = {feed.source: feed.next_poll_at for feed in await store.feeds()}
    assert due.pop(SourceId("gone")) == NOW + 30 * DAY
    assert all(NOW <= at < NOW + DAY for at in due.values())
    assert len(set(due.values())) == len(due)
    assert len(await store.claim_hosts(limit=99, lease=LEASE, now=NOW + DAY)) == 9


async def test_feeds_come_in_order_of_source_and_url(store: Store) -> None:
    await store.sync_feeds(
        [listing("tbs"), listing("nhk", "b"), listing("nhk", "a", host="other")], NOW
    )
    assert [feed.url for feed in await store.feeds()] == [
        "https://nhk.example/a",
        "https://nhk.example/b",
        "https://tbs.example/rss",
    ]
    assert [feed.source for feed in await store.feeds([SourceId("tbs")])] == ["tbs"]


async def test_feeds_of_some_sources_and_all_at_a_glance(world: World) -> None:
    assert await world.store.feed_summary() == FeedSummary()
    assert await world.store.feed_span() == (None, None)
    feeds = {feed.source: feed for feed in await world.listen("nhk", "tbs", "bbc")}
    (nhk, tbs, bbc) = (feeds[SourceId(id)] for id in ("nhk", "tbs", "bbc"))
    refused = replace(tbs, standing=FeedStanding.REFUSED, last_poll_at=NOW + HOUR)
    fine = replace(nhk, standing=FeedStanding.OK, last_poll_at=NOW)
    await world.store.update_feeds([fine, refused])
    assert await world.store.feeds([SourceId("tbs"), SourceId("none")]) == (refused,)
    assert await world.store.feeds([]) == ()
    summary = await world.store.feed_summary()
    assert dict(summary.standings) == {
        FeedStanding.NEW: 1,
        FeedStanding.OK: 1,
        FeedStanding.REFUSED: 1,
    }
    assert summary.troubled == (SourceId("tbs"),)
    assert summary.feeds == 3
    assert await world.store.feed_span() == (bbc.first_seen_at, NOW + HOUR)
    await world.listen("nhk")  # the others are no longer listed
    assert (await world.store.feed_summary()).troubled == ()
    assert await world.store.feeds([SourceId("tbs")]) == ()


async def test_listing_a_feed_again_keeps_what_is_remembered_of_it(world: World) -> None:
    (feed,) = await world.listen("nhk")
    polled = await world.poll(feed, an_entry(feed, "1"))
    await world.store.sync_feeds([listing("nhk", every=MINUTE, due=NOW + DAY)], NOW)
    assert await world.store.feeds() == (replace(polled, every=MINUTE),)


async def test_a_feed_no_longer_listed_is_kept_but_never_due(world: World) -> None:
    nhk, _ = await world.listen("nhk", "tbs")
    await world.poll(nhk, an_entry(nhk, "1"))
    await world.store.sync_feeds([listing("tbs", due=NOW)], NOW)
    assert [feed.source for feed in await world.store.feeds()] == ["tbs"]
    leases = await world.store.claim_hosts(limit=9, lease=LEASE, now=NOW + DAY, all_feeds=True)
    assert [lease.host for lease in leases] == ["tbs.example"]
    assert (await world.store.stats()).entries == 1


async def test_each_feed_is_yielded_in_order_however_many_there_are(world: World) -> None:
    await world.store.sync_feeds([listing(f"s{n}", due=NOW) for n in range(403)], NOW)
    await world.store.sync_feeds([listing(f"s{n}", due=NOW) for n in range(401)], NOW)
    found = [feed async for feed in world.store.each_feed()]
    assert tuple(found) == await world.store.feeds()
    assert len(found) == 401


async def test_a_source_that_is_switched_off_keeps_its_feeds_disabled(world: World) -> None:
    (feed,) = await world.listen("nhk")
    feed = await world.poll(feed)
    await world.store.sync_feeds([listing("nhk", enabled=False)], NOW)
    assert await world.store.feeds() == ()
    assert await world.store.next_due_at() is None
    await world.store.sync_feeds([listing("nhk")], NOW)
    assert await world.store.feeds() == (feed,)


async def test_a_feed_that_moved_takes_its_new_url_and_keeps_its_history(world: World) -> None:
    (feed,) = await world.listen("nhk")
    entry = an_entry(feed, "1")
    feed = await world.poll(feed, entry)
    await world.store.update_feeds([replace(feed, moved_to="https://new.example/f", moved_seen=3)])
    await world.store.sync_feeds([listing("nhk", "https://new.example/f", host="new")], NOW)
    (moved,) = await world.store.feeds()
    assert moved == replace(feed, url=FeedUrl("https://new.example/f"), host=HostKey("new"))
    _, found = await world.store.known_document(
        moved.id, {EntryId("another"): CanonicalUrl("https://nhk.example/1")}
    )
    assert [known.id for (known,) in found.values()] == [entry.id]
    assert len(await world.store.poll_records(moved.id)) == 1


async def test_a_feed_that_moved_but_is_still_listed_stays_what_it_is(world: World) -> None:
    (feed,) = await world.listen("nhk")
    await world.store.update_feeds([replace(feed, moved_to="https://new.example/f")])
    await world.store.sync_feeds([listing("nhk"), listing("nhk", "https://new.example/f")], NOW)
    urls = {one.url: one.id for one in await world.store.feeds()}
    assert urls[feed.url] == feed.id
    assert urls[FeedUrl("https://new.example/f")] != feed.id


async def test_all_that_is_remembered_of_a_feed_comes_back_as_it_was(world: World) -> None:
    (feed,) = await world.listen("nhk")
    full = replace(
        feed,
        title="NHK ニュース",
        homepage="https://nhk.example/",
        language="ja",
        validators=Validators(etag='W/"\udcff\x00"', last_modified="Mon", url="https://x/"),
        body_hash=(1 << 63) - 1,
        entry_hashes=frozenset(map(EntryHash, (0, 5, (1 << 63) - 1))),
        hints=FeedHints(ttl=HOUR, skip_hours=frozenset({1, 2}), hub="https://hub/"),
        arrivals=ArrivalHistory(by_hour=(0.1,) * 24, observed_days=2.5, last_arrival_at=NOW),
        standing=FeedStanding.REFUSED,
        failures=3,
        failure="403",
        failing_since=NOW,
        next_poll_at=NOW + DAY,
        not_before=NOW + HOUR,
        last_poll_at=NOW,
        last_success_at=NOW - DAY,
        last_change_at=NOW - DAY,
        poll_seq=7,
        moved_to="https://y/",
        moved_seen=2,
        moved_since=NOW,
        signature="nhk.example ja",
    )
    await world.store.update_feeds([full])
    assert await world.store.feeds() == (full,)


async def test_an_import_feed_is_made_once_and_is_never_due(world: World) -> None:
    await world.listen("nhk")
    feed = await world.store.feed_for_import(SourceId("old"), NOW)
    assert feed.url == "import:old"
    assert await world.store.feed_for_import(SourceId("old"), NOW + DAY) == feed
    leases = await world.store.claim_hosts(
        limit=9, lease=LEASE, now=NOW + 9999 * DAY, all_feeds=True
    )
    assert [lease.host for lease in leases] == ["nhk.example"]


# -- claiming -----------------------------------------------------------------------------------------


async def test_a_host_is_leased_once_until_the_lease_ends(world: World) -> None:
    await world.listen("nhk")
    first = await world.lease("nhk.example")
    assert await world.store.claim_hosts(limit=1, lease=LEASE, now=NOW + LEASE / 2) == ()
    (second,) = await world.store.claim_hosts(limit=1, lease=LEASE, now=NOW + LEASE)
    assert second.token > first.token
    assert second.until == NOW + 2 * LEASE


async def test_hosts_are_claimed_in_order_of_how_long_they_are_due(store: Store) -> None:
    await store.sync_feeds(
        [
            listing("late", due=NOW - MINUTE),
            listing("later", due=NOW + MINUTE),
            listing("longest", due=NOW - HOUR),
            listing("mid", due=NOW - 30 * MINUTE),
        ],
        NOW,
    )
    two = await store.claim_hosts(limit=2, lease=LEASE, now=NOW)
    assert [lease.host for lease in two] == ["longest.example", "mid.example"]
    rest = await store.claim_hosts(limit=9, lease=LEASE, now=NOW)
    assert [lease.host for lease in rest] == ["late.example"]


async def test_hosts_of_a_round_of_all_feeds_are_claimed_by_name_from_where_the_last_claim_ended(
    world: World,
) -> None:
    await world.listen("b", "c", "a", "d")
    claim = partial(world.store.claim_hosts, lease=LEASE, now=NOW, all_feeds=True)
    two = await claim(limit=2)
    rest = await claim(limit=9, after=two[1].host)
    assert [lease.host for lease in (*two, *rest)] == [f"{name}.example" for name in "abcd"]
    assert await claim(limit=9) == ()


async def test_hosts_that_a_round_is_done_with_are_passed_over(world: World) -> None:
    await world.listen("nhk", "tbs")
    leases = await world.store.claim_hosts(
        limit=9, lease=LEASE, now=NOW, exclude=[HostKey("nhk.example")]
    )
    assert [lease.host for lease in leases] == ["tbs.example"]


async def test_only_hosts_of_the_sources_asked_for_are_claimed(world: World) -> None:
    await world.listen("nhk", "tbs")
    leases = await world.store.claim_hosts(limit=9, lease=LEASE, now=NOW, sources=[SourceId("tbs")])
    assert [lease.host for lease in leases] == ["tbs.example"]


async def test_all_feeds_means_due_or_not_but_never_against_the_publishers_word(
    world: World,
) -> None:
    nhk, tbs = await world.listen("nhk", "tbs")
    await world.store.update_feeds(
        [
            replace(nhk, next_poll_at=NOW + DAY),
            replace(tbs, next_poll_at=NOW + DAY, not_before=NOW + HOUR),
        ]
    )
    assert await world.store.claim_hosts(limit=9, lease=LEASE, now=NOW) == ()
    (lease,) = await world.store.claim_hosts(limit=9, lease=LEASE, now=NOW, all_feeds=True)
    assert lease.host == "nhk.example"
    assert await world.store.due_feeds(lease, now=NOW, limit=9) == ()
    (feed,) = await world.store.due_feeds(lease, now=NOW, limit=9, all_feeds=True)
    assert feed.id == nhk.id
    assert await world.store.next_due_at(all_feeds=True, exclude=[nhk.id]) == NOW + HOUR


async def test_a_host_is_not_due_before_it_may_be_asked_again(world: World) -> None:
    (feed,) = await world.listen("nhk")
    lease = await world.lease("nhk.example")
    commit = a_poll(feed, lease)
    await world.store.commit_polls([replace(commit, next_allowed_at=NOW + DAY)])
    assert await world.store.next_due_at() == NOW + DAY
    assert await world.store.claim_hosts(limit=9, lease=LEASE, now=NOW + 2 * HOUR) == ()
    assert await world.store.claim_hosts(limit=9, lease=LEASE, now=NOW + HOUR, all_feeds=True) == ()
    assert len(await world.store.claim_hosts(limit=9, lease=LEASE, now=NOW + DAY)) == 1


async def test_due_feeds_come_longest_due_first_and_end_at_the_limit(store: Store) -> None:
    await store.sync_feeds(
        [
            listing("nhk", path, due=NOW - minutes * MINUTE)
            for path, minutes in (("a", 1), ("b", 3), ("c", 2), ("d", -1))
        ],
        NOW,
    )
    (lease,) = await store.claim_hosts(limit=9, lease=LEASE, now=NOW)
    due = await store.due_feeds(lease, now=NOW, limit=2)
    assert [feed.url[-1] for feed in due] == ["b", "c"]
    rest = await store.due_feeds(lease, now=NOW, limit=9, exclude=[feed.id for feed in due])
    assert [feed.url[-1] for feed in rest] == ["a"]
    assert await store.due_feeds(lease, now=NOW, limit=9, sources=[SourceId("tbs")]) == ()


async def test_feeds_of_a_lease_that_ended_are_not_given_out(world: World) -> None:
    await world.listen("nhk")
    lease = await world.lease("nhk.example")
    with pytest.raises(LeaseLost):
        await world.store.due_feeds(lease, now=NOW + LEASE, limit=9)
    with pytest.raises(LeaseLost):
        await world.store.due_feeds(replace(lease, token=lease.token - 1), now=NOW, limit=9)


async def test_feeds_of_many_leases_come_at_once_without_those_that_ended(world: World) -> None:
    nhk, tbs = await world.listen("nhk", "tbs")
    leases = await world.store.claim_hosts(limit=9, lease=LEASE, now=NOW)
    assert await world.store.due_feeds_of(leases, now=NOW, limit=9) == {
        "nhk.example": (nhk,),
        "tbs.example": (tbs,),
    }
    stale = [replace(lease, token=lease.token - (lease.host == nhk.host)) for lease in leases]
    assert await world.store.due_feeds_of(stale, now=NOW, limit=9) == {"tbs.example": (tbs,)}


async def test_only_enabled_feeds_are_counted(store: Store) -> None:
    await store.sync_feeds([listing("nhk", "a"), listing("nhk", "b"), listing("tbs")], NOW)
    assert await store.feed_count() == 3
    assert await store.feed_count([SourceId("nhk")]) == 2
    await store.sync_feeds([listing("nhk", "a"), listing("tbs")], NOW)
    assert await store.feed_count() == 2


async def test_a_leased_host_is_next_due_when_its_lease_ends(world: World) -> None:
    await world.listen("nhk")
    await world.lease("nhk.example", seconds=60)
    assert await world.store.next_due_at() == NOW + MINUTE
    assert await world.store.next_due_at(sources=[SourceId("nhk")]) == NOW + MINUTE
    assert await world.store.next_due_at(sources=[SourceId("tbs")]) is None


async def test_an_operators_change_moves_the_due_time(world: World) -> None:
    (feed,) = await world.listen("nhk")
    await world.store.update_feeds([replace(feed, next_poll_at=NOW + DAY)])
    assert await world.store.next_due_at() == NOW + DAY


# -- committing ---------------------------------------------------------------------------------------


async def test_a_poll_writes_feed_entries_log_and_history_and_frees_the_host(world: World) -> None:
    (feed,) = await world.listen("nhk")
    entry = an_entry(feed, "1", "停戦で合意")
    polled = await world.poll(feed, entry)
    assert (polled.poll_seq, polled.next_poll_at) == (1, NOW + HOUR)
    assert await world.store.read_entry(entry.id) == entry
    batch = await world.store.claim_log(limit=9, lease=LEASE, now=NOW)
    assert batch is not None
    assert [(item.entry, item.changed) for item in batch.items] == [(entry, False)]
    (record,) = await world.store.poll_records(feed.id)
    assert (record.at, record.outcome, record.new) == (NOW, "fetched", 1)
    assert len(await world.store.claim_hosts(limit=9, lease=LEASE, now=NOW + HOUR)) == 1


async def test_a_host_stays_leased_where_a_commit_does_not_release_it(world: World) -> None:
    (feed,) = await world.listen("nhk")
    lease = await world.lease("nhk.example")
    await world.store.commit_polls([replace(a_poll(feed, lease), release=False)])
    assert await world.store.next_due_at() == NOW + HOUR
    assert await world.store.claim_hosts(limit=9, lease=LEASE, now=NOW, all_feeds=True) == ()


async def test_the_same_batch_twice_changes_nothing(world: World) -> None:
    (feed,) = await world.listen("nhk")
    lease = await world.lease("nhk.example")
    commit = a_poll(feed, lease, [an_entry(feed, "1")])
    assert await world.store.commit_polls([commit]) == ()
    before = (await world.store.feeds(), await world.store.stats())
    assert await world.store.commit_polls([commit]) == (commit,)
    assert (await world.store.feeds(), await world.store.stats()) == before
    assert len(await world.store.poll_records(feed.id)) == 1


async def test_a_commit_under_a_lost_lease_is_left_out_whole_and_the_others_are_applied(
    world: World,
) -> None:
    nhk, tbs = await world.listen("nhk", "tbs")
    old = await world.lease("nhk.example")
    world.clock.at += LEASE
    await world.lease("nhk.example")
    lease = await world.lease("tbs.example")
    late = a_poll(nhk, old, [an_entry(nhk, "1")])
    good = a_poll(tbs, lease, [an_entry(tbs, "2")])
    assert await world.store.commit_polls([late, good]) == (late,)
    assert await world.store.known_entries([an_entry(nhk, "1").id]) == {}
    assert len(await world.store.known_entries([an_entry(tbs, "2").id])) == 1


async def test_a_stale_poll_number_refuses_the_whole_commit(world: World) -> None:
    await world.store.sync_feeds([listing("nhk", "a"), listing("nhk", "b")], NOW)
    first, second = await world.store.feeds()
    lease = await world.lease("nhk.example")
    fresh = a_poll(first, lease, [an_entry(first, "1")])
    stale = a_poll(replace(second, poll_seq=5), lease, [an_entry(second, "2")])
    both = HostCommit(lease=lease, changes=fresh.changes + stale.changes)
    assert await world.store.commit_polls([both]) == (both,)
    assert (await world.store.stats()).entries == 0
    assert {feed.poll_seq for feed in await world.store.feeds()} == {0}


async def test_a_poll_does_not_undo_what_the_configuration_says_since(world: World) -> None:
    (feed,) = await world.listen("nhk")
    lease = await world.lease("nhk.example")
    await world.store.sync_feeds([listing("nhk", every=MINUTE)], NOW)
    await world.store.commit_polls([a_poll(feed, lease)])
    (after,) = await world.store.feeds()
    assert (after.every, after.poll_seq) == (MINUTE, 1)


async def test_an_entry_that_is_stored_is_not_stored_again(world: World) -> None:
    (feed,) = await world.listen("nhk")
    entry = an_entry(feed, "1", "first")
    await world.poll(feed, entry)
    await world.poll(feed, replace(entry, title="second"))
    assert await world.store.read_entry(entry.id) == entry
    stats = await world.store.stats()
    assert (stats.entries, stats.log) == (1, 1)


async def test_a_changed_entry_keeps_what_it_said_before(world: World) -> None:
    (feed,) = await world.listen("nhk")
    entry = an_entry(feed, "1", "速報 地震", content="<p>one</p>")
    await world.poll(feed, entry)
    change = rewritten(entry, "岩手で震度5強", at=NOW + HOUR, summary="津波の心配なし")
    await world.poll(feed, change)
    stored = await world.store.read_entry(entry.id)
    assert stored == replace(change.entry, stored_at=NOW)  # retention counts from the first time
    (revision,) = await world.store.revisions(entry.id)
    assert (revision.number, revision.title, revision.content, revision.replaced_at) == (
        0,
        "速報 地震",
        "<p>one</p>",
        NOW + HOUR,
    )
    batch = await world.store.claim_log(limit=9, lease=LEASE, now=NOW)
    assert batch is not None
    assert [item.changed for item in batch.items] == [False, True]
    assert len((await world.store.search(SearchQuery(text="地震"))).items) == 0
    assert len((await world.store.search(SearchQuery(text="津波"))).items) == 1


async def test_an_entry_may_come_and_change_in_one_batch(world: World) -> None:
    (feed,) = await world.listen("nhk")
    entry = an_entry(feed, "1", "一回目")
    second = rewritten(entry, "二回目")
    await world.poll(feed, entry, second, rewritten(second.entry, "三回目"))
    assert [one.title for one in await world.store.revisions(entry.id)] == ["一回目", "二回目"]
    for words, hits in (("一回", 0), ("二回", 0), ("三回", 1)):
        assert len((await world.store.search(SearchQuery(text=words))).items) == hits


async def test_a_change_that_is_known_already_is_passed_over(world: World) -> None:
    (feed,) = await world.listen("nhk")
    entry = an_entry(feed, "1", "one")
    await world.poll(feed, entry)
    change = rewritten(entry, "two")
    await world.poll(feed, change)
    await world.store.commit_import([change])
    assert len(await world.store.revisions(entry.id)) == 1
    assert (await world.store.stats()).log == 2


async def test_known_urls_are_those_of_the_one_feed_in_order_of_arrival(world: World) -> None:
    nhk, tbs = await world.listen("nhk", "tbs")
    url = CanonicalUrl("https://shared.example/a")
    first = an_entry(nhk, "1", canonical_url=url)
    second = an_entry(nhk, "2", canonical_url=url)
    await world.poll(nhk, second, first, an_entry(nhk, "3", canonical_url=None))
    await world.poll(tbs, an_entry(tbs, "4", canonical_url=url))
    elsewhere = CanonicalUrl("https://none.example/")
    known, found = await world.store.known_document(
        nhk.id, {EntryId("x"): url, EntryId("y"): elsewhere, EntryId("z"): None}
    )
    assert known == {}
    assert {key: [one.id for one in known] for key, known in found.items()} == {
        url: [second.id, first.id]
    }
    assert [one.entry.source for one in await world.store.entries_by_url(url)] == [
        "nhk",
        "nhk",
        "tbs",
    ]


async def test_the_url_of_an_entry_whose_id_is_known_is_not_looked_for(world: World) -> None:
    (feed,) = await world.listen("nhk")
    url = CanonicalUrl("https://nhk.example/a")
    entry = an_entry(feed, "1", canonical_url=url)
    await world.poll(feed, entry)
    known, found = await world.store.known_document(feed.id, {entry.id: url})
    assert [one.fingerprint for one in known.values()] == [entry.fingerprint]
    assert found == {}
    assert await world.store.known_document(feed.id, {}) == ({}, {})


async def test_an_import_is_logged_in_the_order_given(world: World) -> None:
    feed = await world.store.feed_for_import(SourceId("old"), NOW)
    entries = [an_entry(feed, str(n), at=NOW - n * DAY) for n in range(5)]
    await world.store.commit_import([EntryChange(entry=entry) for entry in entries])
    await world.store.commit_import([EntryChange(entry=entry) for entry in entries])
    batch = await world.store.claim_log(limit=9, lease=LEASE, now=NOW)
    assert batch is not None
    assert [item.entry for item in batch.items] == entries


async def test_polls_that_brought_nothing_are_remembered_for_a_week(world: World) -> None:
    (feed,) = await world.listen("nhk")
    outcomes = ["not_modified", "fetched", "timeout", "not_modified"]
    for day, outcome in enumerate(outcomes):
        world.clock.at = NOW + 4 * day * DAY
        lease = await world.lease("nhk.example")
        (feed,) = await world.store.feeds()
        entries = [an_entry(feed, "1")] if outcome == "fetched" else []
        await world.store.commit_polls([a_poll(feed, lease, entries, world.clock.at, outcome)])
    await world.store.expire(stored_before=NOW - DAY, revised_before=NOW - DAY)
    kept = await world.store.poll_records(feed.id)
    assert [record.outcome for record in kept] == ["not_modified", "timeout", "fetched"]
    assert [record.outcome for record in await world.store.poll_records(feed.id, 1)] == [
        "not_modified"
    ]


async def test_an_empty_batch_is_no_trouble(store: Store) -> None:
    assert await store.commit_polls([]) == ()
    await store.commit_import([])
    assert await store.claim_log(limit=1, lease=LEASE, now=NOW) is None
