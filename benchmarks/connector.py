"""What the bot calls of Microsoft's, in a process of its own: `python -m benchmarks.connector KEY [rates]`.

It prints its port, and stops when its standard input is closed. `KEY`: a file with the private key that
activities are signed with. With `rates` it refuses what comes too often, as Teams does.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import sys
import time
from collections import Counter, defaultdict, deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jwt
from aiohttp import web
from cryptography.hazmat.primitives.serialization import load_pem_private_key

KID = "benchmark"
THREAD = ((7, 1.0), (8, 2.0), (60, 30.0), (1800, 3600.0))
BOT = ((50, 1.0),)
Rates = tuple[tuple[int, float], ...]


@dataclass
class Arrived:
    """When it came, as far back as its rates look. In steady seconds."""

    rates: Rates
    moments: deque[float] = field(default_factory=deque)

    def takes(self, now: float) -> bool:
        """Whether one more is within all rates; if so it counts."""
        for most, seconds in self.rates:
            if len(self.moments) >= most and self.moments[-most] > now - seconds:
                return False
        self.moments.append(now)
        while len(self.moments) > max(most for most, _ in self.rates):
            self.moments.popleft()
        return True


class Connector:
    def __init__(self, key: Path, *, enforces: bool) -> None:
        public: Any = load_pem_private_key(key.read_bytes(), None).public_key()
        self._jwk = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(public))
        self._enforces = enforces
        self._bot = Arrived(BOT)
        self._threads: dict[str, Arrived] = defaultdict(lambda: Arrived(THREAD))
        self._numbers = itertools.count(1)
        self.posts: Counter[str] = Counter()
        self.counts: Counter[str] = Counter()
        self.last = 0.0
        self.base = ""

    def application(self) -> web.Application:
        application = web.Application()
        application.router.add_get("/openid", self._openid)
        application.router.add_get("/keys", self._keys)
        application.router.add_post("/token", self._token)
        application.router.add_get("/figures", self._figures)
        one = "/{region}/v3/conversations/{conversation}/activities"
        application.router.add_post(one, self._take)
        application.router.add_put(one + "/{message}", self._take)
        application.router.add_post("/{region}/v3/conversations", self._take)
        return application

    async def _openid(self, request: web.Request) -> web.Response:
        return web.json_response({"issuer": "https://api.botframework.com", "jwks_uri": f"{self.base}/keys"})

    async def _keys(self, request: web.Request) -> web.Response:
        return web.json_response({"keys": [{**self._jwk, "kid": KID, "endorsements": ["msteams"]}]})

    async def _token(self, request: web.Request) -> web.Response:
        self.counts["token"] += 1
        return web.json_response({"token_type": "Bearer", "expires_in": 3600, "access_token": "t"})

    async def _take(self, request: web.Request) -> web.Response:
        await request.read()
        now, thread = time.monotonic(), request.match_info.get("conversation", "").partition(";")[0]
        if self._enforces and not (self._bot.takes(now) and self._threads[thread].takes(now)):
            self.counts["refused"] += 1
            return web.json_response({"error": {"code": "TooManyRequests"}}, status=429)
        self.posts[thread] += 1
        self.last = now
        return web.json_response({"id": str(next(self._numbers))}, status=201)

    async def _figures(self, request: web.Request) -> web.Response:
        """`most`: the most that came to one conversation; `last`: when the last came, by the machine's steady
        clock.
        """
        return web.json_response(
            {
                **self.counts,
                "arrived": self.posts.total(),
                "most": max(self.posts.values(), default=0),
                "last": self.last,
            }
        )


async def main(key: Path, *, enforces: bool) -> None:
    connector = Connector(key, enforces=enforces)
    runner = web.AppRunner(connector.application(), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    port = runner.addresses[0][1]
    connector.base = f"http://127.0.0.1:{port}"
    print(port, flush=True)
    await asyncio.to_thread(sys.stdin.read)
    await runner.cleanup()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), enforces=sys.argv[2:] == ["rates"]))
