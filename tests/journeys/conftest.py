"""A journey runs on each platform by itself, and with its sides on different ones."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from playwright.async_api import Browser, async_playwright

from tests.conftest import CHROMIUM
from tests.journeys import leaks
from tests.journeys.leaks import Typed
from tests.journeys.page import PageSurface
from tests.journeys.people import EASTVALE, NORTHMOOR, RIVERBANK, Json, People, people
from tests.journeys.process import Bot
from tests.journeys.slack import SlackSurface
from tests.journeys.story import Story
from tests.journeys.surface import Buttons, Surface
from tests.slack_judge import judge
from tests.slack_workspace import BOT_TOKEN, SIGNING_SECRET, free_port
from tests.stand_in import SlackStandIn, running

Change = Callable[[Json], None]
Begin = Callable[..., AbstractAsyncContextManager[Story]]
EVERYWHERE = frozenset({RIVERBANK, NORTHMOOR, EASTVALE})
BUTTONS: dict[str, dict[str, Buttons]] = defaultdict(lambda: defaultdict(Buttons))
"""By the mode of a run, then by surface: what was seen and pressed in all its stories."""
STORIES_OF: dict[str, set[str]] = defaultdict(set)
"""By the mode of a run: which stories ran to their end."""

# "slack alone": what only Slack can show, which is not compared with the page.
PAGE = pytest.param("page", marks=pytest.mark.browser)
SLACK = pytest.param("slack", marks=pytest.mark.slack)
MIXED = pytest.param("mixed", marks=[pytest.mark.browser, pytest.mark.slack])
OTHER_WAY = pytest.param("the other way", marks=[pytest.mark.browser, pytest.mark.slack])
ON_SLACK = {
    "page": frozenset[str](),
    "slack": EVERYWHERE,
    "slack alone": EVERYWHERE,
    "mixed": frozenset({RIVERBANK}),
    "the other way": frozenset({NORTHMOOR}),
}


@pytest.fixture
def begin(tmp_path: Path, request: pytest.FixtureRequest) -> Begin:
    """`async with begin(mode, *changes to the directory) as story:`; at its end all of it is searched."""

    @asynccontextmanager
    async def begun(
        mode: str, *changes: Change, names: Sequence[str] = (), emails: Sequence[str] = (), page: bool = True
    ) -> AsyncIterator[Story]:
        everyone = people(ON_SLACK[mode], *changes)
        everyone.write(tmp_path / "directory.yaml")
        async with AsyncExitStack() as stack:
            http = await stack.enter_async_context(aiohttp.ClientSession())
            bot = Bot(tmp_path, tmp_path / "directory.yaml", http)
            slack = await _slack(stack, bot, everyone) if everyone.users else None
            if not page:
                bot.settings = {**bot.settings, "LOCAL_PAGE": "0"}
            await bot.start()
            stack.push_async_callback(bot.stop)
            surfaces: dict[str, Surface] = {}
            if slack:
                surfaces |= dict.fromkeys(everyone.users, SlackSurface(bot, slack, everyone))
            on_page = [person for person in everyone.everyone if person not in surfaces]
            pages = PageSurface(bot, await _browser(stack)) if on_page else None
            if pages is not None:
                surfaces |= dict.fromkeys(on_page, pages)
            story = Story(everyone, bot, surfaces, BUTTONS[mode])
            yield story
            await _search(story, Typed(list(emails), list(names)), slack)
            assert not (pages.problems if pages else []), "the browser complained"
            STORIES_OF[mode].add(request.function.__name__)

    return begun


async def _slack(stack: AsyncExitStack, bot: Bot, everyone: People) -> SlackStandIn:
    bot.port = free_port()
    address = f"{bot.address}/slack/events"
    slack = await stack.enter_async_context(
        running(address, everyone.members(), everyone.channels(), [judge])
    )
    bot.settings = {
        "SLACK_SIGNING_SECRET": SIGNING_SECRET,
        "SLACK_BOT_TOKEN": BOT_TOKEN,
        "SLACK_API_URL": slack.api_url,
        "SLACK_PACE": "0",
    }
    return slack


async def _browser(stack: AsyncExitStack) -> Browser:
    playwright = await stack.enter_async_context(async_playwright())
    browser = await playwright.chromium.launch(
        executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-background-networking"]
    )
    stack.push_async_callback(browser.close)
    return browser


async def _search(story: Story, typed: Typed, slack: SlackStandIn | None) -> None:
    leaks.no_unexpected_error(story.bot)
    leaks.nothing_typed_or_named_in_the_log(story.bot, story.people, typed)
    leaks.nothing_readable_in_the_files(story.bot, story.people, typed)
    await leaks.nothing_typed_in_any_message(story, typed, slack)
    if slack:
        leaks.all_of_it_within_slacks_limits(slack)
