-- The tables of the SQLite store, as migration `tables` makes them. Times are whole microseconds
-- since 1970 in UTC; what is absent is NULL; JSON columns are written by store/codec.py.

CREATE TABLE feeds (
  id INTEGER PRIMARY KEY,
  source TEXT NOT NULL,             -- the outlet's id
  url TEXT NOT NULL,                -- as configured; `import:SOURCE` for what came by import
  host TEXT NOT NULL,               -- whom we are polite to
  kind TEXT NOT NULL,               -- news | video | audio
  every INTEGER,                    -- a fixed interval, microseconds
  enabled INTEGER NOT NULL,         -- 0: no longer in the configuration, or an import
  title TEXT,                       -- what the document says of itself
  homepage TEXT,
  language TEXT,
  etag BLOB,                        -- validators, byte for byte (UTF-8, surrogates passed)
  last_modified BLOB,
  validated_url TEXT,               -- the final URL the validators belong to
  body_hash INTEGER,                -- of the last 200's body
  entry_hashes BLOB,                -- of the entries in the last document: sorted, 8 bytes each
  key_policy TEXT NOT NULL,         -- what makes an entry the same next time
  hints TEXT,                       -- JSON, FeedHints
  arrivals TEXT,                    -- JSON, ArrivalHistory
  standing TEXT NOT NULL,           -- health at a glance
  failures INTEGER NOT NULL,        -- in a row
  failure TEXT,                     -- the last one in words, while it lasts
  failing_since INTEGER,
  next_poll_at INTEGER NOT NULL,    -- our own plan
  not_before INTEGER,               -- the publisher's word
  last_poll_at INTEGER,
  last_success_at INTEGER,
  last_change_at INTEGER,
  poll_seq INTEGER NOT NULL,        -- polls so far; a result with a stale one is refused
  moved_to TEXT,                    -- where permanent redirects point
  moved_seen INTEGER NOT NULL,
  moved_since INTEGER,
  signature TEXT,                   -- who publishes here
  first_seen_at INTEGER NOT NULL,
  pushed_since INTEGER,             -- a hub has promised to tell of news; polls leave both alone
  pushed_until INTEGER,
  entries INTEGER NOT NULL DEFAULT 0, -- how many are stored, kept up so that counting is cheap
  UNIQUE (source, url)
) STRICT;
CREATE INDEX feeds_by_due ON feeds (host, next_poll_at) WHERE enabled;

CREATE TABLE hosts (
  host TEXT PRIMARY KEY,
  next_due INTEGER,                 -- earliest next_poll_at of its enabled feeds, not before next_allowed_at
  next_allowed_at INTEGER,          -- spacing, or what the whole host asked for
  token INTEGER NOT NULL DEFAULT 0, -- counts leases; only the newest may commit
  lease_until INTEGER               -- NULL: free
) STRICT, WITHOUT ROWID;
CREATE INDEX hosts_by_due ON hosts (next_due) WHERE next_due IS NOT NULL;

CREATE TABLE poll_records (
  feed INTEGER NOT NULL REFERENCES feeds ON DELETE CASCADE,
  at INTEGER NOT NULL,
  outcome TEXT NOT NULL,            -- fetched | not_modified | a failure's kind
  new INTEGER NOT NULL,
  updated INTEGER NOT NULL,
  received INTEGER NOT NULL,        -- bytes
  seconds REAL NOT NULL,
  message TEXT,
  quiet INTEGER NOT NULL            -- 1: nothing changed, nothing failed; kept for a week only
) STRICT;
CREATE INDEX poll_records_by_feed ON poll_records (feed, at);
CREATE INDEX poll_records_quiet ON poll_records (at) WHERE quiet;

CREATE TABLE entries (
  serial INTEGER PRIMARY KEY,       -- order of arrival; what other tables point to
  id TEXT NOT NULL UNIQUE,
  feed INTEGER NOT NULL REFERENCES feeds, -- and through it the source
  withdrawn INTEGER NOT NULL DEFAULT 0,
  first_poll INTEGER NOT NULL,      -- came with its source's first poll
  revision INTEGER NOT NULL,        -- how often its fingerprint has changed
  hash INTEGER NOT NULL,            -- over its bytes in the document
  fingerprint INTEGER NOT NULL,     -- over what a reader sees
  url_hash INTEGER,                 -- of the canonical URL: an index over the text would double it
  first_seen_at INTEGER NOT NULL,
  stored_at INTEGER NOT NULL,       -- retention counts from here
  published INTEGER,
  updated INTEGER,
  language TEXT,
  title TEXT NOT NULL,
  url TEXT,
  guid TEXT,                        -- shortened by what it shares with `url` (rows.py)
  canonical_url TEXT,               -- likewise
  key TEXT NOT NULL,                -- shortened by what it shares with `guid`, or `canonical_url`
  author TEXT,
  categories TEXT,                  -- JSON
  image TEXT,
  enclosures TEXT,                  -- JSON
  summary TEXT,
  content TEXT                      -- last: what does not need it does not read it
) STRICT;
CREATE INDEX entries_by_url ON entries (url_hash) WHERE url_hash IS NOT NULL;
CREATE INDEX entries_by_time ON entries (first_seen_at);
CREATE INDEX entries_by_feed ON entries (feed, first_seen_at);
CREATE INDEX entries_by_age ON entries (stored_at);
CREATE INDEX entries_withdrawn ON entries (serial) WHERE withdrawn;

CREATE TABLE revisions (
  entry INTEGER NOT NULL REFERENCES entries ON DELETE CASCADE,
  number INTEGER NOT NULL,          -- 0 is the first text
  replaced_at INTEGER NOT NULL,
  title TEXT NOT NULL,
  summary TEXT,
  content TEXT,
  PRIMARY KEY (entry, number)
) STRICT;

CREATE TABLE articles (
  entry INTEGER PRIMARY KEY REFERENCES entries ON DELETE CASCADE,
  fetched_at INTEGER NOT NULL,
  outcome TEXT NOT NULL,            -- text | paywall | short | other | a failure's kind
  tries INTEGER NOT NULL,
  again_at INTEGER,                 -- NULL: never again
  text TEXT                         -- NULL: none, or expired
) STRICT;
CREATE INDEX articles_by_age ON articles (fetched_at) WHERE text IS NOT NULL;

CREATE TABLE entry_log (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, -- order in which entries are understood; rows go when consumed
  entry INTEGER NOT NULL REFERENCES entries ON DELETE CASCADE,
  changed INTEGER NOT NULL          -- 1: it was in the log before, and its text changed since
) STRICT;
CREATE INDEX entry_log_by_entry ON entry_log (entry);

CREATE TABLE consumers (
  name TEXT PRIMARY KEY,            -- `log`: the one consumer of the entry log
  token INTEGER NOT NULL,           -- counts leases; only the newest may apply
  lease_until INTEGER               -- NULL: free
) STRICT, WITHOUT ROWID;

CREATE TABLE stories (
  serial INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  lead INTEGER,                     -- entry
  lead_since INTEGER NOT NULL,
  title TEXT,                       -- NULL: the lead's
  language TEXT,
  independent INTEGER NOT NULL,     -- sources whose report is not a copy
  topics TEXT,                      -- JSON, TopicMatch
  saga TEXT,                        -- id of an earlier story that this one follows
  related TEXT,                     -- JSON, ids
  muted INTEGER NOT NULL,
  first_seen_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  size INTEGER NOT NULL DEFAULT 0,  -- entries that may be seen; a story without one is hidden
  languages TEXT                    -- of these, joined by commas, so that a rare one is found fast
) STRICT;
CREATE INDEX stories_by_time ON stories (updated_at) WHERE size > 0;

CREATE TABLE story_redirects (
  gone TEXT PRIMARY KEY,            -- id of a story that was joined to another
  lives_on TEXT NOT NULL            -- id of that other one
) STRICT, WITHOUT ROWID;
CREATE INDEX story_redirects_by_target ON story_redirects (lives_on);

CREATE TABLE placements (
  entry INTEGER PRIMARY KEY REFERENCES entries ON DELETE CASCADE,
  placed INTEGER NOT NULL,          -- order of first placement
  story INTEGER NOT NULL REFERENCES stories,
  copy_of INTEGER REFERENCES entries ON DELETE SET NULL,
  independent INTEGER NOT NULL,     -- 0: wire copy
  credit TEXT,                      -- the agency named in the text
  decision TEXT NOT NULL            -- JSON, Decision: why
) STRICT;
CREATE UNIQUE INDEX placements_by_order ON placements (placed);
CREATE INDEX placements_by_story ON placements (story, placed);
CREATE INDEX placements_of_copies ON placements (copy_of) WHERE copy_of IS NOT NULL;

CREATE TABLE entry_topics (
  entry INTEGER NOT NULL REFERENCES entries ON DELETE CASCADE,
  position INTEGER NOT NULL,        -- order as decided
  topic TEXT NOT NULL,
  match TEXT NOT NULL,              -- JSON, TopicMatch: score and evidence
  PRIMARY KEY (entry, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX entry_topics_by_topic ON entry_topics (topic, entry);

-- Columns stand in the order of the key: in another, quick_check of SQLite 3.40 sees NULLs everywhere.
CREATE TABLE story_topics (
  topic TEXT NOT NULL,              -- to find stories by; the whole match is in `stories`
  story INTEGER NOT NULL REFERENCES stories ON DELETE CASCADE,
  PRIMARY KEY (topic, story)
) STRICT, WITHOUT ROWID;
CREATE INDEX story_topics_by_story ON story_topics (story);

-- Every entry with its feed and what was understood of it; rows.py reads it by position.
CREATE VIEW filed AS
SELECT e.serial,
  e.id, e.feed, f.source, e.withdrawn, e.first_poll, e.revision, e.hash, e.fingerprint,
  e.first_seen_at, e.stored_at, e.published, e.updated, e.language, e.title, e.url, e.guid,
  e.canonical_url, e.key, e.author, e.categories, e.image, e.enclosures, e.summary, e.content,
  f.url AS feed_url, f.title AS feed_title, f.kind AS feed_kind,
  s.id AS story, c.id AS copy_of, p.independent, p.credit, p.decision,
  p.story AS story_serial, p.placed
FROM entries AS e
JOIN feeds AS f ON f.id = e.feed
LEFT JOIN placements AS p ON p.entry = e.serial
LEFT JOIN stories AS s ON s.serial = p.story
LEFT JOIN entries AS c ON c.serial = p.copy_of AND NOT c.withdrawn;

CREATE TABLE corrections (
  seq INTEGER PRIMARY KEY,
  hand TEXT NOT NULL,               -- split | join | mute | withdraw
  subject TEXT NOT NULL,            -- entry id, story id or canonical URL
  object TEXT,
  at INTEGER NOT NULL
) STRICT;

CREATE TABLE withdrawals (
  subject TEXT PRIMARY KEY          -- entry id or canonical URL that never comes back, even once expired
) STRICT, WITHOUT ROWID;

CREATE TABLE publications (
  output TEXT NOT NULL,
  item TEXT NOT NULL,               -- urn:uuid:...
  story TEXT NOT NULL,              -- id
  published INTEGER NOT NULL,
  gone INTEGER NOT NULL,            -- 1: left by age or limit
  publication TEXT NOT NULL,        -- JSON, Publication
  PRIMARY KEY (output, item)
) STRICT;
CREATE INDEX publications_by_time ON publications (output, published) WHERE NOT gone;
CREATE INDEX publications_by_story ON publications (story, output);

CREATE TABLE editions (
  subject TEXT NOT NULL,            -- of the digest
  name TEXT NOT NULL,               -- 2026-11-23-daily
  revision INTEGER NOT NULL,
  published_at INTEGER NOT NULL,
  edition TEXT NOT NULL,            -- JSON, Edition
  PRIMARY KEY (subject, name, revision)
) STRICT;

CREATE TABLE subscriptions (
  id TEXT PRIMARY KEY,              -- in the address of the callback
  feed INTEGER NOT NULL REFERENCES feeds,
  ended_at INTEGER,                 -- no longer wanted
  subscription TEXT NOT NULL        -- JSON, Subscription
) STRICT, WITHOUT ROWID;
CREATE INDEX subscriptions_by_feed ON subscriptions (feed);

CREATE TABLE state (
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
