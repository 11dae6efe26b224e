"""What people do in Teams, over HTTP: each way in reaches the bot, and its answer comes back."""

import asyncio
import json
import logging

import pytest

from adapters.teams.invokes import SLOW
from adapters.teams.telling import IN_OUR_CHAT, NO_CHAT, OPEN_CASE, TAKEN
from core.cards.model import Buttons, Card, Form
from core.conversation import Press
from tests.adapters.teams.conftest import AMIRA, BEN, CHAT, FORM, TOLD, WARD, Teams, card
from tests.teams_blocks import text_of
from tests.teams_connector import TENANT
from tests.teams_service import Message, Trouble


async def posted(
    teams: Teams, place: str = AMIRA.place, words: str = "Please look", verb: str = "agree"
) -> Message:
    await teams.platform.sender.post(place, card(words, verb))
    return teams.there.messages[-1]


# --- words ---


async def test_words_in_the_personal_chat_are_answered_there(teams: Teams) -> None:
    await teams.there.say("amira", "/escalate list")
    [(asker, words)] = teams.bot.said
    assert (asker.account, asker.room, words) == (AMIRA.place, "", "list")
    assert asker.delivery
    [message] = teams.there.direct_messages("amira")
    assert "It is done." in text_of(message.now)


async def test_words_in_a_channel_are_answered_in_the_persons_own_chat(teams: Teams) -> None:
    await teams.there.say("amira", "list", "ward")
    [(asker, words)] = teams.bot.said
    assert (asker.account, asker.room, words) == (AMIRA.place, WARD.place, "list")
    [private] = teams.there.direct_messages("amira")
    assert "It is done." in text_of(private.now)
    [public] = teams.there.in_channel("ward")
    assert public.now["text"] == IN_OUR_CHAT
    assert public.root != public.id, "it stands in the thread of what was said"


async def test_words_in_a_group_chat_are_answered_likewise(teams: Teams) -> None:
    await teams.there.say("amira", "list", "chat")
    assert teams.bot.said[0][0].room == CHAT.place
    assert len(teams.there.direct_messages("amira")) == 1
    assert [each.now["text"] for each in teams.there.in_channel("chat")] == [IN_OUR_CHAT]


async def test_whoever_cannot_be_written_to_is_told_how_to_change_that_and_nothing_else(teams: Teams) -> None:
    teams.there.block("amira")
    await teams.there.say("amira", "list", "ward")
    assert [each.now["text"] for each in teams.there.in_channel("ward")] == [NO_CHAT]


async def test_a_form_asked_for_in_words_is_behind_a_button(teams: Teams) -> None:
    teams.bot.answer = FORM.model_copy(update={"kind": "case"})
    await teams.there.say("amira", "show HF-2026-0001")
    [message] = teams.there.direct_messages("amira")
    await teams.there.press("amira", message, "Open the form")
    assert teams.bot.pressed[0][1] == Press("open", "case1")
    assert teams.there.dialog_of("amira")["title"] == "Add a note"


async def test_a_new_escalation_asked_for_in_a_channel_opens_from_ones_own_chat(teams: Teams) -> None:
    teams.bot.answer = FORM.model_copy(update={"carry": {}, "kind": "raise.danger"})
    await teams.there.say("amira", "", "ward")
    [message] = teams.there.direct_messages("amira")
    await teams.there.press("amira", message, "Open the form")
    assert teams.bot.pressed[0][1] == Press("new")


async def test_a_note_said_in_a_channel_is_not_taken_but_asked_for_in_a_form(teams: Teams) -> None:
    teams.bot.answer = FORM.model_copy(update={"kind": "case"})
    await teams.there.say("amira", "note HF-2026-0001 The ward was phoned", "ward")
    assert [words for _, words in teams.bot.said] == ["show HF-2026-0001"]
    [message] = teams.there.direct_messages("amira")
    await teams.there.press("amira", message, "Open the form")
    assert teams.bot.pressed[0][1] == Press("note", "case1")


async def test_a_note_said_in_the_personal_chat_is_taken(teams: Teams) -> None:
    await teams.there.say("amira", "note HF-2026-0001 The ward was phoned")
    assert [words for _, words in teams.bot.said] == ["note HF-2026-0001 The ward was phoned"]


async def test_an_answer_survives_a_hiccup_of_teams(teams: Teams) -> None:
    teams.there.troubles.append(Trouble(502, 2))
    await teams.there.say("amira", "list")
    assert len(teams.there.direct_messages("amira")) == 1


# --- buttons and dialogs ---


async def test_a_button_in_the_personal_chat_is_answered_with_a_card(teams: Teams) -> None:
    answer = await teams.there.press("amira", await posted(teams), "Agree")
    [(asker, press)] = teams.bot.pressed
    assert (asker.account, press) == (AMIRA.place, Press("agree", "case1", "o1"))
    assert answer.body["type"] == "application/vnd.microsoft.card.adaptive"
    assert "It is done." in text_of(answer.card or {})


async def test_a_button_in_a_channel_is_answered_beside_the_card_which_stays(teams: Teams) -> None:
    with_button = TOLD.model_copy(update={"parts": (*TOLD.parts, card().parts[1])})
    assert isinstance(with_button.parts[-1], Buttons)
    teams.bot.answer = with_button
    answer = await teams.there.press("amira", await posted(teams, WARD.place), "Agree")
    assert teams.bot.pressed[0][0].room == WARD.place
    assert answer.body["statusCode"] == 200
    assert (answer.body["type"], answer.words) == (
        "application/vnd.microsoft.activity.message",
        "It is done.",
    )


async def test_a_press_that_leads_to_a_form_gives_the_way_to_it(teams: Teams) -> None:
    teams.bot.answer = FORM
    answer = await teams.there.press("amira", await posted(teams), "Agree")
    assert answer.card is not None
    assert TAKEN in text_of(answer.card)
    await teams.there.press("amira", answer.card, OPEN_CASE)
    assert teams.bot.pressed[-1][1] == Press("open", "case1"), "what was done is not done again"
    assert teams.there.dialog_of("amira")["title"] == "Add a note"


@pytest.mark.parametrize(("answer", "words"), [(TOLD, "It is done."), (FORM, TAKEN)])
async def test_a_reminder_of_several_things_stays_when_one_of_them_is_done(
    answer: Card | Form, words: str, teams: Teams
) -> None:
    one, another = card("The first"), card("The second", verb="action_done")
    await teams.platform.sender.post(AMIRA.place, one.model_copy(update={"parts": one.parts + another.parts}))
    teams.bot.answer = answer
    told = await teams.there.press("amira", teams.there.messages[-1], "agree")
    assert told.body["type"] == "application/vnd.microsoft.activity.message"
    assert words in told.words


async def test_an_older_clients_press_is_answered_in_a_message(teams: Teams) -> None:
    message = await posted(teams)
    await teams.there.press_as_old_client("amira", message, "Agree")
    assert teams.bot.pressed[0][1] == Press("agree", "case1", "o1")
    assert "It is done." in text_of(teams.there.direct_messages("amira")[-1].now)


async def test_a_button_opens_a_dialog_whose_answers_come_back(teams: Teams) -> None:
    teams.bot.answer = FORM
    await teams.there.press("amira", await posted(teams, verb="note"), "Agree")
    assert teams.bot.pressed[0][1].verb == "note"
    teams.bot.answer = TOLD
    await teams.there.submit("amira", {"What happened?": "The ward was phoned, and\nanswered"})
    [(_, submission)] = teams.bot.submitted
    assert (submission.kind, submission.carry) == ("note", FORM.carry)
    assert submission.values == {"words": ("The ward was phoned, and\nanswered",)}
    assert "It is done." in text_of(teams.there.dialog_of("amira"))


async def test_a_dialog_sent_may_be_answered_with_the_next_one(teams: Teams) -> None:
    teams.bot.answer = FORM
    await teams.there.press("amira", await posted(teams, verb="note"), "Agree")
    wrong = FORM.parts[0].model_copy(update={"error": "Say a little more.", "value": ("Phoned",)})
    teams.bot.answer = FORM.model_copy(update={"parts": (wrong,)})
    await teams.there.submit("amira", {"words": "Phoned"})
    shown = teams.there.dialog_of("amira")
    assert "Say a little more." in text_of(shown)
    assert "Phoned" in json.dumps(shown)


async def test_a_button_in_a_dialog_is_a_press(teams: Teams) -> None:
    teams.bot.answer = FORM.model_copy(update={"parts": (*FORM.parts, card().parts[1])})
    await teams.there.press("amira", await posted(teams, verb="note"), "Agree")
    await teams.there.press_in_dialog("amira", "agree")
    assert teams.bot.pressed[-1][1] == Press("agree", "case1", "o1")
    assert teams.bot.submitted == []


async def test_the_action_command_opens_the_first_question_and_takes_its_answers(teams: Teams) -> None:
    teams.bot.answer = FORM
    await teams.there.compose("amira", "ward")
    [(asker, press)] = teams.bot.pressed
    assert (press, asker.room) == (Press("new"), WARD.place)
    teams.bot.answer = TOLD
    await teams.there.submit("amira", {"words": "Phoned"})
    assert teams.bot.submitted[0][1].kind == "note"


async def test_the_action_command_on_a_message_offers_its_words_as_they_were_read(teams: Teams) -> None:
    teams.bot.answer = FORM
    html = "<div><p>He fell <b>twice</b>.</p>No&nbsp;answer &lt;yet&gt;<br/>since</div><attachment id='1'>"
    await teams.there.compose("amira", "ward", said=html)
    assert teams.bot.pressed[0][1] == Press("new", words="He fell twice.\nNo answer <yet>\nsince")


async def test_adding_to_the_record_names_the_message_whose_thread_it_is(teams: Teams) -> None:
    teams.bot.answer = FORM
    live = await teams.platform.sender.post(WARD.place, card())
    line = await teams.platform.sender.post(WARD.place, card("News"), live)
    [message, reply] = teams.there.in_channel("ward")
    for about in (message, reply):
        await teams.there.compose("amira", command="addToRecord", about=about, said="<p>Phoned</p>")
    for asker, press in teams.bot.pressed:
        assert (asker.room, press) == (WARD.place, Press("note", message=live, words="Phoned"))
    assert live.partition("|")[0] in line


async def test_in_a_personal_chat_it_names_the_message_itself(teams: Teams) -> None:
    live = await teams.platform.sender.post(AMIRA.place, card())
    await teams.there.compose("amira", command="addToRecord", about=teams.there.direct_messages("amira")[0])
    [(asker, press)] = teams.bot.pressed
    assert (asker.room, press.verb, press.message) == ("", "note", live)


async def test_adding_to_the_record_from_no_message_lists_the_cases(teams: Teams) -> None:
    await teams.there.compose("amira", "ward", command="addToRecord")
    assert [words for _, words in teams.bot.said] == ["list"]


@pytest.mark.parametrize("payload", [None, 7, {}, {"body": 7}, {"body": {"content": 7}, "id": 7}])
async def test_a_message_that_cannot_be_read_offers_nothing(payload: object, teams: Teams) -> None:
    value = {"commandId": "escalate", "messagePayload": payload}
    invoke = {"type": "invoke", "name": "composeExtension/fetchTask", "value": value}
    await teams.there.send(teams.there.activity("amira", "ward") | invoke)
    assert [press for _, press in teams.bot.pressed] == [Press("new")]


async def test_somebody_of_another_tenant_is_known_by_their_own(teams: Teams) -> None:
    await teams.there.say("ben", "list")
    assert teams.bot.said[0][0].account == BEN.place
    assert len(teams.there.direct_messages("ben")) == 1


# --- coming and going ---


async def test_whoever_adds_the_app_is_welcomed_once_with_what_to_say(teams: Teams) -> None:
    await teams.there.install("amira")
    [message] = teams.there.direct_messages("amira")
    suggested = message.now["suggestedActions"]["actions"]
    assert [action["value"] for action in suggested] == ["new", "list", "help"]
    assert teams.references.kept[AMIRA.place].conversation == message.conversation


async def test_whoever_takes_the_app_out_is_forgotten(teams: Teams) -> None:
    await teams.there.install("amira")
    await teams.there.uninstall("amira")
    assert AMIRA.place not in teams.references.kept


async def test_a_team_that_adds_the_app_is_kept_and_not_written_to(teams: Teams) -> None:
    await teams.there.install_team("amira", "ward")
    assert teams.references.kept[WARD.place].team == WARD.team
    assert teams.there.messages == []
    await teams.there.uninstall_team("amira", "ward")
    assert WARD.place not in teams.references.kept


@pytest.mark.parametrize(
    ("event", "stays"), [("channelDeleted", False), ("teamDeleted", False), ("teamRenamed", True)]
)
async def test_channels_and_teams_that_change(event: str, stays: bool, teams: Teams) -> None:
    await teams.there.install_team("amira", "ward")
    await teams.there.team_event("amira", "ward", event)
    assert (WARD.place in teams.references.kept) is stays


@pytest.mark.parametrize("kind", ["messageReaction", "typing", "event", "endOfConversation", "somethingNew"])
async def test_what_nobody_waits_for_is_taken_in_silence(kind: str, teams: Teams) -> None:
    answer = await teams.there.send(teams.there.activity("amira") | {"type": kind})
    assert (answer.status, teams.bot.asked, teams.there.messages) == (200, 0, [])


# --- again, slowly, wrongly ---


async def test_a_message_delivered_again_is_answered_once(teams: Teams) -> None:
    activity = teams.there.activity("amira") | {"type": "message", "text": "list"}
    for _ in range(3):
        await teams.there.send(activity)
    assert len(teams.bot.said) == 1
    assert len(teams.there.direct_messages("amira")) == 1


async def test_an_invoke_delivered_again_is_the_same_delivery_to_the_bot(teams: Teams) -> None:
    message = await posted(teams)
    pressed = {"type": "Action.Execute", "verb": "agree", "data": {"press": "agree:case1:o1"}}
    invoke = {"type": "invoke", "name": "adaptiveCard/action", "value": {"action": pressed}}
    activity = teams.there.activity("amira") | invoke | {"replyToId": message.id}
    await teams.there.send(activity)
    await teams.there.send(activity | {"timestamp": "2026-11-30T10:00:00Z"})
    first, second = (asker.delivery for asker, _ in teams.bot.pressed)
    assert first == second != ""
    await teams.there.send(activity | {"id": "another"})
    assert teams.bot.pressed[-1][0].delivery != first


async def test_a_slow_bot_is_said_to_be_slow_and_finishes(teams: Teams) -> None:
    message = await posted(teams)
    teams.platform.invokes._patience = 0.05
    teams.bot.hold = asyncio.Event()
    answer = await teams.there.press("amira", message, "Agree")
    assert answer.words == SLOW
    teams.bot.hold.set()
    await teams.platform.invokes.close()
    assert len(teams.bot.pressed) == 1


async def test_what_fails_inside_is_answered_plainly_and_logged_without_words(
    teams: Teams, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    message = await posted(teams, verb="agree")
    teams.bot.answer = RuntimeError("a secret sentence")
    answer = await teams.there.press("amira", message, "Agree")
    assert (answer.status, answer.body["statusCode"]) == (200, 400)
    assert "(code " in answer.words
    await teams.there.say("amira", "help me with a secret sentence")
    assert "(code " in text_of(teams.there.direct_messages("amira")[-1].now)
    logged = "\n".join(record.getMessage() for record in caplog.records)
    assert "failed, code" in logged
    for kept_quiet in ("secret sentence", "a client secret", "token-1", "Bearer"):
        assert kept_quiet not in logged


async def test_the_token_endpoint_is_asked_once_for_all_turns(teams: Teams) -> None:
    await asyncio.gather(*(teams.there.say("amira", "list") for _ in range(10)))
    await teams.there.say("ben", "list")
    assert teams.there.counts["token"] == 1
    assert teams.references.kept[f"teams:{TENANT}"].service_url == teams.there.service_url
