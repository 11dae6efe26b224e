"""What didn't arrive: the record says so, somebody is told, and it can be sent again."""

from __future__ import annotations

from core import refusals
from core.access import Ability
from core.commands import RecordDeliveryFailure, SendAgain
from core.decisions.deciding import Deciding
from core.directory import Person
from core.events import DeliveryFailed, DeliveryRepeated


def record_failure(deciding: Deciding, command: RecordDeliveryFailure) -> None:
    """The record says what didn't arrive, so that somebody can be told another way.

    Said once for a person until they do something again: a case doesn't fill with the same failure.
    """
    if (command.person or command.side) in deciding.state.undelivered:
        return
    manager = _manager_of(deciding, command.person)
    deciding.record(
        DeliveryFailed(
            person=command.person,
            name=_name(deciding, command.person),
            side=command.side,
            what=command.what,
            manager=manager.id if manager else "",
            manager_name=manager.name if manager else "",
        )
    )


def send_again(deciding: Deciding, command: SendAgain) -> None:
    """By anybody who takes part, also once the case is closed: what is owed stays owed."""
    if deciding.context.actor:
        deciding.require(Ability.CONTRIBUTE)
        if command.to not in deciding.state.undelivered:
            raise refusals.NothingUndelivered
    if command.to in deciding.state.sides:
        deciding.record(DeliveryRepeated(side=command.to))
    else:
        deciding.record(DeliveryRepeated(person=command.to, name=_name(deciding, command.to)))


def _name(deciding: Deciding, person: str) -> str:
    known = deciding.context.directory.person(person)
    return known.name if known else ""


def _manager_of(deciding: Deciding, person: str) -> Person | None:
    """Of somebody who should take part: their line manager, or whoever stands in that day. None where nobody
    is known, or where they can't be reached either.
    """
    state, context = deciding.state, deciding.context
    side = state.side_of(person)
    manager = context.directory.line_manager_of(person, state.sides[side].agency) if side else None
    if manager is None:
        return None
    acting = context.directory.acting(manager.id, context.today)
    return None if acting.id in {person, *state.undelivered} else acting
