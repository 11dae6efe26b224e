"""Small writes that come often: those that are asked for while one is being written share the next one."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from storage.database import Transaction

MOST = 64
Work = Callable[[Transaction], None]
Write = Callable[[Work], Awaitable[None]]


class Together:
    """`write` writes one piece. Nobody waits for company: an only piece is written at once, alone."""

    def __init__(self, write: Write) -> None:
        self._write = write
        self._waiting: list[tuple[Work, asyncio.Future[None]]] = []
        self._writing: asyncio.Task[None] | None = None

    async def write(self, work: Work) -> None:
        """Returns once it is committed; raises what `work` raised."""
        written: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((work, written))
        if self._writing is None:
            self._writing = asyncio.create_task(self._write_all(), name="together")
        await written

    async def _write_all(self) -> None:
        try:
            while self._waiting:
                group, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
                await self._write_group(group)
        finally:
            self._writing = None

    async def _write_group(self, group: list[tuple[Work, asyncio.Future[None]]]) -> None:
        def work(transaction: Transaction) -> None:
            for one, _ in group:
                one(transaction)

        try:
            await self._write(work)
        except Exception as error:
            if len(group) == 1:
                _tell(group[0][1], error)
                return
            for one in group:  # the others have nothing to do with it
                await self._write_group([one])
            return
        for _, written in group:
            _tell(written, None)


def _tell(written: asyncio.Future[None], error: Exception | None) -> None:
    if written.done():
        return  # whoever asked was cancelled
    if error:
        written.set_exception(error)
    else:
        written.set_result(None)
