"""The database: one thread writes, one transaction at a time; a few read beside it.

Work is a function that is given a Transaction (or a Reader) and runs off the event loop. It keeps nothing of
what it was given.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Any, TypeVar

from sqlalchemy import Connection, bindparam, insert, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.dml import Insert, Update

from storage.engine import READERS, open_engines
from storage.sealing import Key, Sealing, Wrapped
from storage.tables import streams

T = TypeVar("T")
BOARD = "board"
"""The stream without events: its key seals what belongs to no case (drafts, answers, places)."""

KEY_OF = select(streams.c.wrapped_key, streams.c.key_id).where(streams.c.stream_id == bindparam("stream"))
NEW_STREAM = insert(streams)


class DatabaseFailed(Exception):
    """The database couldn't do it (full, locked, closed, gone): nothing of this piece of work was saved."""


class StreamUnknown(Exception):
    """There is no such stream, or its key was destroyed."""


@dataclass(frozen=True, slots=True)
class Reader:
    """One consistent view of the database."""

    connection: Connection
    sealing: Sealing

    def key(self, stream_id: str) -> Key:
        """Raises StreamUnknown, KeysInvalid."""
        return self.sealing.key(stream_id, lambda: self._wrapped(stream_id))

    @property
    def board(self) -> Key:
        return self.key(BOARD)

    def _wrapped(self, stream_id: str) -> Wrapped:
        row = self.connection.execute(KEY_OF, {"stream": stream_id}).one_or_none()
        if row is None or row.wrapped_key is None:
            raise StreamUnknown(f"there is no key for stream {stream_id}")
        return Wrapped(row.wrapped_key, row.key_id)


@dataclass(frozen=True, slots=True)
class Transaction(Reader):
    """All of it is saved, or nothing."""

    def put(self, update: Update, insertion: Insert, values: dict[str, Any]) -> None:
        """Updates the row, or inserts it where there is none. Parameters are the same for both."""
        if self.connection.execute(update, values).rowcount == 0:
            self.connection.execute(insertion, values)

    def make_stream(self, stream_id: str, kind: str) -> None:
        """A new empty stream with a key of its own."""
        wrapped = self.sealing.make(stream_id)
        row = {"stream_id": stream_id, "kind": kind, "wrapped_key": wrapped.secret, "key_id": wrapped.key_id}
        self.connection.execute(NEW_STREAM, {**row, "version": 0, "head": b""})

    def make_board(self) -> None:
        """The board's own key, where it isn't there yet."""
        if self.connection.execute(KEY_OF, {"stream": BOARD}).one_or_none() is None:
            self.make_stream(BOARD, BOARD)


class Database:
    """Opened once a process; closed at its end."""

    def __init__(self, url: str, sealing: Sealing) -> None:
        """`url`: "sqlite:///PATH". Touches no table: see storage.schema. Raises DatabaseInvalid."""
        self._sealing = sealing
        self._engines = open_engines(url)
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._closing = threading.Lock()
        self._closed = False
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="database-reader")
        self._writer = threading.Thread(target=self._write_all, name="database-writer", daemon=True)
        self._writer.start()

    async def write(self, work: Callable[[Transaction], T]) -> T:
        """Runs `work` in one transaction, after those asked for before. Returns once its COMMIT has returned.

        What `work` raises rolls everything back and is raised here; DatabaseFailed where the database can't.
        """
        return await asyncio.wrap_future(self._ask(work))

    async def read(self, work: Callable[[Reader], T]) -> T:
        """Runs `work` beside the writer, on what was committed when it began. Raises likewise."""
        return await asyncio.wrap_future(self._readers.submit(self.read_now, work))

    def write_now(self, work: Callable[[Transaction], T]) -> T:
        """`write`, for where no event loop runs."""
        return self._ask(work).result()

    def read_now(self, work: Callable[[Reader], T]) -> T:
        """`read`, on the thread that calls."""
        with self._failures(), self._engines.readers.begin() as connection:
            return work(Reader(connection, self._sealing))

    def close(self) -> None:
        """Finishes what was asked for, then closes. Closing twice is fine."""
        with self._closing:
            if self._closed:
                return
            self._closed = True
            self._jobs.put(None)
        self._writer.join()
        self._readers.shutdown()
        self._engines.dispose()

    def _ask(self, work: Callable[[Transaction], T]) -> Future[T]:
        future: Future[T] = Future()
        with self._closing:
            if self._closed:
                raise DatabaseFailed("the database is closed")
            self._jobs.put(_Job(work, future))
        return future

    def _write_all(self) -> None:
        """The writer keeps its connection: asking the pool each time costs as much as a few statements."""
        kept = None
        while (job := self._jobs.get()) is not None:
            if job.future.set_running_or_notify_cancel():
                kept = self._write_one(job, kept)
        if kept is not None:
            kept.close()

    def _write_one(self, job: _Job, kept: Connection | None) -> Connection | None:
        """The connection to go on with; none after a failure, for the pool knows what is left of it."""
        connection = kept
        try:
            with self._failures():
                connection = kept or self._engines.writer.connect()
                with connection.begin():
                    result = job.work(Transaction(connection, self._sealing))
        except BaseException as error:  # it belongs to the one who asked, and the writer goes on
            if connection is not None:
                connection.close()
            job.future.set_exception(error)
            return None
        job.future.set_result(result)
        return connection

    @contextmanager
    def _failures(self) -> Iterator[None]:
        """SQLAlchemy's errors, and the driver's own from a `Prepared`."""
        try:
            yield
        except DBAPIError as error:
            raise DatabaseFailed(f"the database failed: {error.orig}") from error
        except self._engines.driver_error as error:
            raise DatabaseFailed(f"the database failed: {error}") from error


@dataclass(frozen=True, slots=True)
class _Job:
    work: Callable[[Transaction], Any]
    future: Future[Any]
