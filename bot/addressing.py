"""Where a notice goes: its places, best first, and the lane that the best of them is sent through."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from bot.people import People
from core.delivery import Sender
from core.directory import Directory
from core.escalation import Escalation


class Addressed(Protocol):
    """A notice, queued or about to be: for a side's room, or for a person."""

    @property
    def side(self) -> str: ...
    @property
    def person(self) -> str: ...


@dataclass(frozen=True)
class Addressing:
    """`senders`: by platform, those connected."""

    people: People
    senders: Mapping[str, Sender]

    def places(self, directory: Directory, state: Escalation, notice: Addressed) -> tuple[str, ...]:
        if notice.side:
            return (state.sides[notice.side].room,)
        person = directory.person(notice.person)
        return self.people.places(person) if person and not person.ended else ()

    def room_of(self, directory: Directory, agency: str) -> str:
        """An agency's own room, or "" for direct messages."""
        return self.people.room_of(directory, agency)

    def lane(self, directory: Directory, state: Escalation, notice: Addressed) -> str:
        """ "" where there is no place, or none that a connected platform reaches."""
        places = self.places(directory, state, notice)
        return self.lane_of(places[0]) if places else ""

    def lane_of(self, place: str) -> str:
        sender = self.senders.get(place.partition(":")[0])
        return sender.lane(place) if sender else ""
