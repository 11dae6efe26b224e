"""`verify`: whether the record still stands."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.command_line.invocation import one_line
from bot.settings import ConfigurationInvalid, read_settings

if TYPE_CHECKING:
    from bot.verifying import Findings


def verify(
    reference: Annotated[
        str, typer.Option("--reference", help="Only this escalation, like HF-2026-0042.")
    ] = "",
    checkpoint: Annotated[
        Path | None,
        typer.Option(
            "--checkpoint",
            help="Check against this file as well, so that a removed case or a cut end shows. Where there is "
            "none it is written: keep it away from this machine.",
        ),
    ] = None,
    update: Annotated[
        bool, typer.Option("--update", help="Then write --checkpoint anew, if all of it holds.")
    ] = False,
) -> None:
    """Check the hash chain of every escalation; needs no keys."""
    with one_line():
        if checkpoint is None:
            if update:
                raise ConfigurationInvalid("--update needs --checkpoint FILE: the file to write anew.")
            findings = _found(reference)
            report(findings)
        else:
            if reference:
                raise ConfigurationInvalid("A checkpoint is of all records: leave --reference out.")
            findings = _check_with(checkpoint, update=update)
    raise typer.Exit(1 if findings.broken else 0)


def _found(reference: str) -> Findings:
    from bot import verifying

    with verifying.opened_without_keys(read_settings()) as database:
        return verifying.check_records(database, reference, show_progress=sys.stderr.isatty())


def _check_with(file: Path, *, update: bool) -> Findings:
    from bot import verifying

    before = verifying.load_checkpoint(file)
    with verifying.opened_without_keys(read_settings()) as database:
        findings = verifying.check_records(database, "", before, show_progress=sys.stderr.isatty())
    report(findings)
    if findings.broken:
        left = "No checkpoint is written." if before is None else f"{file} is left as it is."
        typer.echo(left, err=True)
        return findings
    if before is not None:
        typer.echo(verifying.compared(before, findings))
    if before is None or update:
        verifying.save_checkpoint(file, findings.heads, datetime.now(UTC), replace=before is not None)
        typer.echo(_written(file, anew=before is not None))
    return findings


def _written(file: Path, *, anew: bool) -> str:
    if anew:
        return f"{file} is written anew, as the records stand now."
    return (
        f"There was no {file}, so nothing older was compared. It is written now: keep it where nobody who "
        "can change the database can change it. The same command checks against it later."
    )


def report(findings: Findings) -> None:
    """What is broken on standard error, a line each; then what was checked."""
    for line in findings.broken:
        typer.echo(line, err=True)
    typer.echo(findings.summary())
