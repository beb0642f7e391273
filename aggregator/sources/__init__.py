"""Lists of feeds: OPML, feed links in a page, the built-in catalogue of outlets. Pure."""
