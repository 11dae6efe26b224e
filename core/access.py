"""Who may see and do what: one table, from how a person stands to the case. Decided anew at every press."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from core.directory import Directory, Person
from core.escalation import Escalation
from core.escalation_parts import AskedToDestroy
from core.events import ALL, Recorded

OPERATOR = "operator"
"""Who runs the program and acts by its command line, where a person's id would stand."""

LOOKS_AFTER_RECORDS = ("coordinator", "administrator")
"""Roles, best first, whose holders are asked whether a record is still needed, and hear that one is gone."""


class Relation(StrEnum):
    """How somebody stands to a case at this moment; one person can stand in several ways."""

    NAMED = "named"  # asked whether they are the right person
    PARTICIPANT = "participant"  # takes part and sees the case
    RAISING_SIDE = "raising side"  # a participant of the side that raised it
    APPROVER = "approver"  # may agree for their side at this stage
    CHAIR = "chair"  # the board's Chair, once told
    OPERATOR = "operator"  # runs the program
    SECOND = "second person"  # may agree that words are destroyed, as somebody else asks


class Ability(StrEnum):
    SEE = "see"
    ANSWER_INVITATION = "answer invitation"
    CONTRIBUTE = "contribute"
    LIFT_DANGER = "lift danger"
    NAME_CONTACT = "name contact"
    MOVE_ON = "move on"
    PROPOSE = "propose"
    AGREE = "agree"
    HOLD = "hold"
    DESTROY = "destroy"
    DRAFT = "draft"
    ASK_TO_DESTROY = "ask to destroy"
    ANSWER_DESTROYING = "answer destroying"


MAY: dict[Ability, frozenset[Relation]] = {
    Ability.SEE: frozenset({Relation.PARTICIPANT, Relation.CHAIR}),
    Ability.ANSWER_INVITATION: frozenset({Relation.NAMED}),
    Ability.CONTRIBUTE: frozenset({Relation.PARTICIPANT}),
    Ability.LIFT_DANGER: frozenset({Relation.RAISING_SIDE}),
    Ability.NAME_CONTACT: frozenset({Relation.PARTICIPANT}),
    Ability.MOVE_ON: frozenset({Relation.PARTICIPANT}),
    Ability.PROPOSE: frozenset({Relation.PARTICIPANT}),
    Ability.AGREE: frozenset({Relation.APPROVER}),
    Ability.HOLD: frozenset({Relation.OPERATOR}),
    Ability.DESTROY: frozenset({Relation.OPERATOR}),
    Ability.DRAFT: frozenset({Relation.OPERATOR}),
    Ability.ASK_TO_DESTROY: frozenset({Relation.PARTICIPANT}),
    Ability.ANSWER_DESTROYING: frozenset({Relation.SECOND}),
}


def relations(state: Escalation, person: str) -> frozenset[Relation]:
    if person == OPERATOR:
        return frozenset({Relation.OPERATOR})
    found = set()
    if person and person == state.chair:
        found.add(Relation.CHAIR)
    if any(is_second(state, person, asked) for asked in state.asked_to_destroy.values()):
        found.add(Relation.SECOND)
    participant = state.participants.get(person)
    if participant is None or participant.passed_on:
        return frozenset(found)
    if not participant.confirmed:
        return frozenset(found | {Relation.NAMED})
    found.add(Relation.PARTICIPANT)
    if state.sides[participant.side].raising:
        found.add(Relation.RAISING_SIDE)
    if state.stage.approvers == "participants" or state.leads(person):
        found.add(Relation.APPROVER)
    return frozenset(found)


def may(state: Escalation, person: str, ability: Ability) -> bool:
    return not MAY[ability].isdisjoint(relations(state, person))


def looking_after_records(directory: Directory) -> tuple[Person, ...]:
    """Everybody with the first of those roles that anybody has."""
    found = (directory.holding(role) for role in LOOKS_AFTER_RECORDS)
    return next((tuple(people) for people in found if people), ())


def is_second(state: Escalation, person: str, asked: AskedToDestroy) -> bool:
    """Whether this person may agree that the entry's words are destroyed. Never whoever asks for it.

    One of another side, who can read it now: so neither side alone removes what the other has seen, nor
    anybody the words of a side that has no part in it. Where nobody of another side can, the managers and
    safeguarding leads who were asked: words about a wrong person need not be shown to one agency more.
    """
    participant = state.participants.get(person)
    if not person or person == asked.person:
        return False
    if person in asked.people:
        return True
    if participant is None or participant.passed_on or not participant.confirmed:
        return False
    across = participant.side != asked.side and sees_entry(state, person, asked.audience)
    return across and asked.author_side in ("", asked.side, participant.side)


def approvers(state: Escalation, side: str) -> tuple[tuple[str, str], ...]:
    """(person, name) of those who may agree for a side at this stage."""
    return tuple((p.person, p.name) for p in state.people_on(side) if may(state, p.person, Ability.AGREE))


def may_be_offered(state: Escalation, viewer: Person, person: Person) -> bool:
    """Whether a form may offer somebody by name to whoever looks at it: the one place where that is said.

    Who is in a tenant of Teams is for that tenant to know: somebody whose accounts are all in others than the
    viewer's is offered once they take part in the case, and until then is named by their work e-mail.
    """
    if state.side_of(person.id) or not person.only_in_teams():
        return True
    return not viewer.teams_tenants().isdisjoint(person.teams_tenants())


def sees_entry(state: Escalation, person: str, audience: str) -> bool:
    """Whether somebody who may see the case may see an entry with this audience."""
    if audience == ALL:
        return True
    kind, _, rest = audience.partition(":")
    return state.side_of(person) == rest if kind == "side" else person in rest.split(",")


def visible(state: Escalation, person: str, entries: Iterable[Recorded]) -> tuple[Recorded, ...]:
    """The entries of the chronology that this person may see: the one place where that is filtered."""
    if not may(state, person, Ability.SEE):
        return ()
    return tuple(entry for entry in entries if sees_entry(state, person, entry.audience))
