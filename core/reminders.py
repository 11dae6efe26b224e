"""Deadlines, derived: the one moment at which something must be said next, and to whom (P24, P25)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from core.access import approvers
from core.escalation import ClockState, Escalation


def next_due(state: Escalation) -> datetime | None:
    """UTC; None for a record that is held, or was destroyed, or that nobody said how long to keep."""
    if state.status == "closed":
        return None if state.holds else state.ask_keeping_at
    moments = [running.next_at for running in state.clocks.values()]
    moments += [action.next_at for action in state.actions.values() if action.next_at]
    if state.waits_until:
        moments.append(state.waits_until)
    return min(moments, default=None)


def window_ends(state: Escalation) -> datetime | None:
    """UTC end of the window or review that runs now; None once an outcome is agreed."""
    return min((running.clock.ends for running in state.clocks.values()), default=None)


def overdue_since(state: Escalation) -> datetime | None:
    """When the policy's own window ended unanswered; None where none has."""
    return min((c.clock.ends for c in state.clocks.values() if c.lapsed), default=None)


class Asked(StrEnum):
    """What the next move is. Every card's first line is drawn from this."""

    WHO = "who"  # nobody is named on a side yet
    ANSWER = "answer"  # the challenged agency's view
    SETTLE = "settle"  # an outcome, or the next stage
    OUTCOME = "outcome"  # after the last stage: only an outcome is left
    LAPSED = "lapsed"  # the window has ended: resolved, or the next stage?
    AGREE = "agree"  # a proposal waits
    ACTIONS = "actions"  # agreed actions are to be done
    NOTHING = "nothing"  # closed


@dataclass(frozen=True, slots=True)
class Move:
    """Whose move it is: the sides asked, what for, and by when (UTC; None where it is a day, or nothing).

    `review`: the policy sets no time, so `by` is when it is reviewed, never a deadline. `late`: the window
    that `by` ends has ended.
    """

    asked: Asked
    sides: tuple[str, ...]
    by: datetime | None = None
    review: bool = False
    late: bool = False


def looks_again(state: Escalation) -> datetime | None:
    """When the sides are asked next how it stands, where only reviews run; None where a window does."""
    if any(running.clock.kind == "window" for running in state.clocks.values()):
        return None
    moments = [
        running.next_at
        if running.said_until and running.said_until >= running.clock.ends
        else running.clock.ends
        for running in state.clocks.values()
    ]
    return min(moments, default=None)


def whose_move(state: Escalation) -> Move:
    asked, sides = _asked(state)
    if state.status != "open":
        return Move(asked, sides)
    again = looks_again(state)
    late = overdue_since(state) is not None
    return Move(asked, sides, again or window_ends(state), review=again is not None, late=late)


def _asked(state: Escalation) -> tuple[Asked, tuple[str, ...]]:
    everyone = tuple(state.sides)
    if state.status == "closed":
        return Asked.NOTHING, ()
    if state.status == "agreed":
        return Asked.ACTIONS, everyone
    if state.contact_unknown:
        return Asked.WHO, (state.raising_side.id,)
    if state.proposal and not state.proposal.declined:
        return Asked.AGREE, tuple(s for s in everyone if s not in state.proposal.agreed)
    if overdue_since(state):
        return Asked.LAPSED, everyone
    silent = tuple(s.id for s in state.sides.values() if not s.raising and s.id not in state.views)
    if silent and state.stage.approvers == "participants":
        return Asked.ANSWER, silent
    return (Asked.OUTCOME if state.exhausted else Asked.SETTLE), everyone


def people_to_remind(state: Escalation, running: ClockState, *, lapsed: bool) -> tuple[str, ...]:
    """Person ids. Before the end: whose move it is; from the end on: everybody who can answer for a side.

    A side without anybody who may agree is asked through all its people, so that no window passes in silence.
    """
    sides = tuple(state.sides) if lapsed or running.clock.kind == "review" else whose_move(state).sides
    people: list[str] = []
    for side in sides:
        able = [person for person, _ in approvers(state, side)]
        people += able or [participant.person for participant in state.people_on(side)]
    if not people:
        people = [participant.person for participant in state.taking_part() if participant.confirmed]
    return tuple(dict.fromkeys(people))
