"""HTML's elements by the part they play here."""

from typing import Final


def _named(names: str) -> frozenset[str]:
    return frozenset(names.split())


ALLOWED: Final = _named("""
    a abbr address article aside audio b bdi bdo blockquote br caption cite code col colgroup dd del details dfn div
    dl dt em figcaption figure footer h1 h2 h3 h4 h5 h6 header hr i img ins kbd li main mark ol p picture pre q rp rt
    ruby s samp section small source span strong sub summary sup table tbody td tfoot th thead time tr u ul var video
    wbr
""")
"""What clean HTML consists of (reliability D1): structure, tables, pictures and sound; no forms, SVG or frames."""

NOT_TEXT: Final = _named("""
    script style iframe noscript noembed noframes svg math template head title select datalist
""")
"""What these contain is not text: code, choices, fallbacks that only their own engine shows, other documents."""

BLOCKS: Final = _named("""
    address article aside blockquote br caption dd details div dl dt figcaption figure footer h1 h2 h3 h4 h5 h6 header
    hr li main ol p pre section summary table tbody td tfoot th thead tr ul
""")
"""What sets its text apart from the text around it."""

IN_TITLES: Final = _named("""
    a abbr b bdi bdo big br cite code del div em font h1 h2 h3 h4 h5 h6 i img ins li mark nobr ol p q rp rt ruby s
    small span strike strong sub sup tt u ul wbr
""")
"""What headlines are marked up with; anything else in angle brackets is part of the headline (<独自>)."""

VOID: Final = _named("area base br col embed hr img input link meta param source track wbr")
"""What has no end tag."""

FORMATTING: Final = _named("a b big code em font i nobr s small strike strong tt u")
"""What HTML opens again in every block that follows, while it is not closed."""

SELF_CLOSING: Final = _named("p li dt dd tr td th option")
"""What ends where the next one begins."""
