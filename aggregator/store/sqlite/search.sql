-- The search index, as migration `search` makes it: the terms of title and summary (text/terms.py),
-- each once, joined by spaces. It keeps neither text (content='') nor positions (detail=none) nor
-- sizes (columnsize=0), which together would more than double it: rows are taken out by offering the
-- same terms again, and words of more than two characters are proved against the text
-- (search_index.py). The tokenizer `ascii` parts at spaces only, whatever Unicode tables SQLite has,
-- so that each of our terms is exactly one of its own.

CREATE VIRTUAL TABLE entry_search USING fts5 (terms, content='', columnsize=0, detail=none, tokenize='ascii');

-- Postings are gathered in memory for a whole batch and written in pages as large as the file's: both
-- together halve the cost of adding (72 to 35 microseconds an entry, batches of 2,000).
INSERT INTO entry_search (entry_search, rank) VALUES ('hashsize', 8388608);
INSERT INTO entry_search (entry_search, rank) VALUES ('pgsz', 8000);
