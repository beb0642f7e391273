"""Tokens: what opens private feeds and closed pages, and what signs a person in."""

from typing import TYPE_CHECKING, Annotated

import typer

from aggregator.cli.session import Session, say

if TYPE_CHECKING:
    from aggregator.serve.access import Keys
    from aggregator.settings.configuration import Configuration
    from aggregator.store.store import Store


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("token")(token)


def token(
    context: typer.Context,
    admin: Annotated[
        bool, typer.Option("--admin", help="Make a new token to sign in with.")
    ] = False,
) -> None:
    """Print the tokens for private outputs and closed pages, or make one to sign in with."""
    from aggregator.serve.access import hash_token, load_keys, new_token

    if admin:
        made = new_token()
        say(f"Sign in with: {made}")
        say("Write this into settings.yaml, under server; the token itself is kept nowhere:")
        say(f"  admin_token_hash: {hash_token(made)}")
        return
    session: Session = context.obj

    async def work(store: "Store", configuration: "Configuration") -> "Keys":
        del configuration
        return await load_keys(store)

    keys = session.with_store(work)
    configuration = session.configuration()
    base = configuration.settings.public_url.rstrip("/")
    say(f"{base}/?token={keys.reading()}  (everything, where server.access is token)")
    for output in configuration.outputs:
        if output.private:
            say(f"{base}/feeds/{output.id}.rss?token={keys.output(output.id)}  ({output.title})")
        if output.notify is not None and output.notify.kind == "webhook":
            say(f"{output.notify.url}  is signed with {keys.webhook(output.id)}  ({output.title})")
