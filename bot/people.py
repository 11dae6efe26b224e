"""Whose account it is, and where a person is reached: the platforms that are connected decide."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from core.cards.phrases import role
from core.directory import Directory, Person
from core.escalation import Escalation
from core.events import Actor

PAGE_ACCOUNT = "web:page/"


@dataclass(frozen=True)
class People:
    """`platforms`: those connected ("slack", "web"). On the page everybody has an account, by file id."""

    platforms: Collection[str]

    def of_account(self, directory: Directory, account: str) -> Person | None:
        """Somebody who has left the directory is nobody from that moment."""
        if account.startswith(PAGE_ACCOUNT) and "web" in self.platforms:
            return self._on_page(directory, account.removeprefix(PAGE_ACCOUNT))
        return directory.by_account(account)

    def _on_page(self, directory: Directory, id: str) -> Person | None:
        found = directory.by_file_id(id) or directory.person(id)
        return None if found is None or found.ended else found

    def places(self, person: Person) -> tuple[str, ...]:
        """Where they can be told, best first; nothing where no platform of theirs is connected."""
        found = [account for account in person.accounts if _platform(account) in self.platforms]
        if "web" in self.platforms:
            found.append(PAGE_ACCOUNT + (person.file_id or person.id))
        return tuple(dict.fromkeys(found))

    def room_of(self, directory: Directory, agency: str) -> str:
        """An agency's own room, on a platform that is connected; on the local page every agency has one."""
        known = directory.agency(agency)
        if known and known.room and _platform(known.room) in self.platforms:
            return known.room
        return f"{PAGE_ACCOUNT}room-{agency}" if "web" in self.platforms else ""


def _platform(place: str) -> str:
    return place.partition(":")[0]


def actor_of(
    person: Person, account: str, directory: Directory, state: Escalation, agency: str = ""
) -> Actor:
    """Who they are in this case, now: the agency of their side, or the one they raise for, or their first."""
    side = state.sides.get(state.side_of(person.id))
    agencies = person.agencies()
    where = side.agency if side else agency if agency in agencies else agencies[0] if agencies else ""
    known = directory.agency(where)
    participant = state.participants.get(person.id)
    words = (role(participant.capacity) if participant else "") or directory.role_words(person.id, where)
    return Actor(
        person=person.id,
        name=person.name,
        role=words,
        agency=where,
        agency_name=known.name if known else "",
        account=account,
    )
