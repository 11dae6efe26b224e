"""A board at work: its server or servers on one database, the people, and what each of them was answered."""

from __future__ import annotations

import asyncio
import secrets
import shutil
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

import aiohttp
from sqlalchemy import func, or_, select

from bot.preparing import DEMONSTRATION
from core.commands import Command
from core.escalation import Escalation, fold
from storage import event_store
from storage.board import set_setting, setting
from storage.database import Database, Reader
from storage.schema import migrate
from storage.sealing import Sealing
from storage.tables import outbox
from tests.faults.server import KEY, Server, Starter
from tests.faults.workspace import Person, Reply, Told, Workspace, token, workspace
from tests.journeys.people import EASTVALE, NORTHMOOR, RIVERBANK, People, people
from tests.postgres import Server as Postgres

T = TypeVar("T")
AGENCIES = frozenset({RIVERBANK, NORTHMOOR, EASTVALE})
TRIES = 40
PATIENCE = {"bot.courier.LONGEST_WAIT": 1.0}
"""In seconds: what can't be written down is tried again after that, where it took long."""
SHORT_LEASES = {
    "bot.leases.SHARED": 2.0,
    "bot.leases.RENEWED_AFTER": 0.4,
    "bot.leases.MARGIN": 0.4,
    "bot.courier.LOOKING": 0.1,
}
"""In seconds: whoever takes over from a server that was killed waits until its leases have run out."""


@dataclass
class Doing:
    """Something that a person asks for, once, however often they have to send it.

    `trace`: what is found of it in the record (see doings.traces). `asked_at` and `answered_at`: seconds of
    the loop's time, from the first sending to the last answer. `not_saved`, `unanswered`: how often they were
    told so, or nothing.
    """

    who: str
    case: str
    command: Command
    send: Callable[[str], Awaitable[Reply]]
    trace: str
    told: Told = Told.NOTHING
    words: str = ""
    asked_at: float = 0.0
    answered_at: float = float("inf")
    sent: int = 0
    not_saved: int = 0
    unanswered: int = 0

    async def ask(self, url: str) -> Told:
        """Once."""
        now = asyncio.get_running_loop().time
        self.asked_at = self.asked_at or now()
        self.sent += 1
        reply = await self.send(url)
        self.told, self.words = reply.told, reply.words
        self.not_saved += reply.told is Told.NOT_SAVED
        self.unanswered += reply.told is Told.NOTHING
        self.answered_at = now() if reply.told is not Told.NOTHING else float("inf")
        return self.told


@dataclass
class Board:
    """`url`: of the database, which a server may be made to reach another way."""

    folder: Path
    url: str
    workspace: Workspace
    file: People
    people: dict[str, Person]
    servers: list[Server]
    doings: list[Doing] = field(default_factory=list)

    @property
    def server(self) -> Server:
        return self.servers[0]

    async def does(self, doing: Doing, url: str = "") -> Told:
        """Asks until there is an answer that isn't "try again"."""
        if doing not in self.doings:
            self.doings.append(doing)
        for _ in range(TRIES):
            told = await doing.ask(url or self.server.url)
            if told in {Told.DONE, Told.REFUSED}:
                return told
            await asyncio.sleep(0.1)
        raise AssertionError(f"{doing.command} was never answered: {doing.told}")

    def begins(self, doing: Doing, url: str = "") -> asyncio.Task[Told]:
        """Asks once, and doesn't wait for the answer."""
        self.doings.append(doing)
        return asyncio.create_task(doing.ask(url or self.server.url))

    def read(self, look: Callable[[Reader], T]) -> T:
        """The database as it is on disk."""
        database = Database(self.url, Sealing.from_text(KEY))
        try:
            return database.read_now(look)
        finally:
            database.close()

    def states(self) -> dict[str, Escalation]:
        """Every case as it stands, by its stream, in the order of their references."""

        def look(reader: Reader) -> list[Escalation]:
            streams = event_store.streams_of(reader, "escalation")
            return [fold(event_store.events(reader, stream), id=stream) for stream in streams]

        return {state.id: state for state in sorted(self.read(look), key=lambda state: state.reference)}

    async def settled(self, seconds: float = 60) -> None:
        """Waits until all that is to be told by now has been."""

        def left(reader: Reader) -> int:
            now = datetime.now(UTC) + self._offset(reader)
            still = or_(outbox.c.state == "sending", outbox.c.state == "waiting")
            now_or_soon = or_(outbox.c.kind != "reminder", outbox.c.not_before <= now)
            query = select(func.count()).where(still, now_or_soon)
            return reader.connection.execute(query).scalar_one()

        database = Database(self.url, Sealing.from_text(KEY))
        end = time.monotonic() + seconds
        try:
            while waiting := await database.read(left):
                assert time.monotonic() < end, f"{waiting} notices still wait after {seconds} s"
                await asyncio.sleep(0.02)
        finally:
            database.close()

    @staticmethod
    def _offset(reader: Reader) -> timedelta:
        return timedelta(seconds=float(setting(reader, "clock offset in seconds") or 0))

    def now(self) -> datetime:
        """What the board's clock says."""
        return datetime.now(UTC) + self.read(self._offset)

    async def move_clock(self) -> bool:
        """To the next thing that is due; True if it was answered."""
        server = self.server
        said = {"as": "amira", "token": secrets.token_urlsafe(18), "move": "next_thing_due"}
        try:
            async with server.http.post(f"{server.url}/clock", data=said, allow_redirects=False) as answer:
                return answer.status == 303
        except aiohttp.ClientError:
            return False


@asynccontextmanager
async def board(
    folder: Path, starter: Starter, url: str, servers: int, **settings: str
) -> AsyncIterator[Board]:
    """Nothing runs yet. `url`: of the database."""
    file = people(AGENCIES, frozenset())
    file.write(folder / "directory.yaml")
    timeout = aiohttp.ClientTimeout(total=30)
    connector = aiohttp.TCPConnector(limit=0, force_close=True)
    async with workspace() as slack, aiohttp.ClientSession(timeout=timeout, connector=connector) as http:
        given = {**slack.settings, "DIRECTORY_FILE": str(folder / "directory.yaml"), **settings}
        made = [Server(folder, starter, http, url, given, {}, f"server{n}") for n in range(servers)]
        crowd = {
            person: Person(user, file.rooms[file.agency_of(person)], http, slack)
            for person, user in file.users.items()
        }
        try:
            yield Board(folder, url, slack, file, crowd, made)
        finally:
            for server in made:
                if server.alive:
                    await server.kill()


@dataclass
class Ground:
    """Databases that were migrated and given their directory before: starting on one takes half as long.

    `made`: the SQLite file, or the address of the PostgreSQL database, of which copies are made.
    """

    folder: Path
    starter: Starter
    made: str = ""
    postgres: Postgres | None = None

    @asynccontextmanager
    async def board(self, name: str, *, servers: int = 1, **settings: str) -> AsyncIterator[Board]:
        """A board of its own. Nothing runs yet."""
        folder = self.folder / name
        folder.mkdir()
        await self.make()
        url = self._copy(folder)
        async with board(folder, self.starter, url, servers, **settings) as opened:
            for server in opened.servers:
                server.constants = PATIENCE | (SHORT_LEASES if self.postgres else {})
            yield opened

    async def make(self) -> None:
        """Once, before several boards are begun at a time."""
        self.made = self.made or await self._make()

    async def _make(self) -> str:
        folder = self.folder / "made"
        folder.mkdir()
        url = self.postgres.create() if self.postgres else f"sqlite:///{folder / 'board.db'}"
        if self.postgres:
            database = Database(url, Sealing.from_text(KEY))
            migrate(database)
            database.write_now(lambda transaction: set_setting(transaction, DEMONSTRATION, "yes"))
            database.close()
        async with board(folder, self.starter, url, 1) as first:
            await first.server.start()
            await first.server.at_work()
            await first.server.stop()
        return url

    def _copy(self, folder: Path) -> str:
        if self.postgres:
            return self.postgres.create(of=self.made)
        shutil.copy(self.made.removeprefix("sqlite:///"), folder / "board.db")
        return f"sqlite:///{folder / 'board.db'}"


__all__ = ["Board", "Doing", "Ground", "board", "token"]
