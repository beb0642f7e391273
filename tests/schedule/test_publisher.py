from hypothesis import given
from hypothesis import strategies as st

from aggregator.schedule.publisher import is_another_publisher, signature_of


def test_a_signature_is_short_and_does_not_depend_on_order():
    one = signature_of(["b.example", "a.example", "b.example"], "ja-JP", ["記者", " "])
    assert (
        one
        == signature_of(["a.example", "b.example"], "JA", ["記者"])
        == "a.example,b.example|ja|記者"
    )
    long = signature_of(
        (f"{n}.example" for n in range(100)), None, (f"author {n}" for n in range(99))
    )
    assert long is not None
    assert len(long) < 250


def test_a_document_without_links_has_no_signature():
    assert signature_of([], "ja", ["記者"]) is None
    assert not is_another_publisher("a||", None, None, None)


def test_hosts_alone_prove_nothing():
    assert not is_another_publisher("a.example||", "b.example||", None, None)
    assert not is_another_publisher("a.example|ja|", "b.example||x", None, "Title")
    assert is_another_publisher("a.example|ja|", "b.example|en|", None, None)
    assert is_another_publisher("a.example||", "b.example||", "One", "Other")


@given(st.lists(st.text()), st.none() | st.text(), st.lists(st.text()), st.none() | st.text())
def test_nobody_is_another_than_himself(hosts, language, authors, title):
    signature = signature_of(hosts, language, authors)
    assert not is_another_publisher(signature, signature, title, title)
