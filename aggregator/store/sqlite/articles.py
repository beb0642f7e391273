"""Articles: which pages are wanted, and the texts that were read from them."""

import json
import sqlite3
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Final

from aggregator.model.article import Article, WantedArticle
from aggregator.model.identifiers import EntryId, SourceId, TopicId
from aggregator.store.codec import microseconds
from aggregator.store.sqlite.rows import as_int

_WANTED: Final = """
SELECT e.url_hash, e.id, f.source, e.url, e.title, e.language, coalesce(a.tries, 0)
FROM feeds AS f
CROSS JOIN entries AS e ON e.feed = f.id AND e.first_seen_at >= :since
JOIN placements AS p ON p.entry = e.serial
LEFT JOIN articles AS a ON a.entry = e.serial
WHERE f.source IN (SELECT value FROM json_each(:sources)) AND f.kind = 'news'
  AND NOT e.withdrawn AND e.url_hash IS NOT NULL
  AND (a.entry IS NULL OR a.again_at <= :now)
  AND (:topics IS NULL OR EXISTS (
    SELECT 1 FROM story_topics AS t
    WHERE t.story = p.story AND t.topic IN (SELECT value FROM json_each(:topics))))
  AND NOT EXISTS (
    SELECT 1 FROM entries AS o JOIN articles AS oa ON oa.entry = o.serial
    WHERE o.url_hash = e.url_hash AND o.serial <> e.serial)
ORDER BY e.first_seen_at DESC, e.serial DESC LIMIT :limit
"""

_SAVE: Final = """
INSERT INTO articles (entry, fetched_at, outcome, tries, again_at, text)
SELECT serial, ?, ?, ?, ?, ? FROM entries WHERE id = ? AND NOT withdrawn
ON CONFLICT (entry) DO UPDATE SET
  fetched_at = excluded.fetched_at, outcome = excluded.outcome, tries = excluded.tries,
  again_at = excluded.again_at, text = excluded.text
"""

_TEXTS: Final = """
SELECT e.id, a.text FROM entries AS e JOIN articles AS a ON a.entry = e.serial
WHERE e.id IN (SELECT value FROM json_each(?)) AND a.text IS NOT NULL AND NOT e.withdrawn
"""


def wanted_articles(
    connection: sqlite3.Connection,
    *,
    sources: Collection[SourceId],
    topics: Collection[TopicId] | None,
    since: datetime,
    now: datetime,
    limit: int,
) -> tuple[WantedArticle, ...]:
    """Return the entries whose page is wanted."""
    rows = connection.execute(
        _WANTED,
        {
            "sources": json.dumps(list(sources)),
            "topics": None if topics is None else json.dumps(list(topics)),
            "since": microseconds(since),
            "now": microseconds(now),
            "limit": limit,
        },
    )
    by_page: dict[int, WantedArticle] = {}
    for page, id_, source, url, title, language, tries in rows:
        wanted = WantedArticle(
            entry=id_, source=source, url=url, title=title, language=language, tries=tries
        )
        by_page.setdefault(page, wanted)
    return tuple(by_page.values())


def save_article(connection: sqlite3.Connection, article: Article) -> None:
    """Keep what came of asking for a page."""
    connection.execute(
        _SAVE,
        (
            microseconds(article.fetched_at),
            article.outcome,
            article.tries,
            as_int(article.again_at),
            article.text or None,
            article.entry,
        ),
    )


def article_texts(
    connection: sqlite3.Connection, entries: Collection[EntryId]
) -> Mapping[EntryId, str]:
    """Return the texts that are kept of these entries."""
    return dict(connection.execute(_TEXTS, (json.dumps(list(entries)),)))
