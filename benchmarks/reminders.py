"""Many reminders at once, to people of three tenants, through a Connector that enforces Teams' rates."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
from rich.progress import Progress
from sqlalchemy import func, select, update

from benchmarks import teams_board
from benchmarks.processes import server, write_key
from bot import preparing
from bot.wiring import Escalate, put_together
from storage.database import Reader, Transaction
from storage.tables import escalations, outbox

MANY, QUICK, BATCH = 10_000, 1_000, 250
A_SECOND = 50
"""Requests that Teams takes of one bot: no bot sends this many faster than many / A_SECOND seconds."""
LATEST = 1.5
"""So many times the least possible time, and a minute, is waited at most."""


@dataclass(frozen=True)
class Reminded:
    """`seconds`: from the courier's start to the last one's arrival."""

    reminders: int
    arrived: int
    most_to_one: int
    marked: int
    refused: int
    seconds: float

    @property
    def least(self) -> float:
        return self.reminders / A_SECOND


async def measure(folder: Path, progress: Progress, *, quick: bool = False) -> Reminded:
    """The first reminder of as many cases, each to one person: all due in the same moment."""
    many = QUICK if quick else MANY
    write_key(folder / "reminders.pem")
    async with server("benchmarks.connector", str(folder / "reminders.pem"), "rates") as port:
        connector = f"http://127.0.0.1:{port}"
        path = folder / "reminders.db"
        await _prepare(path, connector, many, progress)
        given = teams_board.settings(path, connector)
        database = preparing.open_database(given)
        escalate = put_together(given, database, preparing.load_pathway(given.pathway_file))
        try:
            await _fall_due(escalate)
            return await _send(escalate, connector, many, progress)
        finally:
            await escalate.courier.stop()
            for platform in escalate.platforms:
                await platform.close()
            database.close()


async def _prepare(path: Path, connector: str, many: int, progress: Progress) -> None:
    task = progress.add_task(f"Cases for {many:,} reminders on Teams", total=many)
    board = teams_board.open_board(path, many)
    try:
        teams_board.write_to_the_bot(board, connector, many)
        at = datetime.now(UTC)
        for first in range(0, many, BATCH):
            await asyncio.to_thread(teams_board.raise_cases, board, at, range(first, first + BATCH))
            progress.advance(task, BATCH)
    finally:
        board.close()


async def _fall_due(escalate: Escalate) -> None:
    """Time goes on to the first reminders. News of the cases themselves is left out."""

    def first_due(reader: Reader) -> datetime:
        due: datetime = reader.connection.execute(select(func.max(escalations.c.next_due_at))).scalar_one()
        return due

    def only_reminders(transaction: Transaction) -> datetime:
        others = update(outbox).where(outbox.c.kind != "reminder").values(state="dropped")
        transaction.connection.execute(others)
        transaction.connection.execute(update(outbox).values(lane="teams"))
        latest: datetime = transaction.connection.execute(select(func.max(outbox.c.not_before))).scalar_one()
        return latest

    escalate.clock.move_to(await escalate.database.read(first_due))
    while await escalate.sweep.run():
        continue
    escalate.clock.move_to(await escalate.database.write(only_reminders))


async def _send(escalate: Escalate, connector: str, many: int, progress: Progress) -> Reminded:
    task = progress.add_task(f"{many:,} reminders, at the pace that Teams allows", total=many)
    start, figures = time.monotonic(), dict[str, Any](arrived=0)
    latest = start + LATEST * many / A_SECOND + 60
    await escalate.courier.start()
    async with aiohttp.ClientSession() as http:
        while figures["arrived"] < many and time.monotonic() < latest:
            await asyncio.sleep(0.25)
            figures = await _figures(http, connector)
            progress.update(task, completed=figures["arrived"])
        await escalate.courier.settle(30)
        figures = await _figures(http, connector)

    def marked(reader: Reader) -> int:
        sent = select(func.count()).where(outbox.c.kind == "reminder", outbox.c.state == "sent")
        return int(reader.connection.execute(sent).scalar_one())

    return Reminded(
        reminders=many,
        arrived=figures["arrived"],
        most_to_one=figures["most"],
        marked=await escalate.database.read(marked),
        refused=figures.get("refused", 0),
        seconds=figures["last"] - start,
    )


async def _figures(http: aiohttp.ClientSession, connector: str) -> dict[str, Any]:
    async with http.get(f"{connector}/figures") as response:
        found: dict[str, Any] = await response.json()
        return found
