"""Tells open pages that something changed, by server-sent events."""

from __future__ import annotations

import asyncio

from aiohttp import web

from adapters.web.guard import HEADERS
from adapters.web.parse import BadPost
from adapters.web.world import PageMessages

MOST_STREAMS = 64
HEARTBEAT_SECONDS = 25.0


class Live:
    """The streams that are open now."""

    def __init__(self, messages: PageMessages) -> None:
        self._messages = messages
        self._streams: set[asyncio.Task[None]] = set()

    async def stream(self, request: web.Request) -> web.StreamResponse:
        """One "change" whenever something was posted after `since`, and now and then for the clock."""
        since = request.query.get("since", "")
        if not (since.isascii() and since.isdecimal()) or len(since) > 18:
            raise BadPost(400, "The number that says what was seen last is missing. Load the page again.")
        if len(self._streams) >= MOST_STREAMS:
            raise BadPost(429, "The page is open in too many windows. Close some, then load it again.")
        response = web.StreamResponse(headers={**HEADERS, "Content-Type": "text/event-stream"})
        stream = asyncio.create_task(self._tell(request, response, int(since)))
        self._streams.add(stream)
        try:
            await asyncio.wait({stream})
        finally:
            stream.cancel()
            self._streams.discard(stream)
        if not stream.cancelled() and (error := stream.exception()):
            raise error
        return response

    async def end(self) -> None:
        """Ends all streams, so that the server needn't wait for them when it stops."""
        for stream in tuple(self._streams):
            stream.cancel()

    async def _tell(self, request: web.Request, response: web.StreamResponse, seen: int) -> None:
        await response.prepare(request)
        while True:
            try:
                seen = await asyncio.wait_for(self._messages.wait(seen), HEARTBEAT_SECONDS)
            except TimeoutError:
                seen = self._messages.changes()
            await response.write(f"event: change\ndata: {seen}\n\n".encode())
