"""The command line: `python -m bot COMMAND`.

Exit codes: 0 done, 1 the answer is no, 2 used or configured wrongly.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.logs import set_up_logs
from bot.settings import ConfigurationInvalid, Settings, read_settings

if TYPE_CHECKING:
    from core.pathway import Pathway

app = typer.Typer(
    help="Runs a Safeguarding Adults Board's escalation pathway.", no_args_is_help=True, add_completion=False
)
directory_app = typer.Typer(help="The people and agencies.", no_args_is_help=True)
pathway_app = typer.Typer(help="The board's pathway file.", no_args_is_help=True)
app.add_typer(directory_app, name="directory")
manifest_app = typer.Typer(help="What is uploaded to a platform.", no_args_is_help=True)
app.add_typer(pathway_app, name="pathway")
app.add_typer(manifest_app, name="manifest")


@dataclass
class Invocation:
    """What holds for the whole call."""

    debug: bool = False


INVOCATION = Invocation()
Url = Annotated[
    str, typer.Option("--url", help="Where people reach this server: https://NAME; PUBLIC_URL without it.")
]
Out = Annotated[str, typer.Option("--out", help="The file to write.")]
Debug = Annotated[bool, typer.Option("--debug", help="Show where an error comes from.")]


@app.callback()
def main(debug: Debug = False) -> None:
    INVOCATION.debug = debug


@contextlib.contextmanager
def _one_line(*, refused: int = 2) -> Iterator[None]:
    """An error is one clear line that names what to change; where it comes from only with --debug.

    `refused`: the exit code for a file that is refused.
    """
    from bot.preparing import FileRefused
    from storage.database import DatabaseFailed

    try:
        yield
    except typer.Exit:
        raise
    except Exception as error:
        if INVOCATION.debug:
            raise
        foreseen = isinstance(error, ConfigurationInvalid | FileRefused | DatabaseFailed | OSError)
        inside = f"Something went wrong inside ({type(error).__name__}). Add --debug after bot to see where."
        typer.echo(str(error) if foreseen else inside, err=True)
        raise typer.Exit(refused if isinstance(error, FileRefused) else 2) from None


@app.command()
def serve(
    demonstration: Annotated[
        bool, typer.Option("--demonstration", help="With invented people, on a local page.")
    ] = False,
) -> None:
    """Run the bot, as configured by the environment or .env."""
    with _one_line():
        settings = read_settings()
        asyncio.run(_serve(settings, demonstration=demonstration))


async def _serve(settings: Settings, *, demonstration: bool) -> None:
    from bot import preparing

    if demonstration:
        settings = preparing.demonstration_settings(settings)
    set_up_logs(settings.log_format)
    pathway = preparing.load_pathway(settings.pathway_file)
    with preparing.serving_alone(settings):
        await _serve_alone(settings, pathway, demonstration=demonstration)


async def _serve_alone(settings: Settings, pathway: Pathway, *, demonstration: bool) -> None:
    from bot import preparing
    from bot.wiring import put_together, serving

    database = await asyncio.to_thread(preparing.open_database, settings, demonstration=demonstration)
    try:
        preparing.check_use(settings, database)
        preparing.fill_empty_directory(database, settings)
        escalate = put_together(settings, database, pathway)
        async with serving(escalate, settings.host, settings.port) as port:
            _greet(settings, port)
            await _told_to_stop()
    finally:
        await asyncio.to_thread(database.close)


def _greet(settings: Settings, port: int) -> None:
    address = f"http://{settings.host}:{port}"
    if settings.page:
        typer.echo(f"Open {address}/?as=amira in a browser. Stop with Ctrl+C.")
    else:
        typer.echo(f"Listening on {address}. Stop with Ctrl+C.")
    sys.stdout.flush()


async def _told_to_stop() -> None:
    stop = asyncio.Event()
    for each in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(each, stop.set)
    await stop.wait()


@app.command()
def migrate() -> None:
    """Bring the database to the current schema."""
    from bot import preparing

    with _one_line():
        settings = read_settings()
        preparing.open_database(settings).close()
        typer.echo("The database has the current schema.")


@directory_app.command("import")
def import_directory(file: Annotated[Path, typer.Argument(help="YAML, or CSV by its ending.")]) -> None:
    """Import agencies, people, roles, accounts and cover: all of the file, or nothing."""
    from bot import preparing

    with _one_line(refused=1):
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


@pathway_app.command("check")
def check_pathway(file: Annotated[Path, typer.Argument(help="A pathway file.")]) -> None:
    """Check a pathway file; errors name the place."""
    from bot import preparing

    with _one_line(refused=1):
        pathway = preparing.load_pathway(file)
    typer.echo(f"{file.name} is good: {len(pathway.stages)} stages for {pathway.board.name}.")


@manifest_app.command("slack")
def slack_manifest(url: Url = "", out: Out = "") -> None:
    """Write the app's manifest, to paste into Slack."""
    from bot import manifests

    with _one_line():
        written = manifests.slack_manifest(url or read_settings().public_url)
        manifests.write_out(out, written.encode())
    typer.echo(f"{out} is written. docs/slack.md says where to paste it.")


@manifest_app.command("teams")
def teams_manifest(
    url: Url = "",
    app_id: Annotated[
        str, typer.Option("--app-id", help="The bot's Application (client) ID; MICROSOFT_APP_ID without it.")
    ] = "",
    out: Out = "",
    profile: Annotated[
        str, typer.Option("--profile", help="current; older for tenants that refuse the current one.")
    ] = "current",
) -> None:
    """Write the app's package, a zip to upload to Teams."""
    from bot import manifests

    with _one_line():
        settings = read_settings()
        reached_at, bot_id = url or settings.public_url, app_id or settings.microsoft_app_id
        package = manifests.teams_package(reached_at, bot_id, profile)
        manifests.write_out(out, package)
    typer.echo(f"{out} is written. docs/teams.md says where to upload it.")


@app.command()
def verify(
    reference: Annotated[
        str, typer.Option("--reference", help="Only this escalation, like HF-2026-0042.")
    ] = "",
) -> None:
    """Check the hash chain of every escalation; needs no keys."""
    from bot import verifying

    with _one_line():
        settings = read_settings()
        with verifying.opened_without_keys(settings) as database:
            findings = verifying.check_records(database, reference, show_progress=sys.stderr.isatty())
    for line in findings.broken:
        typer.echo(line, err=True)
    typer.echo(
        f"Checked {findings.records} records with {findings.entries} entries: {len(findings.broken)} broken."
    )
    raise typer.Exit(1 if findings.broken else 0)


if __name__ == "__main__":
    app()
