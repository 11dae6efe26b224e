"""Sweeps: each case whose moment has come has its Tick, whatever happens to the others."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot import cases
from bot.scheduler import Scheduler
from core.commands import Tick
from core.decisions import decide
from core.escalation import Escalation
from core.reminders import next_due
from storage import escalations
from tests.bot.made import House

A_WHILE = timedelta(days=30)


def due(board: House) -> list[str]:
    return board.database.read_now(lambda reader: escalations.due(reader, board.clock.now(), 100))


async def test_a_sweep_with_nothing_due_does_nothing(board: House) -> None:
    case = await board.raised("ben")
    before = board.events(case)
    assert await board.sweep.run() == 0
    assert board.events(case) == before


async def test_every_case_whose_moment_has_come_has_its_tick_once(board: House) -> None:
    raised = [await board.raised("ben") for _ in range(3)]
    board.clock.move_to(board.clock.now() + A_WHILE)
    assert await board.sweep.run() == 3
    assert await board.sweep.run() == 0
    for case in raised:
        assert board.events(case).count("ReminderIssued") == 1
        assert board.events(case).count("WindowLapsed") == 1
        moment = next_due(board.now(case))
        assert moment is not None
        assert moment > board.clock.now()


@pytest.fixture
def broken(board: House, monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The streams whose Tick fails."""
    streams: set[str] = set()

    def failing(state: Escalation, command: Any, context: Any) -> Any:
        if isinstance(command, Tick) and state.id in streams:
            raise LookupError("a defect of ours")
        return decide(state, command, context)

    monkeypatch.setattr(cases, "decide", failing)
    return streams


async def test_a_tick_that_fails_is_set_back_and_blocks_no_other(board: House, broken: set[str]) -> None:
    first, second, third = [await board.raised("ben") for _ in range(3)]
    broken.add(second.id)
    board.clock.move_to(board.clock.now() + A_WHILE)
    await board.sweep.run()
    assert board.events(first).count("ReminderIssued") == 1
    assert board.events(second).count("ReminderIssued") == 0
    assert board.events(third).count("ReminderIssued") == 1
    assert due(board) == []


async def test_what_was_set_back_is_tried_again_after_growing_pauses(board: House, broken: set[str]) -> None:
    case = await board.raised("ben")
    broken.add(case.id)
    board.clock.move_to(board.clock.now() + A_WHILE)
    pauses = []
    for _ in range(3):
        await board.sweep.run()
        moment = board.database.read_now(escalations.earliest_due)
        assert moment is not None
        pauses.append(moment - board.clock.now())
        board.clock.move_to(moment)
    assert pauses[0] < pauses[1] < pauses[2]
    broken.clear()
    assert await board.sweep.run() == 1
    assert board.events(case).count("ReminderIssued") == 1
    assert board.database.read_now(lambda reader: escalations.failures(reader, case.id)) == 0


async def test_a_row_that_says_due_where_nothing_is_does_not_keep_a_sweep_running(board: House) -> None:
    case = await board.raised("ben")
    row = board.database.read_now(lambda reader: escalations.escalation(reader, case.id))
    assert row is not None
    long_ago = datetime(2020, 1, 1, tzinfo=UTC)
    stale = escalations.EscalationRow(
        row.stream_id, row.reference, row.status, row.stage, row.version, row.raised_at, long_ago, long_ago
    )
    board.database.write_now(lambda transaction: escalations.save_escalation(transaction, stale))
    assert await board.sweep.run() == 1
    assert due(board) == []
    assert board.database.read_now(escalations.earliest_due) == next_due(board.now(case))


async def test_a_tick_that_leaves_its_moment_in_the_past_is_set_back(
    board: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await board.raised("ben")
    board.clock.move_to(board.clock.now() + A_WHILE)
    monkeypatch.setattr(cases, "decide", lambda state, command, context: ())
    await board.sweep.run()
    moment = board.database.read_now(escalations.earliest_due)
    assert moment is not None
    assert moment > board.clock.now()


async def test_the_scheduler_sweeps_at_once_when_it_starts(board: House) -> None:
    case = await board.raised("ben")
    board.clock.move_to(board.clock.now() + A_WHILE)
    scheduler = Scheduler(board.sweep, board.database, board.clock)
    await scheduler.start()
    scheduler.stop()
    assert board.events(case).count("ReminderIssued") == 1
    assert board.sweep.swept_at is not None
