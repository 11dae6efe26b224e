"""Naming somebody in a form: from a list of those whom the viewer may be offered, or by work e-mail."""

from __future__ import annotations

from typing import Literal

from core.access import may_be_offered
from core.cards.model import Field, FormPart, Option, line, quiet, strong
from core.commands import NewPerson
from core.directory import Person
from core.forms.form import Answers, Desk, FieldsRefused, short

NOT_LISTED = "People in another organisation's Teams aren't listed here. Name them by their work e-mail."


def naming_parts(
    desk: Desk,
    agency: str,
    field: str,
    label: str,
    *,
    leave_out: frozenset[str],
    entry: Literal["choice", "choices"] = "choice",
    hint: str = "",
) -> list[FormPart]:
    """A list of the agency's people in `field`, where anybody can be offered; and a name with an e-mail."""
    people = [person for person in desk.directory.people_of(agency) if person.id not in leave_out]
    offered = [person for person in people if may_be_offered(desk.case, desk.viewer, person)]
    parts: list[FormPart] = []
    if offered:
        options = tuple(_option(desk, person, agency) for person in offered)
        parts.append(Field(id=field, label=label, hint=hint, entry=entry, options=options, optional=True))
    else:
        parts += [strong(label), *([line(hint)] if hint else [])]
    if len(offered) < len(people):
        parts.append(quiet(NOT_LISTED))
    parts.append(short("new_name", "Somebody else? Their name" if offered else "Their name", optional=True))
    parts.append(short("new_email", "Their work e-mail", optional=True))
    return parts


def _option(desk: Desk, person: Person, agency: str) -> Option:
    """By name, with what they are."""
    role = desk.directory.role_words(person.id, agency)
    return Option(value=person.id, label=f"{person.name}, {role}" if role else person.name)


def new_person(answers: Answers) -> NewPerson | None:
    """Raises FieldsRefused where only one of the two is given, or the e-mail can't be one."""
    name, email = answers.one("new_name"), answers.one("new_email")
    if not name and not email:
        return None
    if not name:
        raise FieldsRefused({"new_name": "Write their name as well."})
    before, _, after = email.partition("@")
    if not before or "." not in after or " " in email:
        raise FieldsRefused({"new_email": "Write their work e-mail, like name@example.org."})
    return NewPerson(name, email)
