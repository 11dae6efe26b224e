"""Reads a directory file, YAML or CSV, into a checked `DirectoryFile`. All or nothing."""

from typing import Any, Literal

from core.directory_checks import check_directory
from core.directory_csv import read_csv
from core.directory_entries import AgencyEntry, CoverEntry, FileEntry, PersonEntry, RoleEntry
from core.people import Agency, Cover, DirectoryFile, Membership, Person, RoleHeld
from core.problems import FileProblem
from core.reading import fill, read_yaml


class DirectoryProblem(FileProblem):
    """A directory file is refused; `problems` says where and why."""


def read_directory(text: str, source: str, fmt: Literal["yaml", "csv"] = "yaml") -> DirectoryFile:
    """Reads and checks a directory's text. `source` is the file's name in errors.

    Raises DirectoryProblem with every problem found, each with file, line and field.
    """
    try:
        located = read_csv(text, source) if fmt == "csv" else read_yaml(text, source)
        entry = fill(FileEntry, located)
    except FileProblem as refused:
        raise DirectoryProblem(refused.problems) from refused
    findings = check_directory(entry)
    if findings:
        raise DirectoryProblem(located.problem(path, sentence) for path, sentence in findings)
    return _directory_file(entry)


def _directory_file(entry: FileEntry) -> DirectoryFile:
    agencies = tuple(Agency(**agency.model_dump(exclude={"people"})) for agency in entry.agencies)
    listed: dict[str, list[tuple[AgencyEntry, PersonEntry]]] = {}
    for _path, agency, person in entry.places():
        listed.setdefault(person.id, []).append((agency, person))
    people = tuple(_person(entries) for entries in listed.values())
    return DirectoryFile(agencies=agencies, people=people, sab_chair=entry.board.sab_chair)


def _person(entries: list[tuple[AgencyEntry, PersonEntry]]) -> Person:
    def said(name: str) -> Any:
        return next((value for _agency, person in entries if (value := getattr(person, name))), "")

    cover: CoverEntry | None = said("cover") or None
    return Person(
        id=entries[0][1].id,
        file_id=entries[0][1].id,
        name=said("name"),
        email=said("email"),
        phone=said("phone"),
        time_zone=said("time_zone"),
        working_hours=said("working_hours"),
        memberships=tuple(_membership(agency, person) for agency, person in entries),
        accounts=tuple(dict.fromkeys(account for _agency, person in entries for account in person.accounts)),
        cover=Cover(by=cover.by, starts=cover.starts, until=cover.until) if cover else None,
    )


def _membership(agency: AgencyEntry, person: PersonEntry) -> Membership:
    roles = tuple(_role_held(role, person) for role in person.roles) or (RoleHeld(role="practitioner"),)
    return Membership(agency=agency.id, roles=roles, line_manager=person.line_manager)


def _role_held(entry: RoleEntry, person: PersonEntry) -> RoleHeld:
    if entry.role != "sab_member":
        return RoleHeld(role=entry.role, statutory=entry.statutory, seniority=entry.seniority)
    return RoleHeld(
        role=entry.role,
        statutory=entry.statutory or person.statutory,
        seniority=entry.seniority or person.seniority,
    )
