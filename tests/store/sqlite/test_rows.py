"""Between rows and values: nothing is lost."""

from hypothesis import given
from hypothesis import strategies as st

from aggregator.store.sqlite.rows import restore, shorten

_TEXT = st.text(st.sampled_from("abc:/0\x1c\x1d\x1e\x1f"), max_size=24)


@given(st.none() | _TEXT, st.none() | _TEXT)
def test_a_shortened_text_comes_back(text: str | None, other: str | None) -> None:
    assert restore(shorten(text, other), other) == text


@given(_TEXT, _TEXT, _TEXT)
def test_a_link_of_another_scheme_comes_back(start: str, link: str, end: str) -> None:
    text, other = f"{start}://{link}", f"http://{link}{end}"
    assert restore(shorten(text, other), other) == text


@given(_TEXT, _TEXT)
def test_what_holds_the_other_text_comes_back(start: str, other: str) -> None:
    for text in (start + other, other + start, start + other + start, other[2:-2], other):
        assert restore(shorten(text, other), other) == text


def test_a_repeated_link_takes_one_character() -> None:
    url = "https://nhk.example/news/1?utm=rss"
    assert shorten(url, url) == "\x1f"
    assert shorten("id:" + url, url) == "id:\x1f"
    assert shorten("https://nhk.example/news/1", url) == "\x1e0:26"
    plain = url.replace("https", "http")
    assert shorten("id:" + url, plain) == f"\x1c4:{len(plain)}:id:https"
    assert restore(shorten("id:" + url, plain), plain) == "id:" + url
