from hypothesis import given
from hypothesis import strategies as st

from aggregator.fetch.conditional import conditional_headers, renewed, validators_of
from aggregator.model.feed import Validators

URL = "https://news.example/feed"
values = st.none() | st.text(min_size=1, max_size=30)


@given(st.binary(max_size=1200), st.binary(max_size=1200))
def test_what_is_kept_is_sent_back_as_the_very_bytes(etag, modified):
    found = validators_of([(b"etag", etag), (b"Last-Modified", modified)], URL)
    sent = conditional_headers(found, URL)
    assert sent.get("If-None-Match", "").encode() in (etag, b"")
    assert sent.get("If-Modified-Since", "").encode() in (modified, b"")


@given(values, values)
def test_only_what_is_known_is_sent_and_only_where_it_belongs(etag, modified):
    validators = Validators(etag=etag, last_modified=modified, url=URL)
    known = {"If-None-Match": etag, "If-Modified-Since": modified}
    assert conditional_headers(validators, URL) == {n: v for n, v in known.items() if v is not None}
    assert conditional_headers(validators, URL + "2") == {}


@given(values, values, values, values)
def test_after_a_304_nothing_is_forgotten(etag, modified, new_etag, new_modified):
    sent = Validators(etag=etag, last_modified=modified, url=URL)
    after = renewed(sent, Validators(etag=new_etag, last_modified=new_modified, url=URL))
    if sent:
        assert after.etag == (new_etag or etag)
        assert after.last_modified == (new_modified or modified)
    else:
        assert not after


def test_no_validators_belong_to_no_url():
    assert validators_of([(b"Content-Type", b"text/xml")], URL) == Validators()
