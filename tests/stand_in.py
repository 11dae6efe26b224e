"""A running stand-in for Slack, and what a person can do there.

The stand-in is the npm package local-slack-linux-x64 (0.1.8): a real server with Slack's Web API, to which
an unmodified Bolt app talks over HTTP, and a control interface that acts for people. What was found out
about it:

Its configuration (JSON or YAML)
    workspace: {name, domain, teamId}; apps: [{appId, botUserId, botName, botToken, signingSecret, mode:
    "events", requestUrl}]; users: [{id, name, real_name, email, tz}]; channels: [{id, name, members}]. All
    that goes to an app (commands, interactions, events) goes to its one requestUrl, signed as Slack signs
    it. The bot hears messages only of channels whose members name it. Direct message channels (D...) are
    made when first used, by posting to the user's id or by opening the app's home.

Delivery
    POST /_control/command and /interact return when the app has answered, with {"ok": true} whatever it
    answered. The app's answer stands in the log only: {"direction": "to_bot" | "from_bot" | "internal",
    "kind": "slash_commands" | "interactive" | "events_api" | "web_api", "summary": "HTTP 200", "detail":
    body}. A refused connection is an "internal" entry whose summary begins "POST failed". Nothing is sent
    twice: there are no retries.

The websocket /ui sends, to everybody who is connected
    {"t": "init", "state": {...}} first; {"t": "message" | "message_update", "message": {...}}; {"t":
    "message_delete", "channel", "ts"}; {"t": "channel", "channel": {...}}; {"t": "view", "stack": [view,
    ...]} whenever a modal opens, is updated or pushed (last one on top), or closes (an empty stack); {"t":
    "view_errors", "errors": {block_id: words}} while the modal stays; {"t": "home", "user", "appId",
    "view"}; {"t": "log", "entry": {...}}.

Messages
    type, ts, channel, user (the bot's), bot_id, app_id, text, blocks, thread_ts; after an update also
    edited. metadata, unfurl flags and client_msg_id are dropped (they stand in `sent`). An ephemeral one
    stands among the channel's messages with subtype "ephemeral" and ephemeral_to. It gives no block_id or
    action_id to blocks that lack one, where Slack does: whatever is pressed or filled in has to carry its
    own.

Modals
    One stack for the whole workspace, where Slack has one for each person: whoever opens a form takes away
    everybody else's. view_submit goes to the top view, and the app gets state.values for input blocks only.
    Each update gives a view a new id (Slack keeps it), and an update of an unknown id falls on the top
    view. A trigger_id lasts 30 minutes and works many times. A failed submission closes the form as if it
    had worked (Slack keeps it open): so `submit` raises, and `submit_again` sends what was typed once more.
    Buttons in a modal can't be pressed through it at all; `press_in_form` signs and sends what Slack would
    send.

Where it is more generous than Slack, so that a passing test proves nothing
    any token is taken; no limits on blocks, text or rates; stale view hashes pass; plain text in
    `ack("words")` is dropped, and `ack({...})` or a response_url without response_type "ephemeral" is shown
    to everybody, where Slack shows it to one person alone. It listens on every interface.
"""

import asyncio
import json
import tempfile
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import aiohttp

from tests.slack_blocks import CannotDo, Json, action_for, values_for
from tests.slack_mirror import Answer, Judge, SlackMirror, read_json
from tests.slack_workspace import (
    APP,
    HARNESS_APP,
    NOWHERE,
    TEAM,
    Member,
    configuration,
    free_port,
    signed_headers,
)

BINARY = Path(__file__).parent.parent / "node_modules/local-slack-linux-x64/bin/local-slack"


class NotDelivered(AssertionError):
    """The app did not answer, or not with 200: Slack would tell the person that it did not work."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(f"{answer.kind}: HTTP {answer.status} {str(answer.body)[:300]}")
        self.answer = answer


@dataclass(kw_only=True)
class SlackStandIn(SlackMirror):
    """One running stand-in. Use `running(...)`, which starts and stops it.

    Each verb returns when the app has answered and all that it sent until then can be read here. Verbs raise
    NotDelivered when the app failed, and CannotDo when a person could not do it. What the app sends by itself
    is waited for with `until`.
    """

    url: str
    request_url: str
    http: aiohttp.ClientSession
    ui: aiohttp.ClientWebSocketResponse
    _marks: int = 0
    _one_form: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def api_url(self) -> str:
        """What SLACK_API_URL has to be; it ends with a slash, as slack_sdk wants it."""
        return f"{self.url}/api/"

    # What people do

    async def command(self, user: str, channel: str, text: str = "", command: str = "/escalate") -> None:
        """Type a slash command in a channel (or in the direct channel)."""
        said = {"user": user, "channel": channel, "command": command, "text": text}
        await self._deliver("command", said)

    async def message(self, user: str, channel: str, text: str, thread: str | None = None) -> str:
        """Say something; returns its ts. A person's own id as channel is their conversation with the bot."""
        said = {"user": user, "channel": channel, "text": text, "thread_ts": thread}
        return str((await self._deliver("message", said))["message"]["ts"])

    async def interact(self, user: str, channel: str, ts: str, action: Json) -> None:
        """Send an action as it stands, also one that no button has."""
        pressed = {"user": user, "channel": channel, "messageTs": ts, "action": action}
        await self._deliver("interact", pressed)

    async def press(self, user: str, message: Json, name: str, choice: str | None = None) -> None:
        """Press what is called `name` (its words or action_id) on a message, as the person last saw it."""
        action = action_for(message.get("blocks") or [], name, choice)
        await self.interact(user, message["channel"], message["ts"], action)

    async def open_home(self, user: str) -> Json | None:
        """Open the app's home; returns what the app published for this person, if it has."""
        await self._deliver("open-home", {"user": user})
        return self.homes.get(user)

    async def submit(self, user: str, typed: Mapping[str, Any], *, lenient: bool = False) -> Answer:
        """Fill in the fields of the open form and submit it. See `values_for` for how fields are named.

        Afterwards `answer.errors` has the words beside each field, and `view` what is open now.
        """
        values = values_for(self.form_of(user), typed, lenient=lenient)
        async with self._one_form:
            before = len(self.answers)
            await self.ui.send_json({"t": "view_submit", "user": user, "values": values})
            answer = await self.until(lambda: _first(self.answers[before:], "interactive"))
            await self._settle()
        return _checked(answer)

    async def submit_again(self, user: str, form: Json, typed: Mapping[str, Any]) -> Answer:
        """Submit a form that was open before, as a person does who was told that it did not work.

        Sent by the harness itself: the stand-in has closed the form, and shows nothing of what is answered.
        """
        view = form | {"state": {"values": values_for(form, typed)}}
        return await self._post(user, {"type": "view_submission", "view": view, "response_urls": []})

    async def press_in_form(
        self, user: str, name: str, typed: Mapping[str, Any] | None = None, choice: str | None = None
    ) -> Answer:
        """Press a button that stands in the open form, where `typed` has been filled in so far."""
        form = self.form_of(user)
        values = values_for(form, typed or {}, lenient=True)
        return await self._act(user, form, "view", action_for(form["blocks"], name, choice), values)

    async def press_in_home(self, user: str, name: str, choice: str | None = None) -> Answer:
        """Press a button in the app's home."""
        home = self.homes[user]
        return await self._act(user, home, "view", action_for(home["blocks"], name, choice), {})

    async def close_form(self, user: str) -> None:
        """Close the open form without submitting it; the app hears of it where the form asked for that."""
        self.form_of(user)
        await self.ui.send_json({"t": "view_close", "user": user})
        await self.until(lambda: not self.stack)

    async def shortcut(self, user: str, callback_id: str, message: Json | None = None) -> Answer:
        """Use a global shortcut, or with a message the shortcut in that message's menu."""
        if message is None:
            return await self._post(user, {"type": "shortcut", "callback_id": callback_id})
        place = {"id": message["channel"], "name": self.channels[message["channel"]]["name"]}
        about = {"message": message, "message_ts": message["ts"], "channel": place}
        return await self._post(user, {"type": "message_action", "callback_id": callback_id} | about)

    # How it is done

    async def _deliver(self, verb: str, body: Json) -> Json:
        before = len(self.answers)
        async with self.http.post(f"{self.url}/_control/{verb}", json=body) as response:
            done: Json = await response.json()
        if not done.get("ok"):
            raise CannotDo(f"{verb}: {done}")
        await self._settle()
        for answer in self.answers[before:]:
            _checked(answer)
        return done

    async def _act(self, user: str, view: Json, where: str, action: Json, values: Json) -> Answer:
        payload = {
            "type": "block_actions",
            "container": {"type": where, "view_id": view["id"]},
            "view": view | {"state": {"values": values}},
            "actions": [action | {"action_ts": f"{time.time():.6f}"}],
        }
        return await self._post(user, payload)

    async def _post(self, user: str, payload: Json) -> Answer:
        who = {"id": user, "username": user, "name": user, "team_id": TEAM}
        common = {
            "api_app_id": APP,
            "token": "verification-token",
            "team": {"id": TEAM, "domain": "stand-in"},
        }
        trigger = {"trigger_id": await self._fresh_trigger(user), "is_enterprise_install": False}
        body = urlencode({"payload": json.dumps(common | trigger | {"user": who} | payload)})
        try:
            async with self.http.post(self.request_url, data=body, headers=signed_headers(body)) as response:
                answer = Answer("interactive", response.status, read_json(await response.text()))
        except aiohttp.ClientConnectionError as error:
            answer = Answer("interactive", 0, str(error))
        self.answers.append(answer)
        await self._settle()
        return _checked(answer)

    async def _fresh_trigger(self, user: str) -> str:
        known = set(self._triggers)
        said = {"user": user, "channel": NOWHERE, "command": "/trigger", "appId": HARNESS_APP}
        async with self.http.post(f"{self.url}/_control/command", json=said) as response:
            response.raise_for_status()
        await self._settle()
        return next(one for one, owner in self._triggers.items() if one not in known and owner == user)

    async def _settle(self) -> None:
        """Wait until everything that happened so far has been heard, by leaving a mark and hearing of it."""
        self._marks += 1
        mark = f"mark {self._marks}"
        said = {"user": "U0MARK", "channel": NOWHERE, "text": mark}
        async with self.http.post(f"{self.url}/_control/message", json=said) as response:
            response.raise_for_status()
        await self.until(lambda: any(one["text"] == mark for one in self.messages(NOWHERE)))


def _first(answers: Sequence[Answer], kind: str) -> Answer | None:
    return next((answer for answer in answers if answer.kind == kind), None)


def _checked(answer: Answer) -> Answer:
    # Slack sends only the events that an app asked for, the stand-in all; Bolt answers 404 to the others.
    unasked = answer.kind == "events_api" and answer.status == 404
    if answer.status != 200 and not unasked:
        raise NotDelivered(answer)
    return answer


@asynccontextmanager
async def running(
    request_url: str,
    people: Sequence[Member],
    channels: Mapping[str, Sequence[str]],
    judges: Sequence[Judge] = (),
) -> AsyncIterator[SlackStandIn]:
    """Start a stand-in on a free port, and stop it by its process id at the end.

    `request_url` is where the app will listen (it need not yet). At the end a judge's complaint is raised.
    """
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "config.json"
        config.write_text(json.dumps(configuration(port, request_url, people, channels)))
        async with _process(config, port) as process, aiohttp.ClientSession() as http:
            url = f"http://127.0.0.1:{port}"
            async with await _connect(http, f"{url}/ui", process) as ui:
                stand_in = SlackStandIn(
                    url=url, request_url=request_url, http=http, ui=ui, judges=list(judges)
                )
                listening = asyncio.create_task(stand_in.listen(ui))
                await stand_in.until(lambda: stand_in.channels)
                yield stand_in
            await listening
    for complaint in stand_in.complaints:
        raise complaint


@asynccontextmanager
async def _process(config: Path, port: int) -> AsyncIterator[asyncio.subprocess.Process]:
    log = config.with_suffix(".log")
    arguments = ["--config", str(config), "--port", str(port), "--base-host", "127.0.0.1"]
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(str(BINARY), *arguments, stdout=output, stderr=output)
    try:
        yield process
    except StandInEnded as error:
        raise StandInEnded(log.read_text()) from error
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


class StandInEnded(RuntimeError):
    """The stand-in stopped while it was starting; the words are its own."""


async def _connect(
    http: aiohttp.ClientSession, url: str, process: asyncio.subprocess.Process, seconds: float = 15
) -> aiohttp.ClientWebSocketResponse:
    # A process that is starting tells nobody when it listens, so it is asked until it answers.
    async with asyncio.timeout(seconds):
        while process.returncode is None:
            with suppress(aiohttp.ClientConnectionError):
                return await http.ws_connect(url, max_msg_size=0)
            await asyncio.sleep(0.02)
    raise StandInEnded
