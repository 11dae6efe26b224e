"""Many reminders at once over eight Slack workspaces, sent by one server, and by four on one database."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import time
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import aiohttp
import psycopg
from sqlalchemy import delete, func, select, update

from benchmarks.board import Board, opened, settings
from benchmarks.processes import server
from benchmarks.report import Ground, Report, Requirement, table
from bot import preparing
from bot.wiring import put_together
from storage.database import Reader, Transaction
from storage.tables import escalations, lanes, outbox

MANY, QUICK, BATCH, WORKSPACES, REPLICAS = 10_000, 1_000, 50, 8, 4
LONGEST = 600.0
AGENCIES = ("fenwick", "saltmarsh")


@dataclass(frozen=True)
class Delivered:
    """`channels`: people reached. `seconds`: from the start to the last one's arrival."""

    replicas: int
    arrived: int
    channels: int
    most: int
    marked: int
    refused: int
    seconds: float


async def measure(ground: Ground) -> Report:
    many = QUICK if ground.quick else MANY
    address = ground.server.create()
    moment = await _prepare(ground, address, many)
    found = []
    async with server("benchmarks.slack_api") as port:
        for replicas in (1, REPLICAS):
            copy = await asyncio.to_thread(_copied, ground, address)
            found.append(await _send(ground, copy, f"http://127.0.0.1:{port}", moment, many, replicas))
    return _report(found[0], found[1], many)


def _directory(many: int) -> str:
    """One who raises in each workspace, and many who are asked, in the workspaces in turn."""
    lines = ["agencies:"]
    for agency, kind in zip(AGENCIES, ("local_authority", "nhs_trust"), strict=True):
        lines += [f"  - id: {agency}", f"    name: {agency.title()} Invented", f"    kind: {kind}"]
        lines += ["    people:"]
        count = WORKSPACES if agency == AGENCIES[0] else many
        for number in range(count):
            account = _account(agency, number)
            lines.append(
                f'      - {{id: {agency}{number}, name: P{number} Invented, accounts: ["{account}"]}}'
            )
    return "\n".join(lines)


def _account(agency: str, number: int) -> str:
    return f"slack:T{number % WORKSPACES}/U{agency.upper()}{number}"


async def _prepare(ground: Ground, address: str, many: int) -> datetime:
    """A case for each of them, whose first reminder is due. Returns when."""
    task = ground.progress.add_task(f"Cases for {many:,} reminders on Slack", total=many)
    now = datetime.now(UTC)
    with closing(Board(address, _directory(many))) as board:
        for first in range(0, many, BATCH):
            await asyncio.to_thread(_raise, board, now, range(first, first + BATCH))
            ground.progress.advance(task, BATCH)
    given = settings(address)
    with opened(address) as database:
        escalate = put_together(given, database, preparing.load_pathway(given.pathway_file))
        escalate.clock.move_to(database.read_now(_last_due))
        await escalate.sweep.run()
        for platform in escalate.platforms:
            await platform.close()
        return database.write_now(_only_reminders)


def _raise(board: Board, at: datetime, numbers: range) -> None:
    def work(transaction: Transaction) -> None:
        for number in numbers:
            raiser = _account(AGENCIES[0], number % WORKSPACES)
            room = f"slack:T{number % WORKSPACES}/CROOM"
            asked = _account(AGENCIES[1], number)
            board.raise_one(transaction, at, raiser, asked, (AGENCIES[0], AGENCIES[1]), room)

    board.database.write_now(work)


def _last_due(reader: Reader) -> datetime:
    due: datetime = reader.connection.execute(select(func.max(escalations.c.next_due_at))).scalar_one()
    return due


def _only_reminders(transaction: Transaction) -> datetime:
    """For those who were asked; news of the cases themselves is left out. Returns when the last is due."""
    others = (outbox.c.kind != "reminder") | (outbox.c.lane == "")
    transaction.connection.execute(delete(outbox).where(others))
    transaction.connection.execute(update(lanes).values(until=0))
    latest: datetime = transaction.connection.execute(select(func.max(outbox.c.not_before))).scalar_one()
    return latest


def _copied(ground: Ground, address: str) -> str:
    """The same database once more."""
    copy = ground.server.create()
    plain, name = copy.replace("+psycopg", "").rsplit("/", 1)
    template = address.rsplit("/", 1)[1]
    with psycopg.connect(f"{plain}/postgres", autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{name}"'.encode())
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"'.encode())
    return copy


async def _send(
    ground: Ground, address: str, slack: str, moment: datetime, many: int, replicas: int
) -> Delivered:
    task = ground.progress.add_task(f"{many:,} reminders, {replicas} at it", total=many)
    arguments = (address, f"{slack}/api/", moment.isoformat())
    async with contextlib.AsyncExitStack() as stack:
        http = await stack.enter_async_context(aiohttp.ClientSession())
        await http.post(f"{slack}/forget")
        running = [await stack.enter_async_context(_replica(*arguments)) for _ in range(replicas)]
        start, figures = time.monotonic(), dict[str, Any](arrived=0)
        for process in running:
            assert process.stdin is not None
            process.stdin.write(b"begin\n")
        while not _all_there(figures, many) and time.monotonic() < start + LONGEST:
            await asyncio.sleep(0.25)
            async with http.get(f"{slack}/figures") as response:
                figures = await response.json()
            ground.progress.update(task, completed=figures["arrived"])
    async with aiohttp.ClientSession() as http, http.get(f"{slack}/figures") as response:
        figures = await response.json()  # after all have stopped: a double may come late
    with opened(address) as database:
        marked = database.read_now(_marked)
    return Delivered(
        replicas,
        figures["arrived"],
        figures["channels"],
        figures["most"],
        marked,
        figures["refused"],
        figures["last"] - start,
    )


def _all_there(figures: dict[str, Any], many: int) -> bool:
    return int(figures["arrived"]) >= many


def _marked(reader: Reader) -> int:
    sent = select(func.count()).where(outbox.c.kind == "reminder", outbox.c.state == "sent")
    return int(reader.connection.execute(sent).scalar_one())


@contextlib.asynccontextmanager
async def _replica(*arguments: str) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "benchmarks.replica",
        *arguments,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        await asyncio.wait_for(process.stdout.readline(), 60)
        yield process
    finally:
        process.stdin.close()
        await asyncio.wait_for(process.wait(), 60)


def _report(one: Delivered, four: Delivered, many: int) -> Report:
    drawn = table(
        f"{many:,} due reminders over {WORKSPACES} Slack workspaces, PostgreSQL",
        *("", "a second", "lost", "doubled", "refused"),
    )
    for each in (one, four):
        drawn.add_row(
            f"{each.replicas} of them" if each.replicas > 1 else "One server",
            f"{many / each.seconds:.0f}",
            str(_lost(each, many)),
            str(each.arrived - each.channels),
            str(each.refused),
        )
    faster = one.seconds / four.seconds
    return Report(
        tables=[drawn],
        requirements=[
            Requirement(
                f"{REPLICAS} servers on one PostgreSQL deliver {many:,} reminders {faster:.2f} times as "
                f"fast as one (more than 1); {_lost(four, many)} are lost, "
                f"{four.arrived - four.channels} doubled.",
                faster > 1 and not _lost(four, many) and four.most == 1,
            )
        ],
    )


def _lost(delivered: Delivered, many: int) -> int:
    """Of those due: what didn't arrive, or isn't known to have."""
    return many - min(delivered.channels, delivered.marked)
