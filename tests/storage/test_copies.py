"""A copy is of one moment, whoever writes meanwhile."""

from __future__ import annotations

from pathlib import Path

import pytest

from storage import event_store
from storage.copies import check_pages, copy_database
from storage.database import Database, Transaction
from storage.engine import file_of
from storage.failures import DatabaseFailed, DatabaseInvalid
from storage.sealing import Sealing
from storage.verify import verify
from tests.storage.conftest import KEY, on_sqlite
from tests.storage.made import case, note, notes

CASES, EVENTS = 40, 200


def filled(database: Database) -> str:
    """So much that it is copied in several steps; returns one of its streams."""

    def work(transaction: Transaction) -> str:
        made = [case(transaction, f"HF-2026-{number:04}") for number in range(CASES)]
        for stream_id in made:
            event_store.append(transaction, stream_id, 1, notes(2, EVENTS))
        return made[0]

    return database.write_now(work)


@on_sqlite
def test_what_is_written_while_it_is_copied_is_not_in_it_and_does_not_disturb_it(
    database: Database, url: str, tmp_path: Path
) -> None:
    stream_id = filled(database)
    steps: list[tuple[int, int]] = []

    def written_meanwhile(done: int, total: int) -> None:
        last = EVENTS + len(steps)
        database.write_now(
            lambda transaction: event_store.append(transaction, stream_id, last, [note(last + 1)])
        )
        steps.append((done, total))

    copied = tmp_path / "copy.db"
    copy_database(file_of(url), copied, written_meanwhile)
    assert len(steps) > 1
    assert steps[-1][0] == steps[-1][1]
    check_pages(copied)
    copy = Database(f"sqlite:///{copied}", Sealing([KEY]))
    results = copy.read_now(lambda reader: list(verify(reader)))
    copy.close()
    assert {(one.events, one.problem) for one in results} == {(EVENTS, "")}
    assert database.read_now(lambda reader: event_store.version(reader, stream_id)) == EVENTS + len(steps)


@on_sqlite
def test_the_copy_is_one_file(database: Database, url: str, tmp_path: Path) -> None:
    filled(database)
    folder = tmp_path / "copies"
    folder.mkdir()
    copy_database(file_of(url), folder / "copy.db", lambda done, total: None)
    check_pages(folder / "copy.db")
    assert [path.name for path in folder.iterdir()] == ["copy.db"]


@on_sqlite
def test_a_damaged_file_is_found_out(database: Database, url: str, tmp_path: Path) -> None:
    filled(database)
    copied = tmp_path / "copy.db"
    copy_database(file_of(url), copied, lambda done, total: None)
    whole = copied.read_bytes()
    middle = len(whole) // 2
    copied.write_bytes(whole[:middle] + bytes(8192) + whole[middle + 8192 :])
    with pytest.raises(DatabaseInvalid):
        check_pages(copied)


def test_what_is_not_there_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(DatabaseFailed):
        copy_database(tmp_path / "nowhere.db", tmp_path / "copy.db", lambda done, total: None)
    assert not (tmp_path / "nowhere.db").exists()
