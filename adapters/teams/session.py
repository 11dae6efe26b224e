"""One session for all that we ask of Microsoft, opened at the first question."""

from __future__ import annotations

from typing import Final

import aiohttp

TIMEOUT: Final = 10  # seconds


class SharedSession:
    """Connections are kept open between calls. Redirects are for the callers to refuse."""

    def __init__(self) -> None:
        self._session: aiohttp.ClientSession | None = None

    def get(self) -> aiohttp.ClientSession:
        if self._session is None or self._session.closed:
            timeout = aiohttp.ClientTimeout(total=TIMEOUT)
            connector = aiohttp.TCPConnector(limit=100, ttl_dns_cache=300)
            self._session = aiohttp.ClientSession(timeout=timeout, connector=connector)
        return self._session

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None
