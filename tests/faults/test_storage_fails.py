"""The database can't write for a while: people are told so, nothing is half saved, and then it goes on."""

from __future__ import annotations

import asyncio
import random
import resource
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest

from tests.faults.board import Board, Ground
from tests.faults.checker import check
from tests.faults.doings import Crowd, notes_in_form, raises
from tests.faults.panel import Act, Point
from tests.faults.server import Server
from tests.faults.workspace import Told

TOGETHER = 8
ROOM = 3
"""Pages that are left: enough for some of what is asked for together, and not for all of it."""


@contextmanager
def full_disk(server: Server) -> Iterator[None]:
    """SQLite finds no page for what it is to write, in the middle of a group."""
    pages = server.folder / "board.db"
    server.panel.pages = pages.stat().st_size // 4096 + ROOM
    yield
    server.panel.pages = 0


@contextmanager
def failing_disk(server: Server) -> Iterator[None]:
    """The operating system refuses to make any file longer: the database's, its log's, and ours."""
    log = server.folder / "board.db-wal"
    _, hard = resource.prlimit(server.pid, resource.RLIMIT_FSIZE)
    most = log.stat().st_size + ROOM * 4096
    resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (most, hard))
    yield
    resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (hard, hard))


@contextmanager
def read_only(server: Server) -> Iterator[None]:
    server.panel.read_only = True
    yield
    server.panel.read_only = False


@pytest.mark.parametrize("trouble", [full_disk, failing_disk, read_only])
async def test_people_are_told_and_nothing_is_half_saved(
    files: Ground, trouble: Callable[[Server], AbstractContextManager[None]]
) -> None:
    chance = random.Random(20261125)
    async with files.board("one") as one:
        crowd = await _at_work(one)
        with trouble(one.server):
            for _ in range(6):
                await asyncio.gather(*_asked_together(one, crowd, chance))
            untold = [each for each in one.doings if each.told is Told.NOTHING]
            failed = [each for each in one.doings if each.told is Told.NOT_SAVED]
            assert not untold, "everybody had an answer"
            assert failed
            assert one.server.alive
        # Whoever was told so finds nothing of it there, and asks again.
        assert not check(one, settled=False).wrong
        for each in failed:
            assert await one.does(each) in {Told.DONE, Told.REFUSED}
        await one.settled()
        await one.server.stop()
        found = check(one)
    assert not found.wrong
    assert not found.doubled
    told = Counter(each.told.value for each in one.doings)
    print(f"{len(failed)} of {len(one.doings)} were told that it was not saved; in the end {dict(told)}")  # noqa: T201


async def test_a_commit_whose_answer_is_lost_counts_once(files: Ground) -> None:
    chance = random.Random(20261126)
    async with files.board("one") as one:
        crowd = await _at_work(one)
        for _ in range(12):
            one.server.panel.at_the_next(Point.AFTER_COMMIT, Act.FAIL, chance.randint(1, 6))
            await asyncio.gather(*_asked_together(one, crowd, chance))
        for each in one.doings:
            if each.told is Told.NOT_SAVED:
                await one.does(each)
        await one.settled()
        await one.server.stop()
        found = check(one, uncertain=True)
    assert not found.wrong


async def _at_work(one: Board) -> Crowd:
    """Two cases, and some notes, so that its files have a length."""
    await one.server.start()
    crowd = Crowd.of(one)
    for _ in range(2):
        await one.does(raises(one, "amira", crowd.ids["ben"]))
    [first, _] = one.states()
    await asyncio.gather(*(one.does(notes_in_form(one, "amira", first)) for _ in range(TOGETHER)))
    await one.settled()
    return crowd


def _asked_together(one: Board, crowd: Crowd, chance: random.Random) -> Iterator[asyncio.Task[Told]]:
    """In one moment, so that most of it shares a commit."""
    states = list(one.states().values())
    asked = [crowd.acts(chance, states) for _ in range(TOGETHER)]
    return map(one.begins, asked)
