"""Two servers on one PostgreSQL: either is stopped, killed or paused for longer than its lease."""

from __future__ import annotations

import asyncio
import random
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from tests.faults.board import PATIENCE, SHORT_LEASES, Board, Doing, Ground
from tests.faults.checker import check
from tests.faults.doings import Crowd, moves_on, raises, views
from tests.faults.panel import Act, Point
from tests.faults.server import Server
from tests.faults.waiting import until
from tests.faults.workspace import Told
from tests.soak import SOAKING, times

LEASE = 30.0 if SOAKING else SHORT_LEASES["bot.leases.SHARED"]


@asynccontextmanager
async def two(ground: Ground, **settings: str) -> AsyncIterator[tuple[Board, Crowd]]:
    """At work, with leases of two seconds; in a soak with the real ones."""
    async with ground.board("one", servers=2, **settings) as one:
        for server in one.servers:
            server.constants = PATIENCE if SOAKING else server.constants
            await server.start()
        crowd = Crowd.of(one)
        for _ in range(2):
            await one.does(raises(one, "amira", crowd.ids["ben"]))
        await one.settled()
        yield one, crowd


@pytest.mark.soak
async def test_killed_and_replaced_in_turn_they_lose_nothing(shared: Ground) -> None:
    chance = random.Random(20261201)
    async with two(shared) as (one, crowd):
        for number in range(times(6, 20)):
            killed, other = _apart(one, number)
            under_way = [
                one.begins(each, chance.choice(one.servers).url) for each in _some(one, crowd, chance)
            ]
            await asyncio.sleep(chance.uniform(0, 0.1))
            await killed.kill()
            await asyncio.gather(*under_way)
            await asyncio.gather(*(one.does(each, other.url) for each in one.doings if _untold(each.told)))
            await killed.start()
        await one.settled()
        await _ends(one)
        found = check(one)
    assert not found.wrong
    assert found.doubled <= sum(server.may_be_doubled() for server in one.servers)


async def test_a_rolling_restart_loses_and_doubles_nothing(shared: Ground) -> None:
    chance = random.Random(20261202)
    async with two(shared) as (one, crowd):
        for number in range(4):
            stopped, other = _apart(one, number)
            under_way = [asyncio.create_task(one.does(each, other.url)) for each in _some(one, crowd, chance)]
            await stopped.stop()
            await asyncio.gather(*under_way)
            await stopped.start()
        await one.settled()
        await _ends(one)
        found = check(one)
    assert not found.wrong
    assert not found.doubled


async def test_one_paused_past_its_lease_sends_nothing_that_the_other_sent(shared: Ground) -> None:
    """Its messages waited for their turn when it was paused; when it wakes, they aren't its own any more."""
    async with two(shared, SLACK_PACE="0.1") as (one, _):
        [case, *_] = one.states()
        sender, other = await _who_sends(one, case)
        await asyncio.gather(*(one.does(views(one, "amira", case)) for _ in range(8)))
        sender.signal(signal.SIGSTOP)
        await asyncio.sleep(LEASE)
        await one.settled()
        sender.signal(signal.SIGCONT)
        await one.does(views(one, "amira", case), other.url)
        await one.settled()
        await _ends(one)
        found = check(one)
    assert not found.wrong
    assert found.doubled <= 2, "at most what was being sent to the two rooms"


async def test_one_paused_while_it_sends_leaves_no_old_card_behind(shared: Ground) -> None:
    """The other one shows the case as it is now; when this one wakes, what it was sending is old."""
    async with two(shared) as (one, _):
        [case, *_] = one.states()
        sender, other = await _who_sends(one, case)
        sender.panel.at_the_next(Point.BEFORE_UPDATE, Act.PAUSE)
        await one.does(moves_on(one, "amira", case, 1), other.url)
        await until(lambda: sender.paused, "its pause")
        await asyncio.sleep(LEASE)
        await one.does(moves_on(one, "amira", case, 2), other.url)
        await one.settled()
        sender.signal(signal.SIGCONT)
        await sender.resting()
        await one.settled()
        await _ends(one)
        found = check(one)
    assert not found.wrong


@pytest.mark.soak
async def test_paused_at_any_moment_past_their_leases_they_lose_nothing(shared: Ground) -> None:
    chance = random.Random(20261203)
    async with two(shared) as (one, crowd):
        for number in range(times(3, 8)):
            paused, other = _apart(one, number)
            under_way = [asyncio.create_task(one.does(each, other.url)) for each in _some(one, crowd, chance)]
            await asyncio.sleep(chance.uniform(0, 0.1))
            paused.signal(signal.SIGSTOP)
            await asyncio.gather(*under_way)
            await asyncio.sleep(LEASE + 0.5)
            paused.signal(signal.SIGCONT)
        await one.settled()
        await _ends(one)
        found = check(one)
    assert not found.wrong
    assert found.doubled <= sum(server.may_be_doubled() for server in one.servers)


async def _who_sends(one: Board, case: str) -> tuple[Server, Server]:
    """Whoever holds the lane, and the other."""
    before = [server.panel.count(Point.AFTER_SEND) for server in one.servers]
    await one.does(views(one, "amira", case))
    await one.settled()
    first, second = one.servers
    return (first, second) if first.panel.count(Point.AFTER_SEND) > before[0] else (second, first)


def _apart(one: Board, number: int) -> tuple[Server, Server]:
    return one.servers[number % 2], one.servers[(number + 1) % 2]


def _some(one: Board, crowd: Crowd, chance: random.Random) -> list[Doing]:
    states = list(one.states().values())
    return [crowd.acts(chance, states) for _ in range(6)]


def _untold(told: Told) -> bool:
    return told in {Told.NOTHING, Told.NOT_SAVED}


async def _ends(one: Board) -> None:
    for server in one.servers:
        await server.stop()
