"""`verify`: whether the record still stands."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from bot.command_line.invocation import one_line
from bot.settings import read_settings


def verify(
    reference: Annotated[
        str, typer.Option("--reference", help="Only this escalation, like HF-2026-0042.")
    ] = "",
) -> None:
    """Check the hash chain of every escalation; needs no keys."""
    from bot import verifying

    with one_line():
        settings = read_settings()
        with verifying.opened_without_keys(settings) as database:
            findings = verifying.check_records(database, reference, show_progress=sys.stderr.isatty())
    for line in findings.broken:
        typer.echo(line, err=True)
    typer.echo(
        f"Checked {findings.records} records with {findings.entries} entries: {len(findings.broken)} broken."
    )
    raise typer.Exit(1 if findings.broken else 0)
