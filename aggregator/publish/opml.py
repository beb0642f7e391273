"""Our outputs as OPML 2.0, for readers that subscribe to all of them at once."""

from collections.abc import Iterable, Mapping

from lxml import etree

from aggregator.model.output import Output
from aggregator.publish.context import PublishContext, own_page
from aggregator.publish.plain_text import plain_line


def outputs_opml(
    outputs: Iterable[Output],
    ctx: PublishContext,
    title: str = "Aggregator",
    digests: Mapping[str, str] | None = None,
) -> bytes:
    """Return the outputs as a subscription list, in order; each with its RSS address.

    Args:
        outputs: Those that anybody may subscribe to.
        ctx: The configuration.
        title: Of the list.
        digests: Feeds of digests, that follow the outputs: their titles by name.
    """
    opml = etree.Element("opml", {"version": "2.0"})
    etree.SubElement(etree.SubElement(opml, "head"), "title").text = plain_line(title)
    body = etree.SubElement(opml, "body")
    listed = [(str(output.id), output.title, "", output.language) for output in outputs]
    listed += [(id, name, "digests", ctx.language) for id, name in (digests or {}).items()]
    for id, text, page, language in listed:
        name = plain_line(text)
        etree.SubElement(
            body,
            "outline",
            {
                "type": "rss",
                "text": name,
                "title": name,
                "xmlUrl": own_page(ctx, f"feeds/{id}.rss"),
                "htmlUrl": own_page(ctx, page),
                "language": language,
            },
        )
    return etree.tostring(opml, xml_declaration=True, encoding="UTF-8", pretty_print=True)
