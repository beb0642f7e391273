"""The contract of subscriptions at hubs, and of leasing one host."""

from dataclasses import replace
from datetime import timedelta

from aggregator.model.feed import Feed
from aggregator.model.identifiers import FeedId, HostKey, SubscriptionId
from aggregator.model.websub import Subscription
from tests.store.samples import DAY, HOUR, MINUTE, NOW, World, a_poll, an_entry


def a_subscription(feed: Feed, id_: str = "abc", **changes: object) -> Subscription:
    made = Subscription(
        id=SubscriptionId(id_),
        feed=feed.id,
        hub="https://hub.example/",
        topic=feed.url,
        callback=f"https://reader.example/websub/{id_}",
        secret="s",
        next_request_at=NOW,
    )
    return replace(made, **changes)  # type: ignore[arg-type]  # as given


async def test_a_subscription_is_kept_whole_and_replaced_by_its_id(world: World) -> None:
    (feed,) = await world.listen("nhk")
    whole = a_subscription(
        feed, asked_at=NOW, live_since=NOW, live_until=NOW + DAY, failures=3, failure="why"
    )
    await world.store.save_subscription(a_subscription(feed))
    await world.store.save_subscription(whole)
    assert await world.store.subscription(whole.id) == whole
    assert await world.store.subscriptions() == (whole,)
    assert await world.store.subscription(SubscriptionId("other")) is None


async def test_an_ended_one_is_found_by_id_alone_until_retention(world: World) -> None:
    (feed,) = await world.listen("nhk")
    ended = a_subscription(feed, ended_at=NOW)
    await world.store.save_subscription(ended)
    assert await world.store.subscriptions() == ()
    assert await world.store.subscription(ended.id) == ended
    await world.store.expire(stored_before=NOW - DAY, revised_before=NOW + DAY)
    assert await world.store.subscription(ended.id) is None


async def test_a_promise_is_on_the_feed_and_survives_polls_and_reloads(world: World) -> None:
    (feed,) = await world.listen("nhk")
    live = a_subscription(feed, live_since=NOW, live_until=NOW + DAY)
    lease = await world.lease(feed.host)
    await world.store.save_subscription(live)
    await world.store.commit_polls([a_poll(feed, lease, [an_entry(feed, "1")])])
    await world.listen("nhk")
    (after,) = await world.store.feeds()
    assert (after.pushed_since, after.pushed_until) == (NOW, NOW + DAY)
    await world.store.save_subscription(replace(live, ended_at=NOW))
    (after,) = await world.store.feeds()
    assert (after.pushed_since, after.pushed_until) == (None, None)


async def test_without_its_hub_a_feed_is_due_earlier_but_not_before_its_publishers_word(
    world: World,
) -> None:
    feed, other = await world.listen("nhk", "tbs")
    far = replace(feed, next_poll_at=NOW + DAY)
    bound = replace(other, next_poll_at=NOW + DAY, not_before=NOW + 5 * HOUR)
    await world.store.update_feeds([far, bound])
    for one in (far, bound):
        await world.store.save_subscription(a_subscription(one, id_=one.source), NOW + HOUR)
    dues = [one.next_poll_at for one in await world.store.feeds()]
    assert dues == [NOW + HOUR, NOW + 5 * HOUR]
    assert await world.store.next_due_at() == NOW + HOUR
    await world.store.save_subscription(a_subscription(far, id_=far.source), NOW + 2 * DAY)
    assert await world.store.next_due_at() == NOW + HOUR  # never later


async def test_one_host_is_leased_whatever_is_due_unless_another_has_it(world: World) -> None:
    (feed,) = await world.listen("nhk")
    await world.poll(feed)
    lease = await world.store.claim_host(feed.host, lease=MINUTE, now=world.clock.at)
    assert lease is not None
    assert await world.store.claim_host(feed.host, lease=MINUTE, now=world.clock.at) is None
    later = world.clock.at + 2 * MINUTE
    again = await world.store.claim_host(feed.host, lease=MINUTE, now=later)
    assert again is not None
    assert again.token > lease.token
    assert await world.store.claim_host(HostKey("unknown"), lease=MINUTE, now=later) is None


async def test_one_feed_is_read_by_its_number_while_it_is_enabled(world: World) -> None:
    (feed,) = await world.listen("nhk")
    assert await world.store.feed(feed.id) == feed
    assert await world.store.feed(FeedId(99)) is None
    await world.store.sync_feeds([], NOW + timedelta(seconds=1))
    assert await world.store.feed(feed.id) is None
