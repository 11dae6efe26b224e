"""PostgreSQL: several servers of this program on one database, several writers in each."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

import psycopg
from psycopg import errors
from sqlalchemy import URL, Engine, create_engine
from sqlalchemy.exc import DBAPIError

from storage.failures import Conflict, ConnectionLost, DatabaseFailed, DatabaseInvalid

WRITERS, READERS = 6, 4
DRIVER_ERROR = psycopg.Error
RACES = (errors.SerializationFailure, errors.DeadlockDetected, errors.UniqueViolation)
"""Another transaction was faster. What was to be unique was looked up first, so it came in between."""
GONE = frozenset({"57P01", "57P02", "57P03", "57P05"})
"""What the server says before it goes; what the connection says begins with 08."""
VACUUM = {"streams": "VACUUM FULL streams", "events": "VACUUM events"}
PATIENCE = {
    "connect_timeout": 3,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
    "options": "-c statement_timeout=60s -c lock_timeout=5s -c idle_in_transaction_session_timeout=60s"
    " -c synchronous_commit=on -c timezone=UTC",
}
"""Nobody waits for ever for a server that is gone, and no transaction of one that died holds others up."""


def open_engines(url: URL) -> tuple[Engine, Engine]:
    """The writers' and the readers'. Raises DatabaseInvalid."""
    if not url.database:
        raise DatabaseInvalid(
            "DATABASE_URL must name a database: postgresql+psycopg://USER:PASSWORD@HOST/DATABASE"
        )
    shared = {"connect_args": PATIENCE, "hide_parameters": True, "max_overflow": 0, "pool_timeout": 10}
    writer = create_engine(url, pool_size=WRITERS, isolation_level="READ COMMITTED", **shared)
    reader = create_engine(url, pool_size=READERS, isolation_level="REPEATABLE READ", **shared)
    return writer, reader.execution_options(postgresql_readonly=True)


def meaning(error: BaseException) -> DatabaseFailed:
    state = getattr(error, "sqlstate", None)
    if state is None:  # the driver's own words: it can't be reached
        kind = ConnectionLost if isinstance(error, psycopg.OperationalError) else DatabaseFailed
        return kind(f"the database failed: {' '.join(str(error).split())}")
    words = f"the database failed: {type(error).__name__} ({state})"
    if isinstance(error, RACES):
        return Conflict(words)
    return ConnectionLost(words) if state in GONE or state.startswith("08") else DatabaseFailed(words)


def held_together(url: URL) -> AbstractContextManager[None]:
    """Nothing to hold: what only one may do at a time is leased in the database."""
    return nullcontext()


def address_for_tools(url: URL) -> str:
    """Without a password: tools ask for it, or find it in ~/.pgpass."""
    plain = URL.create("postgresql", url.username, None, url.host, url.port, url.database, url.query)
    return plain.render_as_string()


def clear_traces(url: URL, table: str) -> bool:
    """See storage.engine. PostgreSQL's own log, and an archive of it, still hold what was there.

    The table of all events is too large to be written anew while people wait: what stood there is overwritten
    in time, or at once by VACUUM FULL at a quiet hour.
    """
    engine = create_engine(url, isolation_level="AUTOCOMMIT", connect_args=PATIENCE, hide_parameters=True)
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql(VACUUM[table])
    except DBAPIError:
        return False
    finally:
        engine.dispose()
    return True
