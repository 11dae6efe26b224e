"""APScheduler with a job for each case, in its own SQLAlchemy store: `python -m benchmarks.jobs ADDRESS DUE`.

It runs what is due, and prints the seconds until all of it was run and removed from the store. With a third
argument each job takes WORK seconds and then says in that file that it was run.
"""

from __future__ import annotations

import os
import pickle
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from apscheduler.job import Job
from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.date import DateTrigger
from sqlalchemy import Engine, create_engine, event, func, insert, select

from benchmarks.board import address

WORK = 0.02
"""About as long as a message takes to be sent."""


class Ran:
    """How many were, in this process; and where each says so."""

    count = 0
    told: int | None = None


def nothing(number: int) -> None:
    Ran.count += 1


def tell(number: int) -> None:
    time.sleep(WORK)
    assert Ran.told is not None
    os.write(Ran.told, f"{number}\n".encode())


def engine(place: str) -> Engine:
    """As durable as ours."""
    made = create_engine(place)
    if made.dialect.name == "sqlite":

        @event.listens_for(made, "connect")
        def _prepare(connection: Any, _: Any) -> None:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")

    return made


def fill(place: Path | str, due: int, many: int, *, work: bool = False) -> None:
    """`due` whose moment has come, among `many`. With `work` each takes WORK seconds."""
    made = engine(address(place))
    store = SQLAlchemyJobStore(engine=made)
    store.jobs_t.create(made, checkfirst=True)
    scheduler, now = BackgroundScheduler(timezone=UTC), datetime.now(UTC)
    rows = []
    for number in range(many):
        at = now + (timedelta(seconds=-1) if number < due else timedelta(days=1, seconds=number))
        job = Job(
            scheduler,
            id=str(number),
            func=tell if work else nothing,
            args=(number,),
            kwargs={},
            name="job",
            trigger=DateTrigger(at, UTC),
            executor="default",
            misfire_grace_time=None,
            coalesce=True,
            max_instances=1,
            next_run_time=at,
        )
        state = pickle.dumps(job.__getstate__(), pickle.HIGHEST_PROTOCOL)
        rows.append({"id": job.id, "next_run_time": at.timestamp(), "job_state": state})
    with made.begin() as connection:
        connection.execute(insert(store.jobs_t), rows)
    made.dispose()


def main(place: str, due: int, told: str) -> None:
    made = engine(place)
    store = SQLAlchemyJobStore(engine=made)
    scheduler = BackgroundScheduler(timezone=UTC, jobstores={"default": store})
    if told:
        Ran.told = os.open(told, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    left = select(func.count()).select_from(store.jobs_t)
    left = left.where(store.jobs_t.c.next_run_time <= datetime.now(UTC).timestamp())
    before = time.perf_counter()
    scheduler.start()
    while True:
        with made.connect() as connection:
            if not connection.execute(left).scalar_one():
                break
        time.sleep(0.01)
    if not told:
        while Ran.count < due:
            time.sleep(0.001)
    taken = time.perf_counter() - before
    scheduler.shutdown()
    sys.stdout.write(f"{taken}\n")


if __name__ == "__main__":
    from benchmarks import jobs  # noqa: PLW0406 - the store names the functions of that one

    jobs.main(sys.argv[1], int(sys.argv[2]), sys.argv[3] if len(sys.argv) > 3 else "")
