"""Agencies and people, as the directory knows them, and what can change about them.

Inside, people have random ids that are never given to anybody else; `file_id` is their id in the file.
"""

from datetime import date
from typing import Annotated, Literal, TypeAlias, get_args

from pydantic import Field, TypeAdapter

from core.events import Fact
from core.working_time import Calendar, WorkingHours, read_time_zone

Role: TypeAlias = Literal[
    "practitioner",
    "line_manager",
    "senior_manager",
    "safeguarding_lead",
    "legal_adviser",
    "sab_member",
    "panel_chair",
    "strategic_leader",
    "coordinator",
    "administrator",
]
ROLES: tuple[str, ...] = get_args(Role)
ROLE_WORDS: dict[str, str] = {role: role.replace("_", " ") for role in ROLES} | {
    "sab_member": "member of the Safeguarding Adults Board"
}
"""A role as people read it."""


class RoleHeld(Fact):
    """A role in one agency. `statutory`: for a statutory partner of the board; `seniority`: "director"."""

    role: Role
    statutory: bool = False
    seniority: str = ""


class Membership(Fact):
    """A person's place in one agency. `line_manager` is a person's id, or empty."""

    agency: str
    roles: tuple[RoleHeld, ...] = (RoleHeld(role="practitioner"),)
    line_manager: str = ""

    def has(self, role: str) -> bool:
        return any(held.role == role for held in self.roles)


class Cover(Fact):
    """Who stands in, from the first day to the last (`until` is the last day away)."""

    by: str
    starts: date
    until: date

    def on(self, day: date) -> bool:
        return self.starts <= day <= self.until


class Agency(Fact):
    """`room`: where its side sees a case raised elsewhere ("slack:T0001/C0001"); empty: direct messages."""

    id: str
    name: str
    kind: str = "other"
    room: str = ""
    phone: str = ""
    contacts: dict[str, str] = Field(default_factory=dict)
    ended: bool = False


class Person(Fact):
    """`confirmed` is false for somebody named in a form with a work e-mail, whom the directory doesn't list.

    Empty `time_zone` and `working_hours` mean the board's.
    """

    id: str
    file_id: str = ""
    name: str
    email: str = ""
    phone: str = ""
    time_zone: str = ""
    working_hours: str = ""
    memberships: tuple[Membership, ...] = ()
    accounts: tuple[str, ...] = ()
    cover: Cover | None = None
    ended: bool = False
    confirmed: bool = True

    def agencies(self) -> tuple[str, ...]:
        """The ids of the agencies in which they stand, as the file lists them."""
        return tuple(membership.agency for membership in self.memberships)

    def membership(self, agency: str) -> Membership | None:
        return next((membership for membership in self.memberships if membership.agency == agency), None)

    def teams_tenants(self) -> frozenset[str]:
        """The tenants of their accounts in Teams ("teams:TENANT/OBJECT")."""
        places = (account.partition("/")[0] for account in self.accounts)
        return frozenset(place.removeprefix("teams:") for place in places if place.startswith("teams:"))

    def only_in_teams(self) -> bool:
        """Whether Teams is all they have. Somebody without any account is in nobody's tenant."""
        return bool(self.accounts) and all(account.startswith("teams:") for account in self.accounts)

    def has_role(self, agency: str, role: str) -> bool:
        membership = self.membership(agency)
        return membership is not None and membership.has(role)

    def calendar(self, board: Calendar) -> Calendar:
        """Their own zone and hours, for when a message may reach them; the board's where they have none."""
        zone = read_time_zone(self.time_zone) if self.time_zone else board.time_zone
        hours = WorkingHours.parse(self.working_hours) if self.working_hours else board.hours
        return Calendar(time_zone=zone, hours=hours, holidays=board.holidays)


class DirectoryFile(Fact):
    """What a file says, checked. People's ids, and ids that name people, are the file's own.

    `sab_chair` is empty where the file doesn't say; then who it was stays.
    """

    agencies: tuple[Agency, ...]
    people: tuple[Person, ...]
    sab_chair: str = ""


class AgencyRecorded(Fact):
    """An agency is new or has changed; one that left the file is `ended`."""

    type: Literal["AgencyRecorded"] = "AgencyRecorded"
    agency: Agency


class PersonRecorded(Fact):
    """A person is new or has changed, was named in a form, or has come back."""

    type: Literal["PersonRecorded"] = "PersonRecorded"
    person: Person


class PersonEnded(Fact):
    """A person is no longer in the file. They stay in the record."""

    type: Literal["PersonEnded"] = "PersonEnded"
    person: str


class BoardRecorded(Fact):
    type: Literal["BoardRecorded"] = "BoardRecorded"
    sab_chair: str


DirectoryChange: TypeAlias = Annotated[
    AgencyRecorded | PersonRecorded | PersonEnded | BoardRecorded, Field(discriminator="type")
]

DIRECTORY_CHANGE: TypeAdapter[DirectoryChange] = TypeAdapter(DirectoryChange)
