"""The server as it really runs, started again and again on the same files, and ended without warning."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import select
import signal
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import aiohttp

from tests.faults.panel import Panel, Point
from tests.faults.waiting import until
from tests.slack_workspace import free_port

ROOT = Path(__file__).parents[2]
RUN = ("-m", "tests.faults.runner")
KEY = base64.b64encode(sha256(b"a key for tests").digest()).decode()


@dataclass
class Starter:
    """The process that has imported everything, and forks."""

    process: asyncio.subprocess.Process
    _one: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def start(self, order: dict[str, Any]) -> int:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        async with self._one:
            self.process.stdin.write(json.dumps(order).encode() + b"\n")
            return int(await self.process.stdout.readline())


@asynccontextmanager
async def starter() -> AsyncIterator[Starter]:
    """Ended with everything that it started."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *RUN,
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        yield Starter(process)
    finally:
        process.kill()
        await process.wait()


@dataclass
class Server:
    """`python -m bot serve --demonstration` on one database, one life at a time."""

    folder: Path
    starter: Starter
    http: aiohttp.ClientSession
    database: str
    settings: dict[str, str]
    constants: dict[str, float] = field(default_factory=dict)
    """By their full names ("bot.scheduler.AT_THE_LATEST"), in seconds."""
    name: str = "server"
    port: int = field(default_factory=free_port)
    lives: int = 0
    panel: Panel = field(init=False)
    pid: int = 0
    _watched: int = -1
    _unborn: bool = False

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        return self.folder / f"{self.name}.jsonl"

    def new_life(self) -> Panel:
        """Its panel, on which faults can be set before it starts."""
        self.lives += 1
        self._unborn = True
        self.panel = Panel.at(self.folder / f"{self.name}-{self.lives}.panel")
        return self.panel

    async def start(self) -> None:
        """Returns when it answers."""
        if not self._unborn:
            self.new_life()
        await self.begin()
        assert await self.answers(), f"it ended: {self.log.read_text()[-3000:]}"

    async def begin(self) -> None:
        """Returns at once; a life was made before."""
        self._unborn = False
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TZ") if name in os.environ}
        environment = {
            **kept,
            "DATABASE_URL": self.database,
            "ENCRYPTION_KEYS": KEY,
            "PORT": str(self.port),
            "LOCAL_PAGE": "1",
            "LOG_FORMAT": "json",
            **self.settings,
        }
        panel = self.folder / f"{self.name}-{self.lives}.panel"
        order = {"folder": str(self.folder), "environment": environment, "log": str(self.log)}
        self.pid = await self.starter.start({**order, "panel": str(panel), "constants": self.constants})
        self._forget()
        with suppress(ProcessLookupError):
            self._watched = os.pidfd_open(self.pid)

    @property
    def alive(self) -> bool:
        return self._watched >= 0 and not select.select([self._watched], [], [], 0)[0]

    @property
    def paused(self) -> bool:
        stat = Path(f"/proc/{self.pid}/stat").read_text()
        return stat.rpartition(")")[2].split()[0] == "T"

    async def answers(self, seconds: float = 30) -> bool:
        """Waits until it does; False if it ended instead."""
        end = time.monotonic() + seconds
        while self.alive:
            assert time.monotonic() < end, f"{seconds} s, and no answer: {self.log.read_text()[-2000:]}"
            with suppress(aiohttp.ClientError):
                async with self.http.get(f"{self.url}/healthz"):
                    return True
            await asyncio.sleep(0.01)
        return False

    async def ready(self) -> dict[str, Any]:
        async with self.http.get(f"{self.url}/readyz") as response:
            report: dict[str, Any] = await response.json()
            return report

    async def at_work(self) -> None:
        """Waits until it has looked for what is due."""
        while True:
            if (await self.ready())["checks"]["scheduler"]:
                return
            await asyncio.sleep(0.01)

    async def resting(self) -> None:
        """Waits until every message that it began to send is through."""
        panel = self.panel
        await until(lambda: panel.count(Point.AFTER_SEND) >= panel.count(Point.BEFORE_SEND), "its messages")

    async def kill(self) -> None:
        self.signal(signal.SIGKILL)
        await self.ended()

    async def stop(self) -> None:
        """As an administrator does."""
        self.signal(signal.SIGTERM)
        await self.ended()

    def signal(self, which: signal.Signals) -> None:
        if self.alive:
            signal.pidfd_send_signal(self._watched, which)

    async def gone_within(self, seconds: float) -> bool:
        """Waits that long for its end."""
        end = time.monotonic() + seconds
        while self.alive:
            if time.monotonic() > end:
                return False
            await asyncio.sleep(0.002)
        return True

    async def ended(self, seconds: float = 30) -> None:
        assert await self.gone_within(seconds), "it still runs"
        self._forget()

    def _forget(self) -> None:
        if self._watched >= 0:
            os.close(self._watched)
            self._watched = -1

    def log_lines(self) -> list[dict[str, Any]]:
        lines = self.log.read_text().splitlines() if self.log.exists() else []
        return [json.loads(line) for line in lines if line.startswith("{")]

    def may_be_doubled(self) -> int:
        """How many messages were on their way whenever it was killed."""
        return sum(line["count"] for line in self.log_lines() if "arrive_twice" in line["event"])
