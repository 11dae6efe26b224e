"""A directory as CSV, one row a person: brought to the shape of the YAML file, with the line of each row."""

import csv
import io
from typing import Any

from core.problems import FileProblem, Problem
from core.reading import Located, Path

COLUMNS = (
    "agency",
    "agency_name",
    "kind",
    "id",
    "name",
    "email",
    "roles",
    "line_manager",
    "accounts",
    "phone",
)
_NEEDED = ("agency", "id", "name")
_LISTS = ("roles", "accounts")
_OF_THE_AGENCY = ("agency", "agency_name", "kind")


def read_csv(text: str, source: str) -> Located:
    """Columns as in COLUMNS, in any order; roles and accounts are parted by ";". Raises FileProblem."""
    if "\x00" in text:
        raise FileProblem([Problem(source, 0, "", "There is a character in it that can't be kept.")])
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    try:
        _check_columns([name.strip() for name in reader.fieldnames or ()], source)
        rows = [(reader.line_num, _cells(row, reader.line_num, source)) for row in reader]
    except csv.Error as error:
        line = reader.reader.line_num
        raise FileProblem(
            [Problem(source, line, "", f"This is not CSV that we can read: {error}.")]
        ) from error
    return _as_file(rows, source)


def _check_columns(columns: list[str], source: str) -> None:
    problems = [
        Problem(source, 1, name, f"This is not a column that we know. We read: {', '.join(COLUMNS)}.")
        for name in columns
        if name not in COLUMNS
    ]
    problems += [
        Problem(source, 1, name, "This column is missing.") for name in _NEEDED if name not in columns
    ]
    problems += [
        Problem(source, 1, name, "This column stands twice.") for name in COLUMNS if columns.count(name) > 1
    ]
    if problems:
        raise FileProblem(problems)


def _cells(row: dict[str | Any, str | Any], line: int, source: str) -> dict[str, str]:
    if None in row:
        raise FileProblem([Problem(source, line, "", "This row has more cells than there are columns.")])
    return {name.strip(): (cell or "").strip() for name, cell in row.items()}


def _as_file(rows: list[tuple[int, dict[str, str]]], source: str) -> Located:
    agencies: dict[str, dict[str, Any]] = {}
    lines: dict[Path, int] = {(): 1, ("agencies",): 1}
    problems: list[Problem] = []
    for line, row in rows:
        agency = agencies.setdefault(row["agency"], {"id": row["agency"], "people": []})
        place = ("agencies", list(agencies).index(row["agency"]))
        lines.setdefault(place, line)
        for column, key in (("agency_name", "name"), ("kind", "kind")):
            said = row.get(column, "")
            if said and agency.setdefault(key, said) != said:
                sentence = f'This agency has another {column} in an earlier row: "{agency[key]}".'
                problems.append(Problem(source, line, column, sentence))
        lines[(*place, "people", len(agency["people"]))] = line
        agency["people"].append(_person(row))
    if problems:
        raise FileProblem(problems)
    for agency in agencies.values():
        agency.setdefault("name", agency["id"])
    return Located(source, {"agencies": list(agencies.values())}, lines)


def _person(row: dict[str, str]) -> dict[str, Any]:
    person: dict[str, Any] = {key: cell for key, cell in row.items() if key not in _OF_THE_AGENCY}
    for key in _LISTS:
        person[key] = [part.strip() for part in person.get(key, "").split(";") if part.strip()]
    return person
