"""What comes in reaches the bot as it was meant, and its answer the person who asked, and nobody else."""

from typing import Any

import pytest

from adapters.slack import render
from core.cards.model import Card, Field, Form, line
from core.conversation import Asker, Press, Submission
from tests.adapters.slack.conftest import Json, Slack
from tests.slack_shown import shown

WHY = Field(id="why", label="Why?", entry="long")
FORM = Form(kind="tell", title="Tell it", parts=(WHY,), submit="Send", carry={"form_id": "f1"})
READING = Form(kind="case", title="A case", parts=(line("words"),))
BUTTON = {"type": "button", "action_id": "press:1:agree", "block_id": "b", "value": "agree:e1:p1"}


def pressed_on_card(channel: str = "C0001", **changes: Any) -> Json:
    container = {"type": "message", "message_ts": "1.1", "channel_id": channel, "is_ephemeral": False}
    place = {"channel": {"id": channel, "name": "n"}, "message": {"ts": "1.1"}}
    return {"type": "block_actions", "container": container, "actions": [BUTTON]} | place | changes


def opened(form: Form, typed: str = "") -> Json:
    view = render.view(form)
    values = {
        block["block_id"]: {
            block["element"]["action_id"]: {"type": "plain_text_input", "value": typed or None}
        }
        for block in view["blocks"]
        if block["type"] == "input"
    }
    return view | {"id": "V1", "hash": "1.a", "state": {"values": values}}


def pressed_in_form(form: Form) -> Json:
    container = {"type": "view", "view_id": "V1"}
    return {"type": "block_actions", "container": container, "actions": [BUTTON], "view": opened(form)}


def sent(form: Form, typed: str = "Because") -> Json:
    return {"type": "view_submission", "view": opened(form, typed)}


async def test_a_command_is_told_to_the_bot_and_answered_to_the_one_who_asked(slack: Slack) -> None:
    status, body = await slack.command("note HF-2026-0001 they &amp; we &lt;met&gt;")
    asker = Asker("slack:T0001/U0001", "slack:T0001/C0001", "t.1")
    assert slack.bot.heard == [(asker, "note HF-2026-0001 they & we <met>")]
    assert (status, body["response_type"], shown(body["blocks"])) == (200, "ephemeral", "Heard")


async def test_a_command_may_speak_of_a_payload(slack: Slack) -> None:
    await slack.command("note HF-2026-0001 the payload=x was late")
    assert slack.bot.heard[0][1] == "note HF-2026-0001 the payload=x was late"


async def test_a_command_in_a_direct_message_has_no_room(slack: Slack) -> None:
    await slack.command(channel_id="D0001")
    assert slack.bot.heard[0][0].room == ""


async def test_a_form_for_a_command_is_opened(slack: Slack) -> None:
    slack.bot.answer = FORM
    assert await slack.command() == (200, "")
    assert slack.web_api.calls == [("views.open", {"trigger_id": "t.1", "view": render.view(FORM)})]


async def test_a_button_on_a_card_opens_its_form(slack: Slack) -> None:
    slack.bot.answer = READING
    await slack.interact(pressed_on_card())
    asker = Asker("slack:T0001/U0001", "slack:T0001/C0001", "t.1")
    assert slack.bot.heard == [(asker, Press("agree", "e1", "p1"))]
    assert [method for method, _ in slack.web_api.calls] == ["views.open"]


async def test_a_person_of_another_organisation_is_known_by_their_own_workspace(slack: Slack) -> None:
    guest = {"id": "U0009", "team_id": "T0002"}
    await slack.interact(pressed_on_card(user=guest))
    assert slack.bot.heard[0][0] == Asker("slack:T0002/U0009", "slack:T0001/C0001", "t.1")


async def test_a_card_for_a_button_is_seen_in_the_channel_by_the_presser_alone(slack: Slack) -> None:
    message = {"ts": "1.2", "thread_ts": "1.1"}
    await slack.interact(pressed_on_card(message=message))
    [(method, body)] = slack.web_api.calls
    assert method == "chat.postEphemeral"
    assert (body["channel"], body["user"], body["thread_ts"]) == ("C0001", "U0001", "1.1")


async def test_where_the_bot_may_not_post_the_presser_is_answered_all_the_same(slack: Slack) -> None:
    slack.web_api.refuse("chat.postEphemeral", "not_in_channel")
    await slack.interact(pressed_on_card(response_url=f"{slack.web_api.address}respond"))
    method, body = slack.web_api.calls[-1]
    assert (method, body["response_type"], body["replace_original"]) == ("respond", "ephemeral", False)


async def test_a_card_for_a_button_in_a_direct_message_leaves_that_message_alone(slack: Slack) -> None:
    await slack.interact(pressed_on_card("D0001", response_url=f"{slack.web_api.address}respond"))
    [(method, body)] = slack.web_api.calls
    assert (method, body["replace_original"]) == ("respond", False)


async def test_a_button_in_a_form_to_read_puts_the_next_form_in_its_place(slack: Slack) -> None:
    slack.bot.answer = FORM
    await slack.interact(pressed_in_form(READING))
    assert slack.web_api.calls == [("views.update", {"view_id": "V1", "view": render.view(FORM)})]


async def test_a_button_in_a_form_half_filled_in_lays_the_next_form_on_top(slack: Slack) -> None:
    slack.bot.answer = READING
    await slack.interact(pressed_in_form(FORM))
    assert [method for method, _ in slack.web_api.calls] == ["views.push"]


async def test_when_no_more_forms_may_lie_on_top_the_form_is_replaced(slack: Slack) -> None:
    slack.bot.answer = READING
    slack.web_api.refuse("views.push", "push_limit_reached")
    await slack.interact(pressed_in_form(FORM))
    assert [method for method, _ in slack.web_api.calls] == ["views.push", "views.update"]


async def test_a_card_for_a_button_in_a_form_is_told_in_the_form(slack: Slack) -> None:
    await slack.interact(pressed_in_form(READING))
    [(method, body)] = slack.web_api.calls
    assert (method, shown(body["view"]["blocks"])) == ("views.update", "Heard")


async def test_a_button_in_the_apps_home_opens_a_form_of_its_own(slack: Slack) -> None:
    slack.bot.answer = FORM
    home = {"type": "home", "id": "V9", "blocks": [], "callback_id": ""}
    await slack.interact(pressed_in_form(READING) | {"view": home})
    assert [method for method, _ in slack.web_api.calls] == ["views.open"]


async def test_a_form_sent_is_read_with_what_it_carried(slack: Slack) -> None:
    status, body = await slack.interact(sent(FORM))
    [(asker, submission)] = slack.bot.heard
    assert submission == Submission("tell", {"form_id": "f1"}, {"why": ("Because",)})
    assert (asker.account, asker.delivery) == ("slack:T0001/U0001", "V1:1.a")
    assert (status, body["response_action"], shown(body["view"]["blocks"])) == (200, "update", "Heard")


async def test_a_form_after_a_form_takes_its_place(slack: Slack) -> None:
    slack.bot.answer = READING
    _, body = await slack.interact(sent(FORM))
    assert body == {"response_action": "update", "view": render.view(READING)}


async def test_errors_stand_beside_their_field_and_the_form_stays(slack: Slack) -> None:
    slack.bot.answer = FORM.model_copy(update={"parts": (WHY.model_copy(update={"error": "Say more."}),)})
    _, body = await slack.interact(sent(FORM))
    assert body == {"response_action": "errors", "errors": {"tell//why": "Say more."}}


async def test_errors_in_a_form_that_asks_something_new_are_drawn_with_it(slack: Slack) -> None:
    wrong = WHY.model_copy(update={"error": "This looks like an NHS number.", "value": ("Because",)})
    reason = Field(id="reason", label="Why is it needed?", entry="short")
    slack.bot.answer = FORM.model_copy(update={"parts": (wrong, reason)})
    _, body = await slack.interact(sent(FORM))
    assert body["response_action"] == "update"
    assert "▲ This looks like an NHS number." in shown(body["view"]["blocks"])


@pytest.mark.parametrize("callback", ["escalate", "escalate_from_message"])
async def test_a_shortcut_begins_to_raise(slack: Slack, callback: str) -> None:
    slack.bot.answer = FORM
    kind = "shortcut" if callback == "escalate" else "message_action"
    assert await slack.interact({"type": kind, "callback_id": callback}) == (200, "")
    assert slack.bot.heard[0][1] == "new"
    assert [method for method, _ in slack.web_api.calls] == ["views.open"]


async def test_a_shortcut_that_is_refused_is_answered_by_direct_message(slack: Slack) -> None:
    await slack.interact({"type": "shortcut", "callback_id": "escalate"})
    [(method, body)] = slack.web_api.calls
    assert (method, body["channel"]) == ("chat.postMessage", "U0001")


class TestWhatNobodyWaitsFor:
    """Answered with 200, and nothing is told to the bot."""

    @pytest.mark.parametrize(
        "payload",
        [
            pressed_on_card(actions=[BUTTON | {"type": "static_select", "value": None}]),
            {"type": "view_closed", "view": opened(FORM), "is_cleared": False},
            {"type": "shortcut", "callback_id": "another"},
            {"type": "block_suggestion", "action_id": "a", "block_id": "b", "value": "x"},
        ],
    )
    async def test_an_interaction(self, slack: Slack, payload: Json) -> None:
        status, _ = await slack.interact(payload)
        assert (status, slack.bot.heard) == (200, [])

    async def test_an_event(self, slack: Slack) -> None:
        event = {"type": "app_home_opened", "user": "U0001", "tab": "home"}
        payload = {"type": "event_callback", "team_id": "T0001", "event_id": "Ev1", "event": event}
        assert await slack.event(payload) == (200, "")

    async def test_the_question_whether_this_address_is_ours(self, slack: Slack) -> None:
        asked = {"type": "url_verification", "challenge": "c1", "token": "t"}
        assert await slack.event(asked) == (200, {"challenge": "c1"})


async def test_an_unknown_button_is_for_the_bot_to_answer_kindly(slack: Slack) -> None:
    await slack.interact(pressed_on_card(actions=[BUTTON | {"value": "from last year"}]))
    assert slack.bot.heard[0][1] == Press("from last year")


async def test_a_card_is_never_for_everybody(slack: Slack) -> None:
    slack.bot.answer = Card(summary="s", parts=(line("private"),))
    for payload in (pressed_on_card(), pressed_on_card("D0001"), pressed_in_form(READING), sent(FORM)):
        await slack.interact(payload)
    to_all = [body for method, body in slack.web_api.calls if body.get("channel") == "C0001"]
    assert [body["user"] for body in to_all] == ["U0001"]
