"""What every request passes through before anybody reads it: so many at a time, so large, within so long.

Signatures, tokens and the page's own checks come after it. How many connections there may be, and how long
one may take over its headers, is for the proxy in front (docs/threat-model.md).
"""

from __future__ import annotations

import asyncio
from typing import Any, Final

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

LARGEST_BODY: Final = 512 * 1024
"""No platform sends more; most of their doors take less."""
BODY_SECONDS: Final = 10.0
"""Whoever takes longer over a body is no platform: those send it at once."""
MOST_AT_ONCE: Final = 256
"""Posts under way, each with its body in memory."""
CONNECTIONS: Final[dict[str, Any]] = {
    "keepalive_timeout": 120.0,  # seconds: longer than proxies keep a connection that they use again
    "lingering_time": 2.0,  # seconds in which somebody who was refused may still send, to read why
    "auto_decompress": False,  # a few bytes could become very many
    "access_log": None,  # addresses may hold what is nobody's business
}
"""How the server treats connections: for aiohttp's AppRunner."""

TOO_LARGE: Final = "This request is larger than any that is taken here."
TOO_SLOW: Final = "This request took too long to arrive. Please send it again."
TOO_MANY: Final = "Too much is being done at this moment. Please try again in a few seconds."
ENCODED: Final = "Requests are taken as they are, not compressed."


class Gate:
    """A middleware. Its bounds may be others in tests."""

    def __init__(self, seconds: float = BODY_SECONDS, most: int = MOST_AT_ONCE) -> None:
        self._seconds = seconds
        self._most = most
        self._under_way = 0

    def middleware(self) -> Middleware:
        @web.middleware
        async def gate(request: web.Request, handler: Handler) -> web.StreamResponse:
            if request.method in {"GET", "HEAD"}:
                return await handler(request)
            if self._under_way >= self._most:
                return _closing(503, TOO_MANY, {"Retry-After": "2"})
            self._under_way += 1
            try:
                refused = await self._read(request)
                return await handler(request) if refused is None else refused
            finally:
                self._under_way -= 1

        return gate

    async def _read(self, request: web.Request) -> web.Response | None:
        """Reads the body, which the handlers then have at once; or says why not."""
        if request.headers.get("Content-Encoding", "identity").casefold() != "identity":
            return _closing(415, ENCODED)
        if (request.content_length or 0) > LARGEST_BODY:
            return _closing(413, TOO_LARGE)
        try:
            async with asyncio.timeout(self._seconds):
                await request.read()
        except TimeoutError:
            return _closing(408, TOO_SLOW)
        except web.HTTPRequestEntityTooLarge:
            return _closing(413, TOO_LARGE)
        except web.RequestPayloadError:
            return _closing(400, "The body of this request is not as its headers say.")
        return None


def _closing(status: int, words: str, headers: dict[str, str] | None = None) -> web.Response:
    """What is left of the request is not waited for."""
    answer = web.Response(status=status, text=words, headers=headers)
    answer.force_close()
    return answer
