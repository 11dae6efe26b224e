"""The adapter against a running stand-in for Slack: what it sends arrives, and what people do comes back."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from aiohttp import web

from adapters.slack.app import SlackPlatform, SlackSettings, create_slack
from core.cards.model import (
    Banner,
    Button,
    Buttons,
    Card,
    Field,
    Form,
    Moment,
    Option,
    Progress,
    line,
    quiet,
    strong,
)
from core.conversation import Press, Submission
from tests.adapters.slack.conftest import Bot
from tests.slack_blocks import buttons
from tests.slack_judge import judge
from tests.slack_shown import shown
from tests.slack_workspace import BOT_TOKEN, SIGNING_SECRET, Member, free_port
from tests.stand_in import SlackStandIn, running

pytestmark = pytest.mark.slack

AMIRA, ROOM = "U0001", "C0001"
DUE = Moment(at=datetime(2026, 11, 30, 17, 0, tzinfo=UTC))
CARD = Card(
    summary="HF-2026-0001 · an answer is due",
    parts=(
        Banner(text="Risk of immediate harm. In an emergency phone 999."),
        strong("West & North to respond · by ", DUE),
        line("*not bold* <!channel>"),
        quiet("raised ", DUE),
        Progress(at=1, of=4, words=("Stage 1 of 4",)),
        Buttons(buttons=(Button(label="Open", verb="open", escalation="e1"),)),
    ),
)
NEXT = Buttons(buttons=(Button(label="More", verb="more"),))
WHY = Field(id="why", label="Why?", entry="long")
SIDE = Field(id="side", label="Which?", entry="choice", options=(Option(value="a", label="Ours"),))
DAY = Field(id="day", label="When?", entry="day")
FORM = Form(kind="tell", title="Tell it", parts=(WHY, SIDE, DAY), submit="Send", carry={"form_id": "f1"})
READING = Form(kind="case", title="HF-2026-0001", parts=(line("words"), NEXT))


@dataclass
class Workspace:
    """A stand-in, the adapter beside it, and the bot behind it."""

    slack: SlackStandIn
    platform: SlackPlatform
    bot: Bot


@pytest.fixture
async def workspace() -> AsyncIterator[Workspace]:
    port, bot = free_port(), Bot()
    address = f"http://127.0.0.1:{port}/slack/events"
    async with running(address, [Member(AMIRA, "Amira")], {"team": [AMIRA]}, [judge]) as slack:
        platform = create_slack(SlackSettings(SIGNING_SECRET, BOT_TOKEN, slack.api_url, pace=0), bot)
        application = web.Application()
        platform.routes(application)
        runner = web.AppRunner(application)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        yield Workspace(slack, platform, bot)
        await platform.close()
        await runner.cleanup()


async def test_a_card_its_update_its_thread_and_a_direct_message_arrive(workspace: Workspace) -> None:
    sender, slack = workspace.platform.sender, workspace.slack
    message = await sender.post(f"slack:T0001/{ROOM}", CARD)
    await sender.post(f"slack:T0001/{ROOM}", Card(summary="s", parts=(line("Said"),)), thread=message)
    await sender.update(f"slack:T0001/{ROOM}", message, CARD.model_copy(update={"parts": CARD.parts[1:]}))
    direct = await sender.post(f"slack:T0001/{AMIRA}", CARD)
    await slack.until(lambda: len(slack.messages(ROOM)) == 2)
    card, reply = slack.messages(ROOM)
    assert shown(card["blocks"]).split("\n") == [
        "West & North to respond · by Mon 30 Nov, 17:00",
        "*not bold* <!channel>",
        "raised Mon 30 Nov, 17:00",
        "●──○──○──○   Stage 1 of 4",
        "Open",
    ]
    assert reply["thread_ts"] == card["ts"]
    await slack.until(lambda: slack.direct_messages(AMIRA))
    [told] = slack.direct_messages(AMIRA)
    assert direct == f"{told['channel']}/{told['ts']}"


async def test_a_form_is_filled_in_corrected_and_done(workspace: Workspace) -> None:
    slack, bot = workspace.slack, workspace.bot
    bot.answer = FORM
    await slack.command(AMIRA, ROOM)
    wrong = WHY.model_copy(update={"error": "Say more."})
    bot.answer = FORM.model_copy(update={"parts": (wrong, SIDE, DAY)})
    typed = {"Why?": "Because *", "Which?": "Ours", "When?": "2026-12-01"}
    answer = await slack.submit(AMIRA, typed)
    assert list(answer.errors.values()) == ["Say more."]
    bot.answer = Card(summary="s", parts=(line("Saved"),))
    await slack.submit(AMIRA, typed)
    entered: dict[str, tuple[str, ...]] = {"why": ("Because *",), "side": ("a",), "day": ("2026-12-01",)}
    assert bot.heard[-1][1] == Submission("tell", {"form_id": "f1"}, entered)
    assert shown(slack.form_of(AMIRA)["blocks"]) == "Saved"


async def test_a_button_on_a_card_opens_a_form_whose_button_opens_the_next(workspace: Workspace) -> None:
    slack, bot = workspace.slack, workspace.bot
    await workspace.platform.sender.post(f"slack:T0001/{ROOM}", CARD)
    await slack.until(lambda: slack.messages(ROOM))
    [card] = slack.messages(ROOM)
    assert buttons(card["blocks"]) == ["Open"]
    bot.answer = READING
    await slack.press(AMIRA, card, "Open")
    assert bot.heard[-1][1] == Press("open", "e1")
    bot.answer = FORM
    await slack.press_in_form(AMIRA, "More")
    assert slack.form_of(AMIRA)["title"]["text"] == "Tell it"


async def test_a_card_for_a_button_is_for_the_presser_alone_wherever_it_stood(workspace: Workspace) -> None:
    slack = workspace.slack
    await workspace.platform.sender.post(f"slack:T0001/{ROOM}", CARD)
    await workspace.platform.sender.post(f"slack:T0001/{AMIRA}", CARD)
    await slack.until(lambda: slack.direct_messages(AMIRA))
    [direct], [card] = slack.direct_messages(AMIRA), slack.messages(ROOM)
    for message in (card, direct):
        await slack.press(AMIRA, message, "Open")
        private = slack.ephemerals(message["channel"], AMIRA)
        assert [shown(one["blocks"]) for one in private] == ["Heard"]
    assert len(slack.messages(ROOM)) == len(slack.direct_messages(AMIRA)) == 1


async def test_help_and_shortcuts_are_answered_to_the_one_who_asked(workspace: Workspace) -> None:
    slack, bot = workspace.slack, workspace.bot
    await slack.command(AMIRA, ROOM, "help")
    assert [shown(one["blocks"]) for one in slack.ephemerals(ROOM, AMIRA)] == ["Heard"]
    bot.answer = FORM
    await slack.shortcut(AMIRA, "escalate")
    assert slack.form_of(AMIRA)["title"]["text"] == "Tell it"
