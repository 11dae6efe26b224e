"""Takes what was destroyed out of the database's files too, beside the running bot."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog

from bot.cases import Decided
from storage.engine import clear_traces
from storage.tables import events

log = structlog.get_logger("escalate")
TRIES = 10
PAUSE = 60.0
"""Seconds until it is tried again, where others were reading for too long."""


@dataclass
class Traces:
    """`url`: of the database. Nobody waits for it: the words are out of the record already. `put_away`: told
    of the case at once, where forms that show it lie before people.
    """

    url: str
    put_away: list[Callable[[str], None]] = field(default_factory=list)
    _clearing: set[asyncio.Task[None]] = field(default_factory=set)

    def clear(self, decided: Decided) -> None:
        for body in decided.destroyed:
            for put_away in self.put_away:
                put_away(decided.state.id)
            task = asyncio.create_task(self._clear(body))
            self._clearing.add(task)
            task.add_done_callback(self._clearing.discard)

    async def _clear(self, body: bytes) -> None:
        for _ in range(TRIES):
            if await asyncio.to_thread(clear_traces, self.url, body, events.name):
                return
            await asyncio.sleep(PAUSE)
        log.error("traces_left", tries=TRIES)

    async def stop(self) -> None:
        """What isn't done goes with the files' own tidying when the database is closed."""
        for task in self._clearing:
            task.cancel()
        await asyncio.gather(*self._clearing, return_exceptions=True)
