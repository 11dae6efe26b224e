"""`migrate`: to the current schema, or to another database."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from bot.command_line.invocation import one_line
from bot.command_line.record import report
from bot.settings import ConfigurationInvalid, Settings, read_settings


def migrate(
    source: Annotated[
        str,
        typer.Option(
            "--from",
            help="Move the board of this SQLite database, sqlite:///PATH, into DATABASE_URL. Stop its server "
            "first. A move that was stopped goes on when it is run again.",
        ),
    ] = "",
    give_up: Annotated[
        bool, typer.Option("--give-up", help="Stay with the database of --from after all.")
    ] = False,
) -> None:
    """Bring the database to the current schema, or move a board into it."""
    with one_line():
        settings = read_settings()
        if source and give_up:
            _stay(settings, source)
        elif source:
            _move(settings, source)
        elif give_up:
            raise ConfigurationInvalid("--give-up needs --from URL: the database to stay with.")
        else:
            _to_current_schema(settings)


def _to_current_schema(settings: Settings) -> None:
    from bot import preparing

    preparing.open_database(settings, to_migrate=True).close()
    typer.echo("The database has the current schema.")


def _move(settings: Settings, source: str) -> None:
    from bot import moving

    try:
        findings = moving.move(settings, source, show_progress=sys.stderr.isatty())
    except moving.NotTheSame as differs:
        typer.echo(str(differs), err=True)
        raise typer.Exit(1) from None
    report(findings)
    typer.echo(
        "The board is moved. Start it with this DATABASE_URL: python -m bot serve. Nothing is served from "
        "the old database again; once you don't need it, delete it and its backups."
    )
    raise typer.Exit(1 if findings.broken else 0)


def _stay(settings: Settings, source: str) -> None:
    from bot import moving

    moving.give_up(settings, source)
    typer.echo("The move is given up. Start with the old DATABASE_URL, and delete the new database.")
