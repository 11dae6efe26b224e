"""A copy of the database that can be relied on, and the way back, which overwrites nothing."""

from __future__ import annotations

import json
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest

from bot.preparing import serving_alone
from bot.settings import Settings
from storage import schema
from storage.database import Database, Transaction
from storage.sealing import Sealing
from tests.bot.called import refused, run
from tests.bot.made import KEY, House, house
from tests.storage.released import FOLDER, load

NEW = "sqlite:///var/new.db"
MAIN = Path("var/escalate.db")


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(elsewhere: None) -> None:
    """Before all else."""


@pytest.fixture
def copy(kept: House) -> Path:
    made = run("backup", "copy.db")
    assert made.exit_code == 0, made.output
    assert "Checked 3 records" in made.stdout
    return Path("copy.db")


def change(file: Path, statement: str) -> None:
    with closing(sqlite3.connect(file)) as connection, connection:
        assert connection.execute(statement).rowcount > 0


def made_nothing() -> bool:
    return not Path("var/new.db").exists() and not list(Path("var").glob("*.part*"))


async def test_what_is_restored_goes_on_where_the_copy_was_made(copy: Path, kept: House) -> None:
    assert run("restore", str(copy), DATABASE_URL=NEW).exit_code == 0
    again = house(NEW)
    before = kept.told[-1].state
    assert again.now(before) == before
    await again.note(before, "And the ward rang back")
    assert again.now(before).version == before.version + 1
    again.database.close()
    assert run("verify", DATABASE_URL=NEW).exit_code == 0


async def test_a_board_in_use_is_copied(tmp_path: Path) -> None:
    board = house(f"sqlite:///{tmp_path}/var/escalate.db")
    await board.raised("ben")
    with serving_alone(Settings(_env_file=None, database_url="sqlite:///var/escalate.db")):
        assert "Checked 2 records" in run("backup", "copy.db").stdout
    await board.raised("ben")
    board.database.close()
    assert "Checked 2 records" in run("restore", "copy.db", DATABASE_URL=NEW).stdout


def test_a_copy_by_an_older_version_is_restored_and_brought_up_to_date() -> None:
    release = min(FOLDER.glob("*.json"))
    Path("var").mkdir()
    old = Database("sqlite:///var/escalate.db", Sealing([KEY]))

    def work(transaction: Transaction) -> None:
        schema.upgrade(transaction, release.stem)
        load(transaction, json.loads(release.read_text()))

    old.write_now(work)
    old.close()
    assert run("backup", "copy.db").exit_code == 0
    assert run("restore", "copy.db", DATABASE_URL=NEW).exit_code == 0
    refused(run("verify", DATABASE_URL=NEW), 2, "python -m bot migrate")
    assert run("migrate", DATABASE_URL=NEW).exit_code == 0
    assert run("verify", DATABASE_URL=NEW).exit_code == 0


def test_a_copy_is_for_its_owner_alone_and_needs_no_keys_to_be_made(kept: House) -> None:
    assert run("backup", "copy.db", ENCRYPTION_KEYS="").exit_code == 0
    assert stat.S_IMODE(Path("copy.db").stat().st_mode) == 0o600
    assert sorted(path.name for path in Path().iterdir()) == ["copy.db", "var"]


def test_a_copy_overwrites_nothing(copy: Path) -> None:
    before = copy.read_bytes()
    refused(run("backup", str(copy)), 2, str(copy), "exists")
    assert copy.read_bytes() == before


def test_a_copy_of_a_broken_record_is_kept_and_says_so(kept: House) -> None:
    change(MAIN, "update events set hash = x'00' where sequence = 2")
    refused(run("backup", "copy.db"), 1, "event 2", lines=3)
    assert Path("copy.db").exists()


def test_where_there_is_nothing_to_copy_nothing_is_made() -> None:
    refused(run("backup", "copy.db"), 2, "DATABASE_URL", "no database")
    assert list(Path().iterdir()) == []


def test_a_place_that_is_not_there_is_named(kept: House) -> None:
    refused(run("backup", "nowhere/copy.db"), 2, "nowhere/copy.db")


@pytest.mark.parametrize("name", ["escalate.db", "escalate.db-wal", "escalate.db-journal"])
def test_a_database_is_not_overwritten(copy: Path, name: str) -> None:
    if name != MAIN.name:
        MAIN.unlink()
    file = MAIN.parent / name
    file.touch()
    before = file.read_bytes()
    refused(run("restore", str(copy)), 2, name, "not overwritten")
    assert file.read_bytes() == before


def test_nothing_is_restored_where_a_server_runs(copy: Path) -> None:
    with serving_alone(Settings(_env_file=None, database_url=NEW)):
        refused(run("restore", str(copy), DATABASE_URL=NEW), 2, "another server is running")
    assert made_nothing()


@pytest.mark.parametrize("what", ["nothing", "words", "empty", "cut", "another's", "newer"])
def test_what_is_no_whole_database_of_escalates_is_refused(copy: Path, what: str) -> None:
    if what == "nothing":
        copy.unlink()
    elif what == "words":
        copy.write_text("These are words. " * 1000)
    elif what == "empty":
        copy.write_bytes(b"")
    elif what == "cut":
        copy.write_bytes(copy.read_bytes()[:-8192])
    elif what == "another's":
        copy.unlink()
        with closing(sqlite3.connect(copy)) as connection:
            connection.execute("create table recipes (name text)")
    else:
        change(copy, "update alembic_version set version_num = '9999'")
    refused(run("restore", str(copy), DATABASE_URL=NEW), 2, str(copy))
    assert made_nothing()


def test_a_broken_record_is_not_restored(copy: Path) -> None:
    change(copy, "delete from events where sequence = 2")
    refused(run("restore", str(copy), DATABASE_URL=NEW), 1, "event 2 is missing", "Nothing was made", lines=4)
    assert made_nothing()


def test_for_postgresql_its_own_tools_are_named_without_the_password() -> None:
    url = "postgresql+psycopg://board:hush@db.example.org:5433/escalate"
    for command in ("backup", "restore"):
        result = run(command, "copy.dump", DATABASE_URL=url)
        refused(result, 2, f"pg_{'dump' if command == 'backup' else 'restore'} ", "copy.dump")
        assert "postgresql://board@db.example.org:5433/escalate" in result.stderr
        assert "hush" not in result.output
