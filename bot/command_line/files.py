"""`directory` and `pathway`: the files that a board hands in."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bot.command_line.invocation import one_line
from bot.settings import read_settings

directory = typer.Typer(help="The people and agencies.", no_args_is_help=True)
pathway = typer.Typer(help="The board's pathway file.", no_args_is_help=True)


@directory.command("import")
def import_directory(file: Annotated[Path, typer.Argument(help="YAML, or CSV by its ending.")]) -> None:
    """Import agencies, people, roles, accounts and cover: all of the file, or nothing."""
    from bot import preparing

    with one_line(refused=1):
        settings = read_settings()
        read = preparing.load_directory(file)
        database = preparing.open_database(settings)
        try:
            changes = preparing.import_directory(database, read)
        finally:
            database.close()
    people = sum(1 for change in changes if change.type == "PersonRecorded")
    ended = sum(1 for change in changes if change.type == "PersonEnded")
    typer.echo(f"{len(changes)} changes: {people} people new or changed, {ended} ended.")


@pathway.command("check")
def check_pathway(file: Annotated[Path, typer.Argument(help="A pathway file.")]) -> None:
    """Check a pathway file; errors name the place."""
    from bot import preparing

    with one_line(refused=1):
        read = preparing.load_pathway(file)
    typer.echo(f"{file.name} is good: {len(read.stages)} stages for {read.board.name}.")
