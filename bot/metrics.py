"""What Prometheus reads. No label carries a person, a case, a place, or anything that somebody typed.

The parts of the bot count in plain numbers; here they get their names. Gauges are read from the database when
the page is.
"""

from __future__ import annotations

import asyncio
import platform
import tomllib
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from aiohttp import web
from aiohttp.web_urldispatcher import AbstractResource
from prometheus_client import CollectorRegistry, Histogram, ProcessCollector, generate_latest
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from bot.auditing import Auditor
from bot.cases import Decided
from bot.conversation import Bot
from bot.courier import OUTCOMES
from bot.health import Health, Report

PYPROJECT = Path(__file__).parent.parent / "pyproject.toml"
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 3.0, 5.0, 10.0)
"""Seconds. Slack and Teams give up on an answer after 3 and 10."""
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True)
class _All(Collector):
    """One page of what is counted here and what was read just now."""

    registry: CollectorRegistry
    read: list[Metric]

    def collect(self) -> Iterator[Metric]:
        yield from self.registry.collect()
        yield from self.read


class Metrics:
    """One for a server, with a registry of its own."""

    def __init__(self, health: Health, bot: Bot, auditor: Auditor) -> None:
        self._health = health
        self._bot = bot
        self._auditor = auditor
        self._platforms: dict[AbstractResource | None, str] = {}
        self._events = 0
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self._requests = Histogram(
            "escalate_request_seconds",
            "Requests of each platform, until they were answered.",
            ["platform", "outcome"],
            buckets=BUCKETS,
            registry=self._registry,
        )

    def count(self, decided: Decided) -> None:
        """To be told of what was committed."""
        self._events += len(decided.entries)

    def watch(
        self, application: web.Application, name: str, routes: Callable[[web.Application], None]
    ) -> None:
        """Lets a platform add its routes, and knows from then on that they are its own."""
        before = set(application.router.resources())
        routes(application)
        self._platforms |= {each: name for each in application.router.resources() if each not in before}

    @web.middleware
    async def timed(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Times the requests of platforms: not a page that stays open, nor what nobody waits for any more."""
        begun = asyncio.get_running_loop().time()
        try:
            response = await handler(request)
        except web.HTTPException as answer:
            self._observe(request, begun, answer.status)
            raise
        except ConnectionError:
            raise
        except Exception:
            self._observe(request, begun, 500)
            raise
        if response.content_type != "text/event-stream":
            self._observe(request, begun, response.status)
        return response

    def _observe(self, request: web.Request, begun: float, status: int) -> None:
        name = self._platforms.get(request.match_info.route.resource)
        if name:
            took = asyncio.get_running_loop().time() - begun
            self._requests.labels(name, _outcome(status)).observe(took)

    def page(self, report: Report) -> bytes:
        return generate_latest(_All(self._registry, [*self._counted(), *_found(report), *self._ages()]))

    def _counted(self) -> Iterator[Metric]:
        sweep, courier = self._health.sweep, self._health.courier
        names = sorted(set(self._platforms.values()))
        yield _counter("commands", "What people asked for, and what came of it.", "outcome", self._commands())
        yield _counter(
            "request_errors",
            "Requests answered with an apology; the log has the code.",
            "platform",
            {name: self._bot.errors[name] for name in names},
        )
        yield _number("events", "Entries added to the records of cases.", self._events)
        yield _number("ticks", "Cases whose promised moment came and was dealt with.", sweep.ticked)
        yield _number("ticks_failed", "Of these, those that failed and were set back.", sweep.failed)
        yield _number("notices_given_up", "Messages given up for good; their cases say so.", courier.given_up)
        written = self._health.database.statistics
        yield _number("database_commits", "Times that the database saved something.", written.commits)
        yield _number("database_pieces", "What was saved: several pieces share a commit.", written.pieces)
        deliveries = CounterMetricFamily(
            "escalate_deliveries", "Messages handed to a platform.", labels=["platform", "outcome"]
        )
        for name in names:
            for outcome in OUTCOMES:
                deliveries.add_metric([name, outcome], courier.deliveries[name, outcome])
        yield deliveries

    def _commands(self) -> dict[str, int]:
        return {
            outcome: self._bot.commands[outcome]
            for outcome in ("decided", "refused", "repeated", "asked_to_wait")
        }

    def _ages(self) -> Iterator[Metric]:
        now = datetime.now(UTC)
        looked = {
            "sweep": self._health.sweep.swept_at,
            "courier": self._health.courier.looked_at,
            "auditor": self._auditor.looked_at,
        }
        ages = {name: (now - at).total_seconds() for name, at in looked.items() if at}
        yield _gauge("seconds_since_look", "Since it last looked for what is to be done.", "who", ages)
        build = GaugeMetricFamily("escalate_build_info", "What runs.", labels=["version", "python"])
        build.add_metric([VERSION, platform.python_version()], 1)
        yield build


def _found(report: Report) -> Iterator[Metric]:
    alarms = {name: 0.0 if fine else 1.0 for name, fine in report.checks.items()}
    yield _gauge("alarm", "1 where this check of /readyz fails.", "check", alarms)
    if report.late is None:
        return
    yield _gauge("notices", "Messages that have not arrived.", "state", report.notices)
    yield GaugeMetricFamily("escalate_late_cases", "Open cases past their moment.", report.late.escalations)
    yield GaugeMetricFamily("escalate_late_notices", "Messages past their next try.", report.late.notices)
    yield GaugeMetricFamily("escalate_cases_set_back", "Cases whose Tick failed.", report.late.set_back)


def _outcome(status: int) -> str:
    return "answered" if status < 400 else "turned_away" if status < 500 else "failed"


def _counter(name: str, help: str, label: str, values: Mapping[str, int]) -> Metric:
    family = CounterMetricFamily(f"escalate_{name}", help, labels=[label])
    for value, count in values.items():
        family.add_metric([value], count)
    return family


def _number(name: str, help: str, value: int) -> Metric:
    return CounterMetricFamily(f"escalate_{name}", help, value=value)


def _gauge(name: str, help: str, label: str, values: Mapping[str, float]) -> Metric:
    family = GaugeMetricFamily(f"escalate_{name}", help, labels=[label])
    for value, number in values.items():
        family.add_metric([value], number)
    return family


def _version() -> str:
    project = tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))["project"]
    return str(project["version"])


VERSION = _version()
