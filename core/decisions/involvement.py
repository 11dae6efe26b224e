"""Who takes part: those named say whether it is for them, and gaps are filled with a name (P15, P20)."""

from __future__ import annotations

from core import refusals
from core.access import Ability
from core.commands import AcceptInvolvement, FillRole, NameContact, PassOnInvolvement
from core.decisions.deciding import Deciding
from core.decisions.stages import join_as_leader
from core.directory import Person
from core.events import (
    ContactUnknown,
    InvolvementAccepted,
    InvolvementPassedOn,
    ParticipantJoined,
    RoleFilled,
)


def accept(deciding: Deciding, command: AcceptInvolvement) -> None:
    """ "I'm the right person": somebody named, or, where a side named nobody yet, anybody of its agency."""
    side = _volunteers_for(deciding)
    if side:
        _join(deciding, deciding.context.person(deciding.person), side, because="volunteered")
        return
    _require_named(deciding)
    deciding.record(InvolvementAccepted(person=deciding.person))


def _volunteers_for(deciding: Deciding) -> str:
    """The side that waits for somebody of this person's agency, or "" where none does."""
    state, person = deciding.state, deciding.context.directory.person(deciding.person)
    if person is None or person.ended or state.side_of(person.id):
        return ""
    waiting = (side for side in sorted(state.contact_unknown) if state.status == "open")
    return next((side for side in waiting if state.sides[side].agency in person.agencies()), "")


def pass_on(deciding: Deciding, command: PassOnInvolvement) -> None:
    """Somebody named says that it isn't for them, and who it is, if they know."""
    _require_named(deciding)
    side = deciding.side
    successor = _may_join(deciding, command.to, side) if command.to else None
    deciding.record(
        InvolvementPassedOn(
            person=deciding.person,
            to=successor.id if successor else "",
            to_name=successor.name if successor else "",
        )
    )
    if successor:
        _join(deciding, successor, side, because="named")
    elif not deciding.state.people_on(side):
        deciding.record(ContactUnknown(side=side))


def _require_named(deciding: Deciding) -> None:
    """Once the invitation was answered, the same button says so."""
    deciding.require(Ability.ANSWER_INVITATION)
    if deciding.state.closed_at:
        deciding.require_open()


def name_contact(deciding: Deciding, command: NameContact) -> None:
    """Anybody who takes part may say who else should, for a side that named nobody or too few."""
    deciding.require(Ability.NAME_CONTACT)
    deciding.require_open()
    if command.side not in deciding.state.sides:
        raise refusals.NothingAsked
    person = _may_join(deciding, command.person, command.side)
    _join(deciding, person, command.side, because="named")


def fill_role(deciding: Deciding, command: FillRole) -> None:
    """A role that nobody fills is filled by somebody on that side naming a person."""
    deciding.require(Ability.NAME_CONTACT)
    deciding.require_open()
    if command.side not in deciding.state.sides:
        raise refusals.NothingAsked
    _refuse_for_other_side(deciding, command.side)
    if not any((r.side, r.role) == (command.side, command.role) for r in deciding.state.open_roles):
        raise refusals.RoleAlreadyFilled
    person = deciding.context.person(command.person)
    _refuse_other_side(deciding, person, command.side)
    _refuse_other_agency(deciding, person, command.side)
    deciding.record(
        RoleFilled(
            side=command.side,
            role=command.role,
            stage=deciding.state.stage.key,
            person=person.id,
            name=person.name,
        )
    )
    join_as_leader(deciding, command.side, person, command.role)


def _refuse_for_other_side(deciding: Deciding, side: str) -> None:
    """The people of a side say who leads for them; where there are none, or all have left, the other may."""
    here = deciding.context.directory.still_here
    has_people = any(p.confirmed and here(p.person) for p in deciding.state.people_on(side))
    if has_people and deciding.side != side:
        raise refusals.NotYourSide(agency=deciding.state.sides[side].agency_name)


def _may_join(deciding: Deciding, id: str, side: str) -> Person:
    person = deciding.context.person(id)
    participant = deciding.state.participants.get(id)
    if participant and not participant.passed_on and participant.side == side:
        raise refusals.AlreadyTakesPart("person", name=person.name, reference=deciding.state.reference)
    _refuse_other_side(deciding, person, side)
    _refuse_other_agency(deciding, person, side)
    return person


def _refuse_other_side(deciding: Deciding, person: Person, side: str) -> None:
    if deciding.state.side_of(person.id) not in ("", side):
        raise refusals.OnAnotherSide("person", name=person.name, reference=deciding.state.reference)


def _refuse_other_agency(deciding: Deciding, person: Person, side: str) -> None:
    agency = deciding.state.sides[side]
    if agency.agency not in person.agencies():
        raise refusals.FieldRefused(
            "person", sentence=f"{person.name} is not at {agency.agency_name}. Choose somebody who is."
        )


def _join(deciding: Deciding, person: Person, side: str, *, because: str) -> None:
    agency = deciding.state.sides[side].agency
    deciding.record(
        ParticipantJoined(
            person=person.id,
            name=person.name,
            side=side,
            capacity=deciding.context.directory.role_words(person.id, agency),
            confirmed=because == "volunteered",
            because=because,
        )
    )
