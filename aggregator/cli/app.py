"""The command line: its list of commands, global options, exit statuses.

Status 0: done; 1: the work failed in part or whole; 2: wrong usage or configuration. Data goes to
standard output, everything else to standard error. Imports of the rooms happen inside the commands,
so that `--help` is quick.
"""

import gc
import os
import sys
from pathlib import Path
from typing import Annotated, Final

import typer

from aggregator import __version__
from aggregator.cli import (
    archive,
    configuration,
    digest,
    hand,
    keeping,
    rules,
    running,
    sources,
    tokens,
)
from aggregator.cli.session import Session
from aggregator.errors import (
    AggregatorError,
    ConfigurationError,
    CorruptStore,
    LockedError,
    UsageError,
)

# Objects more than before until cycles are looked for. What a round holds until it is committed is none
# of them, and was looked through again and again: 4 % of a round without news at Python's own 700, and
# 4 % of a whole `poll` more at 10,000, which the daemon goes back to: what ends soon need not be tidy.
_SELDOM: Final = 100_000

app = typer.Typer(
    name="aggregator",
    help="A news aggregator daemon: polls feeds politely, recognises the same story across outlets, "
    "republishes one entry per story.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"aggregator {__version__}")
        raise typer.Exit


@app.callback()
def _globals(
    context: typer.Context,
    config: Annotated[
        Path, typer.Option(help="Folder of the four YAML files.", envvar="AGGREGATOR_CONFIG")
    ] = Path("config"),
    data: Annotated[
        Path, typer.Option(help="Folder that the daemon writes to.", envvar="AGGREGATOR_DATA")
    ] = Path("data"),
    log_format: Annotated[str, typer.Option(help="text or json.")] = "text",
    verbose: Annotated[bool, typer.Option("-v", "--verbose", help="Say more.")] = False,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="Say only what is wrong.")] = False,
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    del version
    if log_format not in ("text", "json"):
        raise UsageError(f"--log-format {log_format}: text or json")
    context.obj = Session(
        config=config, data=data, log_format=log_format, verbose=verbose, quiet=quiet
    )


for _module in (
    running,
    configuration,
    sources,
    rules,
    archive,
    digest,
    hand,
    keeping,
    tokens,
):
    _module.register(app)

_TAKES_VALUE: Final = frozenset({"--config", "--data", "--log-format"})
_FLAGS: Final = frozenset({"-v", "--verbose", "-q", "--quiet", "--version"})


def hoist(arguments: list[str]) -> list[str]:
    """Return the arguments with global options first: they may stand before or after the command."""
    first: list[str] = []
    rest: list[str] = []
    waiting = iter(arguments)
    for argument in waiting:
        name, equals, _ = argument.partition("=")
        if argument == "--":
            rest += [argument, *waiting]
        elif argument in _FLAGS or (equals and name in _TAKES_VALUE):
            first.append(argument)
        elif argument in _TAKES_VALUE:
            first += [argument, *([value] if (value := next(waiting, None)) is not None else [])]
        else:
            rest.append(argument)
    return first + rest


def run(arguments: list[str]) -> int:
    """Run one command; return its exit status."""
    gc.set_threshold(_SELDOM)
    try:
        app(hoist(arguments), prog_name="aggregator")
    except SystemExit as left:
        return left.code if isinstance(left.code, int) else 1
    except (ConfigurationError, UsageError, LockedError) as error:
        _say(str(error))
        return 2
    except CorruptStore as error:
        _say(str(error))
        _say(
            "`aggregator restore FILE` puts a backup back; without one, move the file away to begin anew"
        )
        return 1
    except AggregatorError as error:
        _say(str(error))
        return 1
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the reader has gone
        return 1
    except OSError as error:
        if error.filename is None:
            raise
        _say(f"{error.filename}: {error.strerror}")
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
