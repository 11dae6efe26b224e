"""What is done with each kind of activity: convert, ask the bot, convert its answer.

A message that Teams delivers again is not answered again; what was asked is done once in any case, for the
bot knows each delivery by its id.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, Final, TypeAlias

from adapters.teams import parse
from adapters.teams.invokes import Invokes
from adapters.teams.logs import apology, failure_code
from adapters.teams.references import (
    PLATFORM,
    AddressBook,
    ConversationReference,
    References,
    is_personal,
    named,
    reference_of,
)
from adapters.teams.settings import NotAllowed
from adapters.teams.telling import Telling, as_card, root_of
from core import slash
from core.cards.model import Card, Form, line
from core.conversation import Answer, Asker, Conversation, Press
from core.forms.form import CASE

Body: TypeAlias = dict[str, Any]
REMEMBERED: Final = 20_000
"""Deliveries: more than come in the time that a token lasts."""
SPOKEN: Final = frozenset({"message", "invoke"})
TEAM_IS_NO_MORE: Final = frozenset({"teamDeleted", "teamHardDeleted"})
CHANNEL_IS_NO_MORE: Final = frozenset({"channelDeleted"})


class Deliveries:
    """Those seen since the program started; the oldest are forgotten first."""

    def __init__(self, most: int = REMEMBERED) -> None:
        self._most = most
        self._seen: OrderedDict[tuple[str, str, str], None] = OrderedDict()

    def again(self, activity: Body) -> bool:
        """True if this one was asked about before. One without an id never was."""
        conversation = activity.get("conversation")
        where = conversation.get("id") if isinstance(conversation, Mapping) else ""
        name = activity.get("id")
        if not isinstance(name, str) or not name:
            return False
        key = (str(activity["type"]), str(where), name)
        if key in self._seen:
            return True
        self._seen[key] = None
        if len(self._seen) > self._most:
            self._seen.popitem(last=False)
        return False


class Turns:
    """`take` is what the front door hands activities to."""

    def __init__(
        self,
        conversation: Conversation,
        invokes: Invokes,
        telling: Telling,
        addresses: AddressBook,
        references: References,
    ) -> None:
        self._conversation = conversation
        self._invokes = invokes
        self._telling = telling
        self._addresses = addresses
        self._references = references
        self._deliveries = Deliveries()

    async def take(self, activity: Body) -> Body:
        """The body of the answer. Raises UnreadableError."""
        match activity["type"]:
            case "invoke":
                await self._keep(activity)
                return await self._invokes.answer(activity)
            case "message":
                await self._message(activity)
            case "installationUpdate":
                await self._installation(activity)
            case "conversationUpdate":
                await self._conversation_changed(activity)
        return {}

    # --- what people say ---

    async def _message(self, activity: Body) -> None:
        asker = parse.asker(activity)
        words = parse.words(activity)
        if self._deliveries.again(activity):
            return
        await self._keep(activity)
        here, root = reference_of(activity), root_of(activity)
        try:
            card = await self._asked(asker, activity, words)
        except parse.UnreadableError:
            raise
        except Exception as error:
            sorry = apology(failure_code(error, "a message"))
            card = Card(summary=sorry, parts=(line(sorry),))
        await self._telling.tell(asker, here, root, card)

    async def _asked(self, asker: Asker, activity: Body, words: str) -> Card:
        """Older clients send what a button carries as the value of a message."""
        value = activity.get("value")
        if value:
            press = parse.press(value)
            if press:
                return as_card(await self._conversation.press(asker, press), press)
            answer = await self._conversation.submit(asker, parse.submission(value, asker.room))
            return as_card(answer, Press("new"))
        return await self._said(asker, words)

    async def _said(self, asker: Asker, words: str) -> Card:
        """A note said in a channel stays in the channel, so it is asked for in a form instead."""
        understood = slash.understand(words)
        if asker.room and isinstance(understood, slash.Note):
            shown = await self._conversation.say(asker, f"show {understood.reference}")
            return as_card(shown, _way_to(shown, "note"))
        answer = await self._conversation.say(asker, words)
        return as_card(answer, _way_to(answer, "open"))

    # --- coming and going ---

    async def _installation(self, activity: Body) -> None:
        action, here = activity.get("action"), reference_of(activity)
        if isinstance(action, str) and action.startswith("remove"):
            await self._gone(activity, here)
            return
        await self._keep(activity)
        if action == "add" and here.user and not self._deliveries.again(activity):
            await self._telling.welcome(here)

    async def _conversation_changed(self, activity: Body) -> None:
        """Names of teams and channels aren't kept, so a new one changes nothing."""
        data, here = activity.get("channelData"), reference_of(activity)
        data = data if isinstance(data, Mapping) else {}
        event = data.get("eventType")
        if event in CHANNEL_IS_NO_MORE:
            name = named(data.get("channel"))
            if name:
                await self._references.forget(f"{PLATFORM}:{here.tenant}/{name}")
            return
        if event in TEAM_IS_NO_MORE or _names_bot(activity, "membersRemoved"):
            await self._gone(activity, here)
            return
        await self._keep(activity)

    async def _gone(self, activity: Body, here: ConversationReference) -> None:
        if here.team:
            await self._references.forget_team(here.tenant, here.team)
        place = place_of(activity)
        if place:
            await self._references.forget(place)

    async def _keep(self, activity: Body) -> None:
        """Whatever arrives says how its place is reached. A failure to keep that spoils no answer."""
        try:
            place, here = place_of(activity), reference_of(activity)
            await self._addresses.keep(place, here)
            account, user = speaker_of(activity)
            if account:
                await self._addresses.keep_speaker(account, here, user)
        except (parse.UnreadableError, NotAllowed):
            raise
        except Exception as error:
            failure_code(error, "keeping a reference")


def place_of(activity: Body) -> str:
    """The room, or in a personal chat the person; "" where no person is named."""
    conversation = activity.get("conversation")
    sender = activity.get("from")
    person = sender.get("aadObjectId") if isinstance(sender, Mapping) else None
    if isinstance(person, str) and person:
        asker = parse.asker(activity)
        return asker.room or (asker.account if is_personal(conversation) else "")
    where = named(conversation)
    if where.startswith("19:") and not is_personal(conversation):
        return f"{PLATFORM}:{parse.tenant_of(activity)}/{where.partition(';')[0]}"
    return ""


def speaker_of(activity: Body) -> tuple[str, str]:
    """Whoever said or pressed something in a room: their account, and what Teams calls them; else ""."""
    named = activity.get("from")
    if activity["type"] not in SPOKEN or not isinstance(named, Mapping) or not named.get("aadObjectId"):
        return "", ""
    asker, user = parse.asker(activity), named.get("id")
    return (asker.account, user) if asker.room and isinstance(user, str) and user else ("", "")


def _names_bot(activity: Body, key: str) -> bool:
    told, own = activity.get(key), named(activity.get("recipient"))
    return bool(own) and any(named(each) == own for each in (told if isinstance(told, list) else []))


def _way_to(answer: Answer, verb: str) -> Press:
    """The press that opens the form that words asked for."""
    case = answer.carry.get(CASE, "") if isinstance(answer, Form) else ""
    return Press(verb, case) if case else Press("new")
