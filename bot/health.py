"""Whether everything that was promised is being kept: one report for /readyz, /metrics and the log."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from bot.clock import Clock
from bot.courier import Courier
from bot.scheduler import Sweep
from storage import outbox
from storage.auditor import Overdue, overdue_counts
from storage.database import Database, Reader
from storage.schema import is_current

MINUTES_LATE = 5
STANDS_STILL = timedelta(minutes=2)
"""The sweep and the courier look every 30 seconds at the latest."""
LONGEST_LOOK = 10.0
"""Seconds that the database is given to answer."""


@dataclass(frozen=True)
class Report:
    """`checks`: what must hold, by name. `late` and `notices`: None and nothing where the database can't say.
    `error`: the kind of error that it failed with, or "".
    """

    checks: Mapping[str, bool]
    late: Overdue | None = None
    notices: Mapping[str, int] = field(default_factory=dict)
    error: str = ""

    @property
    def wrong(self) -> list[str]:
        return [name for name, fine in self.checks.items() if not fine]


@dataclass(frozen=True)
class Health:
    """What was given up is no alarm: its case says so, and somebody was told. It is only counted."""

    database: Database
    clock: Clock
    sweep: Sweep
    courier: Courier

    async def report(self) -> Report:
        now, at_work = self.clock.now(), self._at_work()

        def read(reader: Reader) -> tuple[bool, Overdue, dict[str, int]]:
            return is_current(reader), overdue_counts(reader, now, MINUTES_LATE), outbox.counts(reader)

        try:
            async with asyncio.timeout(LONGEST_LOOK):
                current, late, notices = await self.database.read(read)
        except Exception as error:
            return Report({"database": False, **at_work}, error=type(error).__name__)
        on_time = not (late.escalations or late.notices)
        checks = {"database": True, "schema": current, **at_work, "nothing_late": on_time}
        return Report(checks, late, notices)

    def _at_work(self) -> dict[str, bool]:
        """A scheduler or a courier that lives and does nothing is found out by when it last looked."""
        return {
            "scheduler": _lately(self.sweep.swept_at),
            "courier": self.courier.alive and _lately(self.courier.looked_at),
        }


def _lately(moment: datetime | None) -> bool:
    return moment is not None and datetime.now(UTC) - moment < STANDS_STILL
