"""A Slack of our own that takes everything and forgets nothing, and the people in it who press and type.

It speaks Slack's wire, both ways, and judges nothing: other tests do. What people are answered is read here.
"""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum
from typing import Any
from urllib.parse import urlencode

import aiohttp
from aiohttp import web

from core.cards.answers import DONE
from core.forms.form import CASE, FORM_ID, OBJECT
from tests.slack_workspace import BOT_TOKEN, SIGNING_SECRET, TEAM, signed_headers

Json = dict[str, Any]
NOT_SAVED: tuple[str, ...] = (
    "That didn't work, so it was not saved",
    "so nothing was saved",
    "That didn't work, and nothing",
)
UNCLEAR = "so we can't tell whether this was saved"
DONE_WORDS = (*DONE.values(), "is raised.", "has begun.", "You agreed the outcome", "The outcome is agreed")
DONE_WORDS += ("Only your own side can read it.", "The case stays open until an outcome is agreed.")


class Told(Enum):
    """What somebody was told of what they asked for."""

    DONE = "done"
    REFUSED = "refused"
    NOT_SAVED = "not saved, try again"
    NOTHING = "nothing, or that nobody can tell: the connection broke"


@dataclass(frozen=True)
class Reply:
    """`view`: the form that was opened, or took the place of the one sent."""

    told: Told
    words: str = ""
    view: Json | None = None


@dataclass
class Workspace:
    """Everything that reached Slack. `messages`: by "CHANNEL/ts", each as it looks now."""

    messages: dict[str, Json] = field(default_factory=dict)
    posted: list[str] = field(default_factory=list)
    updated: int = 0
    answered: dict[str, Json] = field(default_factory=dict)
    """By trigger, or by the address to answer at: what one person alone was shown."""
    url: str = ""

    async def handle(self, request: web.Request) -> web.Response:
        method, body = request.match_info["method"], await request.json()
        channel = str(body.get("channel", ""))
        if channel.startswith("U"):
            channel = f"D{channel[1:]}"
        done: Json = {"ok": True, "channel": channel}
        if method == "chat.postMessage":
            done["ts"] = f"{1700000000 + len(self.posted)}.000100"
            self.posted.append(f"{channel}/{done['ts']}")
            self.messages[self.posted[-1]] = body
        elif method == "chat.update":
            done["ts"] = body["ts"]
            self.updated += 1
            self.messages[f"{channel}/{body['ts']}"] |= body
        elif method == "views.open":
            self.answered[body["trigger_id"]] = body["view"]
        return web.json_response(done)

    async def respond(self, request: web.Request) -> web.Response:
        self.answered[request.match_info["token"]] = await request.json()
        return web.Response()

    @property
    def settings(self) -> dict[str, str]:
        """What the server's environment has to say."""
        return {
            "SLACK_SIGNING_SECRET": SIGNING_SECRET,
            "SLACK_BOT_TOKEN": BOT_TOKEN,
            "SLACK_API_URL": f"{self.url}/api/",
            "SLACK_PACE": "0",
            "RATE_LIMITS": "1000",  # a few people here do the work of many
        }


@asynccontextmanager
async def workspace() -> AsyncIterator[Workspace]:
    made = Workspace()
    outside = web.Application()
    outside.router.add_post("/api/{method}", made.handle)
    outside.router.add_post("/respond/{token}", made.respond)
    runner = web.AppRunner(outside, access_log=None, shutdown_timeout=0.5)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield made
    finally:
        await runner.cleanup()


@dataclass
class Person:
    """Somebody in Slack. Each doing has a token of its own; the same token again is the same doing again."""

    user: str
    room: str
    http: aiohttp.ClientSession
    workspace: Workspace
    shift: timedelta = timedelta()

    async def says(self, server: str, text: str, token: str) -> Reply:
        said = {"command": "/escalate", "team_id": TEAM, "user_id": self.user, "channel_id": self.room}
        return await self._sent(server, said | {"text": text, "trigger_id": token}, token)

    async def presses(self, server: str, value: str, token: str) -> Reply:
        container = {"type": "message", "channel_id": f"D{self.user[1:]}", "message_ts": "1.1"}
        button = {"type": "button", "action_id": "a", "block_id": "b", "value": value}
        answer_at = {"response_url": f"{self.workspace.url}/respond/{token}"}
        payload = {"type": "block_actions", "container": container, "actions": [button], **answer_at}
        return await self._interacts(server, payload, token)

    async def sends(self, server: str, view: Json, typed: Mapping[str, Any], token: str) -> Reply:
        """A form that was opened, filled in."""
        values = {f"block-{name}": {name: _entry(value)} for name, value in typed.items()}
        whole = {"id": "V1", "type": "modal", "hash": "h", **view, "state": {"values": values}}
        payload = {"type": "view_submission", "view": whole, "response_urls": []}
        return await self._interacts(server, payload, token)

    async def fills(
        self, server: str, kind: str, case: str, typed: Mapping[str, Any], token: str, about: str = ""
    ) -> Reply:
        """A form of one step, as if it had been opened."""
        return await self.sends(server, form(kind, case, token, about), typed, token)

    async def _interacts(self, server: str, payload: Json, token: str) -> Reply:
        common = {"user": {"id": self.user, "team_id": TEAM}, "team": {"id": TEAM}, "trigger_id": token}
        return await self._sent(server, {"payload": json.dumps(common | payload)}, token)

    async def _sent(self, server: str, said: Json, token: str) -> Reply:
        body = urlencode(said)
        headers = signed_headers(body, moment=time.time() + self.shift.total_seconds())
        self.workspace.answered.pop(token, None)
        try:
            async with self.http.post(f"{server}/slack/events", data=body, headers=headers) as response:
                text, status = await response.text(), response.status
        except (aiohttp.ClientError, TimeoutError):
            return Reply(Told.NOTHING)
        assert status == 200, (status, text)
        return _read(text, self.workspace.answered.get(token))


def form(kind: str, case: str, form_id: str, about: str = "") -> Json:
    carry = {CASE: case, FORM_ID: form_id, OBJECT: about}
    carried = {"kind": kind, "carry": {key: value for key, value in carry.items() if value}}
    blocks = [{"type": "input", "block_id": "block-words"}]
    return {"callback_id": kind, "private_metadata": json.dumps(carried), "blocks": blocks}


def token() -> str:
    return secrets.token_hex(8)


def _entry(value: Any) -> Json:
    return value if isinstance(value, dict) else {"type": "plain_text_input", "value": value}


def _read(text: str, shown: Json | None) -> Reply:
    answer = json.loads(text) if text.startswith("{") else {}
    view = answer.get("view") or (shown if shown and shown.get("type") == "modal" else None)
    words = json.dumps(view or answer.get("errors") or answer or shown or {}, ensure_ascii=False)
    if UNCLEAR in words:
        return Reply(Told.NOTHING, words)
    if any(sentence in words for sentence in NOT_SAVED):
        return Reply(Told.NOT_SAVED, words)
    if "was not saved" in words:  # a form that could not be drawn again shows what was typed, and why
        return Reply(Told.REFUSED, words)
    if any(sentence in words for sentence in DONE_WORDS):
        return Reply(Told.DONE, words)
    if view and view.get("callback_id") == "case":  # whoever takes part sees it at once
        return Reply(Told.DONE, words, view)
    return Reply(Told.REFUSED, words, view)
