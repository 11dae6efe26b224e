"""Opening stages, their leaders and clocks, and moving on from one (P20 to P24)."""

from __future__ import annotations

from datetime import datetime

from core import pathway as p
from core import refusals
from core.access import Ability
from core.commands import RecordNotResolved
from core.decisions.deciding import Context, Deciding, filled
from core.directory import Person
from core.escalation import Escalation
from core.events import (
    Clock,
    Leader,
    NotResolvedRecorded,
    ParticipantJoined,
    Point,
    RoleUnfilled,
    StageOpened,
    StagesExhausted,
)
from core.working_time import Window


def record_not_resolved(deciding: Deciding, command: RecordNotResolved) -> None:
    """Any party may record it, with a reason, at any time, not only when the window lapses (P24)."""
    deciding.require(Ability.MOVE_ON)
    deciding.require_open()
    state = deciding.state
    if command.opening != state.stage.opening:
        raise refusals.EarlierStage(stage=str(state.stage.number), name="somebody")
    if state.exhausted:
        raise refusals.NotPartOfPathway(
            sentence="There is no stage after this one. The Chair of the board was told. The case stays open "
            "until an outcome is agreed: you can propose one."
        )
    reason = filled(command.reason, "reason", "Say in a sentence or two why it is not resolved.")
    deciding.record(NotResolvedRecorded(side=deciding.side, reason=reason))
    following = deciding.context.pathway.next_stage(state.stage.key)
    if following is None:
        _exhaust(deciding)
    else:
        open_stage(deciding, following)


def open_stage(deciding: Deciding, stage: p.Stage) -> None:
    """Opens `stage` and brings in its leaders from the directory; an empty role is recorded at once."""
    context = deciding.context
    found = {side: leaders_for(deciding.state, context, stage, side) for side in deciding.state.sides}
    leaders = tuple(
        Leader(side=side, person=person.id, name=person.name)
        for side, people in found.items()
        for person in people
    )
    deciding.record(
        StageOpened(
            key=stage.key,
            name=stage.name,
            number=stage.number,
            of=len(context.pathway.stages),
            opening=deciding.state.stage.opening + 1,
            approvers=stage.approvers,
            leaders=leaders,
            clocks=tuple(start_clock(context, clock) for clock in stage.clocks),
        )
    )
    for side, people in found.items():
        for person in people:
            join_as_leader(deciding, side, person, stage.leaders.role)
        if not people and stage.leaders.role != "practitioner":
            deciding.record(RoleUnfilled(side=side, role=stage.leaders.role, stage=stage.key))


def join_as_leader(deciding: Deciding, side: str, person: Person, role: str) -> None:
    """Adds somebody as a leader; whoever already takes part there and sees the case is left as they are."""
    participant = deciding.state.participants.get(person.id)
    if participant and participant.confirmed and not participant.passed_on:
        return
    deciding.record(
        ParticipantJoined(
            person=person.id, name=person.name, side=side, capacity=role, confirmed=True, because="leads"
        )
    )


def leaders_for(state: Escalation, context: Context, stage: p.Stage, side: str) -> tuple[Person, ...]:
    """Who leads for a side. In place of somebody of another side: cover, the next manager up, or nobody."""
    if stage.leaders.role == "practitioner":
        return ()
    others = {person.person for person in state.taking_part() if person.side != side}
    return tuple(
        context.directory.leaders(
            stage.leaders.role,
            stage.leaders.of,
            state.sides[side].agency,
            [person.person for person in state.people_on(side)],
            others,
            context.today,
        )
    )


def start_clock(context: Context, clock: p.Clock) -> Clock:
    """The promise, with its end and all its points, as the calendar has it now."""
    calendar, now = context.pathway.calendar, context.now
    ends = calendar.end(now, clock.window)
    return Clock(
        key=clock.key,
        label=clock.label,
        kind=clock.kind,
        starts=now,
        ends=ends,
        points=tuple(_point(context, clock.window, ends, part) for part in clock.reminders),
        repeat=str(clock.repeat),
        by_clock=clock.window.by_clock,
        source=clock.note,
    )


def _point(context: Context, window: Window, ends: datetime, part: float) -> Point:
    return Point(part=str(part), at=context.pathway.calendar.part(context.now, ends, window, part))


def _exhaust(deciding: Deciding) -> None:
    """After the last stage the Chair of the board is told, and a review repeats until it is settled (P24)."""
    context = deciding.context
    chair = context.directory.sab_chair()
    deciding.record(
        StagesExhausted(
            chair=chair.id if chair else "",
            chair_name=chair.name if chair else "",
            clock=start_clock(context, context.pathway.after_last_stage.clock),
        )
    )
