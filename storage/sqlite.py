"""SQLite: a file, one writer, readers beside it."""

from __future__ import annotations

import fcntl
import mmap
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event

from storage.failures import DatabaseFailed, DatabaseInvalid

WRITERS, READERS = 1, 2
BUSY_MILLISECONDS = 2_000
DRIVER_ERROR = sqlite3.Error


def open_engines(url: URL) -> tuple[Engine, Engine]:
    """The writer's and the readers'. Makes the file (readable by its owner alone) and its folder where
    missing. Raises DatabaseInvalid.
    """
    _make_file(path_of(url))
    writer = create_engine(url, pool_size=WRITERS, max_overflow=0, hide_parameters=True)
    reader = create_engine(url, pool_size=READERS, max_overflow=1, hide_parameters=True)
    event.listen(writer, "connect", _prepare_writer)
    event.listen(writer, "begin", _begin_writing)
    event.listen(reader, "connect", _prepare_reader)
    event.listen(reader, "begin", _begin_reading)
    return writer, reader


def meaning(error: BaseException) -> DatabaseFailed:
    return DatabaseFailed(f"the database failed: {error}")


@contextmanager
def held_alone(url: URL) -> Iterator[None]:
    """One server a database: a second would send again what the first is sending. Ends with the process.

    Raises DatabaseInvalid where another holds it.
    """
    path = Path(f"{path_of(url)}.lock")
    _make_file(path)
    with path.open("r+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise DatabaseInvalid(
                "DATABASE_URL: another server is running on this database. Stop it, or name another."
            ) from error
        yield


def clear_traces(url: URL, secret: bytes) -> bool:
    """See storage.engine. The write-ahead log is emptied as well."""
    path = path_of(url)
    with closing(sqlite3.connect(path)) as connection:
        _prepare_writer(connection, None)
        if not _log_emptied(connection):
            return False
        if secret and not _stands_in(path, secret):
            return True
        try:
            connection.execute("VACUUM")
        except sqlite3.OperationalError:
            return False
        return _log_emptied(connection) and not (secret and _stands_in(path, secret))


def _log_emptied(connection: sqlite3.Connection) -> bool:
    """Waits for readers, a few times as long as for writers."""
    tries = (connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone() for _ in range(5))
    return any(busy == 0 for busy, _, _ in tries)


def _stands_in(path: Path, secret: bytes) -> bool:
    for each in (path, Path(f"{path}-wal")):
        if each.exists() and each.stat().st_size:
            with each.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as whole:
                if whole.find(secret) >= 0:
                    return True
    return False


def path_of(url: URL) -> Path:
    """The file. Raises DatabaseInvalid where there is none."""
    if url.database in {None, "", ":memory:"}:
        raise DatabaseInvalid("DATABASE_URL must name a file: sqlite:///PATH")
    return Path(str(url.database))


def _make_file(path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise DatabaseInvalid(
            f"DATABASE_URL: {path} can't be opened for writing: {error.strerror}"
        ) from error


def _prepare(connection: sqlite3.Connection) -> None:
    connection.isolation_level = None  # the driver begins nothing by itself: the "begin" listeners do
    connection.execute(f"PRAGMA busy_timeout = {BUSY_MILLISECONDS}")
    connection.execute("PRAGMA foreign_keys = ON")


def _prepare_writer(connection: sqlite3.Connection, _record: Any) -> None:
    _prepare(connection)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA secure_delete = ON")  # what is deleted is zeros in the file, not just free


def _prepare_reader(connection: sqlite3.Connection, _record: Any) -> None:
    _prepare(connection)
    connection.execute("PRAGMA query_only = ON")


def _begin_writing(connection: Connection) -> None:
    connection.connection.cursor().execute("BEGIN IMMEDIATE")


def _begin_reading(connection: Connection) -> None:
    connection.connection.cursor().execute("BEGIN")
