"""One HTTP server for all platforms, and what tells whoever runs it how it is doing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import web

from bot.clock import Clock
from bot.courier import Courier
from bot.scheduler import Sweep
from storage import outbox
from storage.auditor import overdue_counts
from storage.database import Database, Reader

MINUTES_LATE = 5
SWEEP_LATE = timedelta(minutes=2)
LARGEST_BODY = 256 * 1024


@dataclass(frozen=True)
class Health:
    """Whether everything that was promised is being kept."""

    database: Database
    clock: Clock
    sweep: Sweep
    courier: Courier

    async def live(self, request: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    async def ready(self, request: web.Request) -> web.Response:
        """503 with what is wrong, where something is: whoever runs this should look."""
        report = await self.report()
        wrong = [name for name, fine in report["checks"].items() if not fine]
        status = 503 if wrong else 200
        return web.json_response({"status": "not ready" if wrong else "ok", **report}, status=status)

    async def report(self) -> dict[str, Any]:
        now = self.clock.now()

        def read(reader: Reader) -> dict[str, Any]:
            late = overdue_counts(reader, now, MINUTES_LATE)
            return {
                "cases_past_due": late.escalations,
                "notices_past_due": late.notices,
                "cases_set_back": late.set_back,
                "outbox": outbox.counts(reader),
            }

        try:
            counts = await self.database.read(read)
        except Exception as error:
            return {"checks": {"database": False}, "error": type(error).__name__}
        swept = self.sweep.swept_at
        checks = {
            "database": True,
            "scheduler": swept is not None and datetime.now(UTC) - swept < SWEEP_LATE,
            "courier": self.courier.alive,
            "nothing_late": not (counts["cases_past_due"] or counts["notices_past_due"]),
        }
        return {"checks": checks, **counts}


def create_server(health: Health) -> web.Application:
    application = web.Application(client_max_size=LARGEST_BODY)
    application.router.add_get("/healthz", health.live)
    application.router.add_get("/readyz", health.ready)
    return application
