"""`outbox`: what waits, is being sent and failed, and sending it again; beside a running server too."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from bot.command_line.invocation import one_line
from bot.settings import ConfigurationInvalid, read_settings

outbox = typer.Typer(help="What waits to be sent and what failed; `list` where nothing is said.")
Failed = Annotated[bool, typer.Option("--failed", help="Only what failed.")]
Most = Annotated[int, typer.Option("--most", min=1, max=100_000, help="At most so many lines.")]
MOST = 200


@outbox.callback(invoke_without_command=True)
def main(context: typer.Context, failed: Failed = False, most: Most = MOST) -> None:
    if context.invoked_subcommand is None:
        list_outbox(failed, most)


@outbox.command("list")
def list_outbox(failed: Failed = False, most: Most = MOST) -> None:
    """List what has not arrived: failed first. Names nobody, and needs no keys."""
    from bot import unsent, verifying

    with one_line():
        settings = read_settings()
        with verifying.opened_without_keys(settings) as database:
            lines = unsent.lines(database, only_failed=failed, most=most)
    for line in lines:
        typer.echo(line)


@outbox.command("retry")
def retry(
    numbers: Annotated[
        list[int] | None, typer.Argument(metavar="ID...", min=1, max=2**31 - 1, help="As `list` shows them.")
    ] = None,
    all_failed: Annotated[bool, typer.Option("--all-failed", help="Everything that failed.")] = False,
) -> None:
    """Send again what failed; each case's record says so. A running server sends it within half a minute."""
    from bot import preparing, unsent

    with one_line():
        if bool(numbers) == all_failed:
            raise ConfigurationInvalid("Say which: python -m bot outbox retry ID, or --all-failed.")
        settings = read_settings()
        pathway = preparing.load_pathway(settings.pathway_file)
        database = preparing.open_database(settings)
        try:
            chosen = unsent.choose(database, numbers or None)
            show = sys.stderr.isatty()
            failed = [] if chosen.wrong else chosen.failed
            again = unsent.send_again(database, pathway, failed, show_progress=show)
        finally:
            database.close()
    for line in chosen.wrong:
        typer.echo(line, err=True)
    if chosen.wrong:
        raise typer.Exit(1)
    typer.echo(f"{again} will be sent again." if again else "Nothing failed, so nothing is sent again.")
