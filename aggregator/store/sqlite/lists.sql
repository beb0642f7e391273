-- What lists of stories and of sources are read from, as migration `lists` makes it: each question of a
-- page is one walk along an index, however much is stored.

-- A topic's stories in order of time, with what is asked of each before it is read. Columns stand in the
-- order of the key: in another, quick_check of SQLite 3.40 sees NULLs everywhere.
ALTER TABLE story_topics RENAME TO old_story_topics;
DROP INDEX story_topics_by_story;
CREATE TABLE story_topics (
  topic TEXT NOT NULL,              -- to find stories by; the whole match is in `stories`
  updated_at INTEGER NOT NULL,      -- these three as in `stories`
  story INTEGER NOT NULL REFERENCES stories ON DELETE CASCADE,
  first_seen_at INTEGER NOT NULL,
  independent INTEGER NOT NULL,
  PRIMARY KEY (topic, updated_at, story)
) STRICT, WITHOUT ROWID;
INSERT INTO story_topics
SELECT t.topic, s.updated_at, s.serial, s.first_seen_at, s.independent
FROM old_story_topics AS t JOIN stories AS s ON s.serial = t.story;
DROP TABLE old_story_topics;
CREATE INDEX story_topics_by_story ON story_topics (story);
CREATE INDEX story_topics_by_day ON story_topics (topic, first_seen_at);

-- Few are hidden, and a count along story_topics has to leave them out without reading each story.
CREATE INDEX stories_hidden ON stories (serial) WHERE size = 0 OR muted;

-- What a list of stories is narrowed by stands in the index: a rare language is found without reading all.
DROP INDEX stories_by_time;
CREATE INDEX stories_by_time ON stories (updated_at, independent, muted, languages) WHERE size > 0;

-- Whether an output shows a story, or showed it until it grew old, is known without its JSON.
CREATE INDEX publications_shown ON publications (story, output)
WHERE NOT (gone AND coalesce(json_extract(publication, '$.hidden'), 0));

-- Rows of feeds are a kilobyte each: their hashes and rhythm. Counting them goes along this instead.
CREATE INDEX feeds_in_brief ON feeds (source, enabled, standing, entries);
