"""The command line: `python -m bot COMMAND`. Its commands stand in bot/command_line.

Exit codes: 0 done, 1 the answer is no, 2 used or configured wrongly.
"""

from __future__ import annotations

from typing import Annotated

import typer

from bot.command_line.backups import backup, restore
from bot.command_line.files import directory, pathway
from bot.command_line.invocation import INVOCATION
from bot.command_line.keeping import hold, release, shred
from bot.command_line.keys import keys
from bot.command_line.manifest import manifest
from bot.command_line.migrating import migrate
from bot.command_line.outbox import outbox
from bot.command_line.record import verify
from bot.command_line.serve import serve
from bot.command_line.subject_access import subject_access

app = typer.Typer(
    help="Runs a Safeguarding Adults Board's escalation pathway.", no_args_is_help=True, add_completion=False
)
for command in (serve, migrate, verify, backup, restore, hold, release, shred, subject_access):
    app.command()(command)
for name, group in (
    ("directory", directory),
    ("pathway", pathway),
    ("manifest", manifest),
    ("outbox", outbox),
    ("keys", keys),
):
    app.add_typer(group, name=name)


@app.callback()
def main(
    debug: Annotated[bool, typer.Option("--debug", help="Show where an error comes from.")] = False,
) -> None:
    INVOCATION.debug = debug


if __name__ == "__main__":
    app()
