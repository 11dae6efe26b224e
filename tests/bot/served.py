"""The whole server in this process, on a free port, with Slack and the local page, and all of its log."""

from __future__ import annotations

import base64
import io
import json
import logging
import re
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import aiohttp
import structlog
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot import preparing
from bot.gate import CONNECTIONS
from bot.logs import set_up_logs
from bot.settings import Settings
from bot.wiring import Escalate, put_together
from core.cards.model import Form
from core.conversation import Asker, Press, Submission
from core.directory import read_directory
from core.escalation import Escalation
from storage import event_store
from tests.adapters.slack.conftest import WebApiServer
from tests.bot.made import AMIRA, BEN, DIRECTORY, KAI, KEY, TOLD, opened
from tests.slack_workspace import BOT_TOKEN, SIGNING_SECRET, signed_headers

Json = dict[str, Any]
TYPED = "Zyxomma-words-nobody-may-log"


class Log(logging.Handler):
    """Every line that the server's log would have, at every level."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(f"{record.levelname} {self.format(record)}")

    @property
    def errors(self) -> list[str]:
        """But for Bolt's own remark on a payload that it can't read: its words are withheld."""
        ours = [line for line in self.lines if '"logger": "slack_bolt.' not in line]
        return [line for line in ours if line.startswith(("ERROR", "CRITICAL")) or "Traceback" in line]


@dataclass(frozen=True)
class Answered:
    """`words`: all that somebody could read in the answer, in views opened and in messages sent by it."""

    status: int
    words: str


@dataclass
class Served:
    """`mine`: Amira raised it, and Ben takes part; `theirs`: Kai did, and Amira knows nothing of it."""

    http: aiohttp.ClientSession
    url: str
    web_api: WebApiServer
    bot: Escalate
    log: Log
    cases: dict[str, Escalation] = field(default_factory=dict)

    def entries(self, case: Escalation) -> int:
        """How many the record of this case has now."""
        return self.bot.database.read_now(lambda reader: event_store.version(reader, case.id))

    async def slack(self, body: str | bytes, headers: dict[str, str] | None = None) -> Answered:
        before = len(self.web_api.calls)
        text = body.decode("latin-1") if isinstance(body, bytes) else body
        signed = signed_headers(text) if headers is None else headers
        whole = io.BytesIO(body if isinstance(body, bytes) else body.encode())
        async with self.http.post(f"{self.url}/slack/events", data=whole, headers=signed) as response:
            words = await response.text()
        shown = [json.dumps(call[1]) for call in self.web_api.calls[before:]]
        return Answered(response.status, " ".join([words, *shown]))

    async def command(self, text: str, **changes: str) -> Answered:
        said = {"command": "/escalate", "team_id": "T0001", "user_id": "UAMIRA", "channel_id": "C0001"}
        return await self.slack(
            urlencode(said | {"text": text, "trigger_id": secrets.token_hex(6)} | changes)
        )

    async def interact(self, payload: Any) -> Answered:
        common = {
            "user": {"id": "UAMIRA", "team_id": "T0001"},
            "team": {"id": "T0001"},
            "trigger_id": secrets.token_hex(6),
        }
        whole = common | payload if isinstance(payload, dict) else payload
        return await self.slack(urlencode({"payload": json.dumps(whole)}))

    async def press(self, value: Any, **changes: Any) -> Answered:
        container = {"type": "message", "channel_id": "C0001", "message_ts": "1.1"}
        button = {"type": "button", "action_id": "a", "block_id": "b", "value": value}
        return await self.interact(
            {"type": "block_actions", "container": container, "actions": [button]} | changes
        )

    async def submit(self, kind: str, carry: Json, values: dict[str, Any]) -> Answered:
        state = {f"block-{name}": {name: _entry(value)} for name, value in values.items()}
        view = {
            "id": "V1",
            "type": "modal",
            "hash": "h",
            "callback_id": kind,
            "private_metadata": json.dumps({"kind": kind, "carry": carry}),
            "state": {"values": state},
            "blocks": [{"type": "input", "block_id": f"block-{name}"} for name in values],
        }
        return await self.interact({"type": "view_submission", "view": view, "response_urls": []})

    async def page(self, path: str, said: Json | str | bytes, **headers: str) -> Answered:
        """A post from the page, followed to what the person then sees."""
        body = urlencode(said, doseq=True) if isinstance(said, dict) else said
        form = {"Content-Type": "application/x-www-form-urlencoded"} | headers
        whole = io.BytesIO(body if isinstance(body, bytes) else body.encode())
        async with self.http.post(f"{self.url}{path}", data=whole, headers=form) as response:
            text = await response.text()
        return Answered(response.status, re.sub(r"<[^>]+>", " ", text))


def _entry(value: Any) -> Json:
    return value if isinstance(value, dict) else {"type": "plain_text_input", "value": value}


def token() -> str:
    return secrets.token_urlsafe(18)


@asynccontextmanager
async def serve(folder: Path, directory: str = DIRECTORY, **changed: Any) -> AsyncIterator[Served]:
    """`changed`: settings beside those of Slack and the page."""
    api, outside = WebApiServer(), web.Application()
    outside.router.add_post("/api/{method}", api.handle)
    set_up_logs("json")
    log = Log()
    log.setFormatter(logging.getLogger().handlers[0].formatter)
    logging.getLogger().addHandler(log)
    async with TestServer(outside) as web_api:
        given = Settings(
            _env_file=None,
            database_url=f"sqlite:///{folder / 'escalate.db'}",
            encryption_keys=base64.b64encode(KEY).decode(),
            slack_signing_secret=SIGNING_SECRET,
            slack_bot_token=BOT_TOKEN,
            slack_api_url=str(web_api.make_url("/api/")),
            slack_pace=0,
            rate_limits=1000,
            local_page=True,
        ).model_copy(update=changed)
        database = preparing.open_database(given, demonstration=True)
        preparing.import_directory(database, read_directory(directory, "directory.yaml", "yaml"))
        bot = put_together(given, database, preparing.load_pathway(given.pathway_file))
        server = TestServer(bot.application)
        await server.start_server(**CONNECTIONS)
        async with server, aiohttp.ClientSession() as http:
            await bot.start()
            served = Served(http, str(server.make_url("")).rstrip("/"), api, bot, log)
            served.cases = {"mine": await _raise(bot, AMIRA), "theirs": await _raise(bot, KAI)}
            await bot.courier.settle()
            yield served
            await bot.stop()
        database.close()
    logging.getLogger().removeHandler(log)
    structlog.reset_defaults()


async def _raise(bot: Escalate, by: Asker) -> Escalation:
    async def submit(form: Form, **values: tuple[str, ...]) -> Any:
        return await bot.bot.submit(by, Submission(form.kind, dict(form.carry), values))

    form = opened(await bot.bot.press(by, Press("new")))
    form = opened(await submit(form, in_danger=("no",)))
    form = opened(await submit(form, elsewhere=("none",)))
    form = opened(await submit(form, **TOLD))
    directory = bot.database.read_now(bot.cases.directory.current)
    ben = directory.by_account(BEN.account)
    assert ben is not None
    await submit(form, named=(ben.id,))
    [*_, stream] = bot.database.read_now(
        lambda reader: reader.connection.exec_driver_sql(
            "select stream_id from escalations order by reference"
        ).scalars()
    )
    await bot.bot.press(BEN, Press("accept", stream))
    return bot.database.read_now(lambda reader: bot.cases.load(reader, stream))
