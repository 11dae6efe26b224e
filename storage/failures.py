"""What can go wrong with a database, in the words of those who use it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError


class DatabaseInvalid(Exception):
    """`DATABASE_URL` doesn't name a database that can be used. The message says what to change."""


class DatabaseFailed(Exception):
    """The database couldn't do it (full, locked, closed, gone): nothing of this piece of work was saved."""


class ConnectionLost(DatabaseFailed):
    """The database went away."""


class OutcomeUnknown(ConnectionLost):
    """The database went away while it committed, and couldn't be asked again: it may be saved, or not."""


class Conflict(DatabaseFailed):
    """Somebody else was faster: the work is to be run again from its top."""


Meaning = Callable[[BaseException], DatabaseFailed]
"""What an error of the driver's is: DatabaseFailed, ConnectionLost or Conflict."""


@contextmanager
def translated(driver_error: type[Exception], meaning: Meaning) -> Iterator[None]:
    """SQLAlchemy's errors, and the driver's own from a `Prepared`.

    Theirs aren't handed on: PostgreSQL quotes in its details what was to be written.
    """
    try:
        yield
    except DBAPIError as error:
        raise meaning(error.orig or error) from None
    except driver_error as error:
        raise meaning(error) from None
