"""The stand-in does what its docstring says, shown with a small Bolt app."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest
from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from tests.slack_blocks import CannotDo, Json, buttons, words
from tests.slack_mirror import Judge
from tests.slack_workspace import BOT_TOKEN, SIGNING_SECRET, Member, free_port
from tests.stand_in import NotDelivered, SlackStandIn, running

pytestmark = pytest.mark.slack

AMIRA, BEN = "U0001", "U0002"
PEOPLE = [Member(AMIRA, "Amira"), Member(BEN, "Ben")]
CHANNEL = "C0001"


def _text(words: str) -> Json:
    return {"type": "plain_text", "text": words}


def _button(words: str, action: str) -> Json:
    element = {"type": "button", "action_id": action, "text": _text(words), "value": "v1"}
    return {"type": "actions", "block_id": f"{action}_block", "elements": [element]}


def _field(label: str, name: str) -> Json:
    element = {"type": "plain_text_input", "action_id": "typed", "max_length": 20}
    return {"type": "input", "block_id": name, "label": _text(label), "element": element}


def _form(title: str, *blocks: Json) -> Json:
    dressed = {"type": "modal", "callback_id": "form", "title": _text(title), "submit": _text("Send")}
    return dressed | {"blocks": list(blocks), "private_metadata": title}


FIRST = _form("First", _field("What happened?", "what"), _button("More", "more"))
SECOND = _form("Second", _field("Who else?", "who"))


def bolt_app(api_url: str) -> AsyncApp:
    """An app with one listener for each thing that is to be shown."""
    client = AsyncWebClient(token=BOT_TOKEN, base_url=api_url)
    app = AsyncApp(client=client, signing_secret=SIGNING_SECRET, process_before_response=True)

    @app.command("/escalate")
    async def open_form(ack: Any, body: Json, client: AsyncWebClient) -> None:
        if body["text"] == "help":
            await ack({"response_type": "ephemeral", "text": "You can say new."})
            return
        await client.views_open(trigger_id=body["trigger_id"], view=FIRST)
        await ack()

    @app.view("form")
    async def take_form(ack: Any, body: Json, client: AsyncWebClient) -> None:
        values = body["view"]["state"]["values"]
        if body["view"]["private_metadata"] == "First":
            if values["what"]["typed"]["value"] == "wrong":
                await ack(response_action="errors", errors={"what": "Please say more."})
            else:
                await ack(response_action="update", view=SECOND)
            return
        card = await client.chat_postMessage(channel=CHANNEL, text="Card", blocks=[_button("Agree", "agree")])
        await client.chat_postMessage(channel=CHANNEL, text="Raised", thread_ts=card["ts"])
        await client.chat_postMessage(channel=values["who"]["typed"]["value"], text="You are asked.")
        await ack()

    @app.action("more")
    async def show_more(ack: Any, body: Json, client: AsyncWebClient) -> None:
        typed = body["view"]["state"]["values"]["what"]["typed"]["value"]
        more = FIRST | {"blocks": [_field(f"More on {typed}?", "what")]}
        await client.views_update(view_id=body["view"]["id"], view=more)
        await ack()

    @app.action("agree")
    async def agree(ack: Any, body: Json, client: AsyncWebClient) -> None:
        who, card = body["user"]["id"], body["message"]
        await client.chat_update(channel=CHANNEL, ts=card["ts"], text=f"{who} agreed", blocks=[])
        await client.chat_postEphemeral(channel=CHANNEL, user=who, text="Thank you")
        await ack()

    @app.event("app_home_opened")
    async def show_home(event: Json, client: AsyncWebClient) -> None:
        home = {"type": "home", "blocks": [_button("Agree at home", "agree")]}
        await client.views_publish(user_id=event["user"], view=home)

    return app


async def _serve(bolt: AsyncApp, port: int) -> web.AppRunner:
    async def events(request: web.Request) -> web.Response:
        answer = await bolt.async_dispatch(await to_bolt_request(request))
        return await to_aiohttp_response(answer)

    server = web.Application()
    server.router.add_post("/slack/events", events)
    runner = web.AppRunner(server)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    return runner


def _stand_in(port: int, *judges: Judge) -> AbstractAsyncContextManager[SlackStandIn]:
    return running(f"http://127.0.0.1:{port}/slack/events", PEOPLE, {"team": [AMIRA, BEN]}, judges)


@pytest.fixture
async def slack() -> AsyncIterator[SlackStandIn]:
    port = free_port()
    async with _stand_in(port) as stand_in:
        runner = await _serve(bolt_app(stand_in.api_url), port)
        yield stand_in
        await runner.cleanup()


async def _raise_case(slack: SlackStandIn) -> Json:
    await slack.command(AMIRA, CHANNEL)
    await slack.submit(AMIRA, {"What happened?": "something"})
    await slack.submit(AMIRA, {"Who else?": BEN})
    return slack.messages(CHANNEL)[0]


async def test_a_command_opens_a_form_for_the_one_who_typed_it(slack: SlackStandIn) -> None:
    await slack.command(AMIRA, CHANNEL)
    assert slack.form_of(AMIRA)["title"]["text"] == "First"
    with pytest.raises(CannotDo, match="U0002 has no form open, but U0001 has"):
        slack.form_of(BEN)


async def test_a_submitted_form_becomes_the_next_step(slack: SlackStandIn) -> None:
    await slack.command(AMIRA, CHANNEL)
    answer = await slack.submit(AMIRA, {"What happened?": "something"})
    assert answer.body["response_action"] == "update"
    assert slack.form_of(AMIRA)["title"]["text"] == "Second"


async def test_errors_stand_beside_their_field_and_the_form_stays(slack: SlackStandIn) -> None:
    await slack.command(AMIRA, CHANNEL)
    answer = await slack.submit(AMIRA, {"what": "wrong"})
    assert answer.errors == {"what": "Please say more."}
    assert slack.form_of(AMIRA)["title"]["text"] == "First"


async def test_what_slack_would_not_let_through_is_refused(slack: SlackStandIn) -> None:
    await slack.command(AMIRA, CHANNEL)
    with pytest.raises(CannotDo, match="has to be filled in"):
        await slack.submit(AMIRA, {})
    with pytest.raises(CannotDo, match="takes 20 characters"):
        await slack.submit(AMIRA, {"what": "x" * 21})
    with pytest.raises(CannotDo, match="no field is called"):
        await slack.submit(AMIRA, {"what": "x", "When?": "x"})


async def test_a_button_in_a_form_carries_what_was_typed_so_far(slack: SlackStandIn) -> None:
    await slack.command(AMIRA, CHANNEL)
    await slack.press_in_form(AMIRA, "More", {"what": "this"})
    assert words(slack.form_of(AMIRA)["blocks"]) == "More on this?"


async def test_a_card_its_thread_and_a_direct_message_arrive(slack: SlackStandIn) -> None:
    card = await _raise_case(slack)
    assert slack.view is None
    assert buttons(card["blocks"]) == ["Agree"]
    assert [reply["text"] for reply in slack.thread(CHANNEL, card["ts"])] == ["Raised"]
    assert [message["text"] for message in slack.direct_messages(BEN)] == ["You are asked."]
    assert slack.direct_messages(AMIRA) == []


async def test_a_pressed_button_updates_the_card_and_answers_privately(slack: SlackStandIn) -> None:
    card = await _raise_case(slack)
    await slack.press(BEN, card, "Agree")
    card = slack.messages(CHANNEL)[0]
    assert card["text"] == "U0002 agreed"
    assert [one["text"] for one in slack.ephemerals(CHANNEL, BEN)] == ["Thank you"]
    assert slack.ephemerals(CHANNEL, AMIRA) == []
    with pytest.raises(CannotDo, match="nothing here is called 'Agree'"):
        await slack.press(BEN, card, "Agree")


async def test_two_people_may_press_at_once(slack: SlackStandIn) -> None:
    card = await _raise_case(slack)
    await asyncio.gather(slack.press(AMIRA, card, "Agree"), slack.press(BEN, card, "Agree"))
    private = slack.ephemerals(CHANNEL, AMIRA) + slack.ephemerals(CHANNEL, BEN)
    assert [one["text"] for one in private] == ["Thank you", "Thank you"]


async def test_help_is_for_the_one_who_asked(slack: SlackStandIn) -> None:
    await slack.command(AMIRA, CHANNEL, "help")
    assert [one["text"] for one in slack.ephemerals(CHANNEL, AMIRA)] == ["You can say new."]
    assert slack.messages(CHANNEL) == []


async def test_the_home_is_shown_when_it_is_opened(slack: SlackStandIn) -> None:
    home = await slack.open_home(AMIRA)
    assert home is not None
    assert buttons(home["blocks"]) == ["Agree at home"]


async def test_a_failed_delivery_is_told_and_the_form_can_be_sent_again() -> None:
    port = free_port()
    async with _stand_in(port) as slack:
        runner = await _serve(bolt_app(slack.api_url), port)
        await slack.command(AMIRA, CHANNEL)
        form = slack.form_of(AMIRA)
        await runner.cleanup()
        with pytest.raises(NotDelivered):
            await slack.submit(AMIRA, {"what": "something"})
        runner = await _serve(bolt_app(slack.api_url), port)
        answer = await slack.submit_again(AMIRA, form, {"what": "something"})
        assert answer.body["response_action"] == "update"
        await runner.cleanup()


async def _raise_case_before(judge: Judge) -> None:
    port = free_port()
    async with _stand_in(port, judge) as slack:
        runner = await _serve(bolt_app(slack.api_url), port)
        await _raise_case(slack)
        await runner.cleanup()


@pytest.mark.parametrize(("kind", "said"), [("message", "Raised"), ("view", "Who else?")])
async def test_a_judge_sees_every_message_and_view(kind: str, said: str) -> None:
    def judge(seen: str, thing: Json) -> None:
        assert (seen, said in str(thing)) != (kind, True), f"this {seen} says {said}"

    with pytest.raises(AssertionError, match=f"this {kind} says {re.escape(said)}"):
        await _raise_case_before(judge)
