"""`hold`, `release` and `shred`: whether a record may be destroyed, and destroying it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from bot.command_line.invocation import one_line
from bot.settings import ConfigurationInvalid, read_settings
from core.commands import DestroyRecord, PlaceHold, ReleaseHold
from core.event_parts import HOLD_KINDS, HoldKind
from core.refusals import Refusal

Reference = Annotated[str, typer.Argument(help="An escalation, like HF-2026-0042.")]
KINDS = ", ".join(HOLD_KINDS)


def hold(
    reference: Reference,
    why: Annotated[str, typer.Option("--why", help="Why it is held; those who take part can read it.")] = "",
    kind: Annotated[str, typer.Option("--kind", help=f"What it is held for: {KINDS}.")] = "review",
) -> None:
    """Keep a record from being destroyed until the hold is released."""
    from bot.keeping import record_keeping

    with one_line(), refusals(), record_keeping(read_settings()) as records:
        records.carry_out(reference, PlaceHold(_kind(kind), why))
    typer.echo(f"{reference} is held. It can't be destroyed until: python -m bot release {reference}")


def release(
    reference: Reference,
    kind: Annotated[str, typer.Option("--kind", help=f"Which hold, where there are several: {KINDS}.")] = "",
) -> None:
    """Release a hold."""
    from bot.keeping import record_keeping

    with one_line(), refusals(), record_keeping(read_settings()) as records:
        left = records.carry_out(reference, ReleaseHold(_kind(kind) if kind else None)).holds
    still = f" It is still held for: {', '.join(left)}." if left else ""
    typer.echo(f"The hold on {reference} is released.{still}")


def shred(
    reference: Reference,
    before_time: Annotated[
        str, typer.Option("--before-time", help="Why it is destroyed before its time has passed.")
    ] = "",
) -> None:
    """Destroy the key of a closed case's record, so that nobody can ever read it again."""
    from bot.keeping import record_keeping

    with one_line(), refusals(), record_keeping(read_settings()) as records:
        state = records.find(reference)
        if state.destroyed_at:
            cleared = records.clear()
            typer.echo(f"The record of {reference} was destroyed already.")
        else:
            command = DestroyRecord(before_time)
            records.rehearse(reference, command)
            _let_it_be_typed(reference)
            cleared = records.destroy(reference, command)
            typer.echo(f"The record of {reference} is destroyed. Backups made before now still hold its key.")
    if not cleared:
        typer.echo(
            "The sealed key still stands in the database's files, for others were reading them. "
            f"Please run this again: python -m bot shred {reference}",
            err=True,
        )
        raise typer.Exit(1)


def _let_it_be_typed(reference: str) -> None:
    """Raises typer.Exit with 1 for anything else."""
    typer.echo(f"This destroys the key of {reference}. Nobody will be able to read its record, ever again.")
    try:
        typed = typer.prompt("To go on, type its reference", default="", show_default=False)
    except typer.Abort:
        typed = ""
    if typed.strip() != reference:
        typer.echo("That is not its reference. Nothing was destroyed.", err=True)
        raise typer.Exit(1)


def _kind(words: str) -> HoldKind:
    found = next((kind for kind in HOLD_KINDS if kind == words), None)
    if found is None:
        raise ConfigurationInvalid(f"--kind is one of these: {KINDS}.")
    return found


@contextmanager
def refusals() -> Iterator[None]:
    """A refusal is an answer: no."""
    try:
        yield
    except Refusal as refused:
        typer.echo(refused.words, err=True)
        raise typer.Exit(1) from None
