-- The search index, as migration `search` makes it: the terms of title and summary (text/terms.py),
-- each once, joined by spaces. It keeps neither text (content='') nor positions (detail=none) nor
-- sizes (columnsize=0), which together would more than double it: rows are taken out by offering the
-- same terms again, and words of more than two characters are proved against the text
-- (search_index.py). The tokenizer `ascii` parts at spaces only, whatever Unicode tables SQLite has,
-- so that each of our terms is exactly one of its own.

CREATE VIRTUAL TABLE entry_search USING fts5 (terms, content='', columnsize=0, detail=none, tokenize='ascii');
