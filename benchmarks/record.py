"""The record at length: how fast it is verified, and how long one long case takes to load."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from time import perf_counter

from rich.progress import Progress

from benchmarks.board import Board
from bot.addressing import Addressing
from bot.board import DirectoryBook
from bot.cases import Cases
from bot.people import People
from core.events import Actor, NoteAdded, Recorded
from storage import event_store
from storage.database import Transaction
from storage.verify import verify

LONG, CASES, TIMES = 500, 100, 20
"""Entries of a case, how many such cases, and how often one is loaded."""
WORDS = "The ward was rung again, and somebody will ring back before the end of the afternoon. " * 3


@dataclass(frozen=True)
class RecordFigures:
    """`verified`: entries a second. `loaded`: median seconds for a case of LONG entries that isn't kept."""

    verified: float
    loaded: float


def measure(folder: Path, progress: Progress) -> RecordFigures:
    task = progress.add_task("Long cases", total=CASES)
    board = Board(folder / "record.db")
    try:
        streams = board.streams(board.raise_cases([datetime.now(UTC)] * CASES))
        for stream in streams:
            board.database.write_now(lambda transaction, stream=stream: _lengthen(transaction, stream))  # type: ignore[misc]
            progress.advance(task)
        return RecordFigures(_verified(board), _loaded(board, streams))
    finally:
        board.close()


def _lengthen(transaction: Transaction, stream: str) -> None:
    entries = event_store.events(transaction, stream)
    actor: Actor | None = entries[0].actor
    added = [
        Recorded(number, entries[-1].at, entries[-1].stage, actor, "all", NoteAdded(words=WORDS))
        for number in range(len(entries) + 1, LONG + 1)
    ]
    event_store.append(transaction, stream, len(entries), added)


def _verified(board: Board) -> float:
    before = perf_counter()
    checked = board.database.read_now(lambda reader: list(verify(reader)))
    seconds = perf_counter() - before
    assert not any(one.problem for one in checked)
    return sum(one.events for one in checked) / seconds


def _loaded(board: Board, streams: Sequence[str]) -> float:
    taken = []
    for stream in streams[:TIMES]:
        cases = Cases(board.pathways, DirectoryBook(), Addressing(People(["slack"]), {}))
        before = perf_counter()
        state = board.database.read_now(lambda reader: cases.load(reader, stream))  # noqa: B023 - run at once
        taken.append(perf_counter() - before)
        assert state.version == LONG
    return median(taken)
