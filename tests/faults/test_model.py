"""Many people act at once on the same cases, in through any door: the history has a legal order."""

from __future__ import annotations

import asyncio
import os
import random
from collections import Counter
from pathlib import Path

from core.escalation import Escalation
from storage import event_store
from tests.faults.board import Board, Doing, board, copied, template
from tests.faults.checker import check
from tests.faults.doings import Crowd, raises, traces
from tests.faults.model import History
from tests.faults.server import starter
from tests.faults.workspace import Told

SEED = 20261124
CASES, HANDS, ROUNDS = 3, 6, 30


async def test_many_people_at_once_leave_a_legal_history(tmp_path: Path) -> None:
    rounds = int(os.environ.get("ESCALATE_ROUNDS", ROUNDS))
    async with starter() as started:
        made = await template(tmp_path / "made", started)
        async with board(copied(made, tmp_path / "one"), started) as one:
            await one.server.start()
            crowd = Crowd.of(one)
            for named in ["ben", "farah", "ben"][:CASES]:
                await one.does(raises(one, "amira", crowd.ids[named]))
            await asyncio.gather(*(_acts(one, crowd, random.Random(SEED + n), rounds) for n in range(HANDS)))
            await one.settled()
            await one.server.stop()
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
        doing = crowd.asks(chance, chance.choice(_open(states)))
        url = chance.choice(one.servers).url
        await one.does(doing, url)


def _open(states: dict[str, Escalation]) -> list[Escalation]:
    return [state for state in states.values() if state.status == "open"] or list(states.values())


def _illegal(one: Board, crowd: Crowd) -> list[str]:
    wrong: list[str] = []
    for stream in one.states():
        entries = tuple(one.read(lambda reader, stream=stream: event_store.events(reader, stream)))
        places: dict[str, int] = {}
        for entry in entries:
            for trace in traces(stream, entry):
                places.setdefault(trace, entry.sequence)
        asked: list[Doing] = [each for each in one.doings if each.case == stream]
        wrong += History(entries, places, crowd.ids, crowd.directory).check(asked)
    return wrong
