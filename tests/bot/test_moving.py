"""A board is moved to another database, and goes on there as if nothing had happened."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from bot.preparing import serving_alone
from bot.settings import Settings
from tests.bot.called import refused, run
from tests.bot.made import House, all_sent, doubled, house
from tests.postgres import Server

OLD = "sqlite:///var/escalate.db"
BEN = "slack:T0001/UBEN"


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(elsewhere: None) -> None:
    """Before all else."""


@pytest.fixture(params=["sqlite", "postgresql"])
def new(request: pytest.FixtureRequest) -> str:
    """The address of an empty database."""
    if request.param == "sqlite":
        return "sqlite:///var/new.db"
    server: Server = request.getfixturevalue("postgresql_server")
    return server.create()


def change(statement: str) -> None:
    with closing(sqlite3.connect("var/escalate.db")) as connection, connection:
        assert connection.execute(statement).rowcount > 0


async def with_reminders_waiting(url: str) -> House:
    """A board that was stopped after its reminders fell due, and before they were sent."""
    board = house(url)
    await board.courier.start()
    for _ in range(3):
        await board.raised("ben")
    await board.sent()
    await board.courier.stop()
    board.clock.move_to(board.clock.now() + timedelta(days=4))
    assert await board.sweep.run() == 3
    board.database.close()
    return board


async def test_nothing_is_lost_and_no_reminder_sent_twice(new: str) -> None:
    old = await with_reminders_waiting(OLD)
    moved = run("migrate", "--from", OLD, DATABASE_URL=new)
    assert (moved.exit_code, moved.stderr) == (0, ""), moved.output
    assert "Checked 4 records" in moved.stdout
    board = house(new, old.senders)
    board.clock.move_to(old.clock.now())
    before = len(old.slack.to(BEN))
    assert await board.sweep.run() == 0
    board.clock.move_to(board.clock.now() + timedelta(days=4))  # past any time that reminders keep free
    await board.courier.start()
    await all_sent(board)
    assert doubled(board) == []
    assert len(board.slack.to(BEN)) > before
    case = old.told[-1].state
    assert board.now(case) == case
    await board.note(case, "And the ward rang back")
    assert board.now(case).version == case.version + 1
    await board.courier.stop()
    board.database.close()


def test_the_old_one_is_served_no_more(kept: House, new: str) -> None:
    assert run("migrate", "--from", OLD, DATABASE_URL=new).exit_code == 0
    refused(run("serve", DATABASE_URL=OLD), 2, "moved to another database")
    refused(run("migrate", "--from", OLD, DATABASE_URL=new), 2, "moved already")
    refused(run("migrate", "--from", OLD, "--give-up"), 2, "finished")
    assert run("verify", DATABASE_URL=OLD).exit_code == 0
    assert run("verify", DATABASE_URL=new).exit_code == 0


def test_what_was_broken_before_is_named_and_moved_as_it_is(kept: House, new: str) -> None:
    change(
        "update events set hash = x'00' where sequence = 2 and stream_id = "
        "(select min(stream_id) from escalations)"
    )
    refused(run("migrate", "--from", OLD, DATABASE_URL=new), 1, "event 2")
    refused(run("verify", DATABASE_URL=new), 1, "event 2")


def test_a_board_that_is_served_is_not_moved(kept: House, new: str) -> None:
    with serving_alone(Settings(_env_file=None, database_url=OLD)):
        refused(run("migrate", "--from", OLD, DATABASE_URL=new), 2, "--from", "another server is running")


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("sqlite:///var/nowhere.db", "no database at"),
        ("postgresql+psycopg://x@127.0.0.1/x", "moved from SQLite"),
        ("nonsense", "can't be read"),
        ("sqlite:///var/none.db", "current schema"),
    ],
)
def test_what_cannot_be_moved_is_named(source: str, said: str) -> None:
    Path("var").mkdir()
    Path("var/none.db").touch()
    refused(run("migrate", "--from", source, DATABASE_URL="sqlite:///var/new.db"), 2, "--from", said)


def test_keys_that_do_not_fit_are_refused(kept: House, new: str) -> None:
    keys = "A" * 43 + "="
    refused(run("migrate", "--from", OLD, DATABASE_URL=new, ENCRYPTION_KEYS=keys), 2, "ENCRYPTION_KEYS")
    refused(run("migrate", "--from", OLD, DATABASE_URL=new, ENCRYPTION_KEYS=""), 2, "ENCRYPTION_KEYS")
    assert run("migrate", DATABASE_URL=OLD).exit_code == 0


def test_another_boards_database_is_refused(kept: House) -> None:
    house("sqlite:///var/other.db").database.close()
    into = {"DATABASE_URL": "sqlite:///var/other.db"}
    refused(run("migrate", "--from", OLD, **into), 2, "DATABASE_URL", "already")
    refused(run("migrate", "--from", OLD, DATABASE_URL=OLD), 2, "DATABASE_URL")
    assert run("migrate", DATABASE_URL=OLD).exit_code == 0


def test_giving_up_needs_to_know_what() -> None:
    refused(run("migrate", "--give-up"), 2, "--from")
