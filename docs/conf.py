"""How the documentation becomes pages: Sphinx reads the Markdown files as they are."""

project = "Aggregator"
author = "the Aggregator authors"
extensions = ["myst_parser"]
html_theme = "furo"
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build"]
nitpicky = True
myst_heading_anchors = 3
suppress_warnings = ["myst.xref_missing"]  # links to files outside docs/ lead into the repository
