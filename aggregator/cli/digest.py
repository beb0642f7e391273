"""A digest in the terminal: composed now, nothing is kept."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from aggregator.cli.session import Session
from aggregator.errors import UsageError

if TYPE_CHECKING:
    from aggregator.daemon.newsroom import Newsroom
    from aggregator.model.digest import Digest

_FORMATS = ("text", "html", "md")


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("digest")(digest)


def digest(
    context: typer.Context,
    topic: Annotated[str, typer.Argument(help="A topic, several joined by +, or an output.")],
    edition: Annotated[str, typer.Option(help="daily, morning, evening or weekly.")] = "daily",
    date: Annotated[
        str | None, typer.Option(help="The day it is about; a date, a time or a duration ago.")
    ] = None,
    format: Annotated[str, typer.Option(help="text, html or md.")] = "text",
) -> None:
    """Print a digest of a topic: what the outlets report, in their words, with every source named."""
    from zoneinfo import ZoneInfo

    from aggregator.cli.moment import moment
    from aggregator.model.digest import EditionKind
    from aggregator.publish.digest_html import digest_page
    from aggregator.publish.digest_text import digest_markdown, digest_text

    session: Session = context.obj
    if edition not in [kind.value for kind in EditionKind]:
        raise UsageError(f"--edition {edition}: daily, morning, evening or weekly")
    if format not in _FORMATS:
        raise UsageError(f"--format {format}: text, html or md")
    zone = ZoneInfo(session.configuration().settings.timezone)

    async def work(newsroom: "Newsroom") -> "Digest":
        day = None
        if date is not None:
            day = moment(date, await newsroom.parts.store.now(), zone).astimezone(zone).date()
        return await newsroom.digests.digest_now(topic, EditionKind(edition), day)

    render = {"text": digest_text, "html": digest_page, "md": digest_markdown}[format]
    sys.stdout.write(render(session.reading_newsroom(work), zone))
