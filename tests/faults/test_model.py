"""Many people act at once on the same cases, in through any door: the history has a legal order."""

from __future__ import annotations

import asyncio
import random
from collections import Counter

import pytest

from core.events import Recorded
from storage import event_store
from tests.faults.board import Board, Doing, Ground
from tests.faults.checker import check
from tests.faults.doings import Crowd, raises, traces
from tests.faults.model import History
from tests.faults.workspace import Told
from tests.soak import times

SEED = 20261124
HANDS = 6


@pytest.mark.soak
@pytest.mark.parametrize("servers", [1, 2])
async def test_many_people_at_once_leave_a_legal_history(servers: int, files: Ground, shared: Ground) -> None:
    """One server on SQLite; two on one PostgreSQL, and people reach now this one, now that."""
    rounds, ground = times(30, 300), files if servers == 1 else shared
    async with ground.board("one", servers=servers) as one:
        for server in one.servers:
            await server.start()
        crowd = Crowd.of(one)
        for _ in range(3):
            await one.does(raises(one, "amira", crowd.ids["ben"]))
        await asyncio.gather(*(_acts(one, crowd, random.Random(SEED + n), rounds) for n in range(HANDS)))
        await one.settled()
        for server in one.servers:
            await server.stop()
        wrong = check(one).wrong + _illegal(one, crowd)
    told = Counter(each.told.value for each in one.doings)
    print(f"{len(one.doings)} doings of {HANDS} hands at once: {dict(told)}; wrong: {wrong or 'nothing'}")  # noqa: T201
    assert not wrong
    assert told[Told.DONE.value] > len(one.doings) / 3
    assert told[Told.REFUSED.value], "some came too late"


async def _acts(one: Board, crowd: Crowd, chance: random.Random, rounds: int) -> None:
    """One after another. Now and then this hand looks again; mostly it goes by what it saw before."""
    states = one.states()
    for _ in range(rounds):
        if chance.random() < 0.4:
            states = one.states()
        doing = crowd.acts(chance, list(states.values()))
        await one.does(doing, chance.choice(one.servers).url)


def _record(one: Board, stream: str) -> tuple[Recorded, ...]:
    return tuple(one.read(lambda reader: event_store.events(reader, stream)))


def _illegal(one: Board, crowd: Crowd) -> list[str]:
    wrong: list[str] = []
    for stream in one.states():
        entries = _record(one, stream)
        places: dict[str, int] = {}
        for trace, number in traces(stream, entries):
            places.setdefault(trace, number)
        asked: list[Doing] = [each for each in one.doings if each.case == stream]
        wrong += History(entries, places, crowd.ids, crowd.directory).check(asked)
    return wrong
