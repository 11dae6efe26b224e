"""Slack, put together: the route that Slack calls, the sender that calls Slack."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from aiohttp import web
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.front_door import FrontDoor
from adapters.slack.listeners import Listeners, listen_to_all
from adapters.slack.logs import withhold_library_logs
from adapters.slack.render import LONDON
from adapters.slack.sender import MESSAGES_A_SECOND, SlackSender
from adapters.slack.web_api import SharedWebApi
from core.conversation import Conversation
from core.delivery import Sender

EVENTS_PATH = "/slack/events"


@dataclass(frozen=True)
class SlackSettings:
    """One workspace. `api_url`: the Web API's base address, Slack's own if None. `zone`: of dates where a
    reader's own can't be had. `pace`: seconds between two messages to one place.
    """

    signing_secret: str = field(repr=False)
    bot_token: str = field(repr=False)
    api_url: str | None = None
    zone: ZoneInfo = LONDON
    pace: float = MESSAGES_A_SECOND


@dataclass(frozen=True)
class SlackPlatform:
    """What the bot wires in. `close` ends its connections to Slack."""

    front_door: FrontDoor
    web_api: SharedWebApi
    sender: Sender

    def routes(self, application: web.Application) -> None:
        application.router.add_post(EVENTS_PATH, self.front_door.handle)

    async def close(self) -> None:
        await self.web_api.close()


def create_slack(settings: SlackSettings, conversation: Conversation) -> SlackPlatform:
    """Opens nothing: the session to Slack opens at the first call. Raises ValueError if the signing secret is
    empty.
    """
    withhold_library_logs()
    web_api = SharedWebApi(settings.bot_token, settings.api_url)
    app = _bolt(settings.bot_token)
    listen_to_all(app, Listeners(conversation, web_api, settings.zone))
    return SlackPlatform(
        front_door=FrontDoor(settings.signing_secret, app.async_dispatch),
        web_api=web_api,
        sender=SlackSender(web_api, settings.zone, settings.pace),
    )


def _bolt(token: str) -> AsyncApp:
    """Answers once a listener is done. Its own check of signatures is off, for FrontDoor has made it."""

    async def authorize(team_id: str | None, enterprise_id: str | None, **_: Any) -> AuthorizeResult:
        """The one token we have, without a call to auth.test for each request."""
        return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id, bot_token=token)

    return AsyncApp(
        name="slack_bolt.escalate",  # its loggers lie below one that is withheld
        client=AsyncWebClient(),
        process_before_response=True,
        authorize=authorize,
        request_verification_enabled=False,
    )
