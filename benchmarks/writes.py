"""Many people write at once: commands a second and what a commit holds, beside raw commits."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter

from benchmarks import floors
from benchmarks.board import ASKED, RAISER, ROOM, TEAM, Board, settings
from benchmarks.report import Ground, Report, Requirement, table
from bot import preparing
from bot.wiring import put_together
from core.cards.model import Card
from core.conversation import Asker
from storage import postgresql

WRITERS, EACH, EACH_QUICK = 32, 125, 25
LEAST_IN_A_COMMIT = 8.0
WORDS = "Phoned the ward again, and nobody could say"


@dataclass(frozen=True)
class Written:
    """`rate`: commands a second. `in_a_commit`: on average."""

    rate: float
    in_a_commit: float


async def measure(ground: Ground) -> Report:
    each = EACH_QUICK if ground.quick else EACH
    places = ground.places("writes")
    task = ground.progress.add_task(f"{WRITERS} writers, and raw commits", total=len(places) + 2)
    written = {}
    for kind, place in places.items():
        written[kind] = await _write(place, each)
        ground.progress.advance(task)
    sqlite = await asyncio.to_thread(_raw_sqlite, ground.folder / "raw.db", WRITERS * each)
    ground.progress.advance(task)
    postgres = await asyncio.to_thread(_raw_postgresql, ground, WRITERS * each)
    ground.progress.advance(task)
    return _report(written, {"SQLite": sqlite, "PostgreSQL": postgres}, ground.disk)


async def _write(place: Path | str, each: int) -> Written:
    """Notes by two people on as many cases as there are writers, through the whole bot; nothing is sent."""
    board = Board(place)
    references = board.raise_cases([datetime.now(UTC)] * WRITERS)
    board.close()
    given = settings(place)
    database = preparing.open_database(given)
    escalate = put_together(given, database, preparing.load_pathway(given.pathway_file))
    try:

        async def writer(number: int, reference: str, notes: int) -> None:
            account = f"slack:{TEAM}/{(RAISER, ASKED)[number % 2]}"
            for note in range(notes):
                asker = Asker(account, f"slack:{TEAM}/{ROOM}", f"{number}/{notes}/{note}")
                answer = await escalate.bot.say(asker, f"note {reference} {WORDS}")
                assert isinstance(answer, Card)
                assert "ote" in answer.model_dump_json(), answer

        async def all_write(notes: int) -> float:
            before = perf_counter()
            await asyncio.gather(*(writer(*one, notes) for one in enumerate(references)))
            return perf_counter() - before

        await all_write(2)  # whatever is made at first use is made
        commits, pieces = database.statistics.commits, database.statistics.pieces
        taken = await all_write(each)
        held = (database.statistics.pieces - pieces) / (database.statistics.commits - commits)
        return Written(WRITERS * each / taken, held)
    finally:
        for platform in escalate.platforms:
            await platform.close()
        database.close()


def _raw_sqlite(path: Path, commits: int) -> tuple[float, float]:
    return (
        floors.sqlite_commits(path, floors.one_statement, commits),
        floors.sqlite_commits(path, floors.four_statements, commits),
    )


def _raw_postgresql(ground: Ground, commits: int) -> tuple[float, float]:
    return (
        floors.postgresql_commits(
            ground.server.create(), floors.four_statements, commits, postgresql.WRITERS
        ),
        floors.postgresql_commits(ground.server.create(), floors.four_statements, commits, 1),
    )


def _report(written: dict[str, Written], raw: dict[str, tuple[float, float]], disk: float) -> Report:
    drawn = table(f"{WRITERS} writers at once, notes on as many cases", "", "a second", "in a commit")
    drawn.add_row("A raw fsync of 4 KiB, one after another", f"{1 / disk:.0f}", "")
    drawn.add_section()
    ours = written["SQLite"]
    drawn.add_row("SQLite: Escalate, whole commands", f"{ours.rate:.0f}", f"{ours.in_a_commit:.1f}")
    drawn.add_row("SQLite: raw sqlite3, one statement a commit", f"{raw['SQLite'][0]:.0f}", "1")
    drawn.add_row("SQLite: raw sqlite3, a note's four statements a commit", f"{raw['SQLite'][1]:.0f}", "1")
    drawn.add_section()
    theirs = written["PostgreSQL"]
    beside = f"{postgresql.WRITERS} connections"
    drawn.add_row("PostgreSQL: Escalate, whole commands", f"{theirs.rate:.0f}", f"{theirs.in_a_commit:.1f}")
    drawn.add_row(f"PostgreSQL: raw psycopg, the four, {beside}", f"{raw['PostgreSQL'][0]:.0f}", "1")
    drawn.add_row("PostgreSQL: raw psycopg, the four, one connection", f"{raw['PostgreSQL'][1]:.0f}", "1")
    return Report(
        tables=[drawn],
        requirements=[
            Requirement(
                f"At {WRITERS} writers a commit on SQLite holds {ours.in_a_commit:.1f} commands on average "
                f"(at least {LEAST_IN_A_COMMIT:.0f}).",
                ours.in_a_commit >= LEAST_IN_A_COMMIT,
            )
        ],
    )
