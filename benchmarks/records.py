"""How fast records are checked, and how fast a long case is loaded."""

from __future__ import annotations

import asyncio
from contextlib import closing
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from statistics import median
from time import perf_counter

from benchmarks.board import Board, address, opened, settings
from benchmarks.report import Ground, Report, Requirement, table
from benchmarks.talking import talked
from bot import preparing
from bot.addressing import Addressing
from bot.board import DirectoryBook, Pathways
from bot.cases import Cases
from bot.people import People
from bot.settings import SHIPPED_PATHWAY
from bot.verifying import check_records, opened_without_keys
from core.pathway import Pathway
from storage.database import Database

CASES, CASES_QUICK, EVENTS, BATCH = 1_000, 200, 40, 25
LONG, TIMES = 500, 20
LEAST_A_SECOND, MOST_SECONDS = 20_000.0, 0.010


async def measure(ground: Ground) -> Report:
    count = CASES_QUICK if ground.quick else CASES
    places = ground.places("records")
    task = ground.progress.add_task(f"Records of {count:,} cases, to be checked", total=len(places))
    rates, loads = {}, {}
    for kind, place in places.items():
        stream = await asyncio.to_thread(_fill, place, count)
        rates[kind] = await asyncio.to_thread(_checked, place)
        loads[kind] = await asyncio.to_thread(_loaded, place, stream)
        ground.progress.advance(task)
    return _report(rates, loads)


def _fill(place: Path | str, count: int) -> str:
    """The stream of a case of LONG events; the others have EVENTS."""
    at = datetime.now(UTC)
    with closing(Board(place)) as board:
        for _ in range(0, count, BATCH):
            streams = board.streams(board.raise_cases([at] * BATCH))
            board.database.write_now(lambda t, streams=streams: talked(board, t, streams, EVENTS, at))  # type: ignore[misc]
        [stream] = board.streams(board.raise_cases([at]))
        board.database.write_now(lambda t: talked(board, t, [stream], LONG, at))
    return stream


def _checked(place: Path | str) -> float:
    """Events a second, as `verify` checks them: without any key."""
    with opened_without_keys(settings(address(place))) as database:
        before = perf_counter()
        findings = check_records(database, "", show_progress=False)
        taken = perf_counter() - before
    assert not findings.broken, findings.broken
    return findings.entries / taken


def _loaded(place: Path | str, stream: str) -> tuple[float, float]:
    """Median seconds with nothing folded before: with the case's key at hand, and with every key unwrapped
    anew by a database just opened.
    """
    with opened(place) as database:
        _load(database, stream)
        warm = median(_load(database, stream) for _ in range(TIMES))
    cold = []
    for _ in range(TIMES):
        with opened(place) as database:
            database.read_now(lambda reader: reader.board)  # a server has its connection long before
            cold.append(_load(database, stream))
    return warm, median(cold)


def _load(database: Database, stream: str) -> float:
    cases = Cases(Pathways(_pathway()), DirectoryBook(), Addressing(People(["slack"]), {}))
    before = perf_counter()
    state = database.read_now(lambda reader: cases.load(reader, stream))
    taken = perf_counter() - before
    assert state.version == LONG
    return taken


@cache
def _pathway() -> Pathway:
    return preparing.load_pathway(SHIPPED_PATHWAY)


def _report(rates: dict[str, float], loads: dict[str, tuple[float, float]]) -> Report:
    drawn = table(f"Records: `verify`, and a case of {LONG} events", *HEADINGS)
    held = []
    for kind, rate in rates.items():
        warm, cold = loads[kind]
        drawn.add_row(kind, f"{rate:,.0f}", f"{warm * 1e3:.1f}", f"{cold * 1e3:.1f}")
        held.append(
            Requirement(
                f"{kind}: `verify` checks {rate:,.0f} events a second (at least {LEAST_A_SECOND:,.0f}).",
                rate >= LEAST_A_SECOND,
            )
        )
        held.append(
            Requirement(
                f"{kind}: a case of {LONG} events is loaded in {warm * 1e3:.1f} ms, and in "
                f"{cold * 1e3:.1f} ms where its key has to be unwrapped (under {MOST_SECONDS * 1e3:.0f}).",
                max(warm, cold) < MOST_SECONDS,
            )
        )
    return Report(tables=[drawn], requirements=held)


HEADINGS = ("", "events checked a second", "loaded, ms", "loaded with its key unwrapped, ms")
