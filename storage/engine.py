"""How the database is opened. The one module that knows it is SQLite."""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError

READERS = 2
BUSY_MILLISECONDS = 2_000


class DatabaseInvalid(Exception):
    """`DATABASE_URL` doesn't name a database that can be used. The message says what to change."""


@dataclass(frozen=True)
class Engines:
    """`writer` has one connection, and each transaction locks from its start; `readers` can't write."""

    writer: Engine
    readers: Engine
    driver_error: type[Exception] = sqlite3.Error

    def dispose(self) -> None:
        self.readers.dispose()
        self.writer.dispose()


def open_engines(url: str) -> Engines:
    """Opens `sqlite:///PATH`, making the file (readable by its owner alone) and its folder where missing.

    Raises DatabaseInvalid.
    """
    parsed = _checked(url)
    _make_file(Path(parsed.database or ""))
    writer = create_engine(parsed, pool_size=1, max_overflow=0, hide_parameters=True)
    readers = create_engine(parsed, pool_size=READERS, max_overflow=1, hide_parameters=True)
    event.listen(writer, "connect", _prepare_writer)
    event.listen(writer, "begin", _begin_writing)
    event.listen(readers, "connect", _prepare_reader)
    event.listen(readers, "begin", _begin_reading)
    return Engines(writer, readers)


@contextmanager
def held_alone(url: str) -> Iterator[None]:
    """One server a database: a second would send again what the first is sending. Ends with the process.

    Raises DatabaseInvalid where another holds it.
    """
    path = Path(f"{_checked(url).database}.lock")
    _make_file(path)
    with path.open("r+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise DatabaseInvalid(
                "DATABASE_URL: another server is running on this database. Stop it, or name another."
            ) from error
        yield


def _checked(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise DatabaseInvalid("DATABASE_URL can't be read: write it as sqlite:///PATH") from error
    if parsed.get_backend_name() != "sqlite" or parsed.database in {None, "", ":memory:"}:
        raise DatabaseInvalid("DATABASE_URL must name a file: sqlite:///PATH")
    return parsed


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


def _prepare_reader(connection: sqlite3.Connection, _record: Any) -> None:
    _prepare(connection)
    connection.execute("PRAGMA query_only = ON")


def _begin_writing(connection: Connection) -> None:
    connection.connection.cursor().execute("BEGIN IMMEDIATE")


def _begin_reading(connection: Connection) -> None:
    connection.connection.cursor().execute("BEGIN")
