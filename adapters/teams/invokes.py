"""Answers to what Teams waits for: buttons, dialogs, the action command. Each kind has a shape of its own.

Whatever goes wrong is answered with 200 and words that a person can act on, in the shape that was asked for.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeAlias
from zoneinfo import ZoneInfo

from adapters.teams import parse, render
from adapters.teams.logs import apology, failure_code
from adapters.teams.telling import as_card, as_words
from core.cards.model import Card, Form
from core.conversation import Answer, Asker, Conversation, Press
from core.verbs import VERBS, Draws

Body: TypeAlias = dict[str, Any]
PATIENCE: Final = 2.5  # seconds; Teams shows people that it waits, and after some ten gives up
CARD: Final = "application/vnd.microsoft.card.adaptive"
WORDS: Final = "application/vnd.microsoft.activity.message"
ERROR: Final = "application/vnd.microsoft.error"

NOT_UNDERSTOOD: Final = "That button can't be read. Write list to Escalate, and open the case from there."
SLOW: Final = "This takes longer than usual. It is still being done: open the case in a moment to see it."
NOT_HERE: Final = "Escalate doesn't do this. Write help to it for what it does."

FROM_RECORD: Final = frozenset({"addToRecord", "add_to_record"})
"""Commands of the message extension that are about a case; all others raise a new one."""


class Invokes:
    """`patience`: seconds until the person is told that it takes longer; what was begun is finished."""

    def __init__(self, conversation: Conversation, zone: ZoneInfo, patience: float = PATIENCE) -> None:
        self._conversation = conversation
        self._zone = zone
        self._patience = patience
        self._under_way: set[asyncio.Task[Body]] = set()
        self._by_name: dict[str, Callable[[Asker, Body], Awaitable[Body]]] = {
            "adaptiveCard/action": self._pressed,
            "task/fetch": self._opened,
            "task/submit": self._submitted,
            "composeExtension/fetchTask": self._called,
            "composeExtension/submitAction": self._submitted,
        }

    async def answer(self, activity: Body) -> Body:
        """The body of the answer."""
        name = activity.get("name")
        name = name if isinstance(name, str) else ""
        handle = self._by_name.get(name)
        if handle is None:
            return _unknown(name)
        try:
            asker = parse.asker(activity)
            work = asyncio.ensure_future(handle(asker, activity))
        except parse.UnreadableError:
            return _sorry(name, NOT_UNDERSTOOD)
        self._under_way.add(work)
        work.add_done_callback(self._done)
        await asyncio.wait({work}, timeout=self._patience)
        if not work.done():
            return _sorry(name, SLOW)
        try:
            return work.result()
        except parse.UnreadableError:
            return _sorry(name, NOT_UNDERSTOOD)
        except Exception as error:
            return _sorry(name, apology(failure_code(error, "an invoke")))

    async def close(self) -> None:
        """What was begun is finished; what hangs is let go."""
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=5)

    def _done(self, work: asyncio.Task[Body]) -> None:
        self._under_way.discard(work)
        if not work.cancelled():
            work.exception()

    # --- each kind ---

    async def _pressed(self, asker: Asker, activity: Body) -> Body:
        """A button on a card. One in a channel, which is everybody's, stays, and so does one about several
        things: the answer is said beside it.
        """
        press = parse.press(activity.get("value"))
        if press is None:
            return _sorry("adaptiveCard/action", NOT_UNDERSTOOD)
        answer = await self._conversation.press(asker, press)
        if not isinstance(answer, Form) and isinstance(VERBS.get(press.verb), Draws):
            return self._own(answer, activity)
        card = as_card(answer, press)
        if parse.stays(activity.get("value")) or (asker.room and card is answer):
            return {"statusCode": 200, "type": WORDS, "value": as_words(card, self._zone)}
        return self._card(card)

    def _own(self, card: Card, activity: Body) -> Body:
        """The card as it is for whoever looks; it stays so. Where it can't be had, everybody's stays."""
        if card.as_it_is_for_me is None:
            return _sorry("adaptiveCard/action", as_words(card, self._zone))
        user = activity["from"].get("id")
        kept = ((user,), card.as_it_is_for_me) if isinstance(user, str) and user else ((), None)
        content = render.card_content(card, self._zone, *kept)
        return {"statusCode": 200, "type": CARD, "value": content}

    async def _opened(self, asker: Asker, activity: Body) -> Body:
        """A button that opens a dialog."""
        press = parse.press(activity.get("value"))
        if press is None:
            return _sorry("task/fetch", NOT_UNDERSTOOD)
        return self._dialog(await self._conversation.press(asker, press))

    async def _submitted(self, asker: Asker, activity: Body) -> Body:
        """A dialog sent, or a button in it pressed."""
        value = activity.get("value")
        press = parse.press(value)
        if press:
            return self._dialog(await self._conversation.press(asker, press))
        return self._dialog(await self._conversation.submit(asker, parse.submission(value, asker.room)))

    async def _called(self, asker: Asker, activity: Body) -> Body:
        """The action command. From the compose box it raises; from a message its words are offered too."""
        value = activity.get("value")
        command = value.get("commandId") if isinstance(value, dict) else None
        words, message = parse.chosen_words(activity), parse.chosen_message(activity)
        if isinstance(command, str) and command in FROM_RECORD:
            wanted = Press("note", message=message, words=words)
            answer = (
                self._conversation.press(asker, wanted) if message else self._conversation.say(asker, "list")
            )
            return self._dialog(await answer)
        return self._dialog(await self._conversation.press(asker, Press("new", words=words)))

    # --- shapes ---

    def _card(self, card: Card) -> Body:
        return {"statusCode": 200, "type": CARD, "value": render.card_content(card, self._zone)}

    def _dialog(self, answer: Answer) -> Body:
        if isinstance(answer, Form):
            return _task(render.dialog(answer, self._zone))
        return _task(render.told(answer, self._zone))


def _task(shown: Body) -> Body:
    return {"task": {"type": "continue", "value": shown}}


def _sorry(name: str, words: str) -> Body:
    """In the shape that this kind of invoke shows to people."""
    if name == "adaptiveCard/action":
        return {"statusCode": 400, "type": ERROR, "value": {"code": "BadRequest", "message": words}}
    return {"task": {"type": "message", "value": words}}


def _unknown(name: str) -> Body:
    """Kinds that we offer nowhere: some show words to people, of the others nobody reads the answer."""
    if name.startswith("composeExtension/"):
        return {"composeExtension": {"type": "message", "text": NOT_HERE}}
    if name.startswith(("task/", "adaptiveCard/")):
        return _sorry(name if name.startswith("task/") else "adaptiveCard/action", NOT_HERE)
    return {}
