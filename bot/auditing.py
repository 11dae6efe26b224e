"""Watches the watchman: says in the log when something promised isn't kept, while that lasts, and when it is
over. It runs by itself, so that a scheduler that stands still can't silence it.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog

from bot.health import Health, Report

log = structlog.get_logger("escalate")
EVERY = 60.0
SAID_AGAIN_AFTER = timedelta(hours=1)


@dataclass
class Alarm:
    began: datetime
    said: datetime


class Auditor:
    """One for a server."""

    def __init__(self, health: Health) -> None:
        self._health = health
        self._alarms: dict[str, Alarm] = {}
        self._running: asyncio.Task[None] | None = None
        self.looked_at: datetime | None = None

    def start(self) -> None:
        self._running = asyncio.create_task(self._run(), name="auditor")

    async def stop(self) -> None:
        if self._running:
            self._running.cancel()
            with suppress(asyncio.CancelledError):
                await self._running

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(EVERY)
            try:
                await self.look(datetime.now(UTC))
            except Exception:
                log.exception("audit_failed")

    async def look(self, now: datetime) -> None:
        """`now`: the machine's own time, UTC. Where the database can't say, an alarm about it goes on."""
        report = await self._health.report()
        self.looked_at = now
        for name in report.wrong:
            self._raise(name, report, now)
        for name in [name for name in self._alarms if report.checks.get(name)]:
            lasted = now - self._alarms.pop(name).began
            log.warning("alarm_over", alarm=name, minutes=_minutes(lasted))

    def _raise(self, name: str, report: Report, now: datetime) -> None:
        alarm = self._alarms.get(name)
        if alarm is None:
            self._alarms[name] = Alarm(began=now, said=now)
            log.error("alarm_began", alarm=name, **_counts(report))
        elif now - alarm.said >= SAID_AGAIN_AFTER:
            alarm.said = now
            log.error("alarm_lasts", alarm=name, minutes=_minutes(now - alarm.began), **_counts(report))


def _minutes(lasted: timedelta) -> int:
    return round(lasted.total_seconds() / 60)


def _counts(report: Report) -> dict[str, int | str]:
    if report.late is None:
        return {"why": report.error}
    late = report.late
    return {"cases": late.escalations, "notices": late.notices, "cases_set_back": late.set_back}
