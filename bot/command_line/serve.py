"""`serve`: the bot itself."""

from __future__ import annotations

import asyncio
import signal
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from bot.command_line.invocation import one_line
from bot.logs import set_up_logs
from bot.settings import Settings, read_settings
from bot.weak_secrets import check_secrets

if TYPE_CHECKING:
    from core.pathway import Pathway


def serve(
    demonstration: Annotated[
        bool, typer.Option("--demonstration", help="With invented people, on a local page.")
    ] = False,
) -> None:
    """Run the bot, as configured by the environment or .env."""
    with one_line():
        settings = read_settings()
        check_secrets(settings)
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
