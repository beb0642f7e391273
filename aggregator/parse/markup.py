"""Other people's HTML: cleaned for pages and feeds, or read as text. Policy: reliability D1 and D2.

nh3 always has the last word: nothing is done to its output afterwards but escaping.
"""

import re
from contextvars import ContextVar
from typing import Final

import nh3

from aggregator.parse import elements
from aggregator.parse.cost import is_costly
from aggregator.parse.plain import strip_tags, text_of_clean, tidy
from aggregator.parse.urls import safe_url

_ATTRIBUTES: Final = {
    "*": {"title", "lang"},
    "a": {"href"},
    "img": {"src", "srcset", "alt", "width", "height"},
    "source": {"src", "srcset", "width", "height"},
    "video": {"src", "poster", "width", "height"},
    "audio": {"src"},
    "time": {"datetime"},
    "del": {"cite", "datetime"},
    "ins": {"cite", "datetime"},
    "blockquote": {"cite"},
    "q": {"cite"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
    "col": {"span"},
    "colgroup": {"span"},
    "ol": {"start"},
}
# Added to every element, in this order: pictures come late and tell nobody where they are read.
_GIVEN: Final = {
    "img": {"loading": "lazy", "referrerpolicy": "no-referrer"},
    "audio": {"controls": "", "preload": "none"},
    "video": {"controls": "", "preload": "none"},
}
_LINKS: Final = frozenset(("href", "src", "cite", "poster"))
_NUMBERS: Final = {
    "width": (1, 4096), "height": (1, 4096), "colspan": (1, 100), "rowspan": (1, 100), "span": (1, 100),
    "start": (-99999, 99999),
}  # fmt: skip
_DATETIME: Final = re.compile(r"[0-9TZPDHMSW:.+ -]{1,40}")
_LABEL_LENGTH: Final = 1000

_MEDIA: Final = re.compile(r'<(img|source|video|audio)((?: [a-z]+="[^"]*")*)>')
_ATTRIBUTE: Final = re.compile(r' ([a-z]+)="([^"]*)"')
_MEDIA_LIMIT: Final = 200  # per entry (reliability A37)
# Counters that come as pictures of a sound size: FeedBurner, WordPress.com, and feeds' own pixels.
_TRACKER: Final = re.compile(
    r"://(?:feeds\.feedburner\.com/~r/|feedsportal\.com/|[a-z.]*pixel\.(?:wp|quantserve)\.com/|stats\.wordpress\.com/"
    r"|[a-z.]*doubleclick\.net/|b\.scorecardresearch\.com/|[a-z-]+\.google-analytics\.com/)"
)

_PASSES: Final = 4


def clean_html(html: str, base: str | None = None) -> str:
    """Return HTML that is safe to show: balanced, without scripts, forms, styles, trackers; URLs absolute.

    Cleaning what is clean changes nothing. Markup that would cost more than linear time is
    reduced to its text.
    """
    # As HTML reads line ends, and drops NUL.
    html = html.replace("\0", "").replace("\r\n", "\n").replace("\r", "\n").strip()
    if "<" not in html and "&" not in html:
        return html.replace(">", "&gt;").replace("\xa0", "&nbsp;")
    if is_costly(html):
        return escape(tidy(strip_tags(html)))
    token = _base.set(base)
    try:
        return _cleaned(html)
    finally:
        _base.reset(token)


def _cleaned(html: str) -> str:
    clean = _cleaner.clean(html)
    for _ in range(_PASSES):
        again = _cleaner.clean(_with_sound_media(clean)).strip()
        if again == clean:
            return clean
        clean = again
    # Misnested markup that HTML itself never reads the same twice.
    return escape(text_of_clean(clean))


def first_image(clean: str) -> str | None:
    """Return the first picture of HTML that `clean_html` returned."""
    for media in _MEDIA.finditer(clean):
        if media.group(1) == "img":
            for name, value in _ATTRIBUTE.findall(media.group(2)):
                if name == "src":
                    return str(value).replace("&amp;", "&").replace("&quot;", '"')
    return None


def escape(text: str) -> str:
    """Return text as HTML, the way nh3 writes it; lines become paragraphs."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    written = [
        line.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\xa0", "&nbsp;")
        for line in lines
    ]
    return written[0] if len(written) == 1 else "".join(f"<p>{line}</p>" for line in written)


def _kept(tag: str, name: str, value: str) -> str | None:
    """Return an attribute's value in sound form, or None where it is to go."""
    if name in _LINKS:
        return safe_url(value, _base.get(), mail=tag == "a")
    if name == "srcset":
        return _safe_srcset(value, _base.get())
    if bounds := _NUMBERS.get(name):
        return _bounded(value, *bounds)
    if tag in _GIVEN and name in _GIVEN[tag]:
        return _GIVEN[tag][name]
    if name == "datetime":
        return value if _DATETIME.fullmatch(value) else None
    return value[:_LABEL_LENGTH]


# Making a cleaner takes as long as cleaning an entry with it, so that one serves all bases.
_base: Final[ContextVar[str | None]] = ContextVar("base")
_cleaner: Final = nh3.Cleaner(
    tags=set(elements.ALLOWED),
    clean_content_tags=set(elements.NOT_TEXT),
    attributes={tag: {*names, *_GIVEN.get(tag, ())} for tag, names in _ATTRIBUTES.items()},
    attribute_filter=_kept,
    link_rel=None,  # what is stored is shown nowhere: a `rel` for each link would be dead weight
    url_schemes={"http", "https", "mailto"},
    url_relative="pass_through",  # `_kept` has the last word on every link
)


def _safe_srcset(value: str, base: str | None) -> str | None:
    """Return the candidates of a srcset that are sound; a comma inside a URL cannot be told from one between."""
    found: list[str] = []
    for candidate in value[:8192].split(", ")[:16]:
        url, _, size = candidate.strip().rstrip(",").partition(" ")
        if (safe := safe_url(url, base)) and re.fullmatch(
            r"(?:\d{1,5}(?:\.\d{1,3})?[wx])?", size.strip()
        ):
            found.append(f"{safe} {size.strip()}".strip().replace(",", "%2C"))
    return ", ".join(found) or None


def _bounded(value: str, least: int, most: int) -> str | None:
    number = value.strip().removesuffix("px")
    if not re.fullmatch(r"-?[0-9]{1,6}", number) or not least <= int(number) <= most:
        # A size of 0 is kept so far: it tells a tracker.
        return "0" if number == "0" and least == 1 else None
    return str(int(number))


def _with_sound_media(clean: str) -> str:
    """Complete the media in nh3's output, and drop trackers, pictures of nothing, and what is too many.

    nh3 sets attributes in an order that changes from run to run: so they are put in here, in the
    order given, before it sees the text once more. End tags that are left over go then, too.
    """
    if not any(tag in clean for tag in ("<img", "<source", "<video", "<audio")):
        return clean
    count = 0

    def judge(media: re.Match[str]) -> str:
        nonlocal count
        tag, written = media.group(1), media.group(2)
        values = dict(_ATTRIBUTE.findall(written))
        if _is_needless(tag, values):
            return ""
        count += 1
        if count > _MEDIA_LIMIT:
            return ""
        added = "".join(
            f' {name}="{value}"'
            for name, value in _GIVEN.get(tag, {}).items()
            if name not in values
        )
        return f"<{tag}{written}{added}>"

    return _MEDIA.sub(judge, clean)


def _is_needless(tag: str, values: dict[str, str]) -> bool:
    """Tell whether a picture shows nothing, or only counts who reads."""
    if tag == "source":
        return "src" not in values and "srcset" not in values
    if tag != "img":
        return False
    sizes = [values[name] for name in ("width", "height") if name in values]
    return (
        "src" not in values
        or (bool(sizes) and all(size in ("0", "1") for size in sizes))
        or bool(_TRACKER.search(values["src"]))
    )
