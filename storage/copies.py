"""Copies of a SQLite database, also of one in use: with SQLite's own backup, on a connection of its own.

The copy is of one moment: whoever writes meanwhile goes on writing. It is one file, in no need of another
beside it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from storage.failures import DatabaseFailed, DatabaseInvalid

PAGES = 500
"""How many go at a time: about two megabytes."""
BUSY_SECONDS = 10.0


def copy_database(source: Path, into: Path, told: Callable[[int, int], None]) -> None:
    """`into`: an empty file. `told`: how many pages are copied, and of how many.

    Raises DatabaseInvalid where `source` is no SQLite database, DatabaseFailed.
    """
    try:
        with closing(_opened(source)) as old, closing(sqlite3.connect(into, isolation_level=None)) as new:
            old.execute("BEGIN")  # else each write by others would start the copy again
            old.execute("SELECT count(*) FROM sqlite_schema").fetchone()
            old.backup(new, pages=PAGES, progress=lambda _, left, total: told(total - left, total))
            new.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.OperationalError as error:
        raise DatabaseFailed(f"{source} can't be copied: {error}.") from error
    except sqlite3.DatabaseError as error:
        raise DatabaseInvalid(f"{source} is no whole SQLite database: {error}.") from error


def check_pages(path: Path) -> None:
    """Reads all of the file. Raises DatabaseInvalid where SQLite finds it damaged."""
    try:
        with closing(_opened(path)) as connection:
            [[found], *_] = connection.execute("PRAGMA integrity_check(1)").fetchall()
            loose = connection.execute("PRAGMA foreign_key_check").fetchone()
    except sqlite3.DatabaseError as error:
        raise DatabaseInvalid(f"it is no whole SQLite database: {error}") from error
    if found != "ok":
        raise DatabaseInvalid(f"it is damaged: {' '.join(str(found).split())}")
    if loose is not None:
        raise DatabaseInvalid(f"it is damaged: a row of {loose[0]} belongs to nothing")


def _opened(path: Path) -> sqlite3.Connection:
    """Makes no file where there is none. Not read-only: that would leave files beside a database at rest."""
    return sqlite3.connect(
        f"{path.resolve().as_uri()}?mode=rw", uri=True, timeout=BUSY_SECONDS, isolation_level=None
    )
