"""How a database is opened: what is asked of each kind, and which module knows it."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import URL, Engine, make_url
from sqlalchemy.exc import ArgumentError

from storage import postgresql, sqlite
from storage.failures import DatabaseInvalid, Meaning


@dataclass(frozen=True)
class Engines:
    """`writers`: how many transactions may write beside each other; with one, they share commits. `readers`
    can't write, and each transaction of theirs sees one moment.
    """

    writer: Engine
    writers: int
    reader: Engine
    readers: int
    driver_error: type[Exception]
    meaning: Meaning

    def dispose(self) -> None:
        self.reader.dispose()
        self.writer.dispose()


def open_engines(url: str) -> Engines:
    """`sqlite:///PATH`, whose file is made where missing, or `postgresql+psycopg://...`. Raises
    DatabaseInvalid. No connection is made yet.
    """
    parsed = _parsed(url)
    kind = sqlite if is_sqlite(url) else postgresql
    writer, reader = kind.open_engines(parsed)
    return Engines(writer, kind.WRITERS, reader, kind.READERS, kind.DRIVER_ERROR, kind.meaning)


def is_sqlite(url: str) -> bool:
    """Whether it lives in a file of this machine, for one server alone. Raises DatabaseInvalid."""
    return _parsed(url).get_backend_name() == "sqlite"


def file_of(url: str) -> Path:
    """Where a SQLite database lives. Raises DatabaseInvalid."""
    return sqlite.path_of(_parsed(url))


def address_for_tools(url: str) -> str:
    """A PostgreSQL database as `pg_dump` and its like are told of it, without its password."""
    return postgresql.address_for_tools(_parsed(url))


def held_alone(url: str) -> AbstractContextManager[None]:
    """Whoever serves a file holds it alone; on PostgreSQL several share. Raises DatabaseInvalid."""
    parsed = _parsed(url)
    return sqlite.held_alone(parsed) if is_sqlite(url) else postgresql.held_together(parsed)


def clear_traces(url: str, secret: bytes, table: str = "streams") -> bool:
    """After something was deleted: takes what is left of it out of the database's files.

    They are written anew where `secret` still stands in them, or always if none is given. `table`: where it
    stood. False where others were at work for too long: it is to be tried again.
    """
    parsed = _parsed(url)
    return sqlite.clear_traces(parsed, secret) if is_sqlite(url) else postgresql.clear_traces(parsed, table)


def _parsed(url: str) -> URL:
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):  # without a cause: the library's words quote the address
        raise DatabaseInvalid(f"DATABASE_URL can't be read: {ADDRESSES}") from None
    if not url.isprintable():
        raise DatabaseInvalid(f"DATABASE_URL has a character in it that no address has: {ADDRESSES}")
    if parsed.drivername not in {"sqlite", "postgresql+psycopg"}:
        raise DatabaseInvalid(f"DATABASE_URL names neither SQLite nor PostgreSQL: {ADDRESSES}")
    return parsed


ADDRESSES = "write it as sqlite:///PATH or postgresql+psycopg://USER:PASSWORD@HOST/DATABASE"
