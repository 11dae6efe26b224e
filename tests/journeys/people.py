"""The demonstration's invented people, with their accounts and rooms where a journey wants them."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from tests.slack_workspace import TEAM, Member
from tests.teams_connector import TENANT, Channel
from tests.teams_connector import Member as TeamsMember

Json = dict[str, Any]
DEMONSTRATION = Path(__file__).parents[2] / "bot" / "demonstration" / "directory.yaml"
RIVERBANK, NORTHMOOR, EASTVALE = "riverbank-asc", "northmoor-trust", "eastvale-police"
TENANT_OF = {RIVERBANK: TENANT}
OTHER_TENANT = "7e7e7e7e-0000-4000-8000-000000000002"
"""Riverbank has the bot's own tenant; the other agencies share another one."""
NAMES = {RIVERBANK: "Riverbank Council Adult Social Care", NORTHMOOR: "Northmoor Health Trust"}


@dataclass
class People:
    """The agencies that aren't on a platform have their people and rooms on the page."""

    file: Json
    users: dict[str, str] = field(default_factory=dict)  # person -> Slack user id
    rooms: dict[str, str] = field(default_factory=dict)  # agency -> Slack channel id
    in_teams: dict[str, TeamsMember] = field(default_factory=dict)  # by person
    teams_rooms: dict[str, Channel] = field(default_factory=dict)  # by agency

    @property
    def everyone(self) -> list[str]:
        return [person["id"] for agency in self.file["agencies"] for person in agency["people"]]

    @property
    def names(self) -> list[str]:
        return [person["name"] for agency in self.file["agencies"] for person in agency["people"]]

    @property
    def emails(self) -> list[str]:
        return [person["email"] for agency in self.file["agencies"] for person in agency["people"]]

    def agency_of(self, person: str) -> str:
        for agency in self.file["agencies"]:
            if any(one["id"] == person for one in agency["people"]):
                return str(agency["id"])
        raise KeyError(person)

    def email_of(self, name: str) -> str:
        return self.emails[self.names.index(name)]

    def name_of(self, person: str) -> str:
        return self.names[self.everyone.index(person)]

    def members(self) -> list[Member]:
        return [Member(user, self.name_of(person)) for person, user in self.users.items()]

    def channels(self) -> dict[str, list[str]]:
        """For the stand-in, which numbers channels in this order."""
        return {
            agency: [user for person, user in self.users.items() if self.agency_of(person) == agency]
            for agency in self.rooms
        }

    def write(self, path: Path, without: str = "") -> None:
        """`without`: somebody who has left, and is nobody's line manager any more."""
        left = deepcopy(self.file)
        for agency in left["agencies"]:
            agency["people"] = [person for person in agency["people"] if person["id"] != without]
        for person in _all(left):
            if person.get("line_manager") == without:
                del person["line_manager"]
        with path.open("w") as file:
            YAML(typ="safe", pure=True).dump(left, file)


def without_role(person: str, role: str) -> Callable[[Json], None]:
    def change(file: Json) -> None:
        for one in _all(file):
            if one["id"] == person:
                one["roles"] = [held for held in one.get("roles", []) if held != role] or ["practitioner"]

    return change


def without_manager(person: str) -> Callable[[Json], None]:
    def change(file: Json) -> None:
        for one in _all(file):
            if one["id"] == person:
                del one["line_manager"]

    return change


def without_account(person: str) -> Callable[[Json], None]:
    """In Slack somebody uses the bot whom the directory doesn't know there."""

    def change(file: Json) -> None:
        for one in _all(file):
            if one["id"] == person:
                one["accounts"] = []

    return change


def without_room(agency: str) -> Callable[[Json], None]:
    def change(file: Json) -> None:
        for one in file["agencies"]:
            if one["id"] == agency:
                del one["room"]

    return change


def with_role(person: str, role: str) -> Callable[[Json], None]:
    def change(file: Json) -> None:
        for one in _all(file):
            if one["id"] == person:
                one["roles"] = [*one.get("roles", []), role]

    return change


def _all(file: Json) -> list[Json]:
    return [person for agency in file["agencies"] for person in agency["people"]]


def people(on_slack: frozenset[str], on_teams: frozenset[str], *changes: Callable[[Json], None]) -> People:
    """The demonstration directory, changed as a story needs it."""
    file: Json = YAML(typ="safe", pure=True).load(DEMONSTRATION.read_text())
    made = People(file)
    for agency in file["agencies"]:
        if agency["id"] in on_slack:
            _into_slack(made, agency)
        if agency["id"] in on_teams:
            _into_teams(made, agency)
    for change in changes:
        change(file)
    return made


def _into_slack(made: People, agency: Json) -> None:
    room = made.rooms[agency["id"]] = f"C{len(made.rooms) + 1:04}"
    agency["room"] = f"slack:{TEAM}/{room}"
    for person in agency["people"]:
        user = made.users[person["id"]] = f"U{len(made.users) + 1:04}"
        person["accounts"] = [f"slack:{TEAM}/{user}"]


def _into_teams(made: People, agency: Json) -> None:
    tenant, name = TENANT_OF.get(agency["id"], OTHER_TENANT), agency["id"]
    room = made.teams_rooms[name] = Channel(f"19:{name}@thread.tacv2", tenant, f"19:{name}-team@thread.tacv2")
    agency["room"] = room.place
    for person in agency["people"]:
        own = f"aaaaaaaa-0000-4000-8000-{len(made.in_teams) + 1:012}"
        member = made.in_teams[person["id"]] = TeamsMember(person["name"], own, tenant)
        person["accounts"] = [member.place]
