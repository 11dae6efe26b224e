"""How pieces of work get into the database: one after another with shared commits, or several at a time.

Work is a function of a transaction. Whoever asked hears its result, or what it raised, once the COMMIT has
returned. It may be run again from its top: it changes nothing but the database.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any

from sqlalchemy import Connection

from storage.engine import Engines
from storage.failures import Conflict, ConnectionLost, DatabaseFailed, OutcomeUnknown, translated
from storage.jobs import Begun, Job, Outcome, settle

LARGEST_GROUP = 64
TRIES = 20
"""Of one piece among several writers of the same record, each of which loses to one of the others."""


Begin = Callable[[Connection], Begun]


@dataclass
class Statistics:
    """Since the program began: how many commits, and how many pieces of work they held."""

    commits: int = 0
    pieces: int = 0


class GroupingWriter:
    """One thread, one connection. What was asked for while a group was being written is the next group: a
    savepoint for each piece, one commit for all.

    A piece that raises is rolled back to its savepoint. Where the database itself fails, all of the group
    is rolled back (a full disk takes savepoints with it), and each piece is tried once more alone.
    """

    def __init__(self, engines: Engines, begin: Begin, statistics: Statistics) -> None:
        self._engines = engines
        self._begin = begin
        self._statistics = statistics
        self._jobs: SimpleQueue[Job | None] = SimpleQueue()
        self._kept: Connection | None = None  # asking the pool each time costs as much as a few statements
        self._thread = threading.Thread(target=self._write_all, name="database-writer", daemon=True)
        self._thread.start()

    def ask(self, job: Job) -> None:
        self._jobs.put(job)

    def close(self) -> None:
        """Finishes what was asked for."""
        self._jobs.put(None)
        self._thread.join()

    def _write_all(self) -> None:
        going_on = True
        while going_on:
            group, going_on = self._next_group()
            if len(group) > 1:
                self._write_group(group)
            elif group:
                self._write_alone(group[0])
        self._drop()

    def _next_group(self) -> tuple[list[Job], bool]:
        """At least one, waited for; False where there will be no more."""
        group: list[Job] = []
        job = self._jobs.get()
        while job is not None:
            if job.is_wanted():
                group.append(job)
            if len(group) == LARGEST_GROUP:
                return group, True
            try:
                job = self._jobs.get_nowait()
            except Empty:
                return group, True
        return group, False

    def _write_group(self, group: list[Job]) -> None:
        outcomes: list[Outcome] = []
        try:
            with self._transaction() as connection:
                outcomes.extend(self._in_savepoint(connection, job) for job in group)
        except NotBegun as error:
            settle(Outcome(job, None, error.why) for job in group)
        except DatabaseFailed:
            for job in group:
                self._write_alone(job)
        else:
            self._count(len(group))
            settle(outcomes)

    def _write_alone(self, job: Job) -> None:
        try:
            with self._transaction() as connection:
                begun = self._begin(connection)
                result = job.work(begun)
            outcome = Outcome(job, begun, result)
        except NotBegun as error:
            outcome = Outcome(job, None, error.why)
        except BaseException as error:  # it belongs to the one who asked, and the writer goes on
            outcome = Outcome(job, None, error)
        else:
            self._count(1)
        settle([outcome])

    def _in_savepoint(self, connection: Connection, job: Job) -> Outcome:
        """Raises DatabaseFailed; what else the work raises is its outcome."""
        cursor = connection.connection.cursor()
        cursor.execute("SAVEPOINT piece")
        begun = self._begin(connection)
        try:
            with self._failures():
                outcome = Outcome(job, begun, job.work(begun))
        except DatabaseFailed:
            raise
        except BaseException as error:
            cursor.execute("ROLLBACK TO piece")
            outcome = Outcome(job, None, error)
        cursor.execute("RELEASE piece")
        return outcome

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        """Raises NotBegun, DatabaseFailed, and what the work raised. After a failure the pool knows what is
        left of the connection.
        """
        try:
            with self._failures():
                connection = self._kept or self._engines.writer.connect()
                self._kept = connection
                transaction = connection.begin()
        except DatabaseFailed as error:
            self._drop()
            raise NotBegun(error) from error
        try:
            with self._failures(), transaction:
                yield connection
        except DatabaseFailed:
            self._drop()
            raise

    def _failures(self) -> AbstractContextManager[None]:
        return translated(self._engines.driver_error, self._engines.meaning)

    def _drop(self) -> None:
        if self._kept is not None:
            self._kept.close()
            self._kept = None

    def _count(self, pieces: int) -> None:
        self._statistics.commits += 1
        self._statistics.pieces += pieces


class NotBegun(Exception):
    """The database didn't even begin (locked, gone): trying each piece alone would only take longer."""

    def __init__(self, why: DatabaseFailed) -> None:
        super().__init__(str(why))
        self.why = why


class PooledWriter:
    """Each piece in a transaction of its own, a few beside each other.

    A piece that lost a race, or whose connection was lost, runs again from its top: it looks first whether it
    was done already, so a COMMIT whose answer never came counts once.
    """

    def __init__(self, engines: Engines, begin: Begin, statistics: Statistics) -> None:
        self._engines = engines
        self._begin = begin
        self._statistics = statistics
        self._pool = ThreadPoolExecutor(engines.writers, thread_name_prefix="database-writer")

    def ask(self, job: Job) -> None:
        self._pool.submit(self._write, job)

    def close(self) -> None:
        """Finishes what was asked for."""
        self._pool.shutdown()

    def _write(self, job: Job) -> None:
        if not job.is_wanted():
            return
        try:
            outcome = Outcome(job, *self._tried(job))
        except BaseException as error:  # it belongs to the one who asked
            outcome = Outcome(job, None, error)
        settle([outcome])

    def _tried(self, job: Job) -> tuple[Begun, Any]:
        """Raises Conflict where it lost every race, DatabaseFailed, and what the work raised."""
        lost: ConnectionLost | None = None
        for tries in range(1, TRIES + 1):
            try:
                return self._once(job)
            except Conflict:
                if tries == TRIES:
                    raise
                time.sleep(random.uniform(0, 0.01 * min(tries, 10)))  # noqa: S311 - to part those who collide
            except ConnectionLost as error:
                if lost:
                    raise (lost if isinstance(lost, OutcomeUnknown) else error) from None
                lost = error
        raise AssertionError("every try returns or raises")

    def _once(self, job: Job) -> tuple[Begun, Any]:
        begun: Begun | None = None
        done = False
        try:
            with (
                translated(self._engines.driver_error, self._engines.meaning),
                self._engines.writer.begin() as connection,
            ):
                begun = self._begin(connection)
                result = job.work(begun)
                done = True
        except ConnectionLost as error:
            if done:
                raise OutcomeUnknown(str(error)) from error
            raise
        self._statistics.commits += 1
        self._statistics.pieces += 1
        return begun, result
