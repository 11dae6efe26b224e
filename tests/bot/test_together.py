"""What became of messages is written together, and what fails of it fails alone."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from bot.together import Together
from storage import board
from storage.database import Database, Transaction
from storage.schema import migrate
from storage.sealing import Sealing


@pytest.fixture
def database(tmp_path: object) -> Iterator[Database]:
    opened = Database(f"sqlite:///{tmp_path}/escalate.db", Sealing([bytes(range(32))]))
    migrate(opened)
    yield opened
    opened.close()


async def keep_all(database: Database, names: list[str]) -> list[object]:
    together = Together(database.write)

    def keep(transaction: Transaction, name: str) -> None:
        board.set_setting(transaction, name, "kept")
        if name == "bad":
            raise LookupError(name)

    pieces = (together.write(lambda transaction, name=name: keep(transaction, name)) for name in names)  # type: ignore[misc]
    return list(await asyncio.gather(*pieces, return_exceptions=True))


def kept(database: Database, names: list[str]) -> list[bool]:
    return database.read_now(lambda reader: [board.setting(reader, name) == "kept" for name in names])


async def test_what_is_asked_for_at_once_is_one_piece_of_work(database: Database) -> None:
    names, before = [f"name {number}" for number in range(20)], database.statistics.pieces
    assert await keep_all(database, names) == [None] * 20
    assert kept(database, names) == [True] * 20
    assert database.statistics.pieces == before + 1


async def test_one_that_fails_undoes_itself_alone_and_is_told(database: Database) -> None:
    first, bad, last = await keep_all(database, ["a", "bad", "c"])
    assert (first, last) == (None, None)
    assert isinstance(bad, LookupError)
    assert kept(database, ["a", "bad", "c"]) == [True, False, True]
