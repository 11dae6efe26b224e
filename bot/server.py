"""One HTTP server for all platforms, and what tells whoever runs it how it is doing."""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4

from bot.gate import LARGEST_BODY, Gate
from bot.health import Health, Report
from bot.metrics import Metrics


@dataclass(frozen=True)
class Instruments:
    """For whoever runs it. Nothing here tells of a person, a case, or what somebody wrote."""

    health: Health
    metrics: Metrics

    async def live(self, request: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    async def ready(self, request: web.Request) -> web.Response:
        """503 with what is wrong, where something is: whoever runs this should look."""
        report = await self.health.report()
        status = "not ready" if report.wrong else "ok"
        return web.json_response({"status": status, **_as_json(report)}, status=503 if report.wrong else 200)

    async def measured(self, request: web.Request) -> web.Response:
        """Prometheus' text format. 200 also where the database can't say: the page says that."""
        body = self.metrics.page(await self.health.report())
        return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE_PLAIN_0_0_4})


def _as_json(report: Report) -> dict[str, object]:
    if report.late is None:
        return {"checks": report.checks, "error": report.error}
    counts = {
        "cases_past_due": report.late.escalations,
        "notices_past_due": report.late.notices,
        "cases_set_back": report.late.set_back,
        "outbox": report.notices,
    }
    return {"checks": report.checks, **counts}


def create_server(health: Health, metrics: Metrics) -> web.Application:
    through = [metrics.timed, Gate().middleware()]
    application = web.Application(client_max_size=LARGEST_BODY, middlewares=through)
    instruments = Instruments(health, metrics)
    application.router.add_get("/healthz", instruments.live)
    application.router.add_get("/readyz", instruments.ready)
    application.router.add_get("/metrics", instruments.measured)
    return application
