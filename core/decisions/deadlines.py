"""What a Tick says when a promised moment has come (P24, P25, P34).

After a long stop it says what matters now, once.
"""

from __future__ import annotations

from datetime import datetime

from core.commands import Tick
from core.decisions.deciding import Deciding
from core.decisions.keeping import ask_whether_needed
from core.decisions.stages import all_leaders
from core.escalation import ActionState, ClockState
from core.events import NextLeadersTold, ReminderIssued, WindowLapsed
from core.reminders import people_to_remind
from core.working_time import Window


def tick(deciding: Deciding, command: Tick) -> None:
    """Nothing due, nothing recorded."""
    now = deciding.context.now
    if deciding.state.waits_until and deciding.state.waits_until <= now:
        _tell_next_leaders(deciding)
    for running in tuple(deciding.state.clocks.values()):
        if running.next_at <= now:
            _say_point(deciding, running)
    for action in tuple(deciding.state.actions.values()):
        if action.next_at and action.next_at <= now:
            _ask_owner(deciding, action, action.next_at)
    asked_at = deciding.state.ask_keeping_at
    if asked_at and asked_at <= now and not deciding.state.holds:
        ask_whether_needed(deciding, asked_at)


def _say_point(deciding: Deciding, running: ClockState) -> None:
    """One reminder for the latest point that has passed; the lapse first, where it has come.

    In danger the next stage's leaders hear of a lapse the same day: at once (P24).
    """
    now, clock, opening = deciding.context.now, running.clock, deciding.state.stage.opening
    promised = f"repeat {running.next_at:%Y-%m-%dT%H:%M:%SZ}"
    if clock.ends <= now and not running.lapsed and clock.kind == "window":
        promised = "1.0"
        deciding.record(WindowLapsed(key=clock.key, opening=opening, waits_until=_waits_until(deciding)))
        if deciding.state.in_danger and not deciding.state.exhausted:
            _tell_next_leaders(deciding)
    passed = [
        p for p in clock.points if p.at <= now and (not running.said_until or p.at > running.said_until)
    ]
    coming = [at for at in sorted({clock.ends, *(p.at for p in clock.points)}) if at > now]
    deciding.record(
        ReminderIssued(
            about="clock",
            key=clock.key,
            part=passed[-1].part if passed else promised,
            opening=opening,
            people=people_to_remind(deciding.state, running, lapsed=clock.ends <= now),
            next_at=coming[0] if coming else _again(deciding, clock.repeat),
        )
    )


def _again(deciding: Deciding, repeat: str) -> datetime:
    return deciding.context.pathway.calendar.end(deciding.context.now, Window.parse(repeat))


def _waits_until(deciding: Deciding) -> datetime | None:
    """Until when an answer is waited for, where somebody is told after that: not after the last stage."""
    if deciding.state.exhausted or deciding.state.in_danger:
        return None
    stage = deciding.context.pathway.stage(deciding.state.stage.key)
    return deciding.context.pathway.calendar.end(deciding.context.now, stage.unanswered.after)


def _tell_next_leaders(deciding: Deciding) -> None:
    """The next stage's leaders hear the reference and that it waits; after the last stage the Chair (P24)."""
    state, context = deciding.state, deciding.context
    following = context.pathway.next_stage(state.stage.key)
    if following and context.pathway.stage(state.stage.key).unanswered.tell == "next_stage_leaders":
        people = [p for leaders in all_leaders(state, context, following).values() for p in leaders]
    else:
        chair = context.directory.sab_chair()
        people = [chair] if chair else []
    deciding.record(NextLeadersTold(people=tuple(p.id for p in people), names=tuple(p.name for p in people)))


def _ask_owner(deciding: Deciding, action: ActionState, promised: datetime) -> None:
    repeat = deciding.context.pathway.actions.repeat
    deciding.record(
        ReminderIssued(
            about="action",
            key=action.id,
            part=f"due {promised:%Y-%m-%dT%H:%M:%SZ}",
            opening=deciding.state.stage.opening,
            people=(action.owner,),
            next_at=deciding.context.pathway.calendar.end(deciding.context.now, repeat),
        )
    )
