"""The servers that are measured, each in a process of its own: `python -m benchmarks.servers KIND PATH URL`.

It prints its port, and stops when its standard input is closed.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import secrets
import sqlite3
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

from aiohttp import web
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient

from benchmarks.board import SECRET, TOKEN, settings

COMMITS = 4
STREAMS, EACH = 500, 20
ADD = "INSERT INTO events VALUES (?, ?, ?)"
NOTE = b"x" * 600
"""About what the record keeps of a short note: its header, and its sealed body."""
Handle = Callable[[AsyncAck], Awaitable[None]]


async def trivial(ack: AsyncAck) -> None:
    await ack("Noted.")


def four_commits(path: Path) -> Handle:
    """A handler that makes four durable commits, as raw as Python's own driver lets it.

    Each is a transaction of its own that adds an event to a case of a database of some age. It runs on the
    event loop: at one client a thread would only make it slower.
    """
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute(
        "CREATE TABLE events (stream TEXT, sequence INTEGER, body BLOB, PRIMARY KEY (stream, sequence))"
    )
    streams = [secrets.token_hex(16) for _ in range(STREAMS)]
    with connection:
        connection.execute("BEGIN")
        rows = ((stream, number, NOTE) for stream in streams for number in range(EACH))
        connection.executemany(ADD, rows)
    numbers = itertools.count(EACH)

    async def handle(ack: AsyncAck) -> None:
        for _ in range(COMMITS):
            number = next(numbers)
            connection.execute("BEGIN IMMEDIATE")
            connection.execute(ADD, (streams[number % STREAMS], number, NOTE))
            connection.execute("COMMIT")
        await ack("Noted.")

    return handle


def bolt(handle: Handle, *, before: bool) -> web.Application:
    """Bare Bolt. It looks nobody up, and checks signatures."""

    async def authorize(team_id: str | None, **_: Any) -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=None, team_id=team_id, bot_token=TOKEN)

    app = AsyncApp(
        signing_secret=SECRET,
        client=AsyncWebClient(),
        authorize=authorize,
        process_before_response=before,
    )
    app.command("/escalate")(handle)
    return app.web_app(path="/slack/events")


@contextlib.asynccontextmanager
async def ours(path: Path, slack_url: str) -> AsyncIterator[int]:
    """The whole bot, with its scheduler and courier, as `serve` runs it."""
    from bot import preparing
    from bot.logs import set_up_logs
    from bot.wiring import put_together, serving

    given = settings(path, slack_url)
    set_up_logs(given.log_format)
    pathway = preparing.load_pathway(given.pathway_file)
    database = await asyncio.to_thread(preparing.open_database, given)
    async with serving(put_together(given, database, pathway), "127.0.0.1", 0) as port:
        yield port


@contextlib.asynccontextmanager
async def bare(application: web.Application) -> AsyncIterator[int]:
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


async def main(kind: str, path: Path, slack_url: str) -> None:
    if kind == "escalate":
        serving = ours(path, slack_url)
    elif kind == "four commits":
        serving = bare(bolt(four_commits(path), before=True))
    else:
        serving = bare(bolt(trivial, before=kind == "before"))
    async with serving as port:
        print(port, flush=True)
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2]), sys.argv[3]))
