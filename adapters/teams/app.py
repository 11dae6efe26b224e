"""Teams, put together: the route that Teams calls, the sender that calls Teams."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from aiohttp import web

from adapters.teams.credentials import token_source
from adapters.teams.front_door import FrontDoor
from adapters.teams.invokes import Invokes
from adapters.teams.logs import withhold_library_logs
from adapters.teams.references import AddressBook, References
from adapters.teams.sender import TeamsSender
from adapters.teams.session import SharedSession
from adapters.teams.settings import TeamsSettings, TeamsSettingsInvalid
from adapters.teams.telling import Telling
from adapters.teams.token_check import SigningKeys, TokenCheck
from adapters.teams.transport import TeamsTransport
from adapters.teams.turns import Turns
from core.conversation import Conversation
from core.delivery import Sender

__all__ = ["MESSAGES_PATH", "TeamsPlatform", "TeamsSettings", "TeamsSettingsInvalid", "create_teams"]
MESSAGES_PATH = "/api/messages"


@dataclass(frozen=True)
class TeamsPlatform:
    """What the bot wires in. `close` finishes what was begun, and ends its connections to Microsoft."""

    front_door: FrontDoor
    invokes: Invokes
    keys: SigningKeys
    transport: TeamsTransport
    session: SharedSession
    sender: Sender

    def routes(self, application: web.Application) -> None:
        application.router.add_post(MESSAGES_PATH, self.front_door.handle)

    async def close(self) -> None:
        await self.invokes.close()
        await self.transport.close()
        await self.keys.close()
        await self.session.close()


def create_teams(
    settings: TeamsSettings,
    conversation: Conversation,
    references: References,
    clock: Callable[[], float] = time.time,
) -> TeamsPlatform:
    """Opens nothing: the session opens at the first call. `clock`: seconds since 1970, for incoming tokens.

    Raises TeamsSettingsInvalid.
    """
    from adapters.teams.botbuilder_transport import BotbuilderTransport  # half a second, for Teams alone

    withhold_library_logs()
    session = SharedSession()
    transport = BotbuilderTransport(settings, token_source(settings, session), session)
    addresses = AddressBook(settings, references, transport)
    sender = TeamsSender(transport, addresses, settings.zone)
    telling = Telling(transport, sender, settings.zone)
    invokes = Invokes(conversation, settings.zone)
    turns = Turns(conversation, invokes, telling, addresses, references)
    keys = SigningKeys(settings.openid_url, session)
    check = TokenCheck(settings, keys, clock)
    return TeamsPlatform(FrontDoor(settings, check, turns.take), invokes, keys, transport, session, sender)
