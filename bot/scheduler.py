"""Wakes the sweep: at the earliest promised moment, every 30 seconds at the latest. It holds no deadlines."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.cases import Cases, Decided
from bot.clock import Clock
from core.commands import Tick
from core.reminders import next_due
from storage import escalations, remembered
from storage.database import Database, Transaction

log = structlog.get_logger("escalate")
BATCH = 50
AT_THE_LATEST = 30.0
REMEMBERED = timedelta(hours=48)
DRAFTS_KEPT = timedelta(days=14)
LONGEST_PAUSE = timedelta(hours=1)


class StillDue(Exception):
    """A Tick left its case due: without a pause the sweep would go round for ever."""


@dataclass
class Sweep:
    """Gives a Tick to each case whose moment has come: its cost grows with what is due, not what is open."""

    database: Database
    cases: Cases
    clock: Clock
    told: Callable[[Decided], None]
    swept_at: datetime | None = field(default=None)
    """When it last came on: looked and found nothing due, or was through with a batch."""
    ticked: int = 0
    failed: int = 0

    async def run(self) -> int:
        """Returns how many cases had their Tick."""
        ticked = 0
        while await self._something_due() and (done := await self._batch()):
            ticked += done
            self.ticked += done
            self.swept_at = datetime.now(UTC)
        self.swept_at = datetime.now(UTC)
        return ticked

    async def _something_due(self) -> bool:
        now = self.clock.now()
        return bool(await self.database.read(lambda reader: escalations.due(reader, now, 1)))

    async def _batch(self) -> int:
        """A batch is one commit, of cases that no other server is busy with. Where one of them fails, each is
        done alone, and that one is set back. Returns how many it was.
        """
        now, due = self.clock.now(), list[str]()

        def work(transaction: Transaction) -> list[Decided]:
            due[:] = escalations.take_due(transaction, now, BATCH)
            return self._ticked(transaction, due, now)

        try:
            self._tell(await self.database.write(work))
        except Exception:
            for stream in due:
                await self._alone(stream)
            if not due:
                raise
        return len(due)

    async def _alone(self, stream: str) -> None:
        now = self.clock.now()

        def work(transaction: Transaction) -> list[Decided]:
            free = escalations.take_one(transaction, stream, now)
            return self._ticked(transaction, [stream] if free else [], now)

        try:
            self._tell(await self.database.write(work))
        except Exception as error:
            await self._set_back(stream, error)

    def _ticked(self, transaction: Transaction, due: list[str], now: datetime) -> list[Decided]:
        directory = self.cases.directory.current(transaction)
        states = [self.cases.load(transaction, stream) for stream in due]
        decided = [self.cases.execute(transaction, state, Tick(), None, now, directory) for state in states]
        if any(_still_due(one, now) for one in decided):
            raise StillDue
        return decided

    def _tell(self, ticked: list[Decided]) -> None:
        for decided in ticked:
            if decided.entries:
                self.told(decided)

    async def _set_back(self, stream: str, error: Exception) -> None:
        """It is tried again after growing pauses, and blocks no other."""
        now = self.clock.now()

        def work(transaction: Transaction) -> int:
            failures = escalations.failures(transaction, stream) + 1
            pause = min(LONGEST_PAUSE, timedelta(seconds=15) * 2 ** min(failures, 10))
            escalations.set_back(transaction, stream, now + pause, failures)
            return failures

        failures = await self.database.write(work)
        self.failed += 1
        log.error("tick_failed", stream=stream, failures=failures, exc_info=error)

    async def forget_old(self) -> None:
        """Answers given to deliveries are remembered for 48 hours, drafts for two weeks."""
        now = self.clock.now()
        await self.database.write(
            lambda transaction: remembered.purge(transaction, now - REMEMBERED, now - DRAFTS_KEPT)
        )


def _still_due(decided: Decided, now: datetime) -> bool:
    moment = next_due(decided.state)
    return moment is not None and moment <= now


class Scheduler:
    """Wakes `Sweep` in time."""

    def __init__(self, sweep: Sweep, database: Database, clock: Clock) -> None:
        self._sweep = sweep
        self._database = database
        self._clock = clock
        self._jobs = AsyncIOScheduler(timezone=UTC)
        self._planned: datetime | None = None
        self._steady: asyncio.Task[None] | None = None

    async def start(self) -> None:
        steady = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        self._jobs.add_job(self._sweep.forget_old, "interval", hours=1, id="forget", **steady)
        self._jobs.start()
        self._steady = asyncio.create_task(self._again_and_again(), name="scheduler")
        await self._wake()

    def stop(self) -> None:
        self._jobs.shutdown(wait=False)
        if self._steady:
            self._steady.cancel()

    async def _again_and_again(self) -> None:
        """Not one of APScheduler's jobs: those go by the machine's clock, and would rest for as long as it is
        put back.
        """
        while True:
            await asyncio.sleep(AT_THE_LATEST)
            await self._wake()

    def promised(self, decided: Decided) -> None:
        """A case has a new next moment: wake for it, if it is sooner than what is planned."""
        self._plan_if_sooner(next_due(decided.state))

    async def _wake(self) -> None:
        try:
            await self._sweep.run()
            self._planned = None
            earliest = await self._database.read(escalations.earliest_due)
        except Exception:
            log.exception("sweep_failed")
            return
        self._plan_if_sooner(earliest)

    def _plan_if_sooner(self, moment: datetime | None) -> None:
        if moment and (self._planned is None or moment < self._planned):
            self._plan(moment)

    def _plan(self, moment: datetime) -> None:
        self._planned = moment
        at = datetime.now(UTC) + timedelta(seconds=self._clock.seconds_until(moment))
        self._jobs.add_job(
            self._wake, "date", run_date=at, id="next due", replace_existing=True, misfire_grace_time=None
        )
