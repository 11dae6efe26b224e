"""Invokes on Teams with their durable write, next to our transport alone, botbuilder and raw aiohttp."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

import aiohttp
import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from rich.progress import Progress

from adapters.teams.session import SharedSession
from adapters.teams.token_check import SigningKeys, TokenCheck
from benchmarks import teams_board
from benchmarks.connector import KID
from benchmarks.load import Measured
from benchmarks.processes import server, write_key
from benchmarks.teams_board import APP, TENANTS, chat, object_of
from bot.board import new_id
from bot.platforms import teams_settings

KINDS = ("escalate", "transport", "botbuilder", "raw")
CASES, ROUNDS, REQUESTS, CLIENTS = 20, 3, 400, 32
MOST_CLIENTS, AT_MOST_CLIENTS, CHECKS = 64, 4_000, 1_000
Activities = Iterator[dict[str, Any]]


@dataclass
class TeamsFigures:
    """`rates`: by kind of server, at CLIENTS. `busy`: the whole bot at MOST_CLIENTS. `check`: median seconds
    to check a token. `fetches`: calls to the token endpoint during all turns that were measured.
    """

    rates: dict[str, Measured] = field(default_factory=lambda: {kind: Measured() for kind in KINDS})
    busy: Measured = field(default_factory=Measured)
    check: float = 0.0
    fetches: int = 0


async def measure(folder: Path, progress: Progress, *, quick: bool = False) -> TeamsFigures:
    """The servers take turns, so that what else the machine does falls on all of them alike."""
    figures, rounds, busy = TeamsFigures(), 1 if quick else ROUNDS, AT_MOST_CLIENTS // (4 if quick else 1)
    task = progress.add_task("Invokes on Teams, and bare botbuilder", total=rounds * len(KINDS) + 2)
    key = write_key(folder / "teams.pem")
    async with contextlib.AsyncExitStack() as stack:
        port = await stack.enter_async_context(server("benchmarks.connector", str(folder / "teams.pem")))
        connector = f"http://127.0.0.1:{port}"
        streams = _cases(folder / "teams.db", connector)
        token = _signed(key, connector)
        turns = {kind: _turns(kind, connector, streams) for kind in KINDS}
        ports = {
            kind: await stack.enter_async_context(
                server("benchmarks.teams_servers", kind, str(folder / "teams.db"), connector)
            )
            for kind in KINDS
        }
        for kind in KINDS:
            await send(ports[kind], turns[kind], token, 50, 4)
        before = await _fetches(connector)
        for _ in range(rounds):
            for kind in KINDS:
                figures.rates[kind].add(await send(ports[kind], turns[kind], token, REQUESTS, CLIENTS))
                progress.advance(task)
        figures.busy = await send(ports["escalate"], turns["escalate"], token, busy, MOST_CLIENTS)
        figures.fetches = await _fetches(connector) - before
        progress.advance(task)
        figures.check = await _check(folder / "teams.db", connector, token)
        progress.advance(task)
    return figures


def _cases(path: Path, connector: str) -> list[str]:
    board = teams_board.open_board(path, 3 * CASES)
    try:
        teams_board.write_to_the_bot(board, connector, 3 * CASES)
        return board.streams(teams_board.raise_cases(board, datetime.now(UTC), range(CASES)))
    finally:
        board.close()


def _signed(key: rsa.RSAPrivateKey, connector: str) -> str:
    now = int(time.time())
    claims = {
        "iss": "https://api.botframework.com",
        "aud": APP,
        "nbf": now - 10,
        "exp": now + 3600,
        "serviceurl": f"{connector}/uk/",
    }
    return jwt.encode(claims, key, algorithm="RS256", headers={"kid": KID})


def _turns(kind: str, connector: str, streams: list[str]) -> Activities:
    """A note sent from its form; for botbuilder, which answers no invokes, a message."""
    for number, stream in enumerate(itertools.cycle(streams)):
        person = number % len(streams)
        activity = {
            "id": str(number),
            "channelId": "msteams",
            "serviceUrl": f"{connector}/uk/",
            "from": {"id": f"29:{person}", "aadObjectId": object_of(person), "name": "P Invented"},
            "recipient": {"id": f"28:{APP}", "name": "Escalate"},
            "conversation": {
                "id": chat(person),
                "conversationType": "personal",
                "tenantId": TENANTS[person % 3],
            },
            "channelData": {"tenant": {"id": TENANTS[person % 3]}},
        }
        if kind == "botbuilder":
            yield activity | {"type": "message", "text": "Phoned the ward again"}
            continue
        data = {
            "submit": "note",
            "carry": {"case": stream, "form_id": new_id()},
            "field_words": "Phoned the ward again, and nobody could say",
            "field_own_side": "no",
        }
        yield activity | {"type": "invoke", "name": "task/submit", "value": {"data": data}}


async def send(port: int, turns: Activities, token: str, requests: int, clients: int) -> Measured:
    """Raises RuntimeError where an answer isn't 200, or a note isn't in the record."""
    measured, numbers = Measured(), iter(range(requests))
    headers = {"Authorization": f"Bearer {token}"}
    connections = aiohttp.TCPConnector(limit=clients)
    async with aiohttp.ClientSession(connector=connections, headers=headers) as http:

        async def client() -> None:
            for _ in numbers:
                activity, before = next(turns), time.perf_counter()
                async with http.post(f"http://127.0.0.1:{port}/api/messages", json=activity) as response:
                    answer = await response.text()
                measured.seconds.append(time.perf_counter() - before)
                if response.status != 200 or ("task" in answer and "ote" not in answer):
                    raise RuntimeError(f"HTTP {response.status}: {answer[:300]}")

        start = time.perf_counter()
        await asyncio.gather(*(client() for _ in range(clients)))
        measured.in_all = time.perf_counter() - start
    return measured


async def _fetches(connector: str) -> int:
    async with aiohttp.ClientSession() as http, http.get(f"{connector}/figures") as response:
        return int((await response.json()).get("token", 0))


async def _check(path: Path, connector: str, token: str) -> float:
    session = SharedSession()
    given = teams_settings(teams_board.settings(path, connector))
    keys = SigningKeys(given.openid_url, session)
    check, taken = TokenCheck(given, keys, time.time), []
    try:
        await check.bearer(f"Bearer {token}")
        for _ in range(CHECKS):
            before = time.perf_counter()
            await check.bearer(f"Bearer {token}")
            taken.append(time.perf_counter() - before)
    finally:
        await keys.close()
        await session.close()
    return median(taken)
