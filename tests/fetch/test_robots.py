import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.fetch.robots import ALLOW_ALL, DISALLOW_ALL, MAX_SIZE, parse_robots

SITE = "https://news.example"


def allows(text: str, path: str, agent: str = "Aggregator") -> bool:
    return parse_robots(text.encode()).allows(SITE + path, agent)


def test_without_rules_all_is_allowed():
    assert ALLOW_ALL.allows(SITE, "Aggregator")
    assert allows("", "/a")
    assert allows("User-agent: *\nDisallow:\n", "/a")
    assert not DISALLOW_ALL.allows(SITE, "Aggregator")


@pytest.mark.parametrize(
    ("rules", "path", "allowed"),
    [
        ("Disallow: /private", "/private/a", False),
        ("Disallow: /private", "/public", True),
        ("Disallow: /\nAllow: /news/", "/news/1", True),
        ("Disallow: /news/secret\nAllow: /news/", "/news/secret/1", False),
        ("Disallow: /a\nAllow: /a", "/a", True),  # allow wins among equals
        ("Disallow: /*.pdf$", "/x/y.pdf", False),
        ("Disallow: /*.pdf$", "/x/y.pdf?z", True),
        ("Disallow: /a/*/b", "/a/x/y/b/c", False),
        ("Disallow: /*?print=", "/a?print=1", False),
        ("Disallow: /日本", "/%E6%97%A5%E6%9C%AC/1", False),
        ("Disallow: /%e6%97%a5", "/日", False),
        ("Disallow: /a%2Db", "/a-b", False),
        ("Disallow: /a%2Fb", "/a/b", True),
        ("disallow : /a # comment", "/a", False),
        ("Nonsense\nCrawl-delay: 10\nDisallow: /a", "/a", False),
    ],
)
def test_the_longest_pattern_decides(rules, path, allowed):
    assert allows(f"User-agent: *\n{rules}\n", path) is allowed


def test_the_group_that_names_us_replaces_the_general_one():
    text = "User-agent: *\nDisallow: /\n\nUser-agent: aggregator/1.0\nDisallow: /a\n"
    assert allows(text, "/b")
    assert not allows(text, "/a")
    assert not allows(text, "/b", "SomeoneElse")


def test_groups_are_shared_and_joined():
    text = (
        "User-agent: x\nUser-agent: Aggregator\nDisallow: /a\nUser-agent: Aggregator\nDisallow: /b"
    )
    assert not allows(text, "/a")
    assert not allows(text, "/b")
    assert allows(text, "/c")
    assert allows(text, "/b", "x")


def test_rules_before_any_group_are_nobodys():
    assert allows("Disallow: /\nUser-agent: x\nDisallow: /", "/a")


def test_only_the_beginning_of_an_endless_file_is_read():
    body = b"User-agent: *\n" + b"#" * MAX_SIZE + b"\nDisallow: /"
    assert parse_robots(body).allows(SITE, "Aggregator")


@given(st.binary(max_size=300), st.text(max_size=50))
def test_no_file_and_no_path_is_too_odd(body, path):
    assert parse_robots(body).allows(f"{SITE}/{path.replace('[', '')}", "Aggregator") in (
        True,
        False,
    )


def test_a_pattern_of_stars_is_no_trap():
    assert allows("User-agent: *\nDisallow: /" + "*a" * 30 + "$", "/" + "a" * 25 + "b")
