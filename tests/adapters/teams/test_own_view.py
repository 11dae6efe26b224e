"""A card in a channel shows what is for some only to those alone: they see it, the others see that it is not
there.
"""

from core.cards.model import Button, Buttons, Card, line
from core.conversation import Press
from tests.adapters.teams.conftest import AMIRA, BEN, OTHER_TENANT, WARD, Teams
from tests.teams_blocks import Json, actions, card_of, text_of
from tests.teams_connector import Channel
from tests.teams_judge import judge_card, judge_message
from tests.teams_service import Message

AGREE = Button(label="Read and agree", verb="decide", escalation="case1", object="p1", personal=True)
OPEN = Button(label="Open", verb="open", escalation="case1")
MINE = Button(label="As it is for me", verb="card", escalation="case1")
CASE = Card(
    summary="HF-2026-0001",
    parts=(line("To agree an outcome"), Buttons(buttons=(AGREE, OPEN))),
    personal_for=(AMIRA.place, BEN.place, "slack:T0001/U0001"),
    as_it_is_for_me=MINE,
)


def titles(card: Json) -> list[str]:
    return [action["title"] for action in actions(card)]


async def posted(teams: Teams, card: Card = CASE, place: str = WARD.place) -> Message:
    await teams.platform.sender.post(place, card)
    judge_message(teams.there.messages[-1].now)
    return teams.there.messages[-1]


async def as_it_is_for(teams: Teams, user: str, message: Message) -> Json:
    refresh = card_of(message.now)["refresh"]["action"]
    answer = await teams.there.act(user, message, refresh, trigger="automatic")
    assert answer.body["statusCode"] == 200
    assert answer.card is not None
    judge_card(answer.card)
    return answer.card


async def test_everybody_sees_the_rest_and_those_it_is_for_ask_for_their_own(teams: Teams) -> None:
    await teams.there.install("amira")
    message = await posted(teams)
    assert titles(message.now) == ["Open"]
    assert card_of(message.now)["refresh"]["userIds"] == [f"29:{AMIRA.object}"]
    teams.bot.answer = CASE
    own = await as_it_is_for(teams, "amira", message)
    assert titles(own) == ["Read and agree", "Open"]
    assert own["refresh"] == card_of(message.now)["refresh"], "and it goes on refreshing itself"
    [(asker, press)] = teams.bot.pressed
    assert (asker.account, asker.room, press) == (AMIRA.place, WARD.place, Press("card", "case1"))


async def test_pressed_by_hand_it_is_answered_with_their_card_too(teams: Teams) -> None:
    await teams.there.install("amira")
    message = await posted(teams)
    teams.bot.answer = CASE
    answer = await teams.there.act("amira", message, card_of(message.now)["refresh"]["action"])
    assert answer.card is not None
    assert titles(answer.card) == ["Read and agree", "Open"]


async def test_where_nobodys_id_is_known_the_card_is_one_for_all(teams: Teams) -> None:
    message = await posted(teams)
    assert titles(message.now) == ["Open"]
    assert "refresh" not in card_of(message.now)


async def test_people_of_another_tenant_are_not_named_in_a_room(teams: Teams) -> None:
    await teams.there.install("amira")
    await teams.there.install("ben")
    teams.there.channels["theirs"] = Channel("19:theirs@thread.tacv2", OTHER_TENANT)
    teams.there.conversations.add("19:theirs@thread.tacv2")
    here = await posted(teams)
    theirs = await posted(teams, place=teams.there.channels["theirs"].place)
    assert card_of(here.now)["refresh"]["userIds"] == [f"29:{AMIRA.object}"]
    assert card_of(theirs.now)["refresh"]["userIds"] == [f"29:{BEN.object}"]


async def test_it_refreshes_for_sixty_people_at_most(teams: Teams) -> None:
    await teams.there.install("amira")
    kept, accounts = (
        teams.references.kept[AMIRA.place],
        [f"{AMIRA.place[:-3]}{n:03}" for n in range(100, 180)],
    )
    for account in accounts:
        teams.references.kept[account] = kept.__class__(**{**kept.__dict__, "user": f"29:{account[-3:]}"})
    message = await posted(teams, CASE.model_copy(update={"personal_for": tuple(accounts)}))
    assert len(card_of(message.now)["refresh"]["userIds"]) == 60


async def test_in_somebodys_own_chat_it_is_drawn_as_it_is_for_them(teams: Teams) -> None:
    assert titles((await posted(teams, place=AMIRA.place)).now) == ["Read and agree", "Open"]
    for_ben = CASE.model_copy(update={"personal_for": (BEN.place,)})
    message = await posted(teams, for_ben, AMIRA.place)
    assert titles(message.now) == ["Open"]
    assert "refresh" not in card_of(message.now)


async def test_an_update_is_drawn_likewise(teams: Teams) -> None:
    await teams.there.install("amira")
    live = await teams.platform.sender.post(WARD.place, CASE)
    await teams.platform.sender.update(WARD.place, live, CASE)
    now = teams.there.messages[-1].now
    assert titles(now) == ["Open"]
    assert card_of(now)["refresh"]["userIds"] == [f"29:{AMIRA.object}"]


async def test_whoever_may_not_see_the_case_any_more_keeps_the_card_of_everybody(teams: Teams) -> None:
    await teams.there.install("amira")
    message = await posted(teams)
    teams.bot.answer = Card(summary="No", parts=(line("That button does nothing now."),))
    refresh = card_of(message.now)["refresh"]["action"]
    answer = await teams.there.act("amira", message, refresh, trigger="automatic")
    assert answer.card is None
    assert (answer.body["statusCode"], answer.words) == (400, "That button does nothing now.")


async def test_a_sender_without_an_id_in_teams_has_a_card_that_does_not_refresh(teams: Teams) -> None:
    teams.bot.answer = CASE
    activity = teams.there.activity("amira", "ward")
    del activity["from"]["id"]
    action = {"type": "Action.Execute", "verb": "card", "data": {"action": "card", "press": "card:case1:"}}
    invoke = {"type": "invoke", "name": "adaptiveCard/action", "value": {"action": action}}
    answer = await teams.there.send(activity | invoke)
    assert answer.card is not None
    assert "To agree an outcome" in text_of(answer.card)
    assert "refresh" not in answer.card
