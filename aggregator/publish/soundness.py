"""No item may cost a feed: one that no format can carry is replaced by its plain-text version."""

from dataclasses import replace

from aggregator.model.output import Item
from aggregator.publish.address import web_address
from aggregator.publish.labels import labels
from aggregator.publish.plain_text import is_legal, language_tag, markup, plain_line


def sound(item: Item) -> Item:
    """Return the item itself where every format can carry it, else a plain-text version of it."""
    return item if is_sound(item) else _plain(item)


def is_sound(item: Item) -> bool:
    """Tell whether every text is legal in XML and every address a web address; titles are never empty."""
    texts = [
        item.id,
        item.title,
        item.html,
        item.summary,
        item.outlet,
        item.feed_title,
        item.feed_url,
    ]
    texts += [label for _, label in item.topics]
    texts += [report.title for report in item.related]
    languages = [item.language, *(report.language for report in item.related)]
    addresses = [item.url, item.image, *(report.url for report in item.related)]
    if item.enclosure is not None:
        addresses.append(item.enclosure.url)
        texts.append(item.enclosure.type or "")
    return (
        bool(item.title.strip() and item.html.strip() and item.outlet.strip())
        and all(map(is_legal, texts))
        and all(language == language_tag(language) for language in languages)
        and all(url is None or web_address(url) == url for url in addresses)
    )


def _plain(item: Item) -> Item:
    title = plain_line(item.title) or labels(item.language or "").untitled
    summary = plain_line(item.summary)
    outlet = plain_line(item.outlet) or item.source
    return replace(
        item,
        id=plain_line(item.id),
        url=web_address(item.url),
        title=title,
        html=f"<p>{markup(summary or title)}</p>",
        summary=summary,
        outlet=outlet,
        feed_title=plain_line(item.feed_title) or outlet,
        feed_url=plain_line(item.feed_url),
        language=language_tag(item.language),
        topics=tuple((id, plain_line(label) or id) for id, label in item.topics),
        related=(),
        image=None,
        enclosure=None,
    )
