"""A running stand-in for Teams on loopback, and what people can do there.

It is one server with all that the bot calls: the OpenID document, the signing keys, the token endpoint, and
the Connector (`tests/teams_service.py`, which says how it misbehaves). It signs activities as the Bot
Framework does and sends them to the bot's own address.

Where it is more generous than Teams, so that a passing test proves nothing: every message's id stands for
good; anybody in a tenant may be written to, unless `block` was called; mentions are taken as they are typed;
an answer that replaces a card is shown to whoever pressed (`Answer.card`), and kept nowhere.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiohttp import web

from tests.teams_blocks import CannotDo, Json, action_for, card_of, submit_button, text_of, values_for
from tests.teams_service import Judge, Message, TeamsService, Trouble
from tests.teams_signing import BotFramework

APP = "0a0a0a0a-0000-4000-8000-000000000001"
PASSWORD = "stand-in-client-secret-of-the-bot"
TENANT = "7e7e7e7e-0000-4000-8000-000000000001"
COMMAND = "escalate"


@dataclass(frozen=True)
class Member:
    """Somebody with an account in Teams. `object`: their id in their tenant."""

    name: str
    object: str
    tenant: str = TENANT

    @property
    def place(self) -> str:
        return f"teams:{self.tenant}/{self.object}"


@dataclass(frozen=True)
class Channel:
    """`conversation`: "19:...@thread.tacv2" for a channel, "19:...@thread.v2" for a group chat."""

    conversation: str
    tenant: str = TENANT
    team: str = "19:team@thread.tacv2"

    @property
    def place(self) -> str:
        return f"teams:{self.tenant}/{self.conversation}"


@dataclass(frozen=True)
class Answer:
    """What the app answered; status 0 when nobody listened."""

    status: int
    body: Any

    @property
    def card(self) -> Json | None:
        """The card that takes the place of the one pressed, for this person."""
        value = self.body.get("value") if isinstance(self.body, dict) else None
        return value if isinstance(value, dict) and value.get("type") == "AdaptiveCard" else None

    @property
    def words(self) -> str:
        """What Teams shows beside the card, or in a dialog's place."""
        body = self.body if isinstance(self.body, dict) else {}
        value = body.get("value", body.get("task", {}).get("value"))
        if isinstance(value, str):
            return value
        return str(value.get("message", "")) if isinstance(value, dict) else ""


class NotDelivered(AssertionError):
    """The app did not answer, or not with 200: Teams would tell the person that it did not work."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(f"HTTP {answer.status} {str(answer.body)[:300]}")
        self.answer = answer


@dataclass(kw_only=True)
class TeamsStandIn(TeamsService):
    """One running stand-in. Use `running(...)`, which starts and stops it.

    Each verb returns when the app has answered. Verbs raise NotDelivered when the app failed, and CannotDo
    when a person could not do it.
    """

    http: aiohttp.ClientSession
    request_url: str
    people: dict[str, Member]
    channels: dict[str, Channel]
    dialogs: dict[str, Json] = field(default_factory=dict)  # by person: the taskInfo that is open
    _from: dict[str, Json] = field(default_factory=dict)  # by person: what their dialog was opened from

    @property
    def host(self) -> str:
        """For TEAMS_SERVICE_HOSTS."""
        return self.base.removeprefix("http://")

    @property
    def service_url(self) -> str:
        return f"{self.base}/uk/"

    @property
    def openid_url(self) -> str:
        return f"{self.base}/openid"

    @property
    def token_url(self) -> str:
        return f"{self.base}/token"

    # What can be read

    def direct_messages(self, user: str) -> list[Message]:
        """What the bot has sent to this person alone, oldest first."""
        member = self.people[user]
        return self.in_conversation(self.personal[member.tenant, member.object])

    def in_channel(self, name: str) -> list[Message]:
        """All that the bot has sent to a channel, threads included."""
        return self.in_conversation(self.channels[name].conversation)

    def thread(self, message: Message) -> list[Message]:
        """The replies to a message, without it."""
        return [
            each for each in self.messages if each.root == message.id and each is not message and each.root
        ]

    def in_conversation(self, conversation: str) -> list[Message]:
        return [each for each in self.messages if each.conversation == conversation and not each.deleted]

    # What people do

    async def say(self, user: str, words: str, channel: str = "", thread: str = "") -> Answer:
        """Write to the bot: in the personal chat, or in a channel by naming it with "@Escalate"."""
        told: Json = {"type": "message", "text": words, "textFormat": "plain"}
        if channel:
            named = {"id": f"28:{self.app_id}", "name": "Escalate"}
            told["text"] = f"<at>Escalate</at> {words}"
            told["entities"] = [{"type": "mention", "text": "<at>Escalate</at>", "mentioned": named}]
        activity = self.activity(user, channel, thread)
        if channel and not thread:  # whoever says something in a channel starts a thread
            self.spoken.add(activity["id"])
            activity = self.activity(user, channel, activity["id"]) | {"id": activity["id"]}
        return await self.send(activity | told)

    async def press(self, user: str, message: Message | Json, name: str, channel: str = "") -> Answer:
        """Press a button on a message (or on a card that was shown to them alone) by its words or verb."""
        shown = message.now if isinstance(message, Message) else message
        return await self.act(user, message, action_for(shown, name), channel)

    async def act(
        self, user: str, message: Message | Json, action: Json, channel: str = "", trigger: str = "manual"
    ) -> Answer:
        """What the client sends for this very button. `trigger` "automatic": a card that refreshes itself."""
        thread, about = "", {}
        if isinstance(message, Message):
            channel, thread, about = self._channel_of(message), message.root, {"replyToId": message.id}
        base = self.activity(user, channel, thread) | {"type": "invoke"} | about
        if action["type"] == "Action.Execute":
            pressed = {"type": "Action.Execute", "verb": action["verb"], "data": action["data"]}
            told = {"name": "adaptiveCard/action", "value": {"action": pressed, "trigger": trigger}}
            return self._looked_at(await self.send(base | told))
        if action["data"].get("msteams", {}).get("type") == "task/fetch":
            told = {"name": "task/fetch", "value": {"data": action["data"], "context": {"theme": "default"}}}
            self._from[user] = base | {"name": "task/submit"}
            return self._shown(user, await self.send(base | told))
        return await self.send(base | {"type": "message", "value": action["data"]})

    async def press_as_old_client(self, user: str, message: Message, name: str) -> Answer:
        """A client that can't do Action.Execute sends the fallback's data as a message."""
        action = action_for(message.now, name)
        base = self.activity(user, self._channel_of(message), message.root)
        return await self.send(base | {"type": "message", "value": action["fallback"]["data"]})

    async def compose(
        self,
        user: str,
        channel: str = "",
        command: str = COMMAND,
        about: Message | None = None,
        said: str = "",
    ) -> Answer:
        """Use the action command: from the compose box, or in the menu of a message of ours, or of what
        somebody `said` (HTML) in its thread.
        """
        value: Json = {"commandId": command, "commandContext": "message" if about or said else "compose"}
        if about or said:
            content = said or (f"<div>{text_of(about.now)}</div>" if about else "")
            number = about.id if about and not said else self.number()
            value["messagePayload"] = {"id": number, "body": {"contentType": "html", "content": content}}
        if about:
            value["messagePayload"]["replyToId"] = about.root
            channel = channel or self._channel_of(about)
        base = self.activity(user, channel, about.root if about else "") | {"type": "invoke"}
        self._from[user] = base | {"name": "composeExtension/submitAction", "command": command}
        return self._shown(
            user, await self.send(base | {"name": "composeExtension/fetchTask", "value": value})
        )

    async def submit(
        self, user: str, typed: Mapping[str, Any] | None = None, *, lenient: bool = False
    ) -> Answer:
        """Fill in the fields of the open dialog and send it; what is open afterwards stands in `dialogs`."""
        dialog = self.dialog_of(user)
        data = submit_button(dialog)["data"] | values_for(dialog, typed or {}, lenient=lenient)
        return await self._in_dialog(user, data)

    async def press_in_dialog(self, user: str, name: str, typed: Mapping[str, Any] | None = None) -> Answer:
        """Press a button in the open dialog, where `typed` has been filled in so far."""
        return await self.act_in_dialog(user, action_for(self.dialog_of(user), name), typed)

    async def act_in_dialog(self, user: str, action: Json, typed: Mapping[str, Any] | None = None) -> Answer:
        """The same for this very button."""
        values = values_for(self.dialog_of(user), typed or {}, lenient=True)
        return await self._in_dialog(user, action["data"] | values)

    async def close_dialog(self, user: str) -> None:
        """The app hears nothing of it."""
        self.dialog_of(user)
        del self.dialogs[user]

    def dialog_of(self, user: str) -> Json:
        """The dialog that this person has open. Raises CannotDo when there is none."""
        if user not in self.dialogs:
            raise CannotDo(f"{user} has no dialog open")
        return self.dialogs[user]

    async def install(self, user: str) -> Answer:
        """Add the app for oneself: Teams tells of it twice."""
        await self._members(user, "", "membersAdded")
        return await self.send(self.activity(user) | {"type": "installationUpdate", "action": "add"})

    async def uninstall(self, user: str) -> Answer:
        answer = await self.send(self.activity(user) | {"type": "installationUpdate", "action": "remove"})
        self.block(user)
        return answer

    def block(self, user: str) -> None:
        """From now on nothing reaches this person."""
        member = self.people[user]
        conversation = self.personal[member.tenant, member.object]
        self.troubles.append(Trouble(403, 10**9, "MessageWritesBlocked", conversation=conversation))

    async def install_team(self, user: str, channel: str) -> Answer:
        """Add the app to a team, from one of its channels."""
        await self._members(user, channel, "membersAdded")
        return await self.send(self.activity(user, channel) | {"type": "installationUpdate", "action": "add"})

    async def uninstall_team(self, user: str, channel: str) -> Answer:
        gone = {"type": "installationUpdate", "action": "remove"}
        answer = await self.send(self.activity(user, channel) | gone)
        self.conversations.discard(self.channels[channel].conversation)
        return answer

    async def team_event(self, user: str, channel: str, event: str) -> Answer:
        """ "channelDeleted", "teamRenamed", "teamDeleted" and the like; the event comes from the team."""
        activity = self.activity(user, channel) | {"type": "conversationUpdate"}
        activity["channelData"] = activity["channelData"] | {"eventType": event}
        activity["conversation"] = activity["conversation"] | {"id": self.channels[channel].team}
        if event in {"channelDeleted", "teamDeleted"}:
            self.conversations.discard(self.channels[channel].conversation)
        return await self.send(activity)

    # How it is done

    def activity(self, user: str, channel: str = "", thread: str = "") -> Json:
        """What all activities have: who, where, when."""
        member = self.people[user]
        data: Json = {"tenant": {"id": member.tenant}}
        if channel:
            room = self.channels[channel]
            where: Json = {"id": room.conversation, "conversationType": "channel", "isGroup": True}
            where["tenantId"], data["tenant"] = room.tenant, {"id": room.tenant}
            if room.conversation.endswith("@thread.v2"):
                where["conversationType"] = "groupChat"
            else:
                data |= {"channel": {"id": room.conversation}, "team": {"id": room.team}}
                where["id"] += f";messageid={thread}" if thread else ""
        else:
            named = self.personal[member.tenant, member.object]
            where = {"id": named, "conversationType": "personal", "tenantId": member.tenant}
        return {
            "id": self.number(),
            "channelId": "msteams",
            "serviceUrl": self.service_url,
            "from": {"id": f"29:{member.object}", "aadObjectId": member.object, "name": member.name},
            "recipient": {"id": f"28:{self.app_id}", "name": "Escalate"},
            "conversation": where,
            "channelData": data,
        }

    async def send(self, activity: Json) -> Answer:
        """Signed, and answered with 200, or NotDelivered."""
        answer = await self.send_raw(activity, self.framework.token(activity["serviceUrl"]))
        if answer.status != 200:
            raise NotDelivered(answer)
        return answer

    async def send_raw(self, activity: Any, token: str | None) -> Answer:
        """As it stands, with any token or none; `activity` may be bytes."""
        headers = {"Content-Type": "application/json"}
        if token is not None:
            headers["Authorization"] = token if " " in token else f"Bearer {token}"
        sent: Any = {"data": activity} if isinstance(activity, bytes) else {"json": activity}
        try:
            async with self.http.post(self.request_url, headers=headers, **sent) as response:
                is_json = response.content_type == "application/json"
                return Answer(response.status, await (response.json() if is_json else response.text()))
        except aiohttp.ClientConnectionError as error:
            return Answer(0, str(error))

    async def _in_dialog(self, user: str, data: Json) -> Answer:
        origin = dict(self._from[user])
        value: Json = {"data": data}
        if command := origin.pop("command", ""):
            value |= {"commandId": command, "commandContext": "compose"}
        return self._shown(user, await self.send(origin | {"id": self.number(), "value": value}))

    def _shown(self, user: str, answer: Answer) -> Answer:
        """The dialog that is open now, if any."""
        task = answer.body.get("task") if isinstance(answer.body, dict) else None
        self.dialogs.pop(user, None)
        if isinstance(task, dict) and task.get("type") == "continue":
            self.dialogs[user] = task["value"]
            self.judge("dialog", card_of(task["value"]))
        return answer

    def _looked_at(self, answer: Answer) -> Answer:
        if answer.card:
            self.judge("answer", answer.card)
        return answer

    async def _members(self, user: str, channel: str, what: str) -> None:
        bot = {"id": f"28:{self.app_id}"}
        await self.send(self.activity(user, channel) | {"type": "conversationUpdate", what: [bot]})

    def _channel_of(self, message: Message) -> str:
        for name, channel in self.channels.items():
            if channel.conversation == message.conversation:
                return name
        return ""


@asynccontextmanager
async def running(
    request_url: str,
    people: Sequence[Member],
    channels: Mapping[str, Channel],
    judges: Sequence[Judge] = (),
    port: int = 0,
) -> AsyncIterator[TeamsStandIn]:
    """Start a stand-in on a free port, and stop it at the end, when a judge's complaint is raised.

    `request_url` is where the app will listen; it may be set afterwards.
    """
    async with aiohttp.ClientSession() as http:
        stand_in = TeamsStandIn(
            app_id=APP,
            app_password=PASSWORD,
            framework=BotFramework(APP),
            judges=list(judges),
            http=http,
            request_url=request_url,
            people={member.name: member for member in people},
            channels=dict(channels),
        )
        for member in people:
            conversation = f"a:{stand_in.number()}"
            stand_in.personal[member.tenant, member.object] = conversation
            stand_in.conversations.add(conversation)
        stand_in.conversations |= {channel.conversation for channel in channels.values()}
        runner = web.AppRunner(stand_in.application(), access_log=None, shutdown_timeout=1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        stand_in.base = f"http://127.0.0.1:{runner.addresses[0][1]}"
        try:
            yield stand_in
        finally:
            await runner.cleanup()
            await asyncio.sleep(0)
    for complaint in stand_in.complaints:
        raise complaint
