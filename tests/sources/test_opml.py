import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.errors import DocumentError, NotAFeed, UnsafeDocument
from aggregator.sources.opml import OpmlFeed, OpmlOutline, parse_opml, render_opml


def opml(outlines: str, head: str = "<head><title>購読一覧</title></head>") -> str:
    return f'<opml version="2.0">{head}<body>{outlines}</body></opml>'


def test_folders_titles_and_homepages_are_read():
    body = opml(
        '<outline text="新聞"><outline text="国内" title="国内の新聞">'
        '<outline type="rss" text="毎日" title="毎日新聞" xmlUrl=" https://m.example/rss " htmlUrl="https://m.example/"/>'
        '</outline></outline><outline xmlurl="https://b.example/"/>'
    )
    assert parse_opml(body.encode()) == OpmlOutline(
        title="購読一覧",
        feeds=(
            OpmlFeed(
                title="毎日新聞",
                url="https://m.example/rss",
                homepage="https://m.example/",
                folder=("新聞", "国内の新聞"),
            ),
            OpmlFeed(title="https://b.example/", url="https://b.example/"),
        ),
    )


@pytest.mark.parametrize(
    ("encoding", "declared"),
    [("utf-8", None), ("utf-8", "utf-8"), ("utf-16", "utf-16"), ("shift_jis", "Shift_JIS"), ("euc-jp", "EUC-JP")],
)  # fmt: skip
def test_japanese_titles_are_right_with_and_without_a_declaration(encoding, declared):
    text = opml('<outline text="毎日新聞" xmlUrl="https://m.example/"/>')
    if declared:
        text = f'<?xml version="1.0" encoding="{declared}"?>{text}'
    assert parse_opml(text.encode(encoding)).feeds[0].title == "毎日新聞"


def test_an_address_is_taken_once_at_its_first_place():
    body = opml(
        '<outline text="a"><outline text="first" xmlUrl="https://a.example/"/></outline>'
        '<outline text="again" xmlUrl="https://a.example/"/>'
    )
    assert [(feed.title, feed.folder) for feed in parse_opml(body.encode()).feeds] == [
        ("first", ("a",))
    ]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("feed://a.example/x", "http://a.example/x"), ("feed:https://a.example/", "https://a.example/"),
        ("javascript:alert(1)", None), ("file:///etc/passwd", None), ("https://", None), ("", None),
        ("https://a b.example", None), ("ftp://a.example", None),
    ],
)  # fmt: skip
def test_only_addresses_of_the_web_are_taken(written, expected):
    feeds = parse_opml(opml(f'<outline text="x" xmlUrl="{written}"/>').encode()).feeds
    assert [feed.url for feed in feeds] == ([expected] if expected else [])


def test_a22_a71_hostile_titles_become_one_short_line():
    title = "&#9;a&#10;b\u202e&lt;script&gt;" + "x" * 500
    [feed] = parse_opml(
        opml(f'<outline text="{title}" xmlUrl="https://a.example/"/>').encode()
    ).feeds
    assert feed.title.startswith("a b <script>x")
    assert len(feed.title) == 200


@pytest.mark.parametrize(
    "body",
    [
        b'<!DOCTYPE opml [<!ENTITY a "b">]>' + opml("").encode(),
        b"<!doctype opml>" + opml("").encode(),
        ('<?xml version="1.0" encoding="utf-16"?><!DOCTYPE opml SYSTEM "file:///etc/passwd">' + opml("")).encode("utf-16"),
        opml("<outline text='x'>" * 17 + "</outline>" * 17).encode(),
        opml("<outline text='x'/>" * 10_001).encode(),
        opml("").encode() + b" " * 16 * 1024 * 1024,
    ],
    ids=["entity", "doctype", "utf-16", "depth", "outlines", "size"],
)  # fmt: skip
def test_a71_what_is_beyond_measure_is_refused(body):
    with pytest.raises(UnsafeDocument):
        parse_opml(body)


@pytest.mark.parametrize("body", [b"", b"hello", b"<html/>", b"\0\1", "<rss/>".encode("utf-16")])
def test_what_is_no_opml_is_refused(body):
    with pytest.raises(NotAFeed):
        parse_opml(body)


def test_as_many_as_allowed_are_read():
    outlines = "".join(f'<outline xmlUrl="https://a.example/{i}"/>' for i in range(10_000))
    assert len(parse_opml(opml(outlines).encode()).feeds) == 10_000


def test_a_file_cut_short_keeps_what_came_before():
    whole = opml('<outline xmlUrl="https://a.example/"/><outline xmlUrl="https://b.example/"/>')
    cut = whole[: whole.index("https://b.example")]
    assert [feed.url for feed in parse_opml(cut.encode()).feeds] == ["https://a.example/"]


TITLES = st.text(st.characters(categories=("L", "N", "P", "S")), min_size=1, max_size=30)
FEEDS = st.lists(
    st.builds(
        OpmlFeed,
        title=TITLES,
        url=st.integers(0, 10**6).map("https://a.example/?x=1&y={}".format),
        homepage=st.none() | st.just("https://a.example/"),
        folder=st.lists(st.sampled_from(["a", "新聞", "<&\">'"]), max_size=4).map(tuple),
    ),
    unique_by=lambda feed: feed.url,
    max_size=20,
)


@given(TITLES, FEEDS)
def test_what_is_rendered_reads_back(title, feeds):
    outline = parse_opml(render_opml(title, feeds))
    assert outline.title == title
    assert sorted(outline.feeds, key=lambda feed: feed.url) == sorted(
        feeds, key=lambda feed: feed.url
    )
    assert render_opml(title, outline.feeds) == render_opml(
        title, parse_opml(render_opml(title, outline.feeds)).feeds
    )


def test_a_title_that_xml_cannot_carry_is_cleaned():
    feed = OpmlFeed(title="a\0b\x1b\ud800c", url="https://a.example/")
    assert parse_opml(render_opml("\0", [feed])).feeds[0].title == "a b c"


@given(
    st.binary(max_size=300)
    | st.text(max_size=300).map(lambda text: opml(text).encode("utf-8", "replace"))
)
def test_any_bytes_give_an_outline_or_a_plain_refusal(body):
    try:
        outline = parse_opml(body)
    except DocumentError:
        return
    assert all(feed.url.lower().startswith("http") for feed in outline.feeds)
