"""Sends cards to the local page: what a chat platform's sender does, without a network between."""

from __future__ import annotations

from adapters.web.world import PLATFORM, WORKSPACE, PageMessages
from core.cards.model import Card
from core.delivery import MessageGone, Rate, Unreachable


class PageSender:
    """A `core.delivery.Sender` whose messages land in `PageMessages`."""

    platform = PLATFORM

    def __init__(self, messages: PageMessages) -> None:
        self._messages = messages

    def lane(self, place: str) -> str:
        """One lane: the page never asks for patience."""
        return WORKSPACE

    def rates(self, place: str) -> tuple[Rate, ...]:
        """None: the page takes messages as they come."""
        return ()

    def lane_rates(self, lane: str) -> tuple[Rate, ...]:
        return ()

    async def post(self, place: str, card: Card, thread: str = "") -> str:
        """Keeps the card as a new message. Raises Unreachable (no place of this page) or MessageGone."""
        _check(place)
        try:
            return await self._messages.post(place, card.model_dump_json(), thread)
        except LookupError as gone:
            raise MessageGone("no_such_thread") from gone

    async def update(self, place: str, message: str, card: Card) -> None:
        """Puts the card in the place of another. Raises Unreachable or MessageGone."""
        _check(place)
        try:
            await self._messages.update(message, card.model_dump_json())
        except LookupError as gone:
            raise MessageGone("no_such_message") from gone


def _check(place: str) -> None:
    if not place.startswith(f"{WORKSPACE}/"):
        raise Unreachable("not_a_place_of_the_page")
