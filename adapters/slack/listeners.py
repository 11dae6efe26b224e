"""What is done with each kind of payload: convert, ask the bot, convert its answer. All stand behind one
guard.

The bot answers once what it did is on disk, and only then is Slack answered; nothing is left for afterwards.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final, TypeAlias
from zoneinfo import ZoneInfo

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.response import BoltResponse

from adapters.slack import parse, render
from adapters.slack.fields import block_id, errors
from adapters.slack.logs import apology, failure_code
from adapters.slack.parse import InMessage, InView
from adapters.slack.text import escape
from adapters.slack.web_api import WebApi
from core.cards.model import Card, Form
from core.conversation import Answer, Conversation
from core.delivery import SendingFailed

Body: TypeAlias = dict[str, Any]
Reply: TypeAlias = dict[str, Any] | None
"""What stands in the acknowledgement; None is an empty one."""
Handle: TypeAlias = Callable[[Body], Awaitable[Reply]]
Sorry: TypeAlias = Callable[[Body, str], Awaitable[Reply]]

SHORTCUTS: Final = ("escalate", "escalate_from_message")
"""The global one, and the one in a message's menu; neither reads the message."""
PATIENCE: Final = 2.0  # seconds; Slack waits three, and a trigger_id lives no longer
ANY: Final = re.compile(r"[\s\S]*")


@dataclass(frozen=True)
class Listeners:
    """One method a kind of payload, and one for telling that it went wrong."""

    conversation: Conversation
    web_api: WebApi
    zone: ZoneInfo

    async def command(self, body: Body) -> Reply:
        asker, words = parse.command(body)
        answer = await self.conversation.say(asker, words)
        if isinstance(answer, Form):
            await self._open(body, answer)
            return None
        return {"response_type": "ephemeral", **render.message(answer, self.zone)}

    async def shortcut(self, body: Body) -> Reply:
        answer = await self.conversation.say(parse.shortcut(body), "new")
        if isinstance(answer, Form):
            await self._open(body, answer)
        else:
            await self._tell(body, render.message(answer, self.zone))
        return None

    async def pressed(self, body: Body) -> Reply:
        read = parse.press(body)
        if read is None:
            return None
        spot = parse.spot(body)
        answer = await self.conversation.press(*read)
        if isinstance(spot, InView):
            await self._show_in_view(body, spot, answer)
        elif isinstance(answer, Form):
            await self._open(body, answer)
        else:
            await self._tell(body, render.message(answer, self.zone))
        return None

    async def submitted(self, body: Body) -> Reply:
        asker, submission = parse.submission(body)
        answer = await self.conversation.submit(asker, submission)
        if isinstance(answer, Card):
            return {"response_action": "update", "view": render.closing_view(answer, self.zone)}
        wrong = errors(answer)
        if wrong and _same_fields(body, answer):
            return {"response_action": "errors", "errors": wrong}
        return {"response_action": "update", "view": render.view(answer, self.zone)}

    async def nothing(self, body: Body) -> Reply:
        """Views closed and events that nobody waits for."""
        return None

    async def no_options(self, body: Body) -> Reply:
        """No select of ours asks for its options as one types."""
        return {"options": []}

    async def sorry_ephemerally(self, body: Body, words: str) -> Reply:
        return {"response_type": "ephemeral", "text": escape(words)}

    async def sorry_where_pressed(self, body: Body, words: str) -> Reply:
        if isinstance(body.get("container"), dict) and isinstance(parse.spot(body), InView):
            await self._push(body, render.sentence_view(words))
        else:
            await self._tell(body, {"text": escape(words)})
        return None

    async def sorry_in_form(self, body: Body, words: str) -> Reply:
        """Beside the first field, so that what was typed stays."""
        shown = body.get("view")
        first = next(iter(sorted(parse.inputs(shown))), None) if isinstance(shown, dict) else None
        if first:
            return {"response_action": "errors", "errors": {first: words}}
        return {"response_action": "push", "view": render.sentence_view(words)}

    async def sorry_nowhere(self, body: Body, words: str) -> Reply:
        return None

    async def _call(self, method: str, payload: Body) -> None:
        """Within what Slack waits for an answer, so that the person can still be told when it fails."""
        async with asyncio.timeout(PATIENCE):
            await self.web_api.call(method, payload)

    async def _open(self, body: Body, form: Form) -> None:
        view = render.view(form, self.zone)
        await self._call("views.open", {"trigger_id": parse.word(body, "trigger_id"), "view": view})

    async def _push(self, body: Body, view: Body) -> None:
        await self._call("views.push", {"trigger_id": parse.word(body, "trigger_id"), "view": view})

    async def _show_in_view(self, body: Body, spot: InView, answer: Answer) -> None:
        """In the modal's place, or on top of it where that would sweep away what is half typed."""
        form_stays = isinstance(answer, Form) and answer.kind == spot.kind
        keep = spot.typed and not form_stays
        view = (
            render.view(answer, self.zone)
            if isinstance(answer, Form)
            else render.closing_view(answer, self.zone, last=not keep)
        )
        if not keep or not await self._done(self._push(body, view)):
            await self._call("views.update", {"view_id": spot.view, "view": view})

    async def _tell(self, body: Body, message: Body) -> None:
        """To the one who asked alone: where they pressed if Slack lets us, else by direct message."""
        spot = _message_spot(body)
        if spot.channel and not spot.channel.startswith("D"):
            thread = {"thread_ts": spot.thread} if spot.thread else {}
            payload = {"channel": spot.channel, "user": spot.user, **thread, **message}
            if await self._done(self._call("chat.postEphemeral", payload)):
                return
        if spot.response_url:
            answer = {"response_type": "ephemeral", "replace_original": False, **message}
            await self.web_api.respond(spot.response_url, answer)
        else:
            await self._call("chat.postMessage", {"channel": spot.user, **message})

    @staticmethod
    async def _done(call: Awaitable[object]) -> bool:
        """Did Slack take it? If not (three views deep, a channel without the bot), another way is left."""
        try:
            await call
        except (SendingFailed, TimeoutError):
            return False
        return True


def _message_spot(body: Body) -> InMessage:
    if isinstance(body.get("container"), dict):
        spot = parse.spot(body)
        if isinstance(spot, InMessage):
            return spot
    channel = body.get("channel")
    return InMessage(
        channel=parse.word(channel, "id", needed=False) if isinstance(channel, dict) else "",
        user=parse.word(parse.part(body, "user"), "id"),
        response_url=parse.word(body, "response_url", needed=False),
    )


def _same_fields(body: Body, form: Form) -> bool:
    """Errors can stand beside fields only where Slack shows those very fields; a form that changed is drawn
    anew.
    """
    ours = frozenset(block_id(form, field) for field in form.fields())
    return ours == parse.inputs(parse.part(body, "view"))


def guarded(handle: Handle, sorry: Sorry, doing: str) -> Callable[..., Awaitable[BoltResponse | None]]:
    """A Bolt listener that never raises: it logs a code, and the person reads it in plain words."""

    async def listen(ack: AsyncAck, body: Body) -> BoltResponse | None:
        try:
            reply = await handle(body)
        except parse.UnreadableError as missing:
            return BoltResponse(status=400, body=f"The payload has no usable {missing}.")
        except Exception as error:
            reply = await _apologise(sorry, body, apology(failure_code(error, doing)))
        await ack(reply if reply is not None else "")
        return None

    return listen


async def _apologise(sorry: Sorry, body: Body, words: str) -> Reply:
    try:
        return await sorry(body, words)
    except Exception as error:
        failure_code(error, "telling the person")
        return None


def listen_to_all(app: AsyncApp, listeners: Listeners) -> None:
    """Every kind of payload has a listener, so that nothing known is answered with 404."""
    nowhere = listeners.sorry_nowhere
    pressed = guarded(listeners.pressed, listeners.sorry_where_pressed, "a button")
    shortcut = guarded(listeners.shortcut, listeners.sorry_where_pressed, "a shortcut")
    app.command(ANY)(guarded(listeners.command, listeners.sorry_ephemerally, "a command"))
    app.action(ANY)(pressed)
    app.view_submission(ANY)(guarded(listeners.submitted, listeners.sorry_in_form, "a form"))
    app.view_closed(ANY)(guarded(listeners.nothing, nowhere, "a closed form"))
    for callback_id in SHORTCUTS:
        app.shortcut(callback_id)(shortcut)
    app.shortcut(ANY)(guarded(listeners.nothing, nowhere, "an unknown shortcut"))
    app.options(ANY)(guarded(listeners.no_options, nowhere, "options"))
    app.event(ANY)(guarded(listeners.nothing, nowhere, "an event"))
