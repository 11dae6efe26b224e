"""Answers to what people say, told to them alone: in the personal chat, and from a channel in it too."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, Final, TypeAlias
from zoneinfo import ZoneInfo

from adapters.teams import render
from adapters.teams.logs import refused
from adapters.teams.references import ConversationReference
from adapters.teams.sender import THREAD, TeamsSender
from adapters.teams.text import written
from adapters.teams.transport import TeamsTransport
from core.cards.model import Banner, Button, Buttons, Card, Heading, Line, line
from core.conversation import Answer, Asker, Press
from core.delivery import SendingFailed, TryLater
from core.forms.form import CASE, KEPT
from core.verbs import VERBS, Opens, Resumes

Body: TypeAlias = Mapping[str, Any]
TRIES: Final = 3
LONGEST_PAUSE: Final = 2.0  # seconds; Teams waits fifteen for us
READY: Final = "Your form is ready"
OPENS: Final = "This button opens the form. Only you see what you write in it."
TAKEN: Final = "Thank you. You can read the case now, and answer."
OPEN_CASE: Final = "Open the case"
NOT_SAVED: Final = "It was not saved. What you wrote stands in your own message."
IN_OUR_CHAT: Final = "I have answered you in our own chat."
NO_CHAT: Final = (
    "I can't write to you alone. Add Escalate for yourself, under Apps in Teams, and ask me there."
)
WELCOME: Final = (
    "This is Escalate. It helps professionals who disagree about how to keep an adult safe. "
    "Write **new** to raise a disagreement, **list** for your cases, or **help** for all that you can say. "
    "If somebody is in danger now, phone 999."
)
SUGGESTED: Final = ("new", "list", "help")


def doorway(press: Press) -> Card:
    """A message can't hold a form: a button on it opens one."""
    button = Button(
        label="Open the form",
        verb=press.verb,
        escalation=press.escalation,
        object=press.object,
        style="primary",
    )
    return Card(summary=READY, parts=(line(OPENS), Buttons(buttons=(button,))))


def as_card(answer: Answer, press: Press) -> Card:
    """`press`: what led to the answer; if that opened no form but did something, the case is opened.

    What was said in vain isn't quoted: it stands in the message in which it was said.
    """
    if isinstance(answer, Card):
        return answer
    if answer.kind == KEPT:
        why = [part for part in answer.parts[:1] if isinstance(part, Line)]
        return Card(summary=answer.title, parts=(*why, line(NOT_SAVED)))
    if isinstance(VERBS.get(press.verb), Opens | Resumes):
        return doorway(press)
    open_it = Button(label=OPEN_CASE, verb="open", escalation=answer.carry.get(CASE, press.escalation))
    return Card(summary=answer.title, parts=(line(f"{answer.title} · {TAKEN}"), Buttons(buttons=(open_it,))))


def as_words(card: Card, zone: ZoneInfo) -> str:
    """What a card says, without its buttons."""
    said = []
    for part in card.parts:
        if isinstance(part, Banner | Heading):
            said.append(part.text)
        elif isinstance(part, Line):
            said.append(written(part.text, zone))
    return "\n\n".join(each for each in said if each.strip()) or card.summary


def saying(words: str) -> dict[str, Any]:
    return {"type": "message", "textFormat": "markdown", "text": words}


class Telling:
    """None of its methods raises for what Teams refuses: it is logged by its code, and the asker told if that
    can be.
    """

    def __init__(self, transport: TeamsTransport, sender: TeamsSender, zone: ZoneInfo) -> None:
        self._transport = transport
        self._sender = sender
        self._zone = zone

    async def tell(self, asker: Asker, here: ConversationReference, root: str, card: Card) -> None:
        """`here`: where it was said; `root`: the message that began the thread, in a channel."""
        if not asker.room:
            await self._try(lambda: self._transport.post(here, render.message(card, self._zone)))
            return
        told = await self._try(lambda: self._sender.post(asker.account, card))
        await self._try(lambda: self._transport.post(here, saying(IN_OUR_CHAT if told else NO_CHAT), root))

    async def welcome(self, here: ConversationReference) -> None:
        actions = [{"type": "imBack", "title": word, "value": word} for word in SUGGESTED]
        suggested = {"suggestedActions": {"to": [here.user] if here.user else [], "actions": actions}}
        await self._try(lambda: self._transport.post(here, {**saying(WELCOME), **suggested}))

    async def _try(self, send: Any) -> bool:
        """A few times, for nobody tries again later what was answered at once."""
        for tried in range(TRIES):
            try:
                await send()
            except TryLater as later:
                pause = min(LONGEST_PAUSE, later.after if later.after is not None else 0.3 * 2**tried)
                if tried == TRIES - 1:
                    refused("answer not told", later.why)
                else:
                    await asyncio.sleep(pause)
            except SendingFailed as failed:
                refused("answer not told", failed.why)
                break
            else:
                return True
        return False


def root_of(activity: Body) -> str:
    """The message that a channel's thread hangs on: named in the conversation, else the one just said. ""
    outside a channel.
    """
    conversation = activity.get("conversation")
    if not isinstance(conversation, Mapping) or conversation.get("conversationType") != "channel":
        return ""
    _, _, root = str(conversation.get("id", "")).partition(THREAD)
    return root or str(activity.get("id") or "")
