"""Slack's Web API in a process of its own, as far as messages go: `python -m benchmarks.slack_api`.

It records what arrives, and refuses what comes to one channel sooner than a second after the one before, as
Slack does. It prints its port, and stops when its standard input is closed.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import sys
import time
from collections import Counter
from collections.abc import Mapping
from urllib.parse import parse_qsl

from aiohttp import web

A_CHANNEL = 1.0
"""Seconds between two messages in one."""
SLACK = 0.95
"""Of that: what was sent in time may arrive a little sooner after the one before."""


class SlackApi:
    def __init__(self) -> None:
        self.posts: Counter[str] = Counter()
        self.refused = 0
        self.first = self.last = 0.0
        self._latest: dict[str, float] = {}
        self._numbers = itertools.count(1)

    def application(self) -> web.Application:
        application = web.Application()
        application.router.add_get("/figures", self._figures)
        application.router.add_post("/forget", self._forget)
        application.router.add_post("/api/{method}", self._take)
        return application

    async def _take(self, request: web.Request) -> web.Response:
        channel, now = _asked(await request.text()).get("channel", ""), time.monotonic()
        if now - self._latest.get(channel, -A_CHANNEL) < A_CHANNEL * SLACK:
            self.refused += 1
            refused = {"ok": False, "error": "ratelimited"}
            return web.json_response(refused, status=429, headers={"Retry-After": "1"})
        self._latest[channel] = self.last = now
        self.posts[channel] += 1
        stamp = f"1700000000.{next(self._numbers):06}"
        return web.json_response({"ok": True, "channel": channel, "ts": stamp})

    async def _figures(self, request: web.Request) -> web.Response:
        """`most`: the most that came to one channel; `last`: when the last came, by the machine's steady
        clock.
        """
        return web.json_response(
            {
                "arrived": self.posts.total(),
                "channels": len(self.posts),
                "most": max(self.posts.values(), default=0),
                "refused": self.refused,
                "last": self.last,
            }
        )

    async def _forget(self, request: web.Request) -> web.Response:
        self.posts.clear()
        self._latest.clear()
        self.refused = 0
        return web.json_response({})


def _asked(body: str) -> Mapping[str, str]:
    return json.loads(body) if body.startswith("{") else dict(parse_qsl(body))


async def main() -> None:
    runner = web.AppRunner(SlackApi().application(), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    sys.stdout.write(f"{runner.addresses[0][1]}\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.read)
    await runner.cleanup()


if __name__ == "__main__":
    asyncio.run(main())
