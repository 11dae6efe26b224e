"""What Slack sends, as fast as it is answered, and a Web API that takes whatever it is sent."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import hmac
import itertools
import json
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from statistics import median, quantiles
from urllib.parse import urlencode

import aiohttp
from aiohttp import web

from benchmarks.board import RAISER, ROOM, SECRET, TEAM

_triggers = itertools.count(1)


@dataclass
class Measured:
    """Each request's seconds, and the seconds that all of them took."""

    seconds: list[float] = field(default_factory=list)
    in_all: float = 0.0

    @property
    def p50(self) -> float:
        return median(self.seconds)

    @property
    def p99(self) -> float:
        return quantiles(self.seconds, n=100)[98]

    @property
    def p999(self) -> float:
        return quantiles(self.seconds, n=1000)[998]

    @property
    def rate(self) -> float:
        """Requests a second."""
        return len(self.seconds) / self.in_all

    def add(self, other: Measured) -> None:
        self.seconds += other.seconds
        self.in_all += other.in_all


def notes(references: Sequence[str]) -> Iterator[bytes]:
    """The bodies of `/escalate note REFERENCE words`, in turn for each case."""
    for reference in itertools.cycle(references):
        yield urlencode(_command(f"note {reference} Phoned the ward again, and nobody could say")).encode()


def openings(streams: Sequence[str]) -> Iterator[bytes]:
    """The bodies of a press on a card's button that opens the case."""
    for stream in itertools.cycle(streams):
        payload = {
            "type": "block_actions",
            "user": {"id": RAISER, "team_id": TEAM},
            "team": {"id": TEAM},
            "channel": {"id": ROOM},
            "container": {"type": "message", "channel_id": ROOM, "message_ts": "1.1"},
            "trigger_id": f"t.{next(_triggers)}",
            "actions": [{"type": "button", "action_id": "open", "block_id": "b", "value": f"open:{stream}:"}],
        }
        yield urlencode({"payload": json.dumps(payload)}).encode()


def _command(text: str) -> dict[str, str]:
    return {
        "token": "t",
        "team_id": TEAM,
        "team_domain": "benchmark",
        "channel_id": ROOM,
        "channel_name": "room",
        "user_id": RAISER,
        "user_name": "ada",
        "command": "/escalate",
        "text": text,
        "api_app_id": "A0001",
        "is_enterprise_install": "false",
        "response_url": "http://127.0.0.1:9/respond",
        "trigger_id": f"t.{next(_triggers)}",
    }


def _signed(body: bytes) -> dict[str, str]:
    stamp = str(int(time.time()))
    digest = hmac.new(SECRET.encode(), f"v0:{stamp}:".encode() + body, hashlib.sha256).hexdigest()
    return {
        "Content-Type": "application/x-www-form-urlencoded",
        "X-Slack-Request-Timestamp": stamp,
        "X-Slack-Signature": f"v0={digest}",
    }


async def send(port: int, bodies: Iterator[bytes], requests: int, clients: int) -> Measured:
    """Raises RuntimeError where an answer isn't 200, or says that it didn't work."""
    measured, numbers = Measured(), iter(range(requests))
    connector = aiohttp.TCPConnector(limit=clients)
    async with aiohttp.ClientSession(connector=connector) as http:

        async def client() -> None:
            for _ in numbers:
                body = next(bodies)
                headers, before = _signed(body), time.perf_counter()
                async with http.post(
                    f"http://127.0.0.1:{port}/slack/events", data=body, headers=headers
                ) as response:
                    answer = await response.text()
                measured.seconds.append(time.perf_counter() - before)
                if response.status != 200 or "work" in answer:
                    raise RuntimeError(f"HTTP {response.status}: {answer[:200]}")

        start = time.perf_counter()
        await asyncio.gather(*(client() for _ in range(clients)))
        measured.in_all = time.perf_counter() - start
    return measured


@contextlib.asynccontextmanager
async def slack_web_api() -> AsyncIterator[str]:
    """Its address. It answers at once, and with a timestamp of its own for each message."""
    stamps = itertools.count(1)

    async def answer(request: web.Request) -> web.Response:
        await request.read()
        return web.json_response({"ok": True, "channel": ROOM, "ts": f"1700000000.{next(stamps):06}"})

    application = web.Application()
    application.router.add_post("/api/{method}", answer)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/api/"
    finally:
        await runner.cleanup()
