"""The server is killed without warning, over and over, at random moments and at every point that matters."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from dataclasses import dataclass, field

import pytest

from storage import event_store
from storage.database import Reader
from tests.faults.board import Board, Doing, Ground
from tests.faults.checker import check
from tests.faults.doings import Crowd, raises, traces
from tests.faults.panel import Act, Point
from tests.faults.workspace import Told
from tests.soak import times

pytestmark = pytest.mark.soak
SEED = 20261123
BESIDE = 2
"""So many boards are worked on at a time: one for each core."""
POINTS = (Point.BEFORE_COMMIT, Point.AFTER_COMMIT, Point.BEFORE_SEND, Point.AFTER_SEND)
A_BOARD = 50
"""So many kills a board."""
LONGEST = 0.1
"""Seconds after which a random kill falls at the latest: what is asked for takes about that."""
QUIET = 0.3
"""So long is waited for a point that isn't reached; then the kill falls while all is quiet."""


@dataclass
class Toll:
    """What came of many kills."""

    kills: Counter[str] = field(default_factory=Counter)
    doings: Counter[str] = field(default_factory=Counter)
    unseen: int = 0
    """What was done, and whoever asked for it didn't hear of it."""
    events: int = 0
    notices: int = 0
    on_their_way: int = 0
    doubled: int = 0
    wrong: list[str] = field(default_factory=list)

    def add(self, one: Board, where: str) -> None:
        found = check(one)
        self.events += found.events
        self.notices += found.notices
        self.doubled += found.doubled
        self.on_their_way += one.server.may_be_doubled()
        self.wrong += [where + each for each in found.wrong]
        self.doings += Counter(each.told.value for each in one.doings)

    def __str__(self) -> str:
        return (
            f"{sum(self.kills.values())} kills ({dict(self.kills)}); people asked for {dict(self.doings)}, "
            f"{self.unseen} of it done without an answer; "
            f"{self.events} events, {self.notices} notices; {self.on_their_way} messages were on their way, "
            f"{self.doubled} arrived twice; wrong: {self.wrong or 'nothing'}"
        )


async def test_nothing_acknowledged_is_lost_and_only_what_was_on_its_way_is_doubled(files: Ground) -> None:
    await _suffers(files, times(60, 1000))


async def test_nor_is_anything_on_postgresql(shared: Ground) -> None:
    await _suffers(shared, times(16, 200))


async def _suffers(ground: Ground, kills: int) -> None:
    toll = Toll()
    await ground.make()
    await asyncio.gather(*(_killed(ground, SEED + n, kills // BESIDE, toll) for n in range(BESIDE)))
    print(toll)  # noqa: T201
    assert not toll.wrong
    assert sum(toll.kills.values()) >= kills
    assert toll.doubled <= toll.on_their_way
    assert toll.unseen, "some kills fell between a COMMIT and its answer"


async def _killed(ground: Ground, seed: int, kills: int, toll: Toll) -> None:
    """In several boards, one after another: what is checked at the end grows with what was done."""
    chance = random.Random(seed)
    for first in range(0, kills, A_BOARD):
        async with ground.board(f"{seed}-{first}") as one:
            await one.server.start()
            crowd = Crowd.of(one)
            for _ in range(min(A_BOARD, kills - first)):
                await _one_life(one, chance, crowd, toll)
            await _answered(one)
            await one.settled()
            await one.server.stop()
            toll.add(one, f"seed {seed} from {first}: ")


async def _one_life(one: Board, chance: random.Random, crowd: Crowd, toll: Toll) -> None:
    """Ends with a server that runs; what was not answered is asked for again then."""
    asked = _chosen(one, chance, crowd)
    if chance.random() < 0.5:  # else it falls among messages of before
        await one.settled()
    under_way = [one.begins(each) for each in asked]
    if chance.random() < 0.3:
        under_way.append(asyncio.create_task(_moved(one)))
    point = chance.choice([None, None, *POINTS])
    if point is None:
        await asyncio.sleep(chance.uniform(0, LONGEST))
    else:
        one.server.panel.at_the_next(point, Act.KILL, chance.choice([1, 1, 2, 3, 5, 8]))
        await one.server.gone_within(QUIET)
    toll.kills[_said(point, one.server.alive)] += 1
    await one.server.kill()
    await asyncio.gather(*under_way)
    if chance.random() < 0.2:
        await _killed_while_starting(one, chance, toll)
    await one.server.start()
    toll.unseen += _done_unseen(one, asked)
    await _answered(one)


def _done_unseen(one: Board, asked: list[Doing]) -> int:
    def look(reader: Reader) -> set[str]:
        streams = event_store.streams_of(reader, "escalation")
        return {
            trace for stream in streams for trace, _ in traces(stream, event_store.events(reader, stream))
        }

    there = one.read(look)
    return sum(each.told is Told.NOTHING and each.trace in there for each in asked)


def _said(point: Point | None, alive: bool) -> str:
    if point is None:
        return "at random"
    return "when quiet" if alive else point.name.lower().replace("_", " ")


async def _moved(one: Board) -> Told:
    return Told.DONE if await one.move_clock() else Told.NOTHING


async def _killed_while_starting(one: Board, chance: random.Random, toll: Toll) -> None:
    panel = one.server.new_life()
    panel.at_the_next(
        chance.choice([Point.BEFORE_COMMIT, Point.AFTER_COMMIT]), Act.KILL, chance.randint(1, 5)
    )
    await one.server.begin()
    await one.server.gone_within(2)
    toll.kills["while starting" if not one.server.alive else "when started"] += 1
    await one.server.kill()


async def _answered(one: Board) -> None:
    """People try again until they have an answer."""
    for each in one.doings:
        if each.told in {Told.NOTHING, Told.NOT_SAVED}:
            await one.does(each)


def _chosen(one: Board, chance: random.Random, crowd: Crowd) -> list[Doing]:
    """Up to four things asked for in one moment, so that some share a commit."""
    states = list(one.states().values())
    count = chance.randint(1, 4)
    if not states:
        return [raises(one, "amira", crowd.ids["ben"])]
    return [crowd.acts(chance, states) for _ in range(count)]
