"""Stands between the server and PostgreSQL, and loses the answer to a COMMIT when it is told to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit, urlunsplit

COMMIT = b"COMMIT\x00"
"""As it stands in the message that asks for it."""


@dataclass
class Proxy:
    """`in_commits`: the so many-th COMMIT from now is lost. `before`: on its way there."""

    host: str
    port: int
    in_commits: int = 0
    before: bool = False
    lost: int = 0
    address: str = ""
    _open: set[asyncio.Task[None]] = field(default_factory=set)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there_reader, there_writer = await asyncio.open_connection(self.host, self.port)
        back = asyncio.create_task(_copy(there_reader, writer))
        try:
            while chunk := await reader.read(65536):
                if COMMIT in chunk and self._to_be_lost():
                    await _ended(back)
                    if not self.before:
                        there_writer.write(chunk)
                        await there_reader.read(65536)  # it is committed now
                    break
                there_writer.write(chunk)
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            for each in (there_writer, writer):
                each.close()
            await _ended(back)

    def _to_be_lost(self) -> bool:
        if self.in_commits == 0:
            return False
        self.in_commits -= 1
        self.lost += self.in_commits == 0
        return self.in_commits == 0


async def _ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError, ConnectionError):
        await task


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while chunk := await reader.read(65536):
            writer.write(chunk)
    writer.close()


@asynccontextmanager
async def proxy(url: str) -> AsyncIterator[Proxy]:
    """`address`: what takes the place of `url`."""
    parts = urlsplit(url)
    assert parts.hostname is not None
    assert parts.port is not None
    made = Proxy(parts.hostname, parts.port)
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    user = f"{parts.username}@" if parts.username else ""
    made.address = urlunsplit(parts._replace(netloc=f"{user}127.0.0.1:{port}"))
    try:
        yield made
    finally:
        server.close()
