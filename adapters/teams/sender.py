"""Sends cards to Teams' channels, chats and people: what the courier asks for, through the transport."""

from __future__ import annotations

from typing import Any, Final
from zoneinfo import ZoneInfo

from adapters.teams import limits, rates, render
from adapters.teams.references import PLATFORM, AddressBook, ConversationReference, is_room, parted
from adapters.teams.settings import LONDON
from adapters.teams.transport import ConversationGone, TeamsTransport
from core.cards.model import Card
from core.delivery import MessageGone, Rate, Rejected

THREAD: Final = ";messageid="
CHANNELS: Final = ("@thread.tacv2", "@thread.skype")  # how their conversations' ids end; chats' end otherwise


class TeamsSender:
    """A core.delivery.Sender. A message's id is "CONVERSATION|ID", or "CONVERSATION;messageid=ROOT|ID" for
    one in a thread.

    In a channel a card starts a thread, and what belongs to it replies there. Chats have no threads.
    """

    def __init__(self, transport: TeamsTransport, addresses: AddressBook, zone: ZoneInfo = LONDON) -> None:
        self._transport = transport
        self._addresses = addresses
        self._zone = zone

    @property
    def platform(self) -> str:
        return PLATFORM

    def lane(self, place: str) -> str:
        """One: Teams counts the requests of the whole bot."""
        return PLATFORM

    def rates(self, place: str) -> tuple[Rate, ...]:
        return rates.THREAD

    def lane_rates(self, lane: str) -> tuple[Rate, ...]:
        return rates.BOT

    async def post(self, place: str, card: Card, thread: str = "") -> str:
        activity = await self._drawn(place, card)
        reference = await self._addresses.reach(place)
        root = _root(thread, reference.conversation) if thread else ""
        try:
            return await self._post(reference, activity, root)
        except ConversationGone:
            if is_room(place):
                await self._addresses.forget(place)
                raise
            reference = await self._addresses.open(place, instead_of=reference.conversation)
            return await self._post(reference, activity, "")

    async def update(self, place: str, message: str, card: Card) -> None:
        conversation, root, name = _parts(message)
        reference = await self._addresses.reach(place)
        if conversation != reference.conversation:
            raise MessageGone("in_another_conversation")  # the personal chat was made anew since
        try:
            await self._transport.update(reference, name, await self._drawn(place, card), root)
        except ConversationGone as gone:
            raise MessageGone(gone.why) from None

    async def _drawn(self, place: str, card: Card) -> dict[str, Any]:
        """In a room without the buttons that are for some only: their clients ask for their own card, as far
        as Teams' ids of them are known. For others those buttons are behind "Open".
        """
        if not is_room(place):
            own = card if place in card.personal_for else card.without_personal()
            return render.message(own, self._zone)
        users = await self._addresses.users_in(parted(place)[0], card.personal_for)
        return render.message(card.without_personal(), self._zone, tuple(users[: limits.REFRESH_USERS]))

    async def _post(self, reference: ConversationReference, activity: dict[str, Any], root: str) -> str:
        name = await self._transport.post(reference, activity, root)
        suffix = f"{THREAD}{root}" if root else ""
        return f"{reference.conversation}{suffix}|{name}"


def _root(thread: str, conversation: str) -> str:
    """The message that a thread hangs on; "" in a chat, where there is none. Raises MessageGone."""
    where, root, name = _parts(thread)
    if not where.endswith(CHANNELS):
        return ""
    if where != conversation:
        raise MessageGone("in_another_conversation")
    return root or name


def _parts(message: str) -> tuple[str, str, str]:
    """Conversation, the thread's first message ("" if none) and the message."""
    where, _, name = message.rpartition("|")
    conversation, _, root = where.partition(THREAD)
    if not conversation or not name:
        raise Rejected("not_a_teams_message")
    return conversation, root, name
