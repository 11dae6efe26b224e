"""1,000 real Ticks due among 100,000 open cases, beside APScheduler with an empty job for each.

The due ones are raised through the real decisions, and have 40 events each. Of the others there are only the
rows that a sweep reads, with a bare stream. Both sides run in processes of their own, commit as durably, and
are killed in the middle of the same work.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic

from sqlalchemy import func, select

from benchmarks import jobs
from benchmarks.board import Board, address, opened
from benchmarks.open_cases import add_bare
from benchmarks.report import Ground, Report, Requirement, table
from benchmarks.talking import talked
from storage.database import Database
from storage.tables import escalations

DUE, OPEN, EVENTS, BATCH = 1_000, 100_000, 40, 25
DUE_QUICK, OPEN_QUICK = 200, 10_000
LONGEST = 120.0
"""Seconds that any of it is waited for."""


@dataclass(frozen=True)
class Done:
    """`rate`: Ticks, or jobs, a second. `lost`, `doubled`: after a kill in the middle and a restart."""

    rate: float
    lost: int
    doubled: int


async def measure(ground: Ground) -> Report:
    due, many = (DUE_QUICK, OPEN_QUICK) if ground.quick else (DUE, OPEN)
    ours, theirs = {}, {}
    task = ground.progress.add_task(f"{due:,} due of {many:,} open, and APScheduler", total=8)
    swept, killed = ground.places("due"), ground.places("killed")
    listed, struck = ground.places("jobs"), ground.places("struck")
    for kind in swept:
        for place in (swept[kind], killed[kind]):
            await asyncio.to_thread(_raise, place, due, many)
            ground.progress.advance(task)
        ours[kind] = await _ours(swept[kind], killed[kind], due)
        ground.progress.advance(task)
        await asyncio.to_thread(jobs.fill, listed[kind], due, many)
        await asyncio.to_thread(jobs.fill, struck[kind], due, many, work=True)
        theirs[kind] = await _theirs(listed[kind], struck[kind], due, ground.folder / f"{kind}.ran")
        ground.progress.advance(task)
    return _report(ours, theirs, due, many)


def _raise(place: Path | str, due: int, many: int) -> None:
    board = Board(place)
    try:
        at = datetime.now(UTC) - timedelta(days=14)
        for first in range(0, due, BATCH):
            references = board.raise_cases([at] * min(BATCH, due - first))
            streams = board.streams(references)
            board.database.write_now(lambda t, streams=streams: talked(board, t, streams, EVENTS, at))  # type: ignore[misc]
        board.database.write_now(lambda t: add_bare(t, many - due))
    finally:
        board.close()


async def _ours(swept: Path | str, killed: Path | str, due: int) -> Done:
    figures = json.loads(await _ended(await _start("benchmarks.sweeper", swept)))
    with opened(killed) as database:
        process = await _start("benchmarks.sweeper", killed)
        await _kill(process, lambda: due - _waiting(database), due)
        await _ended(await _start("benchmarks.sweeper", killed))
        found = _lengths(database)
    with opened(swept) as database:
        [expected] = set(_lengths(database))
    lost, doubled = (sum(sign * (each - expected) > 0 for each in found) for sign in (-1, 1))
    return Done(figures["ticked"] / figures["seconds"], lost, doubled)


def _waiting(database: Database) -> int:
    due = select(func.count()).where(escalations.c.next_due_at <= datetime.now(UTC))
    return database.read_now(lambda reader: int(reader.connection.execute(due).scalar_one()))


def _lengths(database: Database) -> list[int]:
    """How many events each of the real cases has: a Tick left out, or done twice, would show."""
    query = select(escalations.c.version).where(escalations.c.version > 1)
    return database.read_now(lambda reader: list(reader.connection.execute(query).scalars()))


async def _theirs(listed: Path | str, struck: Path | str, due: int, ran: Path) -> Done:
    seconds = float(await _ended(await _start("benchmarks.jobs", listed, str(due))))
    process = await _start("benchmarks.jobs", struck, str(due), str(ran))
    await _kill(process, lambda: len(_lines(ran)), due)
    await _ended(await _start("benchmarks.jobs", struck, str(due), str(ran)))
    times = Counter(_lines(ran))
    return Done(due / seconds, due - len(times), sum(count > 1 for count in times.values()))


def _lines(path: Path) -> list[str]:
    return path.read_text().split() if path.exists() else []


async def _start(module: str, place: Path | str, *arguments: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", module, address(place), *arguments, stdout=asyncio.subprocess.PIPE
    )


async def _ended(process: asyncio.subprocess.Process) -> str:
    """What it printed. Raises TimeoutError, and RuntimeError where it failed."""
    try:
        printed, _ = await asyncio.wait_for(process.communicate(), LONGEST)
    except TimeoutError:
        process.kill()
        raise
    if process.returncode:
        raise RuntimeError(f"a process that was measured ended with {process.returncode}")
    return printed.decode()


async def _kill(process: asyncio.subprocess.Process, done: Callable[[], int], due: int) -> None:
    """With SIGKILL, once a third is done. Raises RuntimeError where all of it was done before."""
    end = monotonic() + LONGEST
    while await asyncio.to_thread(done) < due / 3 and monotonic() < end:  # noqa: ASYNC110 - another process
        await asyncio.sleep(0.005)
    process.kill()
    await process.communicate()
    if await asyncio.to_thread(done) >= due:
        raise RuntimeError("it was done before it could be killed")


def _report(ours: dict[str, Done], theirs: dict[str, Done], due: int, many: int) -> Report:
    headings = ("", "a second", "lost by a kill", "done twice")
    drawn = table(f"{due:,} due among {many:,} open", *headings)
    held = []
    for kind, mine in ours.items():
        other = theirs[kind]
        drawn.add_row(f"{kind}: Escalate, real Ticks", f"{mine.rate:.0f}", str(mine.lost), str(mine.doubled))
        drawn.add_row(
            f"{kind}: APScheduler, empty jobs", f"{other.rate:.0f}", str(other.lost), str(other.doubled)
        )
        drawn.add_section()
        held.append(
            Requirement(
                f"{kind}: {due:,} real Ticks among {many:,} open go {mine.rate / other.rate:.2f} times as "
                f"fast as APScheduler's empty jobs (at least 1). Killed in the middle, {mine.lost} are lost "
                f"and {mine.doubled} done twice (none); of APScheduler's jobs {other.lost} are lost.",
                mine.rate >= other.rate and not mine.lost and not mine.doubled,
            )
        )
    note = (
        f"The due cases were raised through the real decisions and have {EVENTS} events each; of the other "
        "open ones there are the rows that a sweep reads, with bare streams. APScheduler keeps its jobs as "
        "durably (WAL and synchronous FULL; fsync on); those that are killed take "
        f"{jobs.WORK * 1e3:.0f} ms each."
    )
    return Report(tables=[drawn], notes=[note], requirements=held)
