from datetime import UTC, datetime

from aggregator.model.entry import ParsedEntry
from aggregator.model.feed import KeyPolicy
from tests.identify.build import Archive, feed, item


def keys(*entries: ParsedEntry, policy: KeyPolicy = KeyPolicy.ID) -> list[str]:
    return [entry.key for entry in Archive(feed(key_policy=policy)).keyed(*entries).entries]


def link(n: int) -> str:
    return f"https://example.com/{n}"


def test_an_id_is_the_key_where_it_tells_entries_apart():
    assert keys(item("a", link(1), "1"), item("b", link(2), "2")) == ["id:a", "id:b"]


def test_an_entry_without_id_is_keyed_by_its_link():
    entries = [item(str(n), link(n), str(n)) for n in range(30)]
    assert keys(*entries, item(None, link(99), "99"))[-1] == "link:https://example.com/99"


def test_an_entry_without_id_and_link_is_keyed_by_title_and_date():
    day = datetime(2026, 8, 1, tzinfo=UTC)
    one, other = (
        item(title="熊本県で最大震度1の地震", published=day),
        item(title="熊本県で最大震度1の地震"),
    )
    assert keys(one) == ["link+title:2026-08-01T00:00:00+00:00 熊本県で最大震度1の地震"]
    assert keys(other) == ["link+title: 熊本県で最大震度1の地震"]


def test_an_entry_with_nothing_but_text_is_keyed_by_its_fingerprint():
    (key,) = keys(item(summary="本文だけ"))
    assert key.startswith("fingerprint:")


def test_of_two_entries_with_one_id_and_link_the_last_is_kept():
    keyed = Archive().keyed(
        item("a", link(1), "前"), item("b", link(2), "別"), item("a", link(1), "後")
    )
    assert [entry.parsed.title for entry in keyed.entries] == ["後", "別"]
    assert keyed.policy is KeyPolicy.ID


def test_an_entry_that_is_listed_twice_is_no_noise():
    keyed = Archive().keyed(item("a", link(1), "同じ"), item("a", link(1), "同じ"))
    assert len(keyed.entries) == 1
    assert keyed.policy is KeyPolicy.ID


def test_one_id_for_different_entries_degrades_the_policy_to_links():
    keyed = Archive().keyed(item("x", link(1), "一"), item("x", link(2), "二"))
    assert keyed.policy is KeyPolicy.LINK
    assert [entry.key for entry in keyed.entries] == [f"link:{link(1)}", f"link:{link(2)}"]


def test_one_id_and_one_link_for_all_entries_degrade_the_policy_to_titles():
    keyed = Archive().keyed(*(item("x", link(1), f"題{n}") for n in range(3)))
    assert keyed.policy is KeyPolicy.LINK_TITLE
    assert [entry.key for entry in keyed.entries] == [
        f"link+title:{link(1)} 題{n}" for n in range(3)
    ]


def test_equal_links_and_titles_with_different_texts_degrade_to_fingerprints():
    keyed = Archive().keyed(
        *(item(None, link(1), "地震情報", summary=f"震度{n}") for n in range(3))
    )
    assert keyed.policy is KeyPolicy.FINGERPRINT
    assert len(keyed.entries) == 3


def test_a_front_page_as_link_is_no_key():
    keyed = Archive().keyed(
        item(None, "https://example.com/", "一"), item(None, "https://example.com/", "二")
    )
    assert keyed.policy is KeyPolicy.LINK_TITLE


def test_a_few_shared_ids_leave_the_policy_but_not_the_entries():
    clean = [item(str(n), link(n), str(n)) for n in range(60)]
    keyed = Archive().keyed(*clean, item("x", link(100), "一"), item("x", link(101), "二"))
    assert keyed.policy is KeyPolicy.ID
    assert [entry.key for entry in keyed.entries[-2:]] == [f"link:{link(100)}", f"link:{link(101)}"]


def test_more_than_a_twentieth_of_blank_ids_degrades_the_policy():
    clean = [item(str(n), link(n), str(n)) for n in range(30)]
    blank = [item(None, link(n), str(n)) for n in range(100, 102)]
    assert Archive().keyed(*clean, *blank).policy is KeyPolicy.LINK
    assert Archive().keyed(*clean, *clean, *blank[:1]).policy is KeyPolicy.ID


def test_a_policy_is_never_upgraded():
    assert keys(item("a", link(1), "1"), item("b", link(2), "2"), policy=KeyPolicy.LINK) == [
        f"link:{link(1)}",
        f"link:{link(2)}",
    ]


def test_http_and_https_ids_are_one():
    assert keys(item("http://Example.com/A", link(1))) == keys(
        item("https://example.com/A", link(1))
    )
    assert keys(item("https://example.com/A")) != keys(item("https://example.com/a"))
    assert keys(item("HTTP://example.com")) == ["id:https://example.com"]


def test_line_breaks_in_an_id_do_not_count():
    assert keys(item(" a\n  b ")) == ["id:a b"]
    assert keys(item(" \n ", link(1))) == [f"link:{link(1)}"]


def test_a_huge_id_is_hashed():
    (key,) = keys(item("x" * 1_000_000))
    assert key.startswith("id#")
    assert len(key) < 100
    assert [key] != keys(item("x" * 999_999))


def test_imported_guids_are_taken_as_they_are():
    archive = Archive(feed("import:mainichi"))
    keyed = archive.keyed(
        item("http://a", link(1), "同じ"),
        item("https://a", link(1), "同じ"),
        item(None, "https://example.com/1?utm_source=x", "同じ"),
        item(None, link(1), "同じ"),
        item(title="題だけ"),
    )
    assert [entry.key for entry in keyed.entries[:4]] == [
        "id:http://a",
        "id:https://a",
        "link:https://example.com/1?utm_source=x",
        f"link:{link(1)}",
    ]
    assert keyed.policy is KeyPolicy.ID
    assert len({entry.id for entry in keyed.entries}) == 5


def test_a44_an_id_taken_from_another_feed_is_another_entry():
    """RFC 4287 8.4: who copies an id neither overwrites nor hides the entry that it names."""
    own, copied = (
        Archive(feed(url)).keyed(item("urn:1", link(1), "1")).entries[0]
        for url in ("https://one.example/feed", "https://other.example/feed")
    )
    assert own.key == copied.key
    assert own.id != copied.id
