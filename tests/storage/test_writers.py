"""How pieces of work share commits, and what each of them is told when something goes wrong."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable

import pytest
from sqlalchemy import text

from storage import board, event_store
from storage.database import Database, Transaction
from storage.failures import Conflict, DatabaseFailed
from tests.storage.conftest import on_sqlite
from tests.storage.made import case, note

Work = Callable[[Transaction], object]


async def together(database: Database, *pieces: Work) -> list[object]:
    """All asked for while the writer is busy, so that they are one group; the results, or what was raised."""
    inside, leave = threading.Event(), threading.Event()

    def hold(_: Transaction) -> None:
        inside.set()
        leave.wait(10)

    holding = asyncio.ensure_future(database.write(hold))
    await asyncio.to_thread(inside.wait, 10)
    asked = [asyncio.ensure_future(database.write(piece)) for piece in pieces]
    await asyncio.sleep(0)
    leave.set()
    await holding
    return await asyncio.gather(*asked, return_exceptions=True)


def keep(name: str, value: str = "kept") -> Work:
    return lambda transaction: board.set_setting(transaction, name, value)


def kept(database: Database, *names: str) -> list[str | None]:
    return database.read_now(lambda reader: [board.setting(reader, name) for name in names])


@on_sqlite
async def test_what_is_asked_for_at_once_shares_one_commit(database: Database) -> None:
    before = database.statistics.commits
    names = [f"name {number}" for number in range(32)]
    assert await together(database, *(keep(name) for name in names)) == [None] * 32
    assert database.statistics.commits - before == 2
    assert kept(database, *names) == ["kept"] * 32


@on_sqlite
async def test_a_refusal_in_a_group_undoes_its_own_changes_alone(database: Database) -> None:
    def refuse(transaction: Transaction) -> None:
        keep("b")(transaction)
        raise LookupError("no")

    first, second, third = await together(database, keep("a"), refuse, keep("c"))
    assert (first, third) == (None, None)
    assert isinstance(second, LookupError)
    assert kept(database, "a", "b", "c") == ["kept", None, "kept"]


@on_sqlite
async def test_a_full_disk_in_a_group_costs_nobody_else_their_work(database: Database) -> None:
    def limit(transaction: Transaction) -> None:
        pages = transaction.connection.execute(text("PRAGMA page_count")).scalar_one()
        transaction.connection.execute(text(f"PRAGMA max_page_count = {pages + 2}"))

    await database.write(limit)
    told: list[str] = []

    def remembering(transaction: Transaction) -> None:
        keep("a")(transaction)
        transaction.after_commit(lambda: told.append("a is kept"))

    first, second, third = await together(database, remembering, keep("b", "x" * 200_000), keep("c"))
    assert (first, third) == (None, None)
    assert isinstance(second, DatabaseFailed)
    assert kept(database, "a", "b", "c") == ["kept", None, "kept"]
    assert told == ["a is kept"]


async def test_what_waits_for_the_commit_is_done_after_it_and_never_without(database: Database) -> None:
    seen: list[object] = []

    def good(transaction: Transaction) -> None:
        keep("a", "good")(transaction)
        transaction.after_commit(lambda: seen.append(kept(database, "a")))

    def bad(transaction: Transaction) -> None:
        transaction.after_commit(lambda: seen.append("bad"))
        raise LookupError

    await together(database, good, bad)
    assert seen == [["good"]]


async def test_of_many_who_add_to_one_record_at_once_each_is_added_once(database: Database) -> None:
    stream_id = await database.write(lambda transaction: case(transaction, "HF-2026-0001"))

    def add(transaction: Transaction) -> int:
        version = event_store.held_version(transaction, stream_id)
        event_store.append(transaction, stream_id, version, [note(version + 1)])
        return version + 1

    numbers = await asyncio.gather(*(database.write(add) for _ in range(24)))
    assert sorted(numbers) == list(range(2, 26))
    events = await database.read(lambda reader: event_store.events(reader, stream_id))
    assert [event.sequence for event in events] == list(range(1, 26))


async def test_whoever_loses_every_race_is_told_that_nothing_was_saved(database: Database) -> None:
    def lose(transaction: Transaction) -> None:
        keep("a")(transaction)
        raise Conflict("again")

    with pytest.raises(Conflict):
        await database.write(lose)
    assert kept(database, "a") == [None]
