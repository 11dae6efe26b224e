"""One journey, killed at its first COMMIT, then at its second, to the last of them; so with its messages."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from storage import event_store
from tests.faults.board import Board, Ground
from tests.faults.checker import Found, check
from tests.faults.doings import Crowd, accepts, agrees, notes, proposes, raises, views
from tests.faults.panel import Act, Point
from tests.faults.workspace import Told
from tests.soak import times

POINTS = (Point.BEFORE_COMMIT, Point.AFTER_COMMIT, Point.BEFORE_SEND, Point.AFTER_SEND)
BESIDE = 2


@pytest.mark.soak
async def test_killed_at_every_point_of_a_journey_nothing_is_lost(files: Ground) -> None:
    async with files.board("counted") as one:
        await one.server.start()
        await _journey(one)
        await one.server.stop()
        counted = {point: one.server.panel.count(point) for point in POINTS}
    every = [(point, number) for point in POINTS for number in range(1, counted[point] + 1)]
    some = every[:: times(max(1, len(every) // 16), 1)]
    found: list[Found] = []
    hands = [iter(some)] * BESIDE
    await asyncio.gather(*(_killed_at(files, hand, found) for hand in hands))
    print(f"{len(some)} of {len(every)} points; {sum(each.doubled for each in found)} messages twice")  # noqa: T201
    assert [each.wrong for each in found if each.wrong] == []
    assert len(found) == len(some)


async def _killed_at(files: Ground, points: Iterator[tuple[Point, int]], found: list[Found]) -> None:
    for point, number in points:
        async with files.board(f"{point.name} {number}") as one:
            one.server.new_life().at_the_next(point, Act.KILL, number)
            await one.server.begin()
            journey, revived = asyncio.create_task(_journey(one)), asyncio.create_task(_revived(one))
            await asyncio.wait({journey, revived}, return_when=asyncio.FIRST_COMPLETED)
            revived.cancel()
            if not journey.done():
                revived.result()
            await journey
            await one.server.stop()
            found.append(check(one))


async def _revived(one: Board) -> None:
    """Whoever runs it starts it again when it died."""
    while await one.server.gone_within(60):
        await one.server.start()


async def _journey(one: Board) -> None:
    """From raising to an agreed outcome, and all of it told."""
    crowd = Crowd.of(one)
    ben = crowd.ids["ben"]
    assert await one.does(raises(one, "amira", ben)) is Told.DONE
    [state] = one.states().values()
    case, reference = state.id, state.reference
    await one.does(accepts(one, "ben", case, ben))
    together = [notes(one, "amira", case, reference), views(one, "ben", case), views(one, "amira", case)]
    await asyncio.gather(*(one.does(each) for each in together))
    await one.does(proposes(one, "amira", case))
    [state] = one.states().values()
    assert state.proposal is not None
    await one.does(agrees(one, "ben", case, state.proposal.id, ben))
    await one.settled()
    assert len(one.read(lambda reader: event_store.streams_of(reader, "escalation"))) == 1
