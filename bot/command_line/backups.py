"""`backup` and `restore`: a copy of the database, and the way back."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from bot.command_line.invocation import one_line
from bot.command_line.record import report
from bot.settings import read_settings


def backup(
    file: Annotated[Path, typer.Argument(help="The file to write. One that exists is not overwritten.")],
) -> None:
    """Copy the SQLite database to a file, also while the bot runs, and check the copy."""
    from bot import backups

    with one_line():
        findings = backups.backup(read_settings(), file, show_progress=sys.stderr.isatty())
    report(findings)
    typer.echo(
        f"{file} is written. Keep it on another machine, and ENCRYPTION_KEYS apart from it: "
        "without the keys nobody can read it."
    )
    raise typer.Exit(1 if findings.broken else 0)


def restore(file: Annotated[Path, typer.Argument(help="What backup wrote.")]) -> None:
    """Make the database from a backup, where there is none yet."""
    from bot import backups

    with one_line():
        try:
            findings = backups.restore(read_settings(), file, show_progress=sys.stderr.isatty())
        except backups.RecordsBroken as broken:
            report(broken.findings)
            typer.echo(f"Nothing was made from {file}.", err=True)
            raise typer.Exit(1) from None
    report(findings)
    typer.echo(f"The database is made from {file}. Start it with: python -m bot serve")
