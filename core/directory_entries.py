"""A directory file's shape, as people write it: agencies with their people."""

import re
from datetime import date, datetime
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from core.people import Role
from core.reading import FileModel, Path
from core.working_time import WorkingHours, read_time_zone


def _zone(value: str) -> str:
    return read_time_zone(value).key if value else ""


def _hours(value: str) -> str:
    if value:
        WorkingHours.parse(value)
    return value


def _email(value: str) -> str:
    if value and not re.fullmatch(r"[^@\s]+@[^@\s]+", value):
        raise ValueError(f'"{value}" is not an e-mail address. Write it like "amira@example.org".')
    return value


def _account(value: str) -> str:
    if not re.fullmatch(r"(slack|teams|web):[^/\s]+/\S+", value):
        raise ValueError(
            f'"{value}" is not an account. Write it like "slack:T0001/U0001" or "teams:TENANT/USER".'
        )
    if value.startswith("teams:") and re.search(r"[.@:]", value.removeprefix("teams:")):
        raise ValueError(
            f'"{value}" is not an account in Teams. It takes two ids from Entra, the tenant\'s and the '
            "person's object id, and no names."
        )
    return _in_small_letters(value)


def _room(value: str) -> str:
    if value and not re.fullmatch(r"(slack|teams|web):[^/\s]+/\S+", value):
        raise ValueError(f'"{value}" is not a room. Write it like "slack:T0001/C0001".')
    if not value.startswith("teams:"):
        return value
    tenant, _, conversation = value.partition("/")
    if "." in tenant or not re.fullmatch(r"19:[^@%]+@[^@%]+", conversation):
        raise ValueError(
            f'"{value}" is not a room in Teams. Write it like "teams:TENANT/19:...@thread.tacv2": the '
            'tenant\'s id, and the part of the channel\'s link with ":" for %3A and "@" for %40.'
        )
    return f"{_in_small_letters(tenant)}/{conversation}"


def _in_small_letters(value: str) -> str:
    """Ids of Entra, which some pages show in capitals; Teams sends them in small letters."""
    return ENTRA_ID.sub(lambda found: found[0].lower(), value)


def _day(value: object) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError as error:
        raise ValueError(f'"{value}" is not a date. Write it like 2026-12-01.') from error


def _role(value: object) -> object:
    return {"role": value} if isinstance(value, str) else value


def _id(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,79}", value):
        raise ValueError("An id has letters, digits, dots, - and _ only, without spaces.")
    return value


ENTRA_ID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
Id = Annotated[str, AfterValidator(_id)]
Name = Annotated[str, Field(min_length=1, max_length=200)]
Day = Annotated[date, BeforeValidator(_day)]


class RoleEntry(FileModel):
    role: Role
    statutory: bool = False
    seniority: str = ""


class CoverEntry(FileModel):
    by: str
    starts: Annotated[Day, Field(alias="from")]
    until: Day

    @model_validator(mode="after")
    def _in_order(self) -> "CoverEntry":
        if self.until < self.starts:
            raise ValueError("This cover ends before it begins. The until date is the last day away.")
        return self


class PersonEntry(FileModel):
    """`statutory` and `seniority` may stand beside the roles; they are then the board member's."""

    id: Id
    name: Name
    email: Annotated[str, AfterValidator(_email)] = ""
    phone: str = ""
    time_zone: Annotated[str, AfterValidator(_zone)] = ""
    working_hours: Annotated[str, AfterValidator(_hours)] = ""
    roles: tuple[Annotated[RoleEntry, BeforeValidator(_role)], ...] = ()
    statutory: bool = False
    seniority: str = ""
    line_manager: str = ""
    accounts: tuple[Annotated[str, AfterValidator(_account)], ...] = ()
    cover: CoverEntry | None = None


class AgencyEntry(FileModel):
    id: Id
    name: Name
    kind: Name = "other"
    room: Annotated[str, AfterValidator(_room)] = ""
    phone: str = ""
    contacts: dict[str, str] = Field(default_factory=dict)
    people: tuple[PersonEntry, ...] = ()


class BoardEntry(FileModel):
    sab_chair: str = ""


class FileEntry(FileModel):
    board: BoardEntry = BoardEntry()
    agencies: Annotated[tuple[AgencyEntry, ...], Field(min_length=1)]

    def places(self) -> list[tuple[Path, AgencyEntry, PersonEntry]]:
        """Each person's entry with its path; somebody who stands in two agencies comes twice."""
        return [
            (("agencies", i, "people", j), agency, person)
            for i, agency in enumerate(self.agencies)
            for j, person in enumerate(agency.people)
        ]
