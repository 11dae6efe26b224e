"""The machine's clock jumps by a day, forward or back, while the server runs."""

from __future__ import annotations

import asyncio
import random
from datetime import timedelta

from core.events import ReminderIssued
from storage import event_store
from tests.core.kit import quick_pathway
from tests.faults.board import Board, Ground
from tests.faults.checker import check
from tests.faults.doings import Crowd, raises
from tests.faults.waiting import until
from tests.faults.workspace import Told

DAY = timedelta(days=1)
QUICK = {"bot.scheduler.AT_THE_LATEST": 0.3, "bot.courier.LONGEST_WAIT": 0.3}


async def test_after_a_jump_either_way_people_go_on_and_nothing_is_lost(files: Ground) -> None:
    chance = random.Random(20261127)
    async with files.board("one") as one:
        one.server.constants = QUICK
        await one.server.start()
        crowd = Crowd.of(one)
        for _ in range(2):
            await one.does(raises(one, "amira", crowd.ids["ben"]))
        for jump in (DAY, timedelta(), -DAY, timedelta(), DAY, -DAY, timedelta()):
            _set(one, jump)
            states = list(one.states().values())
            asked = [crowd.acts(chance, states) for _ in range(4)]
            await asyncio.gather(*(one.does(each) for each in asked))
        await one.settled()
        await one.server.stop()
        found = check(one)
    assert not found.wrong
    assert not found.doubled
    assert {each.told for each in one.doings} <= {Told.DONE, Told.REFUSED}


async def test_what_is_due_is_found_though_the_clock_was_put_back_and_the_first_look_failed(
    files: Ground,
) -> None:
    """It stood a day ahead, and somebody corrects it: looking again must not wait for that day."""
    pathway = files.folder / "quick.yaml"
    pathway.write_text(quick_pathway("3 seconds").text)
    async with files.board("one", PATHWAY_FILE=str(pathway)) as one:
        one.server.constants = QUICK
        _set(one, DAY)
        await one.server.start()
        crowd = Crowd.of(one)
        await one.server.at_work()
        _set(one, timedelta())
        await one.does(raises(one, "amira", crowd.ids["ben"]))
        one.server.panel.read_only = True
        await until(lambda: _logged(one, "sweep_failed"), "a look that fails")
        one.server.panel.read_only = False
        await until(lambda: _reminded(one), "the reminder")
        await one.server.stop()


def _logged(one: Board, event: str) -> bool:
    return any(line["event"] == event for line in one.server.log_lines())


def _reminded(one: Board) -> bool:
    [stream] = one.states()
    events = one.read(lambda reader: event_store.events(reader, stream))
    return any(isinstance(entry.event, ReminderIssued) for entry in events)


def _set(one: Board, shift: timedelta) -> None:
    if one.server.lives == 0:
        one.server.new_life()
    one.server.panel.shift = shift
    for person in one.people.values():
        person.shift = shift
