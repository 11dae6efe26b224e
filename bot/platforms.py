"""The platforms that the environment names, each made and connected in one place."""

from __future__ import annotations

from typing import Protocol

from aiohttp import web

from adapters.slack.app import SlackPlatform, SlackSettings, create_slack
from adapters.teams.app import TeamsPlatform, create_teams
from adapters.teams.settings import PUBLIC_OPENID, TeamsSettings, TeamsSettingsInvalid
from bot.references import StoredReferences
from bot.settings import ConfigurationInvalid, Settings, listed
from core.conversation import Conversation
from core.delivery import Sender
from storage.database import Database


class Platform(Protocol):
    """What each adapter makes: routes to serve, a sender, and something to close."""

    @property
    def sender(self) -> Sender: ...

    def routes(self, application: web.Application) -> None: ...

    async def close(self) -> None: ...


def slack(settings: Settings, conversation: Conversation) -> SlackPlatform:
    return create_slack(
        SlackSettings(
            signing_secret=settings.slack_signing_secret,
            bot_token=settings.slack_bot_token,
            api_url=settings.slack_api_url or None,
            pace=settings.slack_pace,
        ),
        conversation,
    )


def teams(settings: Settings, conversation: Conversation, database: Database) -> TeamsPlatform:
    """Raises ConfigurationInvalid."""
    try:
        return create_teams(teams_settings(settings), conversation, StoredReferences(database))
    except TeamsSettingsInvalid as error:
        raise ConfigurationInvalid(str(error)) from None


def teams_settings(settings: Settings) -> TeamsSettings:
    """Raises ConfigurationInvalid."""
    try:
        return TeamsSettings(
            app_id=settings.microsoft_app_id,
            app_password=settings.microsoft_app_password,
            tenant_id=settings.microsoft_app_tenant_id,
            app_type=settings.microsoft_app_type,
            allowed_tenants=listed(settings.teams_allowed_tenants),
            service_hosts=listed(settings.teams_service_hosts),
            openid_url=settings.teams_openid_url or PUBLIC_OPENID,
            token_url=settings.teams_token_url,
            certificate=_certificate(settings),
            federated_token_file=settings.azure_federated_token_file,
            insecure_local=settings.teams_insecure_local,
        )
    except TeamsSettingsInvalid as error:
        raise ConfigurationInvalid(str(error)) from None


def _certificate(settings: Settings) -> str:
    path = settings.microsoft_app_certificate
    if path is None:
        return ""
    try:
        return path.read_text()
    except OSError:
        raise ConfigurationInvalid(f"MICROSOFT_APP_CERTIFICATE: there is no file {path} to read.") from None
