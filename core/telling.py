"""From what happened to who hears of it, and where: one table, event by event (P13).

Rooms get the live card and a line in its thread; people get a direct message for every decision, and
reminders. Whoever did a thing is answered there and then, and is not told of it again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from core import events as e
from core.access import is_second, sees_entry
from core.cards.thread import LINES
from core.decisions.deciding import Context
from core.escalation import Escalation, evolve
from core.notices import Notice

CLOSING_GRACE = timedelta(minutes=10)
"""What falls due at the close of a working day still goes out then, though it takes a moment to be noticed.
"""


@dataclass(frozen=True)
class Told:
    """One event as it is told: `state` is the case just after it, `together` all kinds of event of it."""

    state: Escalation
    entry: e.Recorded
    context: Context
    together: tuple[type, ...]

    def decision(self, topic: str, people: Iterable[str], subject: str = "") -> list[Notice]:
        """The same direct message to each, but not to whoever did it."""
        actor = self.entry.actor.person if self.entry.actor else ""
        return [
            Notice(
                kind="decision",
                topic=topic,
                sequence=self.entry.sequence,
                key=f"{topic}/{self.entry.sequence}/{person}",
                not_before=self.context.now,
                person=person,
                object=subject,
            )
            for person in dict.fromkeys(people)
            if person and person != actor
        ]

    def everyone(self) -> list[str]:
        """All who take part and see the case; somebody only asked whether they are the right person hears
        nothing yet.
        """
        people = [p.person for p in self.state.taking_part() if p.confirmed]
        return [*people, self.state.chair] if self.state.chair else people


def notices_for(before: Escalation, entries: Sequence[e.Recorded], context: Context) -> list[Notice]:
    """All that one decision gives to tell, in the order in which it is to be told."""
    notices: list[Notice] = []
    state, together = before, tuple(type(entry.event) for entry in entries)
    for entry in entries:
        state = evolve(state, entry)
        told = Told(state, entry, context, together)
        direct = DIRECT.get(type(entry.event), _nobody)(told, entry.event)
        notices += _lines(told, hearing={notice.person for notice in direct}) + direct
    if replace(before, version=state.version) == state or all(map(_about_the_record, entries)):
        return notices  # a note stands in the record alone: the cards show what they showed before
    return _cards(state, entries[-1], context) + _redrawn(before, state, entries[-1], context) + notices


def _about_the_record(entry: e.Recorded) -> bool:
    """How long the record is kept is between the board and whoever runs the program, and that somebody asked
    for what is held on them is their own affair: no room hears of it, least of all years after the end.
    """
    event = entry.event
    if isinstance(event, e.ReminderIssued):
        return event.about == "keeping"
    return isinstance(event, e.HoldPlaced | e.HoldReleased | e.RecordDestroyed | e.SubjectAccessDrafted)


def _redrawn(before: Escalation, after: Escalation, last: e.Recorded, context: Context) -> list[Notice]:
    """Direct messages whose question was answered: drawn anew, without buttons that no longer apply."""
    people = [p.person for p in after.taking_part() if p.confirmed] + ([after.chair] if after.chair else [])
    answered: list[tuple[str, str, str]] = []
    if before.proposal and before.proposal != after.proposal:
        answered += [("proposed", person, before.proposal.id) for person in people]
    answered += [
        ("invitation", person, "")
        for person, participant in before.participants.items()
        if after.participants[person] != participant
    ]
    answered += [
        ("destruction_asked", person, str(number))
        for number, asked in before.asked_to_destroy.items()
        if number not in after.asked_to_destroy
        for person in (*people, *asked.people)
    ]
    answered += [
        ("role_unfilled", person, f"{gap.side}/{gap.role}")
        for gap in before.open_roles
        if gap not in after.open_roles
        for person in people
    ]
    return [
        Notice(
            "card",
            topic,
            last.sequence,
            f"redraw/{last.sequence}/{topic}/{subject}/{person}",
            context.now,
            person=person,
            object=subject,
        )
        for topic, person, subject in dict.fromkeys(answered)
    ]


def _cards(state: Escalation, last: e.Recorded, context: Context) -> list[Notice]:
    """The live card of every room. It comes first, so that a thread has something to hang on."""
    return [
        Notice(
            "card", "case", last.sequence, f"card/{last.sequence}/{side}/{person}", context.now, side, person
        )
        for side, person in rooms(state)
    ]


def _lines(told: Told, hearing: set[str]) -> list[Notice]:
    """A line in each room's thread; where a room is somebody's direct messages, a decision told there is
    enough.
    """
    if told.entry.audience != e.ALL or type(told.entry.event) not in LINES or _about_the_record(told.entry):
        return []
    sequence, actor = told.entry.sequence, told.entry.actor
    hearing = hearing | {actor.person} if actor else hearing
    return [
        Notice(
            "decision", "line", sequence, f"line/{sequence}/{side}/{person}", told.context.now, side, person
        )
        for side, person in rooms(told.state)
        if person not in hearing or not person
    ]


def rooms(state: Escalation) -> list[tuple[str, str]]:
    """(side, "") for each distinct room; ("", person) for each person of a side that has none, or whose room
    could not be reached: it is tried all the same, for the bot may be let in later.
    """
    found: list[tuple[str, str]] = []
    seen: set[str] = set()
    unreached = {side.room for side in state.sides.values() if side.id in state.undelivered}
    for side in state.sides.values():
        if side.room and side.room not in seen:
            found.append((side.id, ""))
        if not side.room or side.room in unreached:
            found += [("", p.person) for p in state.people_on(side.id) if p.confirmed]
        seen.add(side.room)
    return found


def _nobody(told: Told, event: Any) -> list[Notice]:
    return []


def _joined(told: Told, event: e.ParticipantJoined) -> list[Notice]:
    topic = {"named": "invitation", "stands_in": "invitation", "leads": "leads"}.get(event.because)
    return told.decision(topic, [event.person]) if topic else []


def _passed_on(told: Told, event: e.InvolvementPassedOn) -> list[Notice]:
    return told.decision("passed_on", _raising(told)) if not event.to else []


def _raising(told: Told) -> list[str]:
    return [p.person for p in told.state.people_on(told.state.raising_side.id) if p.confirmed]


def _contact_unknown(told: Told, event: e.ContactUnknown) -> list[Notice]:
    if e.InvolvementPassedOn in told.together:
        return []
    return told.decision("contact_unknown", _raising(told), event.side)


def _role_unfilled(told: Told, event: e.RoleUnfilled) -> list[Notice]:
    """Said at once to the people on that side, also to whoever just moved the case on."""
    here = told.context.directory.still_here
    people = [p.person for p in told.state.people_on(event.side) if p.confirmed and here(p.person)]
    people = people or _raising(told)
    return [
        Notice(
            "decision",
            "role_unfilled",
            told.entry.sequence,
            f"role/{told.entry.sequence}/{person}",
            told.context.now,
            person=person,
            object=f"{event.side}/{event.role}",
        )
        for person in people
    ]


def _stage_opened(told: Told, event: e.StageOpened) -> list[Notice]:
    return told.decision("moved_on", told.everyone()) if event.opening > 1 else []


def _role_filled(told: Told, event: e.RoleFilled) -> list[Notice]:
    """Whoever takes part already is told that they lead now; somebody new is told when they join."""
    return [] if e.ParticipantJoined in told.together else told.decision("leads", [event.person])


def _view_added(told: Told, event: e.ViewAdded) -> list[Notice]:
    others = [p.person for p in told.state.taking_part() if p.confirmed and p.side != event.side]
    return told.decision("view_added", [told.state.raiser, *others])


def _exhausted(told: Told, event: e.StagesExhausted) -> list[Notice]:
    others = [person for person in told.everyone() if person != event.chair]
    return told.decision("chair", [event.chair]) + told.decision("exhausted", others)


def _closed(told: Told, event: e.EscalationClosed) -> list[Notice]:
    return [] if e.AgreementReached in told.together else told.decision("closed", told.everyone())


def _action_moved(told: Told, event: e.ActionNotDone) -> list[Notice]:
    return told.decision("action_moved", told.everyone(), event.action)


def _undelivered(told: Told, event: e.DeliveryFailed) -> list[Notice]:
    """To the raising side, else to whoever can be reached: a failure to tell of a failure ends here. Beside
    them to the line manager of somebody who should take part, whether they take part themselves or not.
    """
    reached = [person for person in told.everyone() if person not in told.state.undelivered]
    raising = [person for person in _raising(told) if person in reached]
    people = raising or reached
    manager = [] if event.manager in people else [event.manager]
    return told.decision("undelivered", people) + told.decision("unreached", manager)


def _asked_to_destroy(told: Told, event: e.DestructionAsked) -> list[Notice]:
    """To those who may agree: the others read the line in the thread, and hear when it is done."""
    asked = told.state.asked_to_destroy[event.entry]
    seconds = [p.person for p in told.state.taking_part() if is_second(told.state, p.person, asked)]
    return told.decision("destruction_asked", [*seconds, *event.people], str(event.entry))


def _destroyed(told: Told, event: e.EntryDestroyed) -> list[Notice]:
    """To all who could have read it, and to whoever asked."""
    able = [person for person in told.everyone() if sees_entry(told.state, person, told.entry.audience)]
    return told.decision("entry_destroyed", [*able, event.asked_by], str(event.entry))


def _to_everyone(topic: str) -> Callable[[Told, Any], list[Notice]]:
    return lambda told, event: told.decision(topic, told.everyone())


def _reminders(told: Told, event: e.ReminderIssued) -> list[Notice]:
    """In each person's own working hours, unless the clock runs in hours or somebody is in danger (P25)."""
    topic = {"action": "action_due", "clock": "clock", "keeping": "keeping"}[event.about]
    return [
        Notice(
            kind="reminder",
            topic=topic,
            sequence=told.entry.sequence,
            key=f"{topic}/{event.opening}/{event.key}/{event.part}/{person}",
            not_before=_working_moment(told, event, person),
            person=person,
            object=event.key,
        )
        for person in event.people
    ]


def _working_moment(told: Told, event: e.ReminderIssued, person: str) -> datetime:
    running = told.state.clocks.get(event.key)
    if told.state.in_danger or (running and running.clock.by_clock):
        return told.context.now
    calendar = told.context.directory.calendar_of(person, told.context.pathway.calendar)
    return max(told.context.now, calendar.next_working_moment(told.context.now - CLOSING_GRACE))


DIRECT: dict[type, Callable[[Told, Any], list[Notice]]] = {
    e.ParticipantJoined: _joined,
    e.InvolvementPassedOn: _passed_on,
    e.ContactUnknown: _contact_unknown,
    e.RoleUnfilled: _role_unfilled,
    e.RoleFilled: _role_filled,
    e.StageOpened: _stage_opened,
    e.ViewAdded: _view_added,
    e.DangerAnswered: _to_everyone("danger"),
    e.StagesExhausted: _exhausted,
    e.OutcomeProposed: lambda told, event: told.decision("proposed", told.everyone(), event.proposal),
    e.OutcomeDeclined: _to_everyone("declined"),
    e.AgreementReached: _to_everyone("agreed"),
    e.ActionNotDone: _action_moved,
    e.ReminderIssued: _reminders,
    e.NextLeadersTold: lambda told, event: told.decision("waits", event.people),
    e.DeliveryFailed: _undelivered,
    e.EscalationClosed: _closed,
    e.DestructionAsked: _asked_to_destroy,
    e.DestructionDeclined: lambda told, event: told.decision("entry_kept", [event.asked_by]),
    e.EntryDestroyed: _destroyed,
}
