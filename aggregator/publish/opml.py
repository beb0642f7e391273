"""Our outputs as OPML 2.0, for readers that subscribe to all of them at once."""

from collections.abc import Iterable

from lxml import etree

from aggregator.model.output import Output
from aggregator.publish.context import PublishContext, own_page
from aggregator.publish.plain_text import plain_line


def outputs_opml(
    outputs: Iterable[Output], ctx: PublishContext, title: str = "Aggregator"
) -> bytes:
    """Return the outputs as a subscription list, in order; each with its RSS address."""
    opml = etree.Element("opml", {"version": "2.0"})
    etree.SubElement(etree.SubElement(opml, "head"), "title").text = plain_line(title)
    body = etree.SubElement(opml, "body")
    for output in outputs:
        name = plain_line(output.title)
        etree.SubElement(
            body,
            "outline",
            {
                "type": "rss",
                "text": name,
                "title": name,
                "xmlUrl": own_page(ctx, f"feeds/{output.id}.rss"),
                "htmlUrl": own_page(ctx, ""),
                "language": output.language,
            },
        )
    return etree.tostring(opml, xml_declaration=True, encoding="UTF-8", pretty_print=True)
