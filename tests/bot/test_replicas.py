"""Several servers on one PostgreSQL: a lane has one sender, a Tick happens once, nothing is lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import timedelta

import pytest

from bot import leases
from core.conversation import Press
from storage import escalations
from tests.bot.made import AMIRA, BEN, House, all_sent, counts, doubled, house, until
from tests.postgres import Server

Replicas = Callable[[int], list[House]]


@pytest.fixture
async def replicas(postgresql_server: Server) -> AsyncIterator[Replicas]:
    """`replicas(2)`: so many servers on one fresh database, which send through the same platforms."""
    made: list[House] = []
    url = postgresql_server.create()

    def make(count: int) -> list[House]:
        for _ in range(count):
            made.append(house(url, made[0].senders if made else None))
        return made

    yield make
    for each in made:
        await each.courier.stop()
        each.database.close()


@pytest.fixture
def short_leases(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, seconds in (("SHARED", 2.0), ("RENEWED_AFTER", 0.2), ("MARGIN", 0.3)):
        monkeypatch.setattr(leases, name, seconds)


async def test_what_one_server_decides_the_other_knows(replicas: Replicas) -> None:
    first, second = replicas(2)
    case = await first.raised("ben")
    await second.bot.press(BEN, Press("accept", case.id))
    assert [state.version for state in (first.now(case), second.now(case))] == [case.version + 1] * 2
    await asyncio.gather(*(each.note(case, "Phoned the ward") for each in (first, second) * 5))
    assert first.now(case).version == case.version + 11
    assert first.now(case) == second.now(case)


async def test_two_servers_send_each_message_once(replicas: Replicas) -> None:
    first, second = replicas(2)
    await asyncio.gather(first.courier.start(), second.courier.start())
    cases = await asyncio.gather(*(each.raised("ben") for each in (first, second) * 3))
    for case in cases:
        await second.note(case, "Phoned the ward")
    await all_sent(first)
    assert doubled(first) == []
    assert len({case.reference for case in cases}) == 6
    for case in cases:
        assert any(case.reference in words for words in first.slack.to("slack:T0001/UBEN"))


async def test_two_servers_remind_once(replicas: Replicas) -> None:
    first, second = replicas(2)
    cases = [await first.agreed_to_take_part() for _ in range(6)]
    for each in (first, second):
        each.clock.move_to(each.clock.now() + timedelta(days=4))
    before = {case.id: first.now(case).version for case in cases}
    ticked = await asyncio.gather(first.sweep.run(), second.sweep.run())
    assert sum(ticked) == 6
    assert first.database.read_now(lambda reader: escalations.due(reader, first.clock.now(), 10)) == []
    assert all(second.now(case).version > before[case.id] for case in cases)


@pytest.mark.usefixtures("short_leases")
async def test_a_server_that_dies_is_taken_over(replicas: Replicas) -> None:
    first, second = replicas(2)
    await first.courier.start()
    first.slack.held = asyncio.Event()
    await first.raised("ben")
    first.courier.wake()
    await until(lambda: counts(first)["sending"] > 0)
    dies(first)
    first.slack.held = None
    await second.courier.start()
    await all_sent(second)
    assert first.slack.to("slack:T0001/UBEN")


@pytest.mark.usefixtures("short_leases")
async def test_a_server_that_was_stopped_for_longer_sends_nothing_more_by_its_lease(
    replicas: Replicas,
) -> None:
    [first] = replicas(1)
    await first.courier.start()
    await first.raised("ben")
    await all_sent(first)
    held = first.courier.lanes
    assert held
    dies(first)
    await until(lambda: not first.courier.lanes)


def dies(house: House) -> None:
    """Nothing of what it was doing is finished, and nothing it holds is let go."""
    for task in asyncio.all_tasks():
        if task.get_coro().__qualname__.startswith("Courier."):  # type: ignore[union-attr]
            task.cancel()


async def test_a_rolling_restart_loses_nothing(replicas: Replicas) -> None:
    first, second = replicas(2)
    await first.courier.start()
    cases = [await first.raised("ben") for _ in range(3)]
    await second.courier.start()
    await first.courier.stop()
    cases += [await second.raised("ben", by=AMIRA) for _ in range(3)]
    await all_sent(second)
    assert doubled(first) == []
    for case in cases:
        assert any(case.reference in words for words in first.slack.to("slack:T0001/UBEN"))
