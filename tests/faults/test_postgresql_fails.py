"""PostgreSQL goes away, only lets itself be read, or doesn't say whether it committed."""

from __future__ import annotations

import asyncio
import random
import signal
import time
from collections import Counter
from pathlib import Path

import psycopg
import pytest

from tests import postgres
from tests.faults.board import Board, Ground
from tests.faults.checker import check
from tests.faults.doings import Crowd, raises
from tests.faults.proxy import proxy
from tests.faults.server import Starter
from tests.faults.workspace import Told
from tests.soak import times

TOGETHER = 6


@pytest.mark.soak
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT], ids=["stopped", "as if the power went"])
async def test_while_it_is_gone_people_are_told_and_then_it_goes_on(
    tmp_path: Path, started: Starter, how: signal.Signals
) -> None:
    chance = random.Random(20261128)
    with postgres.running() as database:
        async with Ground(tmp_path, started, postgres=database).board("one") as one:
            crowd = await _at_work(one)
            back_at = time.monotonic() + times(3, 30)
            states = list(one.states().values())
            under_way = _asked_together(one, crowd, chance)
            await asyncio.to_thread(database.stop, how)
            while time.monotonic() < back_at:
                asked = [one.begins(crowd.acts(chance, states)) for _ in range(TOGETHER)]
                told = await asyncio.gather(*asked)
                assert set(told) == {Told.NOT_SAVED}, "everybody has an answer, and it is true"
                await asyncio.sleep(0.2)
            assert (await one.server.ready())["checks"]["database"] is False
            await asyncio.to_thread(database.start)
            await asyncio.gather(*under_way)
            await _answered(one)
            await one.settled()
            assert (await one.server.ready())["checks"]["database"] is True
            await one.server.stop()
            found = check(one)
    assert not found.wrong
    assert found.doubled <= TOGETHER, "at most what was being sent when it went"


async def test_while_it_can_only_be_read_people_are_told_and_then_it_goes_on(shared: Ground) -> None:
    chance = random.Random(20261129)
    async with shared.board("one") as one:
        crowd = await _at_work(one)
        _only_read(one, "on")
        told = set(await asyncio.gather(*_asked_together(one, crowd, chance)))
        told |= set(await asyncio.gather(*_asked_together(one, crowd, chance)))
        assert told <= {Told.NOT_SAVED, Told.REFUSED}
        assert Told.NOT_SAVED in told
        _only_read(one, "off")
        await _answered(one)
        await one.settled()
        await one.server.stop()
        found = check(one)
    assert not found.wrong
    assert not found.doubled


async def test_a_commit_whose_answer_is_lost_counts_once(shared: Ground) -> None:
    chance = random.Random(20261130)
    async with shared.board("one") as one, proxy(one.url) as between:
        one.server.database = between.address
        crowd = await _at_work(one)
        for number in range(24):
            between.before = bool(number % 3 == 0)
            between.in_commits = chance.randint(1, 8)
            await asyncio.gather(*_asked_together(one, crowd, chance))
        between.in_commits = 0
        await _answered(one)
        await one.settled()
        await one.server.stop()
        found = check(one, uncertain=True)
    assert between.lost > 12
    assert not found.wrong
    print(f"{between.lost} COMMITs lost; {Counter(each.told.value for each in one.doings)}")  # noqa: T201


async def _at_work(one: Board) -> Crowd:
    await one.server.start()
    crowd = Crowd.of(one)
    for _ in range(2):
        await one.does(raises(one, "amira", crowd.ids["ben"]))
    await one.settled()
    return crowd


def _asked_together(one: Board, crowd: Crowd, chance: random.Random) -> list[asyncio.Task[Told]]:
    states = list(one.states().values())
    return [one.begins(crowd.acts(chance, states)) for _ in range(TOGETHER)]


async def _answered(one: Board) -> None:
    for each in one.doings:
        if each.told in {Told.NOTHING, Told.NOT_SAVED}:
            await one.does(each)


def _only_read(one: Board, value: str) -> None:
    """For all connections that are made from now on; those there are are ended."""
    url = one.url.replace("+psycopg", "")
    name = url.rpartition("/")[2]
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET default_transaction_read_only = off")
        connection.execute(f'ALTER DATABASE "{name}" SET default_transaction_read_only = {value}')
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> %s",
            (name, connection.info.backend_pid),
        )
