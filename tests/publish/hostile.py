"""Entries as their worst writers make them, for hypothesis."""

from datetime import timedelta

from hypothesis import strategies as st

from aggregator.model.entry import Enclosure
from aggregator.model.output import Audience
from aggregator.model.query import FiledEntry, StoryFile
from aggregator.model.source import FeedKind
from tests.publish.newsroom import NOW, SOURCES, TOPICS, filed, story

NASTY = [
    "\x00",
    "\x08\x0b\x1f",
    "\x85\x9f",
    "\ud800",
    "\udfff x",
    "\ufffe\uffff",
    "\U0001fffe",
    "]]>",
    "<![CDATA[x]]>",
    "\u202egnp.exe",
    "\u2066\u2069",
    "\u200b\ufeff",
    "<script>alert(1)</script>",
    "</description></item>",
    "&lt;b&gt;",
    "&amp;amp;",
    "&#0;",
    "&#x1F;",
    "<!--",
    "-->",
    "<?xml version='1.0'?>",
    "<!DOCTYPE x [<!ENTITY y 'z'>]>",
    "「”'\"`」",
    "<独自>",
    "{title}{0}%s",
    "\r\n\t",
    "　",
    "👩‍👩‍👧",
    "x" * 3000,
    "停" * 3000,
    "。！？」",
]
texts = st.lists(
    st.one_of(
        st.sampled_from(NASTY),
        st.text(max_size=20),
        st.text(alphabet=st.characters(exclude_categories=()), max_size=5),
        st.sampled_from(["停戦合意", "Ceasefire agreed. ", "有料", "訂正", "【速報】", " "]),
    ),
    max_size=6,
).map("".join)
urls = st.one_of(
    st.none(),
    st.just(""),
    st.sampled_from(
        [
            "javascript:alert(1)",
            "JAVA\nSCRIPT:alert(1)",
            "data:text/html,<script>",
            "//evil.example/",
            "http://",
            "http://[::1",
            "http://[::1]:80/a",
            "https://user:secret@host.example/",
            "https://例え.example/記事?q=停戦#部",
            "https://a.example/%zz%41?a=1&b=<>\"'",
            "https://a.example/a b",
            "https://a.example:99999/",
            "https://a.example/\ud800",
            "https://a.example/" + "x" * 5000,
            "https://\x00.example/",
            "http://a..example/",
        ]
    ),
    texts,
    texts.map(lambda text: f"https://a.example/{text}"),
)
enclosures = st.builds(
    Enclosure,
    url=urls.map(lambda url: url or ""),
    type=st.one_of(
        st.none(), st.sampled_from(["audio/mpeg", "image/png", 'a"/b', "text/html\n"]), texts
    ),
    length=st.sampled_from([0, -1, 10**30, 12345]),
)
_moments = st.integers(-20 * 24 * 3600, 3600 * 48).map(lambda s: NOW + timedelta(seconds=s))
_past = st.integers(0, 10 * 24 * 3600).map(lambda s: NOW - timedelta(seconds=s))
_serial = st.integers(0, 10**12).map(lambda n: f"h{n:012}")


@st.composite
def hostile_entries(draw: st.DrawFn) -> FiledEntry:
    return filed(
        draw(texts),
        draw(st.sampled_from(list(SOURCES.values()))),
        at=draw(_past),
        published=draw(st.one_of(st.none(), _moments)),
        first_poll=draw(st.booleans()),
        summary=draw(texts),
        url=draw(urls),
        language=draw(st.sampled_from(["ja", "en", "zh", "<>", "x\x00"])),
        topics=draw(st.lists(st.sampled_from([*TOPICS, "unknown"]), unique=True)),
        kind=draw(st.sampled_from([kind.value for kind in FeedKind])),
        image=draw(urls),
        enclosures=tuple(draw(st.lists(enclosures, max_size=2))),
        id=draw(_serial),
        feed_url=draw(st.one_of(st.none(), urls.map(lambda url: url or "import:x"))),
    )


@st.composite
def hostile_stories(draw: st.DrawFn, min_size: int = 1, max_size: int = 4) -> tuple[StoryFile, ...]:
    files = []
    for number in range(draw(st.integers(min_size, max_size))):
        entries = draw(
            st.lists(hostile_entries(), min_size=1, max_size=5, unique_by=lambda f: f.entry.id)
        )
        entries.sort(key=lambda f: (f.entry.first_seen_at, f.entry.id))
        files.append(story(*entries, id=number + 1))
    return tuple(files)


audiences = st.sampled_from(list(Audience))
