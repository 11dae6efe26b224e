"""The stand-in itself catches what it is there to catch, and our rates keep it content."""

import asyncio
import time

import pytest

from adapters.teams.app import create_teams
from bot.lanes import Lanes
from core.delivery import TryLater
from tests.adapters.teams.conftest import AMIRA, WARD, Bot, Teams, card, settings_for
from tests.teams_blocks import CannotDo, Json
from tests.teams_connector import TENANT, Member, NotDelivered, running
from tests.teams_references import ReferencesInMemory
from tests.teams_service import BOT_RATES, THREAD_RATES, Judge, Trouble, Windows

CROWD = [Member(f"person{number}", f"eeeeeeee-0000-4000-8000-{number:012}") for number in range(60)]


def disliking(kind: str, shown: Json) -> None:
    assert "Please look" not in str(shown), f"a {kind} that this judge dislikes"


async def test_a_judges_complaint_is_raised_at_the_end() -> None:
    with pytest.raises(AssertionError, match="dislikes"):
        await post_before(disliking)


async def post_before(judge: Judge) -> None:
    async with running("", [AMIRA], {}, [judge]) as there:
        platform = create_teams(settings_for(there), Bot(), ReferencesInMemory())
        await platform.sender.post(AMIRA.place, card())
        await platform.close()


async def test_more_than_a_thread_takes_is_refused(teams: Teams) -> None:
    teams.there.enforce_rates = True
    for _ in range(7):
        await teams.platform.sender.post(WARD.place, card())
    with pytest.raises(TryLater) as later:
        await teams.platform.sender.post(WARD.place, card())
    assert later.value.after == 1.0


def test_the_windows_that_it_keeps_are_those_of_teams() -> None:
    thread, bot = Windows(THREAD_RATES), Windows(BOT_RATES)
    assert [thread.too_many(moment / 100) for moment in range(8)] == [False] * 7 + [True]
    assert [thread.too_many(1.5), thread.too_many(1.6)] == [False, True]
    assert [bot.too_many(moment / 1000) for moment in range(51)].index(True) == 50
    assert not bot.too_many(1.0)


async def test_what_goes_through_the_lanes_is_never_refused_nor_lost_nor_doubled() -> None:
    async with running("", CROWD, {"ward": WARD}) as there:
        there.enforce_rates = True
        platform = create_teams(settings_for(there), Bot(), ReferencesInMemory())
        lanes = Lanes()

        async def send(place: str, words: str) -> None:
            async with lanes.turn(platform.sender, place):
                await platform.sender.post(place, card(words))

        for member in CROWD:
            conversation = there.personal[TENANT, member.object]
            await platform.front_door._take(_said_by(there.activity(member.name), conversation))
        begun = time.monotonic()
        to_people = [send(member.place, member.name) for member in CROWD]
        to_ward = [send(WARD.place, f"line {number}") for number in range(10)]
        await asyncio.gather(*to_people, *to_ward)
        took = time.monotonic() - begun
        assert there.counts["refused"] == 0
        assert [len(there.direct_messages(member.name)) for member in CROWD] == [1] * len(CROWD)
        lines = [str(message.now) for message in there.in_channel("ward")]
        assert [f"line {number}" in line for number, line in enumerate(lines)] == [True] * 10
        assert took < 5
        await platform.close()


def _said_by(activity: Json, conversation: str) -> Json:
    """Tells of a conversation without anybody saying anything."""
    assert activity["conversation"]["id"] == conversation
    return activity | {"type": "conversationUpdate"}


async def test_a_dropped_connection_may_have_done_its_work(teams: Teams) -> None:
    teams.there.troubles.append(Trouble(0, after_doing=True))
    with pytest.raises(TryLater):
        await teams.platform.sender.post(WARD.place, card())
    assert len(teams.there.in_channel("ward")) == 1


async def test_people_cannot_do_what_is_not_there(teams: Teams) -> None:
    await teams.platform.sender.post(AMIRA.place, card())
    [message] = teams.there.direct_messages("amira")
    with pytest.raises(CannotDo):
        await teams.there.press("amira", message, "Something else")
    with pytest.raises(CannotDo):
        await teams.there.submit("amira", {})


async def test_an_app_that_does_not_answer_well_is_an_error(teams: Teams) -> None:
    with pytest.raises(NotDelivered):
        await teams.there.say("stranger", "list")
    teams.there.request_url = "http://127.0.0.1:9/api/messages"
    with pytest.raises(NotDelivered):
        await teams.there.say("amira", "list")
