"""Topics: list, test a text, explain."""

from typing import Annotated

import typer

from aggregator.cli.session import Session, say
from aggregator.errors import UsageError

topics_app = typer.Typer(help="The topics in topics.yaml.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    topics_app.command("list")(list_topics)
    topics_app.command("test")(test_text)
    app.add_typer(topics_app, name="topics")


def list_topics(context: typer.Context) -> None:
    """List the topics."""
    session: Session = context.obj
    configuration = session.configuration()
    for topic in configuration.topics:
        say(f"{topic.id}  {topic.name(configuration.settings.language)}")


def test_text(
    context: typer.Context,
    text: Annotated[str, typer.Argument(help="A headline.")],
    summary: Annotated[str, typer.Option(help="A summary that goes with it.")] = "",  # noqa: PT028  # a command, no test
) -> None:
    """Show which topics a text has and why, and which it nearly has."""
    from aggregator.tag.rules import compile_topics

    session: Session = context.obj
    configuration = session.configuration()
    if not configuration.topics:
        raise UsageError("topics.yaml has no topics")
    for found in compile_topics(configuration.topics).examine(text, summary):
        if not found.matched and not found.hits:
            continue
        mark = "yes" if found.matched else "no "
        say(f"{mark} {found.topic}  {found.score:g} of {found.threshold:g}  {found.reason}")
        for hit in found.hits:
            where = f"list {hit.list + 1}" if hit.list is not None else "weight"
            say(f"      {where}: {hit.term} in the {hit.field} ({hit.points:+g})")
