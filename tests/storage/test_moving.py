"""A board goes to another database whole, however often the move is stopped; one at most is served."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import BigInteger, Boolean, Integer, LargeBinary, String, Table, Text, insert, select

from storage import board, event_store, moving, outbox
from storage.database import Database, Transaction
from storage.failures import DatabaseInvalid
from storage.moving import MoveRefused, refuse_half_a_board
from storage.schema import migrate
from storage.sealing import KeysInvalid, Sealing
from storage.tables import Moment, metadata
from storage.verify import verify
from tests.storage.conftest import KEY
from tests.storage.made import MONDAY, case, notes, notice

ROOT = Path(__file__).parents[2]
BATCH = 3
CASES, EVENTS = 4, 5
VALUES: dict[type, Any] = {
    String: "a word",
    Text: "words",
    LargeBinary: b"\x00 sealed",
    Integer: 7,
    BigInteger: 7,
    Moment: MONDAY,
    Boolean: True,
}


@pytest.fixture
def source_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'old.db'}"


@pytest.fixture
def source(source_url: str) -> Iterator[Database]:
    """Something in every table."""
    opened = Database(source_url, Sealing([KEY]))
    migrate(opened)
    opened.write_now(fill)
    yield opened
    opened.close()


@pytest.fixture
def target(url: str) -> Iterator[Database]:
    """Empty, without a table."""
    opened = Database(url, Sealing([KEY]))
    yield opened
    opened.close()


def fill(transaction: Transaction) -> None:
    for number in range(1, CASES + 1):
        stream = case(transaction, f"HF-2026-{number:04}")
        event_store.append(transaction, stream, 1, notes(2, EVENTS))
        outbox.enqueue(transaction, stream, [notice(f"n{one}", sequence=one) for one in range(1, 4)])
    event_store.next_number(transaction, "HF-2026")
    for table in metadata.sorted_tables:
        if not transaction.connection.execute(select(table).limit(1)).all():
            transaction.connection.execute(insert(table), a_row(transaction, table))


def a_row(transaction: Transaction, table: Table) -> dict[str, Any]:
    """Any values; it belongs to the first case."""
    stream = event_store.stream_of(transaction, "HF-2026-0001")
    return {
        column.name: stream if column.foreign_keys else VALUES[type(column.type)] for column in table.columns
    }


def whole(source: Database, target: Database) -> None:
    moving.begin(source, target)
    moving.copy_rows(source, target, ignore, BATCH)


def ignore(rows: int) -> None:
    pass


def held_by(database: Database) -> dict[str, str]:
    return database.read_now(lambda reader: moving.digests(reader, ignore))


def served(database: Database) -> bool:
    try:
        database.read_now(refuse_half_a_board)
    except DatabaseInvalid:
        return False
    return True


def test_all_arrives_as_it_was_and_opens_there(source: Database, target: Database) -> None:
    whole(source, target)
    assert held_by(target) == held_by(source)
    moving.finish(source, target)
    results = target.read_now(lambda reader: list(verify(reader)))
    assert {(one.events, one.problem) for one in results} == {(EVENTS, "")}
    said = target.read_now(lambda reader: event_store.events(reader, results[0].stream_id))
    assert [entry.sequence for entry in said] == list(range(1, EVENTS + 1))


def test_what_is_written_after_it_goes_on_from_there(source: Database, target: Database) -> None:
    whole(source, target)
    moving.finish(source, target)
    numbered = [table for table in metadata.sorted_tables if table.autoincrement_column is not None]

    def work(transaction: Transaction) -> int:
        for table in numbered:
            row = a_row(transaction, table)
            del row[table.primary_key.columns[0].name]
            transaction.connection.execute(insert(table), row)
        return event_store.next_number(transaction, "HF-2026")

    assert numbered
    assert target.write_now(work) == 2


def test_neither_is_served_while_it_lasts_and_the_new_one_alone_after(
    source: Database, target: Database
) -> None:
    assert served(source)
    whole(source, target)
    assert not served(source)
    assert not served(target)
    moving.finish(source, target)
    assert not served(source)
    assert served(target)


def test_a_move_goes_on_after_a_kill_at_any_batch(
    source: Database, source_url: str, url: str, target: Database
) -> None:
    before, kills = held_by(source), 0
    while killed_after_some_batches(source_url, url, 6):
        kills += 1
        assert not served(target)
    assert kills > 2
    assert held_by(target) == before
    moving.finish(source, target)
    assert served(target)


def killed_after_some_batches(source_url: str, url: str, batches: int) -> bool:
    """Whether it had to be; else it came to its end."""
    command = [sys.executable, "-m", "tests.storage.test_moving", source_url, url, str(batches)]
    ended = subprocess.run(command, cwd=ROOT, check=False).returncode
    assert ended in {0, -signal.SIGKILL}
    return ended != 0


def move_until_killed(source_url: str, url: str, batches: str) -> None:
    left = int(batches)

    def told(rows: int) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    source, target = Database(source_url, Sealing([KEY])), Database(url, Sealing([KEY]))
    moving.begin(source, target)
    moving.copy_rows(source, target, told, BATCH)
    source.close()
    target.close()


def test_it_goes_on_after_its_last_step_was_cut_in_two(source: Database, target: Database) -> None:
    whole(source, target)
    mark = target.read_now(lambda reader: board.setting(reader, moving.UNFINISHED))
    assert mark is not None
    moving.finish(source, target)
    target.write_now(lambda transaction: board.set_setting(transaction, moving.UNFINISHED, mark))
    whole(source, target)
    moving.finish(source, target)
    assert served(target)
    assert held_by(target) == held_by(source)


def test_what_was_changed_on_the_way_is_found_in_its_table(source: Database, target: Database) -> None:
    whole(source, target)
    target.write_now(lambda transaction: event_store.next_number(transaction, "HF-2026"))
    before, after = held_by(source), held_by(target)
    assert [table for table in before if before[table] != after[table]] == ["counters"]


def test_the_key_that_an_empty_database_was_given_gives_way(source: Database, target: Database) -> None:
    migrate(target)
    whole(source, target)
    assert held_by(target) == held_by(source)


def refused(source: Database, target: Database, words: str) -> None:
    with pytest.raises(MoveRefused, match=words):
        moving.begin(source, target)


def test_another_boards_data_are_not_touched(source: Database, target: Database) -> None:
    migrate(target)
    target.write_now(lambda transaction: event_store.new_stream(transaction, "directory"))
    before = held_by(target)
    refused(source, target, "holds a board's data already")
    assert held_by(target) == before
    assert served(source)


def test_half_of_another_move_is_not_gone_on_with(source: Database, target: Database) -> None:
    whole(source, target)
    moving.give_up(source)
    assert served(source)
    refused(source, target, "half of another move")


def test_a_move_is_given_up_only_before_its_end(source: Database, target: Database) -> None:
    with pytest.raises(MoveRefused, match="no move"):
        moving.give_up(source)
    whole(source, target)
    moving.finish(source, target)
    with pytest.raises(MoveRefused, match="finished"):
        moving.give_up(source)


def test_what_was_moved_is_not_moved_again(source: Database, target: Database, tmp_path: Path) -> None:
    whole(source, target)
    moving.finish(source, target)
    refused(source, target, "moved already")


def test_a_database_of_another_schema_is_not_moved(target: Database, tmp_path: Path) -> None:
    empty = Database(f"sqlite:///{tmp_path / 'empty.db'}", Sealing([KEY]))
    refused(empty, target, "current schema")
    empty.close()


def test_keys_that_do_not_fit_are_found_before_anything_is_done(
    source: Database, source_url: str, target: Database
) -> None:
    other = Database(source_url, Sealing([bytes(32)]))
    with pytest.raises(KeysInvalid):
        moving.begin(other, target)
    other.close()
    assert served(source)


if __name__ == "__main__":
    move_until_killed(*sys.argv[1:])
