"""Conversation references, kept sealed in our database and in memory: a warm turn asks nobody."""

from __future__ import annotations

import json
from collections import OrderedDict
from dataclasses import asdict

from adapters.teams.references import ConversationReference
from storage import references
from storage.database import Database

KEPT = 10_000


class StoredReferences:
    """Implements `adapters.teams.references.References`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: OrderedDict[str, ConversationReference] = OrderedDict()

    async def get(self, place: str) -> ConversationReference | None:
        known = self._known.get(place)
        if known is None:
            kept = await self._database.read(lambda reader: references.get(reader, place))
            known = self._keep(place, ConversationReference(**json.loads(kept))) if kept else None
        return known

    async def put(self, place: str, reference: ConversationReference) -> None:
        text, group = json.dumps(asdict(reference)), _group(reference.tenant, reference.team)
        await self._database.write(lambda transaction: references.put(transaction, place, text, group))
        self._keep(place, reference)

    async def forget(self, place: str) -> None:
        await self._database.write(lambda transaction: references.forget(transaction, place))
        self._known.pop(place, None)

    async def forget_team(self, tenant: str, team: str) -> None:
        group = _group(tenant, team)
        await self._database.write(lambda transaction: references.forget_group(transaction, group))
        for place in [at for at, kept in self._known.items() if (kept.tenant, kept.team) == (tenant, team)]:
            del self._known[place]

    def _keep(self, place: str, reference: ConversationReference) -> ConversationReference:
        self._known[place] = reference
        self._known.move_to_end(place)
        while len(self._known) > KEPT:
            self._known.popitem(last=False)
        return reference


def _group(tenant: str, team: str) -> str:
    return f"{tenant}/{team}" if team else ""
