"""Which lanes this server sends through: one server a lane, so that a platform's rates and orders are kept.

A server that dies is taken over when its leases have run out; one that was stopped for longer sends nothing
more by them when it wakes, for its own clock says so.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

import structlog

from storage import leases
from storage.database import Database, Reader, Transaction

log = structlog.get_logger("escalate")
ALONE = 10 * 365 * 86400.0
"""Seconds of a lease on a database that nobody else can serve."""
SHARED, RENEWED_AFTER = 30.0, 8.0
MARGIN = 6.0
"""A message is begun only so long before a lease runs out: sending it takes a while."""
IDLE = 45.0
"""A lane that had nothing to send for so long is let go, so that the next work is shared out anew."""


@dataclass
class Held:
    """In seconds of this machine's own time, which nobody sets."""

    until: float
    used_at: float


@dataclass
class Leases:
    """This server's. `alone`: no other runs on this database."""

    alone: bool
    holder: str = field(default_factory=lambda: secrets.token_hex(8))
    _held: dict[str, Held] = field(default_factory=dict)
    _renew_at: float = 0.0

    @property
    def lanes(self) -> list[str]:
        return [lane for lane in self._held if self.holds(lane)]

    def holds(self, lane: str) -> bool:
        held = self._held.get(lane)
        return held is not None and held.until - MARGIN > _now()

    def used(self, lanes: Iterable[str]) -> None:
        for lane in lanes:
            if lane in self._held:
                self._held[lane].used_at = _now()

    async def start(self, database: Database) -> None:
        if self.alone:
            await database.write(leases.free_all)

    async def stop(self, database: Database) -> None:
        """Others may go on at once; what was being sent is finished by now."""
        held, self._held = list(self._held), {}

        def work(transaction: Transaction) -> None:
            for lane in held:
                leases.let_go(transaction, lane, self.holder)

        if held and not self.alone:
            await database.write(work)

    def free(self, reader: Reader) -> list[str]:
        """Lanes with something to send that nobody holds."""
        return leases.free(reader, self._span)

    async def look_after(self, database: Database, free: Collection[str]) -> None:
        """Renews what is held and in use, lets go of what is idle, and takes on of what is `free`."""
        now, wanted = _now(), self._share_of(free)
        due = not self.alone and bool(self._held) and now >= self._renew_at
        if not wanted and not due:
            return
        if due or not self._held:
            self._renew_at = now + RENEWED_AFTER
        idle = [lane for lane, held in self._held.items() if due and held.used_at + IDLE < now]
        kept = [lane for lane in self._held if due and lane not in idle]
        seconds = self._span

        def work(transaction: Transaction) -> tuple[dict[str, bool], int]:
            for lane in idle:
                leases.let_go(transaction, lane, self.holder)
            got = {
                lane: leases.hold(transaction, lane, self.holder, seconds)
                for lane in sorted({*kept, *wanted})
            }
            back = sum(leases.take_over(transaction, lane, self.holder) for lane in wanted if got[lane])
            return got, back

        got, back = await database.write(work)
        if back:
            log.warning("messages_may_arrive_twice", count=back)
        for lane in idle:
            del self._held[lane]
        for lane, is_held in got.items():
            self._note(lane, now, seconds, is_held=is_held)

    @property
    def _span(self) -> float:
        """Seconds of a lease."""
        return ALONE if self.alone else SHARED

    def _share_of(self, free: Collection[str]) -> list[str]:
        """On a shared database one lane at a time, so that each server takes its share."""
        if self.alone:
            return sorted(free)
        return [secrets.choice(sorted(free))] if free else []

    def _note(self, lane: str, now: float, seconds: float, *, is_held: bool) -> None:
        if not is_held:
            self._held.pop(lane, None)
            return
        before = self._held.get(lane)
        self._held[lane] = Held(now + seconds, before.used_at if before else now)


def _now() -> float:
    return time.monotonic()  # goes on while a process is stopped
