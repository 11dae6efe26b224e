"""The adapter, served between a Slack that signs and a Web API that remembers what it was sent."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from adapters.slack.app import SlackPlatform, SlackSettings, create_slack
from core.cards.model import Card, line
from core.conversation import Answer, Asker, Press, Submission
from tests.slack_judge import judge_acknowledgement, judge_message, judge_view
from tests.slack_workspace import BOT_TOKEN, SIGNING_SECRET, signed_headers

Json = dict[str, Any]
USER = {"id": "U0001", "username": "amira", "name": "amira", "team_id": "T0001"}
TYPED = "words that nobody else may read"


@dataclass
class Bot:
    """A Conversation that answers what the test says, and remembers what it heard."""

    answer: Answer | Exception = field(default_factory=lambda: Card(summary="s", parts=(line("Heard"),)))
    heard: list[tuple[Asker, str | Press | Submission]] = field(default_factory=list)

    async def say(self, asker: Asker, words: str) -> Answer:
        return self._hear(asker, words)

    async def press(self, asker: Asker, press: Press) -> Answer:
        return self._hear(asker, press)

    async def submit(self, asker: Asker, submission: Submission) -> Answer:
        return self._hear(asker, submission)

    def _hear(self, asker: Asker, what: str | Press | Submission) -> Answer:
        self.heard.append((asker, what))
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@dataclass
class WebApiServer:
    """Slack's Web API: it judges and remembers every call, and answers as told."""

    calls: list[tuple[str, Json]] = field(default_factory=list)
    answers: dict[str, web.Response] = field(default_factory=dict)
    cut_off: bool = False
    address: str = ""

    async def handle(self, request: web.Request) -> web.StreamResponse:
        method, body = request.match_info["method"], await request.json()
        self.calls.append((method, body))
        if "view" in body:
            judge_view(body["view"])
        elif method != "respond" or "blocks" in body:
            judge_message(body)
        if self.cut_off and request.transport is not None:
            request.transport.abort()
        where = "D0001" if str(body.get("channel", "")).startswith("U") else body.get("channel")
        done = {"ok": True, "channel": where, "ts": "1700000000.000100"}
        told = self.answers.get(method)
        if told is None:
            return web.json_response(done)
        return web.Response(body=told.body, status=told.status, headers=told.headers)  # each is sent once

    def refuse(self, method: str, code: str, status: int = 200, **headers: str) -> None:
        answer = web.json_response({"ok": False, "error": code}, status=status)
        answer.headers.update({name.replace("_", "-"): value for name, value in headers.items()})
        self.answers[method] = answer


@dataclass
class Slack:
    """What a test holds: it sends as Slack does."""

    bot: Bot
    web_api: WebApiServer
    platform: SlackPlatform
    http: aiohttp.ClientSession
    url: str

    async def command(self, text: str = "", **changes: str) -> tuple[int, Any]:
        said = {"command": "/escalate", "team_id": "T0001", "user_id": "U0001", "channel_id": "C0001"}
        return await self.form(said | {"text": text, "trigger_id": "t.1"} | changes)

    async def interact(self, payload: Json) -> tuple[int, Any]:
        common = {"user": USER, "team": {"id": "T0001", "domain": "d"}, "trigger_id": "t.1"}
        return await self.form({"payload": json.dumps(common | payload)})

    async def form(self, said: dict[str, str]) -> tuple[int, Any]:
        body = urlencode(said)
        return await self.post(body, signed_headers(body))

    async def event(self, payload: Any) -> tuple[int, Any]:
        body = json.dumps(payload)
        return await self.post(body, signed_headers(body) | {"Content-Type": "application/json"})

    async def post(self, body: str | bytes, headers: dict[str, str]) -> tuple[int, Any]:
        """The status, and the body read as JSON where it is that. What is acknowledged is judged."""
        async with self.http.post(self.url, data=body, headers=headers) as response:
            text = await response.text()
        if not text.startswith("{"):
            return response.status, text
        read = json.loads(text)
        judge_acknowledgement(read)
        return response.status, read


@pytest.fixture
async def slack() -> AsyncIterator[Slack]:
    bot, api, outside = Bot(), WebApiServer(), web.Application()
    outside.router.add_post("/api/{method}", api.handle)
    async with TestServer(outside) as web_api:
        api.address = str(web_api.make_url("/api/"))
        platform = create_slack(SlackSettings(SIGNING_SECRET, BOT_TOKEN, api.address), bot)
        application = web.Application()
        platform.routes(application)
        async with TestServer(application) as server, aiohttp.ClientSession() as http:
            yield Slack(bot, api, platform, http, str(server.make_url("/slack/events")))
        await platform.close()
