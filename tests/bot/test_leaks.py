"""Whatever the log's level and whatever fails, nothing typed, no name, no account and no secret is in it."""

from __future__ import annotations

import base64
import logging
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest

from storage.database import Database
from storage.schema import migrate
from storage.sealing import Sealing
from tests.bot.made import KEY
from tests.bot.served import TYPED, Served, serve, token
from tests.slack_workspace import BOT_TOKEN, SIGNING_SECRET

ANYBODYS = ("Amira Invented", "Ben Invented", "UAMIRA", "UBEN", "C0001")
SECRETS = (BOT_TOKEN, SIGNING_SECRET, base64.b64encode(KEY).decode())
NO_MORE_EVENTS = "create trigger sieve17 before insert on events begin select raise(abort, 'sieve17'); end"
NO_MORE_ROWS = "ALTER TABLE events ADD CONSTRAINT sieve17 CHECK (octet_length(body) < 0) NOT VALID"
"""PostgreSQL tells a failing row in full."""


def broken_sqlite(url: str) -> None:
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"), timeout=5)) as connection, connection:
        connection.execute(NO_MORE_EVENTS)


def broken_postgresql(url: str) -> None:
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(NO_MORE_ROWS)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, Callable[[str], None]]:
    """Its address, and what makes it fail at the next event."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'escalate.db'}", broken_sqlite
    url = request.getfixturevalue("postgresql_server").create()
    opened = Database(url, Sealing([KEY]))
    migrate(opened)
    opened.close()
    return url, broken_postgresql


@pytest.fixture
async def served(database: tuple[str, Any], tmp_path: Path) -> AsyncIterator[Served]:
    async with serve(tmp_path, database_url=database[0]) as running:
        logging.getLogger().setLevel(logging.DEBUG)
        for noisy in ("sqlalchemy", "sqlalchemy.engine", "sqlalchemy.pool", "asyncio", "aiohttp.server"):
            logging.getLogger(noisy).setLevel(logging.DEBUG)
        yield running
        for noisy in ("sqlalchemy", "sqlalchemy.engine", "sqlalchemy.pool", "asyncio", "aiohttp.server"):
            logging.getLogger(noisy).setLevel(logging.NOTSET)


async def everything_is_tried(served: Served) -> list[str]:
    """Words on each way in; what people could read."""
    mine = served.cases["mine"].id
    values = {"words": TYPED, "own_side": "no"}
    page = {"as": "amira", "where": "room"}
    answers = [
        await served.command(f"note HF-2026-0001 {TYPED}"),
        await served.press(f"open:{mine}:"),
        await served.press(f"{TYPED}:{TYPED}:{TYPED}"),
        await served.submit("note", {"case": mine, "form_id": TYPED}, values),
        await served.submit("note", {"case": TYPED}, values),
        await served.slack(f"command={TYPED}", {"X-Slack-Signature": TYPED}),
        await served.page("/say", page | {"words": f"note HF-2026-0001 {TYPED}", "token": token()}),
        await served.page(f"/say?{TYPED}", b"\xff" + TYPED.encode(), Cookie=TYPED, Referer=TYPED),
    ]
    return [answered.words for answered in answers]


def searched(served: Served, *where: str) -> None:
    text = "\n".join([*served.log.lines, *where]).casefold()
    for secret in (TYPED, *ANYBODYS, *SECRETS):
        assert secret.casefold() not in text, secret


async def test_the_log_at_its_most_talkative_holds_nothing_of_anybody(served: Served) -> None:
    await everything_is_tried(served)
    assert any("sqlalchemy" in line for line in served.log.lines), "it is as talkative as it can be"
    searched(served)


async def test_a_database_that_fails_puts_no_row_into_the_log_or_into_an_answer(
    served: Served, database: tuple[str, Callable[[str], None]]
) -> None:
    url, breaks = database
    breaks(url)
    before = len(served.log.lines)
    told = await everything_is_tried(served)
    assert any("request_failed" in line for line in served.log.lines[before:])
    assert any("code" in words for words in told)
    searched(served)
    assert not [words for words in told if "sieve17" in words or "events" in words]
