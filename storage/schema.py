"""Brings a database to the current schema, by the numbered steps in storage/migrations."""

from __future__ import annotations

from functools import cache
from pathlib import Path

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
    return MigrationContext.configure(reader.connection).get_current_revision() == newest()


@cache
def newest() -> str:
    """The revision that this program is written for; read from the files once."""
    return ScriptDirectory(str(MIGRATIONS)).get_current_head() or ""


def upgrade(transaction: Transaction, to: str = "head") -> None:
    """The steps alone, up to one revision; see `migrate`."""
    command.upgrade(_config(transaction.connection), to)


def _migrate(transaction: Transaction) -> None:
    if transaction.connection.dialect.name == "postgresql":  # several servers may be started at once
        transaction.connection.execute(select(func.pg_advisory_xact_lock(ONE_AT_A_TIME)))
    config = _config(transaction.connection)
    _refuse_newer(transaction, config)
    if not is_current(transaction):
        upgrade(transaction)
    transaction.make_board()
    _ = transaction.board


def _refuse_newer(reader: Reader, config: Config) -> None:
    at = MigrationContext.configure(reader.connection).get_current_revision()
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if at is not None and at not in known:
        raise DatabaseInvalid(
            "DATABASE_URL: a newer version of Escalate made this database. Run that one, or name another."
        )


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config
