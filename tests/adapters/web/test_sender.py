"""Sending to the page, and what each way of failing is called."""

from __future__ import annotations

import pytest

from adapters.web.sender import PageSender
from core.delivery import MessageGone, Sender, Unreachable
from tests.adapters.web.fakes import MemoryMessages, case_card, thread_card

ROOM = "web:page/room-asc"


async def test_a_card_and_its_thread_are_kept_as_they_were_sent() -> None:
    messages = MemoryMessages()
    sender: Sender = PageSender(messages)
    card = await sender.post(ROOM, case_card())
    reply = await sender.post(ROOM, thread_card("A view was added"), card)
    await sender.update(ROOM, card, case_card(whose="Adult Social Care"))
    kept = await messages.of([ROOM])
    assert [(message.id, message.thread) for message in kept] == [(card, ""), (reply, card)]
    assert kept[0].card == case_card(whose="Adult Social Care")
    assert (sender.platform, sender.lane(ROOM)) == ("web", "web:page")
    assert (sender.rates(ROOM), sender.lane_rates("web:page")) == ((), ())


@pytest.mark.parametrize("place", ["slack:T1/C1", "web:other/room", "", "web:page"])
async def test_a_place_elsewhere_cannot_be_reached(place: str) -> None:
    sender = PageSender(MemoryMessages())
    with pytest.raises(Unreachable):
        await sender.post(place, case_card())
    with pytest.raises(Unreachable):
        await sender.update(place, "m1", case_card())


async def test_a_message_that_is_no_more_is_said_to_be_gone() -> None:
    sender = PageSender(MemoryMessages())
    with pytest.raises(MessageGone):
        await sender.update(ROOM, "m1", case_card())
    with pytest.raises(MessageGone):
        await sender.post(ROOM, case_card(), "m1")
