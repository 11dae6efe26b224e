"""Keeping a closed case's record: asking whether it is needed, holds in the way, and its end."""

from __future__ import annotations

from datetime import datetime

from core import permission, refusals
from core.access import Ability, looking_after_records
from core.cards.phrases import HELD_FOR, names
from core.cards.plain import day_in_england
from core.commands import DestroyRecord, PlaceHold, ReleaseHold
from core.decisions.deciding import Deciding, filled
from core.events import HoldPlaced, HoldReleased, RecordDestroyed, ReminderIssued


def kept_until(deciding: Deciding, closed_at: datetime) -> datetime:
    """The opening of the first working day on which the record need not be kept any more; UTC."""
    calendar, retention = deciding.context.pathway.calendar, deciding.context.pathway.retention
    return calendar.opening_of(retention.keep.after(closed_at.astimezone(calendar.time_zone).date()))


def ask_whether_needed(deciding: Deciding, promised: datetime) -> None:
    """A person decides: nothing is destroyed because time has passed."""
    context = deciding.context
    deciding.record(
        ReminderIssued(
            about="keeping",
            key="keeping",
            part=f"due {promised:%Y-%m-%dT%H:%M:%SZ}",
            opening=deciding.state.stage.opening,
            people=tuple(person.id for person in looking_after_records(context.directory)),
            next_at=context.pathway.calendar.end(context.now, context.pathway.retention.ask_again),
        )
    )


def place_hold(deciding: Deciding, command: PlaceHold) -> None:
    permission.require(deciding.state, deciding.person, Ability.HOLD)
    standing = deciding.state.holds.get(command.kind)
    if standing:
        raise refusals.AlreadyHeld(
            reference=deciding.state.reference,
            what=HELD_FOR[command.kind],
            day=day_in_england(standing.since),
        )
    deciding.record(
        HoldPlaced(kind=command.kind, why=filled(command.why, "why", "Say with --why why it is held."))
    )


def release_hold(deciding: Deciding, command: ReleaseHold) -> None:
    state = deciding.state
    permission.require(state, deciding.person, Ability.HOLD)
    wanted = [hold for hold in state.holds.values() if command.kind in (None, hold.kind)]
    if not wanted:
        raise refusals.NotHeld(reference=state.reference)
    if len(wanted) > 1:
        standing = names([HELD_FOR[hold.kind] for hold in wanted])
        raise refusals.SeveralHolds(reference=state.reference, what=standing)
    deciding.record(HoldReleased(kind=wanted[0].kind))


def destroy(deciding: Deciding, command: DestroyRecord) -> None:
    """The last event of a record. Whoever carries it out destroys its key in the same transaction."""
    state = deciding.state
    permission.require(state, deciding.person, Ability.DESTROY)
    if state.closed_at is None:
        raise refusals.NotClosed(reference=state.reference)
    for hold in state.holds.values():
        raise refusals.StillHeld(
            reference=state.reference, what=HELD_FOR[hold.kind], day=day_in_england(hold.since)
        )
    until = state.kept_until or kept_until(deciding, state.closed_at)
    if deciding.context.now < until and not command.why.strip():
        raise refusals.StillKept(reference=state.reference, day=day_in_england(until))
    deciding.record(
        RecordDestroyed(
            reference=state.reference,
            raised_at=state.raised_at,
            closed_at=state.closed_at,
            stage=state.stage.name,
            why=command.why.strip(),
        )
    )
