"""One place where everything is put together. Nothing is opened at import; tests hand in what they need."""

from __future__ import annotations

import asyncio
import gc
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiohttp import web

from adapters.web.app import create_page
from bot import platforms
from bot.addressing import Addressing
from bot.auditing import Auditor
from bot.board import DirectoryBook, Pathways
from bot.cases import Cases, Decided
from bot.clock import Clock, clock_of
from bot.conversation import Bot
from bot.courier import Courier
from bot.gate import CONNECTIONS
from bot.health import Health
from bot.metrics import Metrics
from bot.page_world import DemonstrationWorld, StoredPageMessages
from bot.parcels import Packer
from bot.patience import Patience
from bot.people import People
from bot.platforms import Platform
from bot.scheduler import Scheduler, Sweep
from bot.server import create_server
from bot.settings import ConfigurationInvalid, Settings
from bot.traces import Traces
from core.delivery import Sender
from core.pathway import Pathway
from storage.database import Database
from storage.engine import is_sqlite


@dataclass
class Escalate:
    """The bot, put together and ready to start."""

    database: Database
    clock: Clock
    cases: Cases
    bot: Bot
    sweep: Sweep
    scheduler: Scheduler
    courier: Courier
    application: web.Application
    platforms: list[Platform]
    auditor: Auditor
    traces: Traces

    async def start(self) -> None:
        await self.courier.start()
        await self.scheduler.start()
        self.auditor.start()

    async def stop(self) -> None:
        """Nothing new is begun; what is being sent is finished."""
        await self.auditor.stop()
        self.scheduler.stop()
        await self.traces.stop()
        await self.courier.stop()
        for platform in self.platforms:
            await platform.close()


def put_together(settings: Settings, database: Database, pathway: Pathway) -> Escalate:
    """`database` has the current schema. Runs on the event loop that will serve."""
    clock = clock_of(database)
    people, directory = People(_names(settings)), DirectoryBook()
    pathways = Pathways(pathway)
    database.write_now(pathways.keep)
    database.read_now(directory.current)
    senders: dict[str, Sender] = {}
    addressing = Addressing(people, senders)
    cases = Cases(pathways, directory, addressing)
    traces = Traces(settings.database_url)

    def told(decided: Decided) -> None:
        metrics.count(decided)
        scheduler.promised(decided)
        courier.wake()
        traces.clear(decided)

    sweep = Sweep(database, cases, clock, told)
    scheduler = Scheduler(sweep, database, clock)
    courier = Courier(
        database,
        cases,
        Packer(cases, addressing),
        clock,
        addressing,
        told,
        alone=is_sqlite(settings.database_url),
    )
    bot = Bot(database, cases, people, clock, told)
    front = Patience(bot, _known_by(people, directory), settings.rate_limits)

    async def do_what_is_due() -> None:
        await sweep.run()
        courier.wake()
        await courier.settle()

    connected: list[Platform] = []
    if settings.slack:
        connected.append(platforms.slack(settings, front))
    if settings.teams:
        connected.append(platforms.teams(settings, front, database))
    if settings.page:
        messages = StoredPageMessages(database, clock)
        world = DemonstrationWorld(database, directory, pathway, clock, messages, do_what_is_due)
        page = create_page(front, messages, world)
        connected.append(page)
        traces.put_away.append(page.put_away)
    health = Health(database, clock, sweep, courier)
    auditor = Auditor(health)
    metrics = Metrics(health, bot, auditor)
    application = create_server(health, metrics)
    _serve(connected, senders, metrics, application)
    return Escalate(
        database, clock, cases, bot, sweep, scheduler, courier, application, connected, auditor, traces
    )


def _serve(
    connected: list[Platform], senders: dict[str, Sender], metrics: Metrics, application: web.Application
) -> None:
    for platform in connected:
        senders[platform.sender.platform] = platform.sender
        metrics.watch(application, platform.sender.platform, platform.routes)


def _names(settings: Settings) -> list[str]:
    on = (("slack", settings.slack), ("teams", settings.teams), ("web", settings.page))
    return [name for name, is_on in on if is_on]


def _known_by(people: People, directory: DirectoryBook) -> Callable[[str], str]:
    """The person's id for an account, "" for nobody's; by the directory as it was read last."""

    def person_of(account: str) -> str:
        person = people.of_account(directory.latest, account)
        return person.id if person else ""

    return person_of


@asynccontextmanager
async def serving(escalate: Escalate, host: str, port: int) -> AsyncIterator[int]:
    """Listens, starts the scheduler and the courier, and yields the port; on the way out stops in order."""
    _run_threads_beside_each_other()
    runner = web.AppRunner(escalate.application, shutdown_timeout=5, **CONNECTIONS)
    await runner.setup()
    site = await _listening(runner, host, port)
    await escalate.start()
    try:
        yield runner.addresses[0][1]
    finally:
        await site.stop()
        await escalate.stop()
        await runner.cleanup()
        await asyncio.to_thread(escalate.database.close)


async def _listening(runner: web.AppRunner, host: str, port: int) -> web.TCPSite:
    """Raises ConfigurationInvalid where another program has this port, or HOST isn't this machine's."""
    site = web.TCPSite(runner, host, port)
    try:
        await site.start()
    except OSError as error:
        await runner.cleanup()
        raise ConfigurationInvalid(
            f"HOST and PORT: {host}:{port} can't be used, perhaps because another program has it. "
            "Stop that one, or set PORT to another number."
        ) from error
    return site


def _run_threads_beside_each_other() -> None:
    """The writer's thread lets go of the interpreter at each statement, and has to get it back each time: by
    default a busy event loop keeps it for five milliseconds. What was imported is never garbage.
    """
    sys.setswitchinterval(0.0005)
    gc.collect()
    gc.freeze()
