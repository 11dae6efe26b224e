"""The bot as it really runs: a process of its own, its files, its log, and the clock that the page moves."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import secrets
import sqlite3
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import aiohttp

from tests.slack_workspace import free_port

ROOT = Path(__file__).parents[2]
Found = TypeVar("Found")
OFFSET = "select value from settings where name = 'clock offset in seconds'"
STILL_TO_SEND = (
    "select count(*) from outbox where state = 'sending' or (state = 'waiting' and next_try_at <= ?)"
)


async def until(found: Callable[[], Awaitable[Found]], what: str, seconds: float = 20) -> Found:
    """Ask until the answer is true; other processes tell nobody when they are ready."""
    with_time = time.monotonic() + seconds
    while not (result := await found()):
        assert time.monotonic() < with_time, f"waited {seconds} s for {what}"
        await asyncio.sleep(0.02)
    return result


@dataclass
class Bot:
    """`python -m bot serve --demonstration` in `folder`, which outlives the process."""

    folder: Path
    directory: Path
    http: aiohttp.ClientSession
    settings: Mapping[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    key: str = field(default_factory=lambda: base64.b64encode(secrets.token_bytes(32)).decode())
    process: asyncio.subprocess.Process | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def database(self) -> Path:
        return self.folder / "journey.db"

    @property
    def log(self) -> Path:
        return self.folder / "log.jsonl"

    def environment(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TZ") if name in os.environ}
        return {
            **kept,
            "PYTHONPATH": str(ROOT),
            "DATABASE_URL": f"sqlite:///{self.database}",
            "ENCRYPTION_KEYS": self.key,
            "DIRECTORY_FILE": str(self.directory),
            "PORT": str(self.port),
            "LOCAL_PAGE": "1",
            "LOG_FORMAT": "json",
            "RATE_LIMITS": "1000",  # these people are quicker than any
            **self.settings,
        }

    async def start(self) -> None:
        """Returns when it answers. It stands in a folder of its own, so that nobody's .env is read."""
        with self.log.open("ab") as log, (self.folder / "said.txt").open("ab") as said:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable,
                *("-m", "bot", "--debug", "serve", "--demonstration"),  # even then the log says nothing
                cwd=self.folder,
                env=self.environment(),
                stdout=said,
                stderr=log,
            )
        await until(self._answers, "the bot to answer", 30)

    async def _answers(self) -> bool:
        assert self.process is not None
        assert self.process.returncode is None, f"the bot ended: {self.log.read_text()[-2000:]}"
        with suppress(aiohttp.ClientConnectionError):
            async with self.http.get(f"{self.address}/healthz") as response:
                return response.status == 200
        return False

    async def import_directory(self) -> None:
        """As an administrator does, beside the server."""
        command = (sys.executable, "-m", "bot", "directory", "import", str(self.directory))
        importing = await asyncio.create_subprocess_exec(
            *command, cwd=self.folder, env=self.environment(), stdout=asyncio.subprocess.DEVNULL
        )
        assert await importing.wait() == 0

    async def stop(self) -> None:
        """As an administrator does."""
        if self.process and self.process.returncode is None:
            self.process.terminate()
            await self.process.wait()

    async def kill(self) -> None:
        if self.process and self.process.returncode is None:
            self.process.kill()
            await self.process.wait()

    # Time

    @property
    def offset(self) -> timedelta:
        row = self.ask(OFFSET)
        return timedelta(seconds=float(row[0][0]) if row else 0)

    def now(self) -> datetime:
        """What the bot takes the time to be."""
        return datetime.now(UTC) + self.offset

    async def move(self, move: str) -> None:
        """Press one of the page's buttons that move time: next_thing_due or next_working_day."""
        await self.press_clock(move)
        await self.settled()

    async def press_clock(self, move: str) -> None:
        """Only that: what is due then may still be on its way."""
        posted = {"as": "amira", "token": secrets.token_urlsafe(18), "move": move}
        post = self.http.post(f"{self.address}/clock", data=posted, allow_redirects=False)
        async with post as response:
            assert response.status == 303, await response.text()

    # Looking in from outside

    def ask(self, question: str, *values: object) -> list[tuple[Any, ...]]:
        """Read the database as it is on disk; only what stands there in the clear can be read so."""
        with closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True, timeout=5)) as connection:
            return connection.execute(question, values).fetchall()

    async def settled(self) -> None:
        """Wait until all that is to be told by now has been sent."""

        async def nothing_left() -> bool:
            now = int(self.now().timestamp() * 1_000_000)
            return int(self.ask(STILL_TO_SEND, now)[0][0]) == 0

        await until(nothing_left, "everything to be sent")

    def log_lines(self) -> list[dict[str, Any]]:
        """Every line is JSON: one that is not fails here, for it is a traceback or a print."""
        return [json.loads(line) for line in self.log.read_text().splitlines() if line.strip()]

    def files(self) -> bytes:
        """The database as it lies on disk, with what is only in its write-ahead log so far."""
        paths = sorted(self.folder.glob("journey.db*"))
        if self.process and self.process.returncode is None:
            assert self.database.with_name("journey.db-wal") in paths, "it has a write-ahead log"
        return b"".join(path.read_bytes() for path in paths)

    def said(self) -> str:
        """Its log, and all that it printed."""
        return self.log.read_text() + (self.folder / "said.txt").read_text()

    async def told_to_whoever_runs_it(self) -> str:
        """What it answers to anybody who asks how it is doing, headers too."""
        told = []
        for path in ("/healthz", "/readyz", "/metrics", "/nowhere"):
            async with self.http.get(f"{self.address}{path}") as response:
                told.append(f"{response.status} {dict(response.headers)} {await response.text()}")
        assert told[0].startswith("200"), told[0]
        return "\n".join(told)
