"""A note on Slack with its durable write, next to bare Bolt, each server in a process of its own."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from rich.progress import Progress

from benchmarks.board import Board
from benchmarks.load import Measured, notes, openings, send, slack_web_api
from benchmarks.processes import server

KINDS: tuple[str, ...] = ("escalate", "four commits", "before", "default")
CASES = 20
ROUNDS, ONE_CLIENT, MANY, MANY_CLIENTS = 5, 100, 400, 32


@dataclass
class SlackFigures:
    """By kind of server: at one client, and at 32. `opened`: a form opened by a button, at one client."""

    one: dict[str, Measured] = field(default_factory=lambda: {kind: Measured() for kind in KINDS})
    many: dict[str, Measured] = field(default_factory=lambda: {kind: Measured() for kind in KINDS})
    opened: Measured = field(default_factory=Measured)


async def measure(folder: Path, progress: Progress) -> SlackFigures:
    """The servers take turns, so that what else the machine does falls on all of them alike."""
    references, streams = _cases(folder / "escalate.db")
    figures, words = SlackFigures(), notes(references)
    task = progress.add_task("Notes on Slack, and bare Bolt", total=ROUNDS * len(KINDS) * 2 + 1)
    async with contextlib.AsyncExitStack() as stack:
        url = await stack.enter_async_context(slack_web_api())
        ports = {kind: await stack.enter_async_context(_server(kind, folder, url)) for kind in KINDS}
        for kind in KINDS:
            await send(ports[kind], words, 50, 1)
        for clients, count, into in ((1, ONE_CLIENT, figures.one), (MANY_CLIENTS, MANY, figures.many)):
            for _ in range(ROUNDS):
                for kind in KINDS:
                    into[kind].add(await send(ports[kind], words, count, clients))
                    progress.advance(task)
        figures.opened = await send(ports["escalate"], openings(streams), ONE_CLIENT, 1)
        progress.advance(task)
    return figures


def _cases(path: Path) -> tuple[list[str], list[str]]:
    board = Board(path)
    try:
        references = board.raise_cases([datetime.now(UTC)] * CASES)
        streams = board.streams(references)
    finally:
        board.close()
    return references, streams


def _server(kind: str, folder: Path, slack_url: str) -> contextlib.AbstractAsyncContextManager[int]:
    return server("benchmarks.servers", kind, str(folder / f"{kind.replace(' ', '-')}.db"), slack_url)
