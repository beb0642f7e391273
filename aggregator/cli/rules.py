"""Rules and reasons: topics, explain, simulate, retag, regroup."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Final

import typer

from aggregator.cli.session import Session, complain, print_json, say
from aggregator.errors import UsageError
from aggregator.model.topic import Topic

if TYPE_CHECKING:
    from aggregator.daemon.newsroom import Newsroom
    from aggregator.pipeline.replay import Regrouped, Retagged
    from aggregator.tag.rules import Examination
    from aggregator.tag.suggest import Suggestion

_SOME_TERMS: Final = 6  # of a list without a hit: enough to know it by

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
    topics = {topic.id: topic for topic in configuration.topics}
    told = [
        found
        for found in compile_topics(configuration.topics).examine(text, summary)
        if found.matched or found.is_near_miss
    ]
    for found in told:
        for line in _told(found, topics[found.topic], {"title": text, "summary": summary}):
            say(line)
    if not told:
        complain("no topic has a term in this text")


def _told(found: "Examination", topic: Topic, texts: Mapping[str, str]) -> Iterator[str]:
    """Yield, line by line, what a topic makes of a text: its verdict, its hits, the lists that lack one."""
    points = f"{found.score:g} points, it takes {found.threshold:g}"
    yield f"yes {found.topic}: {points}" if found.matched else f"no  {found.topic}: {found.reason}"
    for hit in found.hits:
        where = f"list {hit.list + 1}" if hit.list is not None else "weight"
        seen = texts[hit.field][hit.start : hit.end]
        by = "" if seen.casefold() == hit.term.casefold() else f", by {hit.term}"
        yield f"      {where}: {seen} in the {hit.field} ({hit.points:+g}){by}"
    for number in found.unmet:
        terms = topic.all[number]
        some = ", ".join(term.text for term in terms[:_SOME_TERMS])
        more = f" ... {len(terms)} terms" if len(terms) > _SOME_TERMS else ""
        yield f"      list {number + 1}: none of {some}{more}"


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
        say(f"{one.log_odds:5.1f}  {one.term}  ({one.inside} of its stories, {one.outside} others)")
        for example in one.examples[:2]:
            say(f"         {example}")
        for other in one.others[:1]:
            say(f"       + {other}")
    if found:
        complain("strongest first, by log-odds; + is what the term would add. Nothing was changed.")
    else:
        complain(
            "nothing to propose: too few stored stories have this topic, or its rule says it all"
        )


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
