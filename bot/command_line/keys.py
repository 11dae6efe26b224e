"""`keys`: what the records are sealed with."""

from __future__ import annotations

import sys

import typer

from bot.command_line.invocation import one_line
from bot.settings import read_settings

keys = typer.Typer(help="The keys that seal the records.", no_args_is_help=True)


@keys.command("list")
def list_keys() -> None:
    """Show each key by its fingerprint, and how many records it wraps."""
    from bot import keys as board_keys

    with one_line():
        found = board_keys.in_use(read_settings())
    for use in found:
        kind = {0: "lacking", 1: "newest"}.get(use.place, "older")
        typer.echo(f"{use.fingerprint}  {kind:<7}  {use.records:,} records")
    lacking = [use.fingerprint for use in found if not use.place]
    if lacking:
        typer.echo(_lacking(lacking), err=True)
    raise typer.Exit(1 if lacking else 0)


@keys.command("rotate")
def rotate() -> None:
    """Wrap every record's key with the newest of ENCRYPTION_KEYS; the server may run meanwhile."""
    from bot import keys as board_keys

    with one_line():
        done = board_keys.rotate(read_settings(), show_progress=sys.stderr.isatty())
    typer.echo(f"{done.wrapped:,} records were wrapped anew, with key {done.newest}.")
    for fingerprint in done.not_needed:
        typer.echo(
            f"Key {fingerprint} is no longer needed: take it out of ENCRYPTION_KEYS, and restart the server. "
            "Backups made before now still need it."
        )
    if done.lacking:
        typer.echo(_lacking(list(done.lacking)), err=True)
    raise typer.Exit(1 if done.lacking else 0)


def _lacking(fingerprints: list[str]) -> str:
    return f"ENCRYPTION_KEYS lacks {', '.join(fingerprints)}: add it at the end, and run this again."
