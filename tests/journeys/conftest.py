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
from tests.journeys.people import EASTVALE, NORTHMOOR, OTHER_TENANT, RIVERBANK, Json, People, people
from tests.journeys.process import Bot
from tests.journeys.slack import SlackSurface
from tests.journeys.story import Story
from tests.journeys.surface import Buttons, Surface
from tests.journeys.teams import TeamsSurface
from tests.journeys.teams import judge as judge_teams
from tests.slack_judge import judge
from tests.slack_workspace import BOT_TOKEN, SIGNING_SECRET, free_port
from tests.stand_in import SlackStandIn, running
from tests.teams_connector import APP, PASSWORD, TENANT, TeamsStandIn
from tests.teams_connector import running as running_teams

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
TEAMS = "teams"
TEAMS_TO_SLACK = pytest.param("teams to slack", marks=pytest.mark.slack)
SLACK_TO_TEAMS = pytest.param("slack to teams", marks=pytest.mark.slack)
NOWHERE: frozenset[str] = frozenset()
ON_SLACK = {
    "slack": EVERYWHERE,
    "slack alone": EVERYWHERE,
    "mixed": frozenset({RIVERBANK}),
    "the other way": frozenset({NORTHMOOR}),
    "teams to slack": EVERYWHERE - {RIVERBANK},
    "slack to teams": frozenset({RIVERBANK}),
}
ON_TEAMS = {
    "teams": EVERYWHERE,
    "teams to slack": frozenset({RIVERBANK}),
    "slack to teams": EVERYWHERE - {RIVERBANK},
}
"""By the mode of a run. What is on neither is on the page."""


@pytest.fixture
def begin(tmp_path: Path, request: pytest.FixtureRequest) -> Begin:
    """`async with begin(mode, *changes to the directory) as story:`; at its end all of it is searched."""

    @asynccontextmanager
    async def begun(
        mode: str, *changes: Change, names: Sequence[str] = (), emails: Sequence[str] = (), page: bool = True
    ) -> AsyncIterator[Story]:
        everyone = people(ON_SLACK.get(mode, NOWHERE), ON_TEAMS.get(mode, NOWHERE), *changes)
        everyone.write(tmp_path / "directory.yaml")
        async with AsyncExitStack() as stack:
            http = await stack.enter_async_context(aiohttp.ClientSession())
            bot = Bot(tmp_path, tmp_path / "directory.yaml", http)
            slack = await _slack(stack, bot, everyone) if everyone.users else None
            teams = await _teams(stack, bot, everyone) if everyone.in_teams else None
            if not page:
                bot.settings = {**bot.settings, "LOCAL_PAGE": "0"}
            await bot.start()
            stack.push_async_callback(bot.stop)
            surfaces: dict[str, Surface] = {}
            if slack:
                surfaces |= dict.fromkeys(everyone.users, SlackSurface(bot, slack, everyone))
            if teams:
                surfaces |= dict.fromkeys(everyone.in_teams, TeamsSurface(bot, teams, everyone))
                await _added_in_the_first_tenant(teams, everyone)
            on_page = [person for person in everyone.everyone if person not in surfaces]
            pages = PageSurface(bot, await _browser(stack)) if on_page else None
            if pages is not None:
                surfaces |= dict.fromkeys(on_page, pages)
            story = Story(everyone, bot, surfaces, BUTTONS[mode])
            yield story
            await _search(story, Typed(list(emails), list(names)), slack, teams)
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
        **bot.settings,
        "SLACK_SIGNING_SECRET": SIGNING_SECRET,
        "SLACK_BOT_TOKEN": BOT_TOKEN,
        "SLACK_API_URL": slack.api_url,
        "SLACK_PACE": "0",
    }
    return slack


async def _teams(stack: AsyncExitStack, bot: Bot, everyone: People) -> TeamsStandIn:
    address, members = f"{bot.address}/api/messages", list(everyone.in_teams.values())
    teams = await stack.enter_async_context(
        running_teams(address, members, everyone.teams_rooms, [judge_teams])
    )
    bot.settings = {
        **bot.settings,
        "MICROSOFT_APP_ID": APP,
        "MICROSOFT_APP_PASSWORD": PASSWORD,
        "MICROSOFT_APP_TENANT_ID": TENANT,
        "TEAMS_ALLOWED_TENANTS": f"{TENANT},{OTHER_TENANT}",
        "TEAMS_SERVICE_HOSTS": teams.host,
        "TEAMS_OPENID_URL": teams.openid_url,
        "TEAMS_TOKEN_URL": teams.token_url,
    }
    return teams


async def _added_in_the_first_tenant(teams: TeamsStandIn, everyone: People) -> None:
    """Its people have the app from the start. Those of the other tenant are written to out of the blue."""
    for member in everyone.in_teams.values():
        if member.tenant == TENANT:
            await teams.install(member.name)


async def _browser(stack: AsyncExitStack) -> Browser:
    playwright = await stack.enter_async_context(async_playwright())
    browser = await playwright.chromium.launch(
        executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-background-networking"]
    )
    stack.push_async_callback(browser.close)
    return browser


async def _search(story: Story, typed: Typed, slack: SlackStandIn | None, teams: TeamsStandIn | None) -> None:
    leaks.no_unexpected_error(story.bot)
    leaks.nothing_typed_or_named_in_the_log(story.bot, story.people, typed)
    leaks.nothing_readable_in_the_files(story.bot, story.people, typed)
    await leaks.nothing_typed_in_any_message(story, typed, slack, teams)
    await leaks.nothing_of_anybody_where_its_state_is_shown(story.bot, story.people, typed)
    if slack:
        leaks.nothing_of_slack_in_the_log_or_files(story.bot, story.people)
        leaks.all_of_it_within_slacks_limits(slack)
    if teams:
        leaks.all_of_it_as_teams_takes_it(teams)
        leaks.nothing_of_teams_in_the_log_or_files(story.bot, teams)
