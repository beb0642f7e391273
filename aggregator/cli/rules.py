"""Rules and reasons: topics, explain, simulate, retag, regroup."""

from typing import TYPE_CHECKING, Annotated

import typer

from aggregator.cli.session import Session, complain, print_json, say
from aggregator.errors import UsageError

if TYPE_CHECKING:
    from aggregator.daemon.newsroom import Newsroom
    from aggregator.pipeline.replay import Regrouped, Retagged
    from aggregator.tag.suggest import Suggestion

topics_app = typer.Typer(help="The topics in topics.yaml.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    topics_app.command("list")(list_topics)
    topics_app.command("test")(test_text)
    topics_app.command("suggest")(suggest)
    app.add_typer(topics_app, name="topics")
    app.command("explain")(explain)
    app.command("simulate")(simulate)
    app.command("retag")(retag)
    app.command("regroup")(regroup)


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
    shown = False
    for found in compile_topics(configuration.topics).examine(text, summary):
        if not found.matched and not found.hits:
            continue
        shown = True
        mark = "yes" if found.matched else "no "
        say(f"{mark} {found.topic}  {found.score:g} of {found.threshold:g}  {found.reason}")
        for hit in found.hits:
            where = f"list {hit.list + 1}" if hit.list is not None else "weight"
            say(f"      {where}: {hit.term} in the {hit.field} ({hit.points:+g})")
    if not shown:
        complain("no topic has a term in this text")


def suggest(
    context: typer.Context,
    topic: Annotated[str, typer.Argument(help="Id of a topic.")],
) -> None:
    """Propose terms for a topic from what is stored, with examples; it only proposes."""
    from aggregator.pipeline.reasons import suggest_terms

    session: Session = context.obj

    async def work(newsroom: "Newsroom") -> "tuple[Suggestion, ...]":
        return await suggest_terms(newsroom.parts, topic)

    found = session.reading_newsroom(work)
    for one in found:
        say(f"{one.log_odds:5.1f}  {one.term}")
        for example in one.examples[:2]:
            say(f"         {example}")
    if not found:
        complain("nothing to propose: too few stored entries have this topic")


def explain(
    context: typer.Context,
    entry_or_story: Annotated[str, typer.Argument(help="Id of an entry or a story.")],
) -> None:
    """Say why entries are one story, why one was folded or left out, and which topics match."""
    from aggregator.pipeline.reasons import reasons

    session: Session = context.obj

    async def work(newsroom: "Newsroom") -> list[str]:
        return await reasons(newsroom.parts, entry_or_story)

    for line in session.reading_newsroom(work):
        say(line)


def simulate(
    context: typer.Context,
    days: Annotated[int, typer.Option(min=1, help="How far back to look.")] = 14,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Show what the changed configuration would do to stored stories; change nothing."""
    from aggregator.daemon.requests import retag_document

    session: Session = context.obj

    async def work(newsroom: "Newsroom") -> "tuple[Retagged, Regrouped]":
        return await newsroom.simulate(days)

    retagged, regrouped = session.reading_newsroom(work)
    if as_json:
        print_json(retag_document(retagged) | {"moved": len(regrouped.moved)})
        return
    say(f"{retagged.entries} entries of the last {days} days")
    for word, changes in (("gain", retagged.gained), ("lose", retagged.lost)):
        for topic, titles in sorted(changes.items()):
            say(f"{topic}: {len(titles)} would {word} it, such as")
            for title in titles[:3]:
                say(f"    {title}")
    say(f"{len(regrouped.moved)} would move to another story")


def retag(context: typer.Context) -> None:
    """Apply today's topic rules to stored entries."""
    session: Session = context.obj
    reply = session.carry_out("retag")
    if reply.output is not None:
        for word in ("gained", "lost"):
            for topic, count in sorted(reply.output[word].items()):
                say(f"{topic}: {count} {word}")
    raise typer.Exit(reply.status)


def regroup(context: typer.Context) -> None:
    """Group stored entries anew; what a person decided stays."""
    session: Session = context.obj
    reply = session.carry_out("regroup")
    if reply.output is not None:
        say(f"{reply.output['entries']} entries, {reply.output['moved']} moved")
    raise typer.Exit(reply.status)
