"""Opening stages, their leaders and clocks, and moving on from one (P20 to P24)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from core import pathway as p
from core import refusals
from core.access import Ability
from core.cards.model import Moment
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

AFTER_LAST_STAGE = "after_last_stage"


def record_not_resolved(deciding: Deciding, command: RecordNotResolved) -> None:
    """Any party may record it, with a reason, at any time, not only when the window lapses (P24)."""
    deciding.require(Ability.MOVE_ON)
    deciding.require_open()
    state = deciding.state
    _refuse_moved_on(deciding, command.opening)
    reason = filled(command.reason, "reason", "Say in a sentence or two why it is not resolved.")
    deciding.record(NotResolvedRecorded(side=deciding.side, reason=reason))
    following = deciding.context.pathway.next_stage(state.stage.key)
    if following is None:
        _exhaust(deciding)
    else:
        open_stage(deciding, following)


def _refuse_moved_on(deciding: Deciding, opening: int) -> None:
    """Somebody was quicker, or the card is old: it says who moved it on, and when."""
    state, moved = deciding.state, deciding.state.moved_on
    if opening == state.stage.opening and not state.exhausted:
        return
    if moved is None:
        raise refusals.NothingAsked
    name, at = deciding.named(moved.person, moved.name), Moment(at=moved.at)
    if state.exhausted:
        raise refusals.LastStage(name=name, at=at)
    raise refusals.EarlierStage(stage=str(state.stage.number), name=name[0].upper() + name[1:], at=at)


def open_stage(deciding: Deciding, stage: p.Stage) -> None:
    """Opens `stage` and brings in its leaders from the directory; an empty role is recorded at once."""
    context = deciding.context
    found = all_leaders(deciding.state, context, stage)
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


def all_leaders(state: Escalation, context: Context, stage: p.Stage) -> dict[str, tuple[Person, ...]]:
    """Who leads for each side, by side; two sides of one agency never share a leader."""
    found: dict[str, tuple[Person, ...]] = {}
    for side in state.sides:
        taken = {person.id for people in found.values() for person in people}
        found[side] = leaders_for(state, context, stage, side, taken)
    return found


def leaders_for(
    state: Escalation, context: Context, stage: p.Stage, side: str, taken: Collection[str] = ()
) -> tuple[Person, ...]:
    """Who leads for a side. In place of somebody of another side: cover, the next manager up, or nobody.

    `taken`: people who lead for another side already. Where nobody takes part on a side, its agency's people
    in that role lead (P21).
    """
    if stage.leaders.role == "practitioner":
        return ()
    people = [person.person for person in state.people_on(side)]
    others = {person.person for person in state.taking_part() if person.side != side}
    return tuple(
        context.directory.leaders(
            stage.leaders.role,
            stage.leaders.of if people else "agency",
            state.sides[side].agency,
            people,
            {*others, *taken},
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
    clock = start_clock(context, context.pathway.after_last_stage.clock)
    deciding.record(
        StagesExhausted(
            chair=chair.id if chair else "",
            chair_name=chair.name if chair else "",
            # A key of its own: the last stage's opening goes on, and its clock may be called the same.
            clock=clock.model_copy(update={"key": AFTER_LAST_STAGE}),
        )
    )
