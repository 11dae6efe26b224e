from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text

from storage import board, event_store
from storage.database import Database, Reader, Transaction
from storage.failures import DatabaseFailed, DatabaseInvalid
from storage.schema import migrate
from storage.sealing import KeysInvalid, Sealing
from tests.storage.conftest import KEY, on_sqlite
from tests.storage.made import case, note


async def test_what_a_write_did_is_read_as_soon_as_it_returns(database: Database) -> None:
    await database.write(lambda transaction: board.set_setting(transaction, "offset", "1"))
    await database.write(lambda transaction: board.set_setting(transaction, "offset", "2"))
    assert await database.read(lambda reader: board.setting(reader, "offset")) == "2"


async def test_an_exception_rolls_everything_back_and_is_raised_to_who_asked(database: Database) -> None:
    def half(transaction: Transaction) -> None:
        case(transaction, "HF-2026-0001")
        board.set_setting(transaction, "offset", "1")
        raise LookupError("in the middle")

    with pytest.raises(LookupError, match="in the middle"):
        await database.write(half)
    assert await database.read(lambda reader: event_store.streams_of(reader, "escalation")) == []
    assert await database.read(lambda reader: board.setting(reader, "offset")) is None
    await database.write(lambda transaction: board.set_setting(transaction, "offset", "after"))
    assert await database.read(lambda reader: board.setting(reader, "offset")) == "after"


@on_sqlite
async def test_writes_run_one_at_a_time_in_the_order_asked(database: Database) -> None:
    seen: list[int] = []

    def note_down(number: int) -> Callable[[Transaction], None]:
        return lambda _: seen.append(number)

    await asyncio.gather(*(database.write(note_down(number)) for number in range(50)))
    assert seen == list(range(50))


async def test_a_reader_goes_on_beside_a_write_and_sees_what_was_committed(database: Database) -> None:
    inside, leave = threading.Event(), threading.Event()

    def slow(transaction: Transaction) -> None:
        board.set_setting(transaction, "offset", "new")
        inside.set()
        leave.wait(10)

    writing = asyncio.ensure_future(database.write(slow))
    await asyncio.to_thread(inside.wait, 10)
    assert await database.read(lambda reader: board.setting(reader, "offset")) is None
    leave.set()
    await writing
    assert await database.read(lambda reader: board.setting(reader, "offset")) == "new"


def test_a_reader_cannot_write(database: Database) -> None:
    def write(reader: Reader) -> None:
        reader.connection.execute(text("INSERT INTO settings VALUES ('a', 'b')"))

    with pytest.raises(DatabaseFailed):
        database.read_now(write)
    assert database.read_now(lambda reader: board.setting(reader, "a")) is None


def test_a_database_that_refuses_says_so_without_the_values(database: Database) -> None:
    stream_id = database.write_now(lambda transaction: case(transaction, "HF-2026-0001"))
    with pytest.raises(DatabaseFailed) as failure:
        database.write_now(lambda transaction: case(transaction, "HF-2026-0001", stage="secret-stage"))
    assert "secret-stage" not in str(failure.value) + str(failure.value.__cause__)
    assert database.read_now(lambda reader: event_store.streams_of(reader, "escalation")) == [stream_id]


@on_sqlite
def test_a_full_disk_saves_nothing_of_that_work_and_the_next_goes_on(database: Database) -> None:
    def fill(transaction: Transaction) -> None:
        pages = transaction.connection.execute(text("PRAGMA page_count")).scalar_one()
        transaction.connection.execute(text(f"PRAGMA max_page_count = {pages}"))
        board.set_setting(transaction, "offset", "x" * 200_000)

    def empty(transaction: Transaction) -> None:
        transaction.connection.execute(text("PRAGMA max_page_count = 1000000"))

    with pytest.raises(DatabaseFailed, match="full"):
        database.write_now(fill)
    database.write_now(empty)
    assert database.read_now(lambda reader: board.setting(reader, "offset")) is None
    database.write_now(lambda transaction: board.set_setting(transaction, "offset", "y"))
    assert database.read_now(lambda reader: board.setting(reader, "offset")) == "y"


def test_closing_finishes_what_was_asked_for_and_then_refuses(url: str) -> None:
    database = Database(url, Sealing([KEY]))
    migrate(database)
    database.write_now(lambda transaction: case(transaction, "HF-2026-0001"))
    database.close()
    database.close()
    with pytest.raises(DatabaseFailed, match="closed"):
        database.write_now(lambda transaction: case(transaction, "HF-2026-0002"))
    again = Database(url, Sealing([KEY]))
    found = again.read_now(lambda reader: event_store.stream_of(reader, "HF-2026-0001"))
    assert found is not None
    assert again.read_now(lambda reader: event_store.events(reader, found)) == [note(1)]
    again.close()


def test_other_keys_are_noticed_before_anything_is_sealed_with_them(url: str) -> None:
    first = Database(url, Sealing([KEY]))
    migrate(first)
    first.close()
    other = Database(url, Sealing([bytes(32)]))
    with pytest.raises(KeysInvalid, match="lacks a key"):
        migrate(other)
    other.close()
    both = Database(url, Sealing([bytes(32), KEY]))
    migrate(both)
    both.close()


@pytest.mark.parametrize("wrong", ["sqlite://", "sqlite:///:memory:", "nonsense", "mysql://a/b"])
def test_an_address_that_cannot_be_used_is_named(wrong: str) -> None:
    with pytest.raises(DatabaseInvalid, match="DATABASE_URL"):
        Database(wrong, Sealing([KEY]))


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DatabaseInvalid, match="DATABASE_URL"):
        Database(f"sqlite:///{tmp_path}/file/escalate.db", Sealing([KEY]))


@on_sqlite
def test_the_file_is_its_owners_alone(database: Database, tmp_path: Path) -> None:
    assert {path.stat().st_mode & 0o077 for path in tmp_path.glob("escalate.db*")} == {0}
