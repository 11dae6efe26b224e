"""What everybody in the stand-in for Slack sees, kept up to date from its event stream.

What the events look like is written at the top of tests/stand_in.py.
"""

import asyncio
import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import parse_qs

import aiohttp

from tests.slack_blocks import CannotDo, Json
from tests.slack_workspace import BOT_USER, HARNESS_APP

Found = TypeVar("Found")
Judge = Callable[[str, Json], None]


@dataclass(frozen=True)
class Answer:
    """What the app answered to one delivery; status 0 when nobody listened."""

    kind: str
    status: int
    body: Any

    @property
    def errors(self) -> dict[str, str]:
        """The words beside each field, by block_id."""
        return dict(self.body["errors"]) if isinstance(self.body, dict) and "errors" in self.body else {}


@dataclass
class SlackMirror:
    """All that can be read. A `ts` is text: seconds since 1970, which also name a message in its channel."""

    channels: dict[str, Json] = field(default_factory=dict)
    stack: list[Json] = field(default_factory=list)
    homes: dict[str, Json] = field(default_factory=dict)
    answers: list[Answer] = field(default_factory=list)
    sent: list[tuple[str, Json]] = field(default_factory=list)  # Web API calls: the method and its arguments
    judges: list[Judge] = field(default_factory=list)  # told ("message" | "view" | "home", the whole of it)
    complaints: list[AssertionError] = field(default_factory=list)
    _messages: dict[str, list[Json]] = field(default_factory=dict)
    _triggers: dict[str, str] = field(default_factory=dict)  # trigger_id -> user
    _form_owner: str = ""
    _to_harness: bool = False
    _changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    @property
    def view(self) -> Json | None:
        """The form on top, or None."""
        return self.stack[-1] if self.stack else None

    def form_of(self, user: str) -> Json:
        """The form that this person has open. Raises CannotDo when there is none."""
        if self.view is None or self._form_owner != user:
            raise CannotDo(
                f"{user} has no form open" + (f", but {self._form_owner} has" if self.stack else "")
            )
        return self.view

    def messages(self, channel: str) -> list[Json]:
        """What everybody in the channel sees, threads included, oldest first."""
        return [one for one in self._messages.get(channel, []) if one.get("subtype") != "ephemeral"]

    def thread(self, channel: str, ts: str) -> list[Json]:
        """The replies to a message, without the message."""
        return [one for one in self.messages(channel) if one.get("thread_ts") == ts and one["ts"] != ts]

    def ephemerals(self, channel: str, user: str) -> list[Json]:
        """What this person alone sees in the channel."""
        return [one for one in self._messages.get(channel, []) if one.get("ephemeral_to") == user]

    def direct_channel(self, user: str) -> str | None:
        """The id of the conversation between this person and the bot, once there is one."""
        for channel in self.channels.values():
            if channel["is_im"] and set(channel["members"]) == {user, BOT_USER}:
                return str(channel["id"])
        return None

    def direct_messages(self, user: str) -> list[Json]:
        """What the bot and this person said to each other, oldest first."""
        return self.messages(self.direct_channel(user) or "")

    async def until(self, found: Callable[[], Found | None], seconds: float = 10) -> Found:
        """Wait until `found` returns something true, and return it; it is asked at each thing that happens.

        Raises TimeoutError.
        """
        async with asyncio.timeout(seconds), self._changed:
            while not (result := found()):
                await self._changed.wait()
            return result

    # Hearing of it

    async def listen(self, ui: aiohttp.ClientWebSocketResponse) -> None:
        async for frame in ui:
            async with self._changed:
                self._hear(frame.json())
                self._changed.notify_all()

    def _hear(self, event: Json) -> None:
        match event["t"]:
            case "init":
                self.channels = {channel["id"]: channel for channel in event["state"]["channels"]}
                self._messages = event["state"]["messages"]
            case "channel":
                self.channels[event["channel"]["id"]] = event["channel"]
            case "message" | "message_update":
                self._keep(event["message"])
            case "message_delete":
                kept = [one for one in self._messages[event["channel"]] if one["ts"] != event["ts"]]
                self._messages[event["channel"]] = kept
            case "view":
                self.stack = event["stack"]
                self._judge("view", *self.stack[-1:])
            case "home":
                self.homes[event["user"]] = event["view"]
                self._judge("home", event["view"])
            case "log":
                self._hear_log(event["entry"])

    def _keep(self, message: Json) -> None:
        there = self._messages.setdefault(message["channel"], [])
        for place, one in enumerate(there):
            if one["ts"] == message["ts"]:
                there[place] = message
                break
        else:
            there.append(message)
        if message.get("user") == BOT_USER:
            self._judge("message", message)

    def _judge(self, kind: str, *things: Json) -> None:
        for judge in self.judges:
            for thing in things:
                try:
                    judge(kind, thing)
                except AssertionError as complaint:
                    self.complaints.append(complaint)

    def _hear_log(self, entry: Json) -> None:
        kind, way, summary, detail = entry["kind"], entry["direction"], entry["summary"], entry.get("detail")
        if way == "to_bot":
            self._remember_trigger(detail)
        elif kind == "web_api" and way == "from_bot":
            self.sent.append((summary, detail or {}))
            if summary in ("views.open", "views.push"):
                self._form_owner = self._triggers.get((detail or {}).get("trigger_id", ""), "")
        elif summary.startswith("HTTP ") and self._is_ours(kind):
            self.answers.append(Answer(kind, int(summary[5:]), read_json(detail)))
        elif summary.startswith("POST failed"):
            self.answers.append(Answer(kind, 0, summary))

    def _is_ours(self, kind: str) -> bool:
        return not (kind == "slash_commands" and self._to_harness)

    def _remember_trigger(self, body: Any) -> None:
        said = {key: value[0] for key, value in parse_qs(body).items()} if isinstance(body, str) else {}
        self._to_harness = said.get("api_app_id") == HARNESS_APP
        payload: Json = json.loads(said["payload"]) if "payload" in said else dict(said)
        if "trigger_id" in payload:
            user = payload.get("user_id") or payload["user"]["id"]
            self._triggers[payload["trigger_id"]] = user


def read_json(text: Any) -> Any:
    """What the text says as JSON, or the text itself where it is not JSON."""
    with suppress(ValueError, TypeError):
        return json.loads(text)
    return text
