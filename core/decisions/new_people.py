"""People named in a form who aren't in the directory are entered with their work e-mail.

An administrator confirms them later; raising doesn't wait for it. An e-mail that the directory knows is
that person, not a new one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from core.commands import Command, FillRole, NameContact, NewPerson, PassOnInvolvement, Raise
from core.directory import Directory, PersonRecorded
from core.escalation import Escalation
from core.refusals import FieldRefused

OF_ANOTHER_AGENCY = "Nobody can be asked for this agency by that e-mail address. Please check it."


def enter_new_people(
    command: Command, state: Escalation, person: str, directory: Directory, new_id: Callable[[], str]
) -> tuple[Command, list[PersonRecorded]]:
    """The command, naming everybody by id, and what is to be added to the directory with it.

    `person`: whoever asks. A refusal of the command must undo the additions as well. Raises FieldRefused
    where an e-mail address is that of somebody at another agency; it says nothing of who that is, or where.
    """
    added: list[PersonRecorded] = []

    def entered(somebody: NewPerson, agency: str) -> str:
        known = directory.by_email(somebody.email)
        if known and agency not in known.agencies():
            raise FieldRefused("new_email", sentence=OF_ANOTHER_AGENCY)
        if known:
            return known.id
        added.append(directory.named(somebody.name, somebody.email, agency, new_id))
        return added[-1].person.id

    if isinstance(command, Raise):
        named = [entered(somebody, command.other_agency) for somebody in command.new_people]
        return replace(command, named=(*command.named, *named), new_people=()), added
    if not isinstance(command, PassOnInvolvement | NameContact | FillRole) or command.new_person is None:
        return command, added
    side = state.sides.get(state.side_of(person) if isinstance(command, PassOnInvolvement) else command.side)
    if side is None:
        return command, added
    chosen = entered(command.new_person, side.agency)
    if isinstance(command, PassOnInvolvement):
        return replace(command, to=chosen, new_person=None), added
    return replace(command, person=chosen, new_person=None), added
