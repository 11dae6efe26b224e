"""The line that each event gives in a case's thread: who did what, never their words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from core import events as e
from core.cards.model import Card, Day, Moment, Text, line
from core.cards.phrases import HELD_FOR, chair_told, names, role
from core.escalation import Escalation

Words = Callable[[Escalation, Any, str], Text]
"""state just after the event, the event, and who did it ("Ben Osei (West London Trust)")."""


NOBODY = "The bot"


def _agency(state: Escalation, side: str) -> str:
    return state.sides[side].agency_name


def _name(state: Escalation, person: str) -> str:
    participant = state.participants.get(person)
    return participant.name if participant else "Somebody"


def _joined(state: Escalation, event: e.ParticipantJoined, who: str) -> Text:
    if event.because == "raised":
        return (f"{who} raised this. A first answer is asked of {_others(state, event.side)}.",)
    if event.because == "volunteered":
        return (f"{who} is the right person and takes part.",)
    if event.because == "leads":
        return (f"{event.name} leads for {_agency(state, event.side)} now ({role(event.capacity)}).",)
    if event.because == "stands_in":
        return (
            f"Nobody was named at {_agency(state, event.side)}, so {event.name} is asked who takes this on.",
        )
    return (f"{event.name} ({_agency(state, event.side)}) was asked to take part.",)


def _others(state: Escalation, side: str) -> str:
    return names([other.agency_name for other in state.sides.values() if other.id != side])


def _passed_on(state: Escalation, event: e.InvolvementPassedOn, who: str) -> Text:
    if event.to:
        return (f"{who} is not the right person, and named {event.to_name}.",)
    return (f"{who} is not the right person. Who is, isn't known yet.",)


def _opened(state: Escalation, event: e.StageOpened, who: str) -> Text:
    first = event.clocks[0]
    if first.kind == "review":
        return (f"{event.name} began. It is looked at together by ", Moment(at=first.ends), ".")
    return (f"{event.name} began. The time for it ends ", Moment(at=first.ends), ".")


def _danger(state: Escalation, event: e.DangerAnswered, who: str) -> Text:
    if event.in_danger:
        return (f"{who} warned: risk of immediate harm. If somebody is in danger now, phone 999.",)
    return (f"{who} recorded that there is no immediate danger now.",)


def _agreement(state: Escalation, event: e.AgreementReached, who: str) -> Text:
    assert state.outcome is not None
    return (
        f"Agreed by {names([a.name for a in state.outcome.agreed.values()])}. Open it to read the outcome.",
    )


def _reminded(state: Escalation, event: e.ReminderIssued, who: str) -> Text:
    if event.about == "keeping":
        whom = "The board's coordinator" if event.people else "Nobody is known as coordinator, so nobody"
        return (f"The time for which this record is kept has ended. {whom} was asked if it is needed.",)
    if event.about == "action":
        action = state.actions[event.key]
        return (f"{action.owner_name} was asked whether an action is done, due ", Day(on=action.due), ".")
    return (f"A reminder was sent to {names([_name(state, person) for person in event.people])}.",)


def _waits(state: Escalation, event: e.NextLeadersTold, who: str) -> Text:
    if not event.names:
        return ("This waits for an answer, and the directory names nobody to tell. Please phone them.",)
    return (f"{names(event.names)} heard that this waits for an answer.",)


def _undelivered(state: Escalation, event: e.DeliveryFailed, who: str) -> Text:
    if event.side in state.sides:
        agency = _agency(state, event.side)
        return (f"The channel of {agency} can't be reached. Its people get the card by direct message.",)
    told = " Their line manager was told." if event.manager else ""
    whom = event.name or "somebody"
    return (f"A message to {whom} could not be delivered.{told} Please tell them another way.",)


def _repeated(state: Escalation, event: e.DeliveryRepeated, who: str) -> Text:
    """Without a person behind it, it was done from the command line."""
    by = "Whoever runs Escalate" if who == NOBODY else who
    to = f"the channel of {_agency(state, event.side)}" if event.side else event.name or "somebody"
    return (f"{by} had what did not reach {to} sent again.",)


LINES: dict[type, Words] = {
    e.ParticipantJoined: _joined,
    e.InvolvementAccepted: lambda s, v, who: (f"{who} is the right person and takes part.",),
    e.InvolvementPassedOn: _passed_on,
    e.ContactUnknown: lambda s, v, who: (f"Nobody at {_agency(s, v.side)} is named yet.",),
    e.StageOpened: _opened,
    e.RoleUnfilled: lambda s, v, who: (f"Nobody is named as {role(v.role)} for {_agency(s, v.side)} yet.",),
    e.RoleFilled: lambda s, v, who: (f"{who} named {v.name} as {role(v.role)}.",),
    e.ViewAdded: lambda s, v, who: (f"{who} added their view.",),
    e.NoteAdded: lambda s, v, who: (f"{who} added a note.",),
    e.ContactAttempted: lambda s, v, who: (f"{who} recorded an attempt to make contact.",),
    e.DangerAnswered: _danger,
    e.NotResolvedRecorded: lambda s, v, who: (f"{who} recorded: not resolved at {s.stage.name}.",),
    e.StagesExhausted: lambda s, v, who: (f"There is no further stage. {chair_told(s)}",),
    e.OutcomeProposed: lambda s, v, who: (f"{who} proposed an outcome. Open it to read it.",),
    e.OutcomeAgreed: lambda s, v, who: (f"{who} agreed the proposed outcome.",),
    e.OutcomeDeclined: lambda s, v, who: (
        f"{who} declined the proposed outcome, with a reason. Open it to read why.",
    ),
    e.AgreementReached: _agreement,
    e.ActionDone: lambda s, v, who: (f"{who} said that an action is done.",),
    e.ActionNotDone: lambda s, v, who: (
        f"{who} said that an action isn't done yet; it is now due ",
        Day(on=v.due),
        ".",
    ),
    e.ReminderIssued: _reminded,
    e.WindowLapsed: lambda s, v, who: (
        "The time for this stage has ended. Both sides are asked: resolved, or the next stage?",
    ),
    e.NextLeadersTold: _waits,
    e.DeliveryFailed: _undelivered,
    e.DeliveryRepeated: _repeated,
    e.DestructionAsked: lambda s, v, who: (
        f"{who} asked to have what was typed in entry {v.entry} destroyed, because {v.because}.",
    ),
    e.DestructionDeclined: lambda s, v, who: (f"{who} wants entry {v.entry} kept. It stays as it is.",),
    e.EntryDestroyed: lambda s, v, who: (
        f"{v.asked_by_name} and {who} destroyed what was typed in entry {v.entry}, because {v.because}.",
    ),
    e.SubjectAccessDrafted: lambda s, v, who: (
        "Whoever runs the bot gathered this record in a file, for a subject access request.",
    ),
    e.EscalationClosed: lambda s, v, who: ("Closed: everything that was agreed is done.",),
    e.HoldPlaced: lambda s, v, who: (f"{who} holds this record for {HELD_FOR[v.kind]}.",),
    e.HoldReleased: lambda s, v, who: (f"{who} released the hold for {HELD_FOR[v.kind]}.",),
    e.RecordDestroyed: lambda s, v, who: (f"{who} destroyed this record.",),
}


def thread_line(state: Escalation, entry: e.Recorded) -> Text:
    """What happened, then when: `state` is the case just after `entry`."""
    words = LINES[type(entry.event)](state, entry.event, who(entry))
    return (*words, " · ", Moment(at=entry.at))


def who(entry: e.Recorded) -> str:
    if entry.actor is None:
        return NOBODY
    return f"{entry.actor.name} ({entry.actor.agency_name})" if entry.actor.agency_name else entry.actor.name


def thread_card(state: Escalation, entry: e.Recorded) -> Card:
    return Card(summary=f"{state.reference}: something happened", parts=(line(*thread_line(state, entry)),))
