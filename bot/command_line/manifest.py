"""`manifest`: what is uploaded to a platform."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.command_line.invocation import one_line
from bot.settings import read_settings

manifest = typer.Typer(help="What is uploaded to a platform.", no_args_is_help=True)
Url = Annotated[
    str, typer.Option("--url", help="Where people reach this server: https://NAME; PUBLIC_URL without it.")
]
Out = Annotated[str, typer.Option("--out", help="The file to write.")]


@manifest.command("slack")
def slack_manifest(url: Url = "", out: Out = "") -> None:
    """Write the app's manifest, to paste into Slack."""
    from bot import manifests

    with one_line():
        written = manifests.slack_manifest(url or read_settings().public_url)
        manifests.write_out(out, written.encode())
    typer.echo(f"{out} is written. docs/slack.md says where to paste it.")


@manifest.command("teams")
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

    with one_line():
        settings = read_settings()
        reached_at, bot_id = url or settings.public_url, app_id or settings.microsoft_app_id
        package = manifests.teams_package(reached_at, bot_id, profile)
        manifests.write_out(out, package)
    typer.echo(f"{out} is written. docs/teams.md says where to upload it.")
