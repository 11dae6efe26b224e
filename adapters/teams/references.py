"""Where each person and room is reached: conversation references, kept from whatever arrives, made when
missing, and made anew when they have gone stale.

Source: platform notes for Teams, "proactive".
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Protocol, TypeAlias

from adapters.teams.parse import UnreadableError, tenant_of
from adapters.teams.settings import NotAllowed, TeamsSettings
from core.conversation import storable
from core.delivery import Rejected, Unreachable

Body: TypeAlias = Mapping[str, Any]
PLATFORM: Final = "teams"


@dataclass(frozen=True)
class ConversationReference:
    """Where to send to. Every value is Teams' own.

    `conversation` is "" where only the service URL of a tenant is known, or of a person only `user`. `bot`:
    what this conversation calls the bot; `team`: the team that a channel stands in; `user`: the person's id
    in Teams, if they wrote.
    """

    service_url: str
    conversation: str
    tenant: str
    bot: str
    team: str = ""
    user: str = ""


class References(Protocol):
    """Kept for good. `place` is "teams:TENANT/OBJECT" (a person), "teams:TENANT/CONVERSATION" (a room) or
    "teams:TENANT" (the tenant's service URL).
    """

    async def get(self, place: str) -> ConversationReference | None: ...

    async def put(self, place: str, reference: ConversationReference) -> None: ...

    async def forget(self, place: str) -> None:
        """Nothing happens if there is none."""
        ...

    async def forget_team(self, tenant: str, team: str) -> None:
        """All rooms of a team: the bot was taken out of it, or it is no more."""
        ...


class Opens(Protocol):
    """The part of TeamsTransport that is needed here."""

    async def create_personal(self, service_url: str, tenant: str, user: str) -> str: ...


def parted(place: str) -> tuple[str, str]:
    """Tenant, and person or conversation. Raises Rejected for what is no place of Teams'."""
    platform, _, rest = place.partition(":")
    tenant, _, target = rest.partition("/")
    if platform != PLATFORM or not tenant or not target:
        raise Rejected("not_a_teams_place")
    return tenant, target


def is_room(place: str) -> bool:
    """A person's object id is a GUID; a conversation's id has a colon ("19:...@thread.tacv2")."""
    return ":" in parted(place)[1]


def reference_of(activity: Body) -> ConversationReference:
    """Where an activity came from. Raises UnreadableError."""
    conversation, recipient, sender = (activity.get(key) for key in ("conversation", "recipient", "from"))
    data = activity.get("channelData")
    team = data.get("team") if isinstance(data, Mapping) else None
    where = named(conversation)
    if not where:
        raise UnreadableError("conversation.id")
    return ConversationReference(
        service_url=str(activity.get("serviceUrl", "")).rstrip("/") + "/",
        conversation=where.partition(";")[0],
        tenant=tenant_of(activity),
        bot=named(recipient),
        team=named(team),
        user=named(sender) if is_personal(conversation) else "",
    )


def is_personal(conversation: Any) -> bool:
    """The bot's own chat with somebody, and not two people's chat that it was called into."""
    if not isinstance(conversation, Mapping):
        return False
    where, kind = named(conversation), conversation.get("conversationType")
    return where.startswith("a:") or (kind == "personal" and not where.startswith("19:"))


def named(holder: Any) -> str:
    """The id of what an activity tells of; "" where it has none. It can be kept, whatever it was."""
    found = holder.get("id") if isinstance(holder, Mapping) else None
    return storable(found) if isinstance(found, str) else ""


class AddressBook:
    """Finds the way to a place. Tenants and hosts are checked again each time: lists may have been shortened
    since a reference was kept.
    """

    def __init__(self, settings: TeamsSettings, references: References, opens: Opens) -> None:
        self._settings = settings
        self._references = references
        self._opens = opens
        self._opening: dict[str, asyncio.Lock] = {}

    async def reach(self, place: str) -> ConversationReference:
        """The reference kept, or a new one. Raises Unreachable, and for a new one as the transport does."""
        tenant, target = parted(place)
        self._check_tenant(tenant)
        kept = await self._references.get(place)
        if kept and kept.conversation and self._usable(kept):
            return kept
        if is_room(place):
            return ConversationReference(
                await self._service_url(tenant), target, tenant, self._settings.bot_id
            )
        return await self.open(place)

    async def open(self, place: str, instead_of: str = "") -> ConversationReference:
        """A new personal conversation, one for all who ask at a time; `instead_of` a stale one's id.

        Somebody who never wrote is named by their object id, which Teams takes as the member's id for people
        who have the app for themselves (Microsoft, "Send proactive messages": "Microsoft Entra user ID").
        """
        tenant, person = parted(place)
        self._check_tenant(tenant)
        async with self._opening.setdefault(place, asyncio.Lock()):
            try:
                kept = await self._references.get(place)
                if kept and kept.conversation not in {"", instead_of} and self._usable(kept):
                    return kept
                url = kept.service_url if kept and self._usable(kept) else await self._service_url(tenant)
                user = kept.user if kept else ""
                conversation = await self._opens.create_personal(url, tenant, user or person)
                made = ConversationReference(url, conversation, tenant, self._settings.bot_id, user=user)
                await self._references.put(place, made)
            finally:
                self._opening.pop(place, None)
        return made

    async def forget(self, place: str) -> None:
        await self._references.forget(place)

    async def keep_speaker(self, account: str, room: ConversationReference, user: str) -> None:
        """Somebody spoke in a room. By what Teams calls them a chat can be opened though they don't have the
        app for themselves; by their object id it can't.
        """
        kept = await self._references.get(account)
        if kept is None or not kept.user:
            before = kept or replace(room, conversation="", team="")
            await self._references.put(account, replace(before, user=user))

    async def users_in(self, tenant: str, accounts: Iterable[str]) -> list[str]:
        """What Teams calls those of these people who belong to the tenant and ever wrote to us."""
        own = [account for account in accounts if account.startswith(f"{PLATFORM}:{tenant}/")]
        kept = [await self._references.get(account) for account in own]
        return [reference.user for reference in kept if reference and reference.user]

    async def keep(self, place: str, reference: ConversationReference) -> None:
        """What an activity told, and the tenant's service URL with it. Nothing is written that is known
        already. Raises NotAllowed.
        """
        self._settings.check_tenant(reference.tenant)
        self._settings.check_service_url(reference.service_url)
        of_tenant = ConversationReference(reference.service_url, "", reference.tenant, reference.bot)
        for at, known in ((place, reference), (f"{PLATFORM}:{reference.tenant}", of_tenant)):
            if at and await self._references.get(at) != known:
                await self._references.put(at, known)

    def _check_tenant(self, tenant: str) -> None:
        try:
            self._settings.check_tenant(tenant)
        except NotAllowed:
            raise Unreachable("tenant_not_allowed") from None

    async def _service_url(self, tenant: str) -> str:
        """Raises Unreachable where nobody of this tenant ever wrote and the cloud has no address for that."""
        kept = await self._references.get(f"{PLATFORM}:{tenant}")
        url = kept.service_url if kept and self._usable(kept) else self._settings.first_service_url()
        if not url:
            raise Unreachable("no_service_url")
        return url

    def _usable(self, reference: ConversationReference) -> bool:
        try:
            self._settings.check_service_url(reference.service_url)
        except NotAllowed:
            return False
        return True
