"""Conversation references that last as long as the program."""

from __future__ import annotations

from adapters.teams.references import ConversationReference


class ReferencesInMemory:
    """A `References`; what is kept can be looked at."""

    def __init__(self) -> None:
        self.kept: dict[str, ConversationReference] = {}

    async def get(self, place: str) -> ConversationReference | None:
        return self.kept.get(place)

    async def put(self, place: str, reference: ConversationReference) -> None:
        self.kept[place] = reference

    async def forget(self, place: str) -> None:
        self.kept.pop(place, None)

    async def forget_team(self, tenant: str, team: str) -> None:
        of_team = [place for place, kept in self.kept.items() if (kept.tenant, kept.team) == (tenant, team)]
        for place in of_team:
            del self.kept[place]
