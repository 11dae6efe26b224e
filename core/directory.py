"""Who people are, who leads, who stands in, and who is next to try.

An immutable value: `evolve` gives a new one. People who have ended stay known by id, for the record; every
other look-up passes them over.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import Literal

from core.directory_file import DirectoryProblem, read_directory
from core.people import (
    DIRECTORY_CHANGE,
    ROLE_WORDS,
    Agency,
    AgencyRecorded,
    BoardRecorded,
    Cover,
    DirectoryChange,
    DirectoryFile,
    Membership,
    Person,
    PersonEnded,
    PersonRecorded,
    Role,
    RoleHeld,
)
from core.working_time import Calendar

__all__ = [
    "DIRECTORY_CHANGE",
    "Agency",
    "AgencyRecorded",
    "BoardRecorded",
    "Cover",
    "Directory",
    "DirectoryChange",
    "DirectoryFile",
    "DirectoryProblem",
    "Membership",
    "Person",
    "PersonEnded",
    "PersonRecorded",
    "Role",
    "RoleHeld",
    "read_directory",
]


@dataclass(frozen=True)
class Directory:
    """Agencies and people by id. `chair` is the id of the Chair of the board, or empty."""

    agencies: dict[str, Agency] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)
    chair: str = ""

    # --- finding ---

    def person(self, person: str) -> Person | None:
        """Anybody ever known, ended or not."""
        return self.people.get(person)

    def still_here(self, person: str) -> bool:
        return self._active(person) is not None

    def agency(self, agency: str) -> Agency | None:
        return self.agencies.get(agency)

    def open_agencies(self) -> list[Agency]:
        """Those that haven't ended, by name."""
        return sorted((a for a in self.agencies.values() if not a.ended), key=lambda agency: agency.name)

    def by_account(self, account: str) -> Person | None:
        return self._by_account.get(account)

    def by_file_id(self, file_id: str) -> Person | None:
        found = self._by_file_id.get(file_id)
        return None if found is None or found.ended else found

    def by_email(self, email: str) -> Person | None:
        return self._by_email.get(email.strip().lower())

    def people_of(self, agency: str) -> list[Person]:
        """Everybody in an agency who hasn't ended, by name."""
        return list(self._by_agency.get(agency, ()))

    def with_role(self, agency: str, role: str) -> list[Person]:
        return [person for person in self.people_of(agency) if person.has_role(agency, role)]

    def holding(self, role: str) -> list[Person]:
        """Everybody with that role, in whichever agency, by name."""
        found = (person for person in self.people.values() if not person.ended)
        return sorted(
            (person for person in found if any(m.has(role) for m in person.memberships)),
            key=lambda person: person.name,
        )

    def role_words(self, person: str, agency: str) -> str:
        """Like "line manager, safeguarding lead"; empty where they aren't of that agency."""
        known = self.people.get(person)
        membership = known.membership(agency) if known else None
        return ", ".join(ROLE_WORDS[held.role] for held in membership.roles) if membership else ""

    def calendar_of(self, person: str, board: Calendar) -> Calendar:
        """When a message may reach them: their own hours and zone; the board's where they have none."""
        known = self.people.get(person)
        return known.calendar(board) if known else board

    def sab_chair(self) -> Person | None:
        """The Chair of the board, or None where the directory names nobody."""
        return self._active(self.chair)

    # --- who leads ---

    def line_manager_of(self, person: str, agency: str) -> Person | None:
        """Their manager in that agency, or None where the directory names nobody."""
        known = self.people.get(person)
        membership = known.membership(agency) if known else None
        return self._active(membership.line_manager) if membership else None

    def acting(self, person: str, on: date) -> Person:
        """The person, or who stands in on that day (or stands in for them). Raises KeyError if unknown."""
        acting, seen = self.people[person], {person}
        while acting.cover and acting.cover.on(on) and acting.cover.by not in seen:
            stand_in = self._active(acting.cover.by)
            if stand_in is None:
                break
            seen.add(stand_in.id)
            acting = stand_in
        return acting

    def leaders(
        self,
        role: str,
        of: Literal["each_participant", "agency"],
        agency: str,
        participants: Sequence[str],
        excluding: Collection[str],
        on: date,
    ) -> list[Person]:
        """Who leads for one side on that day, each once; empty where nobody fills the role.

        `excluding`: people who are on another side of the case already. In their place comes who covers for
        them, else the next manager up, else nobody (P21 to P23).
        """
        if of == "agency":
            wanted = self.with_role(agency, role)
        else:
            wanted = [leader for person in participants for leader in self._leaders_of(role, person, agency)]
        found = [self._free(leader, agency, excluding, on) for leader in wanted]
        return list({leader.id: leader for leader in found if leader}.values())

    def _leaders_of(self, role: str, person: str, agency: str) -> list[Person]:
        own = self._active(person)
        if role == "practitioner":
            return [own] if own else []
        managers = self._managers_up(person, agency)
        if role != "line_manager":
            managers = [manager for manager in managers if manager.has_role(agency, role)]
        return managers[:1] or self.with_role(agency, role)

    def _free(self, leader: Person, agency: str, excluding: Collection[str], on: date) -> Person | None:
        stand_in = self._active(leader.cover.by) if leader.cover else None
        above = [self.acting(manager.id, on) for manager in self._managers_up(leader.id, agency)]
        tries = [self.acting(leader.id, on), stand_in, *above]
        return next((person for person in tries if person and person.id not in excluding), None)

    def _managers_up(self, person: str, agency: str) -> list[Person]:
        """The managers above, nearest first: in that agency, or in their own where they aren't of it."""
        above: list[Person] = []
        seen = {person}
        while manager := self.line_manager_of(person, agency) or self._manager_anywhere(person, agency):
            if manager.id in seen:
                break
            seen.add(manager.id)
            above.append(manager)
            person = manager.id
        return above

    def _manager_anywhere(self, person: str, agency: str) -> Person | None:
        known = self.people.get(person)
        if known is None or known.membership(agency):
            return None
        managers = (self._active(membership.line_manager) for membership in known.memberships)
        return next((manager for manager in managers if manager), None)

    def _active(self, person: str) -> Person | None:
        found = self.people.get(person)
        return None if found is None or found.ended else found

    # --- changing ---

    def named(self, name: str, email: str, agency: str, new_id: Callable[[], str]) -> PersonRecorded:
        """Somebody whom a form names and whom the directory doesn't list; ask `by_email` first."""
        memberships = (Membership(agency=agency),)
        person = Person(id=new_id(), name=name, email=email, memberships=memberships, confirmed=False)
        return PersonRecorded(person=person)

    def changes(self, file: DirectoryFile, new_id: Callable[[], str]) -> list[DirectoryChange]:
        """What brings this directory to what the file says; nothing where it says so already.

        Who was in a file and is no longer is ended. Who was named in a form keeps their id when a file lists
        somebody with that e-mail address. `new_id` makes a random id, like "p" and 20 hex digits.
        """
        ids = self._ids_for(file, new_id)
        listed = set(ids.values())
        changes: list[DirectoryChange] = [
            AgencyRecorded(agency=agency) for agency in self._agency_changes(file)
        ]
        for entry in file.people:
            person = _with_ids(entry, ids)
            if self.people.get(person.id) != person:
                changes.append(PersonRecorded(person=person))
        changes.extend(
            PersonEnded(person=known.id)
            for known in self.people.values()
            if known.confirmed and not known.ended and known.id not in listed
        )
        if file.sab_chair and ids[file.sab_chair] != self.chair:
            changes.append(BoardRecorded(sab_chair=ids[file.sab_chair]))
        return changes

    def _ids_for(self, file: DirectoryFile, new_id: Callable[[], str]) -> dict[str, str]:
        named = {
            p.email.lower(): p.id for p in self.people.values() if p.email and not p.confirmed and not p.ended
        }
        ids: dict[str, str] = {}
        for entry in file.people:
            known = self._by_file_id.get(entry.file_id)
            ids[entry.file_id] = known.id if known else named.pop(entry.email.lower(), "") or new_id()
        return ids

    def _agency_changes(self, file: DirectoryFile) -> Iterable[Agency]:
        for agency in file.agencies:
            if self.agencies.get(agency.id) != agency:
                yield agency
        listed = {agency.id for agency in file.agencies}
        for known in self.agencies.values():
            if known.id not in listed and not known.ended:
                yield known.model_copy(update={"ended": True})

    def evolve(self, change: DirectoryChange) -> "Directory":
        return self.evolve_all([change])

    def evolve_all(self, changes: Iterable[DirectoryChange]) -> "Directory":
        """All the changes in order; a fold of many copies once."""
        agencies, people, chair = dict(self.agencies), dict(self.people), self.chair
        for change in changes:
            match change:
                case AgencyRecorded():
                    agencies[change.agency.id] = change.agency
                case PersonRecorded():
                    people[change.person.id] = change.person
                case PersonEnded():
                    people[change.person] = people[change.person].model_copy(update={"ended": True})
                case BoardRecorded():
                    chair = change.sab_chair
        return replace(self, agencies=agencies, people=people, chair=chair)

    # --- indexes, made when first asked for ---

    @cached_property
    def _by_account(self) -> dict[str, Person]:
        return {account: p for p in self.people.values() if not p.ended for account in p.accounts}

    @cached_property
    def _by_file_id(self) -> dict[str, Person]:
        return {person.file_id: person for person in self.people.values() if person.file_id}

    @cached_property
    def _by_email(self) -> dict[str, Person]:
        return {
            person.email.lower(): person
            for person in self.people.values()
            if person.email and not person.ended
        }

    @cached_property
    def _by_agency(self) -> dict[str, list[Person]]:
        members: dict[str, list[Person]] = {}
        for person in sorted(self.people.values(), key=lambda person: person.name):
            for membership in person.memberships if not person.ended else ():
                members.setdefault(membership.agency, []).append(person)
        return members


def _with_ids(entry: Person, ids: dict[str, str]) -> Person:
    """A person of the file, with the directory's own ids in place of the file's."""
    memberships = tuple(
        membership.model_copy(update={"line_manager": ids.get(membership.line_manager, "")})
        for membership in entry.memberships
    )
    cover = entry.cover.model_copy(update={"by": ids[entry.cover.by]}) if entry.cover else None
    return entry.model_copy(update={"id": ids[entry.file_id], "memberships": memberships, "cover": cover})
