-- The search index, as migration `search` makes it: terms of title and summary (text/terms.py),
-- joined by spaces. It keeps no text of its own (content=''): rows are taken out by offering the
-- same terms again. The tokenizer `ascii` splits at spaces only, whatever Unicode tables SQLite has,
-- and so each of our terms is exactly one of its own. Newest first is the only order, so the sizes
-- that ranking would need are left out.

CREATE VIRTUAL TABLE entry_search USING fts5 (terms, content='', columnsize=0, tokenize='ascii');
