-- What the live index needs of an entry, as migration `sketches` makes it: a restart reads this and not
-- the text. A row is written with the placement, goes with its entry, and with the window.
CREATE TABLE sketches (
  entry INTEGER PRIMARY KEY REFERENCES entries ON DELETE CASCADE,
  reading INTEGER NOT NULL,         -- how it was made; made in another way it is worth nothing
  sketch BLOB NOT NULL
) STRICT;
