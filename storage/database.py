"""The database: work that writes goes through a writer, work that reads runs beside it.

Work is a function that is given a Transaction (or a Reader) and runs off the event loop. It keeps nothing of
what it was given, and may be run again from its top (a lost race, a group whose commit failed): it changes
nothing but the database. What is to be remembered once it is committed goes through `after_commit`.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlalchemy import Connection, bindparam, insert, select
from sqlalchemy.sql.dml import Insert, Update

from storage.engine import open_engines
from storage.failures import ConnectionLost, DatabaseFailed, translated
from storage.jobs import Job
from storage.prepared import Prepared
from storage.sealing import Key, Sealing, Wrapped
from storage.tables import streams
from storage.writers import GroupingWriter, PooledWriter, Statistics

T = TypeVar("T")
BOARD = "board"
"""The stream without events: its key seals what belongs to no case (drafts, answers, places)."""

KEY_OF = Prepared(
    select(streams.c.wrapped_key, streams.c.key_id).where(streams.c.stream_id == bindparam("stream"))
)
NEW_STREAM = insert(streams)


class StreamUnknown(Exception):
    """There is no such stream, or its key was destroyed."""


class StreamDestroyed(StreamUnknown):
    """Its key was destroyed: what it says can't be read by anybody any more."""


@dataclass(frozen=True, slots=True)
class Reader:
    """One consistent view of the database."""

    connection: Connection
    sealing: Sealing

    def key(self, stream_id: str) -> Key:
        """As the database has it in this view: a key that was destroyed is never served from memory.

        Raises StreamUnknown, StreamDestroyed, KeysInvalid, SealBroken.
        """
        row = KEY_OF.row(self.connection, {"stream": stream_id})
        if row is None:
            raise StreamUnknown(f"there is no key for stream {stream_id}")
        return self.unwrapped(stream_id, *row)

    def unwrapped(self, stream_id: str, secret: bytes | None, key_id: str) -> Key:
        """`key`, for who has read the stream's row already."""
        if secret is None:
            self.sealing.forget(stream_id)
            raise StreamDestroyed(f"the key of stream {stream_id} was destroyed")
        return self.sealing.key(stream_id, Wrapped(secret, key_id))

    def is_destroyed(self, stream_id: str) -> bool:
        """Whether a stream was here, and its key no longer is."""
        if not stream_id:
            return False
        row = KEY_OF.row(self.connection, {"stream": stream_id})
        return row is not None and row[0] is None

    @property
    def board(self) -> Key:
        """It is never destroyed, so it needn't be looked up each time."""
        return self.sealing.kept(BOARD) or self.key(BOARD)

    def key_for(self, stream_id: str) -> Key:
        """What belongs to a case is sealed with its key; what belongs to none ("") with the board's."""
        return self.key(stream_id) if stream_id else self.board

    def after_commit(self, do: Callable[[], object]) -> None:
        """What was read here is committed: `do` is done at once. In a Transaction it waits for the COMMIT."""
        do()


@dataclass(frozen=True, slots=True)
class Transaction(Reader):
    """All of it is saved, or nothing."""

    _after: list[Callable[[], object]] = field(default_factory=list)

    def after_commit(self, do: Callable[[], object]) -> None:
        """Once it is saved, and before whoever asked hears of it; never, where it isn't. `do` is short and
        doesn't raise.
        """
        self._after.append(do)

    def committed(self) -> None:
        for do in self._after:
            do()

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
        if KEY_OF.row(self.connection, {"stream": BOARD}) is None:
            self.make_stream(BOARD, BOARD)


class Database:
    """Opened once a process; closed at its end."""

    def __init__(self, url: str, sealing: Sealing) -> None:
        """`url`: see storage.engine. Touches no table: see storage.schema. Raises DatabaseInvalid."""
        self.statistics = Statistics()
        self._sealing = sealing
        self._engines = open_engines(url)
        self._closing = threading.Lock()
        self._closed = False
        self._readers = ThreadPoolExecutor(self._engines.readers, thread_name_prefix="database-reader")
        writer = GroupingWriter if self._engines.writers == 1 else PooledWriter
        self._writer = writer(self._engines, self._begin, self.statistics)

    async def write(self, work: Callable[[Transaction], T]) -> T:
        """Runs `work` in one transaction. Returns once its COMMIT has returned.

        What `work` raises rolls its changes back and is raised here; DatabaseFailed where the database can't,
        OutcomeUnknown where nobody can tell.
        """
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._ask(Job(work, future))
        return await future

    async def read(self, work: Callable[[Reader], T]) -> T:
        """Runs `work` beside the writer, on what was committed when it began. Raises likewise."""
        return await asyncio.wrap_future(self._readers.submit(self.read_now, work))

    def write_now(self, work: Callable[[Transaction], T]) -> T:
        """`write`, for where no event loop runs."""
        future: Future[T] = Future()
        self._ask(Job(work, future))
        return future.result()

    def read_now(self, work: Callable[[Reader], T]) -> T:
        """`read`, on the thread that calls."""
        try:
            return self._read_once(work)
        except ConnectionLost:  # the pool's connection had died; a new one is made, if the database is there
            return self._read_once(work)

    def close(self) -> None:
        """Finishes what was asked for, then closes. Closing twice is fine."""
        with self._closing:
            if self._closed:
                return
            self._closed = True
        self._writer.close()
        self._readers.shutdown()
        self._engines.dispose()

    def _ask(self, job: Job) -> None:
        with self._closing:
            if self._closed:
                raise DatabaseFailed("the database is closed")
            self._writer.ask(job)

    def _begin(self, connection: Connection) -> Transaction:
        return Transaction(connection, self._sealing)

    def _read_once(self, work: Callable[[Reader], T]) -> T:
        with (
            translated(self._engines.driver_error, self._engines.meaning),
            self._engines.reader.begin() as connection,
        ):
            return work(Reader(connection, self._sealing))
