"""What a sweep costs: an empty one beside few and many open cases, and a real one in a process of its own."""

from __future__ import annotations

import asyncio
import json
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from time import perf_counter

from rich.progress import Progress
from sqlalchemy import insert

from benchmarks.board import Board
from bot.clock import Clock
from bot.scheduler import Sweep
from storage.database import Transaction
from storage.tables import escalations, streams

FEW, MANY, TIMES, WARM = 1_000, 100_000, 20, 5
OPEN, DUE, BATCH = 10_000, 1_000, 250


@dataclass(frozen=True)
class EmptySweeps:
    """Median seconds of a sweep with nothing due, beside FEW and beside MANY open cases."""

    few: float
    many: float


@dataclass(frozen=True)
class RealSweep:
    """`megabytes`: the most memory that the process had in use, in MiB. `ticked`: how many had their Tick."""

    megabytes: float
    ticked: int
    seconds: float


async def empty(folder: Path, progress: Progress) -> EmptySweeps:
    """The two take turns."""
    task = progress.add_task("Open cases for empty sweeps", total=FEW + MANY)
    boards = {count: Board(folder / f"open-{count}.db") for count in (FEW, MANY)}
    try:
        for count, board in boards.items():
            board.database.write_now(lambda transaction, count=count: _fill(transaction, count))  # type: ignore[misc]
            progress.advance(task, count)
        sweeps = {
            count: Sweep(board.database, board.cases, Clock(), lambda decided: None)
            for count, board in boards.items()
        }
        taken: dict[int, list[float]] = {FEW: [], MANY: []}
        for _ in range(WARM + TIMES):
            for count, sweep in sweeps.items():
                before = perf_counter()
                assert await sweep.run() == 0
                taken[count].append(perf_counter() - before)
    finally:
        for board in boards.values():
            board.close()
    return EmptySweeps(median(taken[FEW][WARM:]), median(taken[MANY][WARM:]))


def _fill(transaction: Transaction, count: int) -> None:
    """Only the rows that sweeps read: none of them is due."""
    start = datetime.now(UTC) + timedelta(days=1)
    ids = [f"{number:032x}" for number in range(count)]
    transaction.connection.execute(
        insert(streams),
        [
            {
                "stream_id": stream,
                "kind": "escalation",
                "wrapped_key": b"",
                "key_id": "",
                "version": 0,
                "head": b"",
            }
            for stream in ids
        ],
    )
    transaction.connection.execute(
        insert(escalations),
        [
            {
                "stream_id": stream,
                "reference": f"HF-2026-{number:06}",
                "status": "open",
                "stage": "stage-1",
                "version": 1,
                "raised_at": start,
                "next_due_at": start + timedelta(seconds=number),
                "window_ends_at": start + timedelta(days=7),
                "failures": 0,
            }
            for number, stream in enumerate(ids)
        ],
    )


async def real(folder: Path, progress: Progress) -> RealSweep:
    """Cases raised through the real decisions; one in ten was raised two weeks ago, and is due."""
    path = folder / "due.db"
    task = progress.add_task("Cases to be swept", total=OPEN)
    board = Board(path)
    try:
        now = datetime.now(UTC)
        for number in range(0, OPEN, BATCH):
            at = now - timedelta(days=14) if number < DUE else now
            await asyncio.to_thread(board.raise_cases, [at] * BATCH)
            progress.advance(task, BATCH)
    finally:
        board.close()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "benchmarks.sweeper", str(path), stdout=asyncio.subprocess.PIPE
    )
    answer, _ = await process.communicate()
    return RealSweep(**json.loads(answer))
