"""Brings a database to the current schema, by the numbered steps in storage/migrations."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Literal

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, func, select

from storage.database import Database, Reader, Transaction
from storage.failures import DatabaseInvalid

MIGRATIONS = Path(__file__).parent / "migrations"
ONE_AT_A_TIME = 5_041_998
"""Any number that nothing else locks by."""
Standing = Literal["none", "older", "current", "newer"]
"""A database's schema, as this program sees it."""


def migrate(database: Database) -> None:
    """All steps or none; then makes the board's key where there is none, or opens the one there is.

    Raises KeysInvalid where ENCRYPTION_KEYS isn't what this database was sealed with, DatabaseInvalid where a
    newer version of the program made it, and DatabaseFailed.
    """
    database.write_now(_migrate)


def check(database: Database) -> None:
    """Raises DatabaseInvalid where `migrate` has something to do, KeysInvalid as it does, DatabaseFailed."""
    if not schema_is_current(database):
        raise DatabaseInvalid(
            "DATABASE_URL: this database hasn't the current schema. Run: python -m bot migrate"
        )
    database.read_now(lambda reader: reader.board)


def schema_is_current(database: Database) -> bool:
    """False for an older, newer or empty database."""
    return database.read_now(is_current)


def is_current(reader: Reader) -> bool:
    """Whether this program's last step is the database's last one, too."""
    return standing(reader) == "current"


def standing(reader: Reader) -> Standing:
    """`none` where nothing of Escalate is in it yet."""
    at = MigrationContext.configure(reader.connection).get_current_revision()
    if at is None:
        return "none"
    if at == newest():
        return "current"
    known = {script.revision for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions()}
    return "older" if at in known else "newer"


@cache
def newest() -> str:
    """The revision that this program is written for; read from the files once."""
    return ScriptDirectory(str(MIGRATIONS)).get_current_head() or ""


def upgrade(transaction: Transaction, to: str = "head") -> None:
    """The steps alone, up to one revision; see `migrate`."""
    config = _config(transaction.connection)
    config.attributes["transaction"] = transaction  # for steps that seal anew
    command.upgrade(config, to)


def make_tables(transaction: Transaction) -> None:
    """`migrate` without the board's key: for a database that is given the data of another.

    Raises DatabaseInvalid likewise.
    """
    if transaction.connection.dialect.name == "postgresql":  # several servers may be started at once
        transaction.connection.execute(select(func.pg_advisory_xact_lock(ONE_AT_A_TIME)))
    found = standing(transaction)
    if found == "newer":
        raise DatabaseInvalid(
            "DATABASE_URL: a newer version of Escalate made this database. Run that one, or name another."
        )
    if found != "current":
        upgrade(transaction)


def _migrate(transaction: Transaction) -> None:
    make_tables(transaction)
    transaction.make_board()
    _ = transaction.board


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config
