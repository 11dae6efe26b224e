"""What a sweep costs: an empty one beside few and many open cases, and a real one in a process of its own."""

from __future__ import annotations

import asyncio
import json
import sys
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from time import perf_counter

from rich.progress import Progress

from benchmarks.board import Board, address
from benchmarks.open_cases import add_bare
from benchmarks.report import Ground, Report, Requirement
from bot.clock import Clock
from bot.scheduler import Sweep

FEW, MANY, MANY_QUICK, TIMES, WARM = 1_000, 1_000_000, 100_000, 20, 5
MOST_RATIO, MOST_MEGABYTES = 1.5, 160
OPEN, DUE, BATCH = 10_000, 1_000, 250


@dataclass(frozen=True)
class EmptySweeps:
    """Median seconds of a sweep with nothing due, beside FEW and beside `count` open cases."""

    few: float
    many: float
    count: int


@dataclass(frozen=True)
class RealSweep:
    """`megabytes`: the most memory that the process had in use, in MiB. `ticked`: how many had their Tick."""

    megabytes: float
    ticked: int
    seconds: float


async def measure(ground: Ground) -> Report:
    found = await empty(ground)
    swept = await real(ground.folder, ground.progress)
    held = [_empty_requirement(kind, taken) for kind, taken in found.items()]
    held.append(
        Requirement(
            f"The process that swept {swept.ticked:,} due of {OPEN:,} open cases used "
            f"{swept.megabytes:.0f} MiB at most (under {MOST_MEGABYTES}); "
            f"a Tick took {swept.seconds / max(swept.ticked, 1) * 1e3:.2f} ms.",
            swept.megabytes < MOST_MEGABYTES and swept.ticked == DUE,
        )
    )
    return Report(requirements=held)


def _empty_requirement(kind: str, taken: EmptySweeps) -> Requirement:
    times = taken.many / taken.few
    return Requirement(
        f"{kind}: an empty sweep takes {taken.few * 1e6:.0f} µs beside {FEW:,} open cases and "
        f"{taken.many * 1e6:.0f} µs beside {taken.count:,}: {times:.2f} times as long "
        f"(at most {MOST_RATIO}). Of these cases there are only the rows that a sweep reads.",
        times <= MOST_RATIO,
    )


async def empty(ground: Ground) -> dict[str, EmptySweeps]:
    """For each kind of database: the two take turns."""
    many = MANY_QUICK if ground.quick else MANY
    found = {}
    task = ground.progress.add_task(f"Empty sweeps beside {many:,} open cases", total=4)
    few_places, many_places = ground.places("few"), ground.places("many")
    for kind, place in few_places.items():
        with ExitStack() as stack:
            boards = {}
            for count, where in ((FEW, place), (many, many_places[kind])):
                boards[count] = stack.enter_context(closing(Board(where)))
                await asyncio.to_thread(_fill, boards[count], count)
                ground.progress.advance(task)
            found[kind] = await _empty(boards[FEW], boards[many], many)
    return found


def _fill(board: Board, count: int) -> None:
    board.database.write_now(lambda transaction: add_bare(transaction, count))


async def _empty(few: Board, many: Board, count: int) -> EmptySweeps:
    sweeps = [Sweep(board.database, board.cases, Clock(), lambda decided: None) for board in (few, many)]
    taken: tuple[list[float], list[float]] = ([], [])
    for _ in range(WARM + TIMES):
        for sweep, into in zip(sweeps, taken, strict=True):
            before = perf_counter()
            assert await sweep.run() == 0
            into.append(perf_counter() - before)
    return EmptySweeps(median(taken[0][WARM:]), median(taken[1][WARM:]), count)


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
        sys.executable, "-m", "benchmarks.sweeper", address(path), stdout=asyncio.subprocess.PIPE
    )
    answer, _ = await process.communicate()
    return RealSweep(**json.loads(answer))
