"""What a directory file's shape alone can't say: who is whom, who is named, and where managers lead."""

from core.directory_entries import FileEntry, PersonEntry
from core.reading import Finding, Path


def check_directory(entry: FileEntry) -> list[Finding]:
    return [
        *_check_agencies(entry),
        *_check_same_person(entry),
        *_check_accounts(entry),
        *_check_names_of_people(entry),
        *_check_managers(entry),
    ]


def _check_agencies(entry: FileEntry) -> list[Finding]:
    seen: set[str] = set()
    findings: list[Finding] = []
    for index, agency in enumerate(entry.agencies):
        if agency.id in seen:
            findings.append(
                (("agencies", index, "id"), f'The agency id "{agency.id}" is used twice. Each needs its own.')
            )
        seen.add(agency.id)
    return findings


_OF_THE_PERSON = ("name", "email", "phone", "time_zone", "working_hours", "cover")


def _check_same_person(entry: FileEntry) -> list[Finding]:
    """The same id in two agencies is one person: what both entries say must be the same."""
    first: dict[str, PersonEntry] = {}
    places: set[tuple[str, str]] = set()
    findings: list[Finding] = []
    for path, agency, person in entry.places():
        if (agency.id, person.id) in places:
            findings.append(
                ((*path, "id"), f'"{person.id}" is listed twice in this agency. Keep one of them.')
            )
        places.add((agency.id, person.id))
        other = first.setdefault(person.id, person)
        for name in _OF_THE_PERSON:
            mine, theirs = getattr(person, name), getattr(other, name)
            if mine and theirs and mine != theirs:
                sentence = f'"{person.id}" is listed before with another {name}. One id is one person.'
                findings.append(((*path, name), sentence))
    return findings


def _check_accounts(entry: FileEntry) -> list[Finding]:
    owners: dict[str, str] = {}
    findings: list[Finding] = []
    for path, _agency, person in entry.places():
        for index, account in enumerate(person.accounts):
            owner = owners.setdefault(account, person.id)
            if owner != person.id:
                sentence = f'This account is already that of "{owner}". An account belongs to one person.'
                findings.append(((*path, "accounts", index), sentence))
    return findings


def _check_names_of_people(entry: FileEntry) -> list[Finding]:
    known = {person.id for _path, _agency, person in entry.places()}
    named: list[tuple[Path, str]] = [(("board", "sab_chair"), entry.board.sab_chair)]
    for path, _agency, person in entry.places():
        named.append(((*path, "line_manager"), person.line_manager))
        named.append(((*path, "cover", "by"), person.cover.by if person.cover else ""))
    findings = [
        (path, f'Nobody in this file has the id "{who}".') for path, who in named if who and who not in known
    ]
    for path, _agency, person in entry.places():
        if person.cover and person.cover.by == person.id:
            findings.append(((*path, "cover", "by"), "Somebody else must stand in, not the same person."))
    return findings


def _check_managers(entry: FileEntry) -> list[Finding]:
    """Going up from manager to manager must come to an end."""
    above: dict[str, set[str]] = {}
    for _path, _agency, person in entry.places():
        above.setdefault(person.id, set()).update({person.line_manager} - {""})
    going_round = _going_round(above)
    return [
        ((*path, "line_manager"), f'Going up from manager to manager comes back to "{person.id}".')
        for path, _agency, person in entry.places()
        if person.id in going_round and person.line_manager in going_round
    ]


def _going_round(above: dict[str, set[str]]) -> set[str]:
    """Takes away whoever has nobody left above or below them, until nobody goes: what stays goes round."""
    below: dict[str, set[str]] = {}
    for person, managers in above.items():
        for manager in managers:
            below.setdefault(manager, set()).add(person)
    left = _without_ends(set(above) | set(below), above, below)
    return _without_ends(left, below, above)


def _without_ends(people: set[str], ahead: dict[str, set[str]], behind: dict[str, set[str]]) -> set[str]:
    left = set(people)
    count = {person: len(ahead.get(person, set()) & people) for person in people}
    ends = [person for person, many in count.items() if not many]
    while ends:
        end = ends.pop()
        left.discard(end)
        for person in behind.get(end, set()) & people:
            count[person] -= 1
            if not count[person]:
                ends.append(person)
    return left
