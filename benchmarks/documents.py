"""The documents of the origin: RSS, Atom and RDF of 30 to 50 entries, by feed and state."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Final

from benchmarks.wording import AUTHORS, SECTIONS, sentences, title

LATEST: Final = datetime(2026, 11, 1, 8, tzinfo=UTC)  # of the entries that are there from the start
_STEP: Final = timedelta(minutes=37)
_MOST: Final = 100_000  # entries one feed can have: its entries' numbers start at a multiple


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What has happened on the origin since it was opened."""

    added: int = 0  # entries that each feed has got besides its first ones
    stamp: int = 0  # times that each document was built anew without news


@dataclass(frozen=True, slots=True)
class Article:
    """One entry as it is published."""

    link: str
    title: str
    summary: str
    content: str
    author: str
    sections: tuple[str, ...]
    published: datetime


@dataclass(frozen=True, slots=True)
class Document:
    """One feed: the same number is always the same feed."""

    number: int
    base: str  # address of its site

    @property
    def window(self) -> int:
        """Return how many entries it shows: 30 to 50, 40 in the mean."""
        return 30 + self.number * 13 % 21

    @property
    def language(self) -> str:
        """Return its language: half and half."""
        return "ja" if self.number % 2 == 0 else "en"

    @property
    def format(self) -> str:
        """Return its format: of ten feeds six are RSS, three Atom, one RDF."""
        return ("rss", "rss", "atom", "rss", "rss", "atom", "rdf", "rss", "rss", "atom")[
            self.number // 2 % 10
        ]

    def published(self, state: State) -> int:
        """Return how many entries it has ever had."""
        return self.window + state.added

    def articles(self, state: State) -> list[Article]:
        """Return what it shows, newest first."""
        last = self.published(state)
        return [self._article(number) for number in range(last - 1, last - self.window - 1, -1)]

    def render(self, state: State) -> bytes:
        """Return its bytes."""
        made = _RENDER[self.format](self, self.articles(state), self.built_at(state))
        return made.encode()

    def built_at(self, state: State) -> datetime:
        """Return when it was built."""
        return LATEST + timedelta(days=7, minutes=state.stamp)

    def _article(self, index: int) -> Article:
        number = self.number * _MOST + index
        lines = sentences(self.language, number, 6)
        stop = "" if self.language == "ja" else " "
        return Article(
            link=f"{self.base}/{self.language}/2026/11/{number}.html",
            title=title(self.language, number),
            summary=stop.join(lines[:2]),
            content="".join(
                f'<p>{lines[at]}{stop}{lines[at + 1]} <a href="{self.base}/about">{index}</a></p>'
                for at in (2, 4)
            ),
            author=AUTHORS[self.language][number % 6],
            sections=(
                SECTIONS[self.language][number % 8],
                SECTIONS[self.language][number // 8 % 8],
            ),
            published=LATEST + _STEP * (index - self.window),
        )


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _rss(feed: Document, articles: list[Article], built: datetime) -> str:
    items = "\n".join(
        f"<item><title>{one.title}</title><link>{one.link}</link>"
        f'<guid isPermaLink="true">{one.link}</guid><pubDate>{format_datetime(one.published)}</pubDate>'
        f"<dc:creator>{one.author}</dc:creator>"
        + "".join(f"<category>{section}</category>" for section in one.sections)
        + f"<description>{one.summary}</description>"
        f"<content:encoded><![CDATA[{one.content}]]></content:encoded></item>"
        for one in articles
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0" '
        'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f"<channel><title>Outlet {feed.number}</title><link>{feed.base}/</link>"
        f"<description>Outlet {feed.number}</description><language>{feed.language}</language>"
        f"<lastBuildDate>{format_datetime(built)}</lastBuildDate>\n{items}\n</channel></rss>\n"
    )


def _atom(feed: Document, articles: list[Article], built: datetime) -> str:
    entries = "\n".join(
        f'<entry><id>{one.link}</id><title>{one.title}</title><link rel="alternate" href="{one.link}"/>'
        f"<published>{one.published.isoformat()}</published><updated>{one.published.isoformat()}</updated>"
        f"<author><name>{one.author}</name></author>"
        + "".join(f'<category term="{section}"/>' for section in one.sections)
        + f"<summary>{one.summary}</summary>"
        f'<content type="html">{_escaped(one.content)}</content></entry>'
        for one in articles
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{feed.language}">'
        f"<id>{feed.base}/</id><title>Outlet {feed.number}</title>"
        f'<link rel="alternate" href="{feed.base}/"/><updated>{built.isoformat()}</updated>\n{entries}\n</feed>\n'
    )


def _rdf(feed: Document, articles: list[Article], built: datetime) -> str:
    order = "".join(f'<rdf:li rdf:resource="{one.link}"/>' for one in articles)
    items = "\n".join(
        f'<item rdf:about="{one.link}"><title>{one.title}</title><link>{one.link}</link>'
        f"<dc:date>{one.published.isoformat()}</dc:date><dc:creator>{one.author}</dc:creator>"
        f"<dc:subject>{one.sections[0]}</dc:subject><description>{one.summary}</description>"
        f"<content:encoded><![CDATA[{one.content}]]></content:encoded></item>"
        for one in articles
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<rdf:RDF xmlns="http://purl.org/rss/1.0/" '
        'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:content="http://purl.org/rss/1.0/modules/content/">'
        f'<channel rdf:about="{feed.base}/feed"><title>Outlet {feed.number}</title><link>{feed.base}/</link>'
        f"<description>Outlet {feed.number}</description><dc:language>{feed.language}</dc:language>"
        f"<dc:date>{built.isoformat()}</dc:date>"
        f"<items><rdf:Seq>{order}</rdf:Seq></items></channel>\n{items}\n</rdf:RDF>\n"
    )


_RENDER: Final = {"rss": _rss, "atom": _atom, "rdf": _rdf}
