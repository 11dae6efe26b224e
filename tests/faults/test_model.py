"""Many people act at once on the same cases, in through any door: the history has a legal order."""

from __future__ import annotations

import asyncio
import random
from collections import Counter

import pytest

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
async def test_many_people_at_once_leave_a_legal_history(ground: Ground) -> None:
    rounds = times(30, 300)
    async with ground.board("one") as one:
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


def _illegal(one: Board, crowd: Crowd) -> list[str]:
    wrong: list[str] = []
    for stream in one.states():
        entries = tuple(one.read(lambda reader, stream=stream: event_store.events(reader, stream)))
        places: dict[str, int] = {}
        for trace, number in traces(stream, entries):
            places.setdefault(trace, number)
        asked: list[Doing] = [each for each in one.doings if each.case == stream]
        wrong += History(entries, places, crowd.ids, crowd.directory).check(asked)
    return wrong
