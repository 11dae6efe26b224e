"""`subject-access`: a draft of what is held on one escalation, for a person to review."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import Annotated

import typer

from bot.command_line.invocation import one_line
from bot.command_line.keeping import refusals
from bot.settings import read_settings


def subject_access(
    reference: Annotated[str, typer.Argument(help="An escalation, like HF-2026-0042.")],
    out: Annotated[Path, typer.Option("--out", help="The HTML file to write; one that exists is kept.")],
    why: Annotated[str, typer.Option("--why", help="Why it is made; those who take part can read it.")],
    by: Annotated[str, typer.Option("--by", help="Who makes it; your user name without it.")] = "",
) -> None:
    """Gather what is held on an escalation, for a person to review before anybody receives it."""
    from bot.keeping import record_keeping
    from bot.subject_access import make

    with one_line(), refusals(), record_keeping(read_settings()) as records:
        entries = make(records, reference, out, by=by.strip() or getpass.getuser(), why=why)
    typer.echo(
        f"{out} is written, with {entries} entries, for you alone to read. It is a draft: "
        "review and redact it before anybody receives it. The record of the escalation says that it was made."
    )
