"""The chronology as people read it: what happened, when, by whom, and what was written (P13, P14).

A neutral document: forms draw it now, exports can draw it too. It holds people's words, so it never goes into
a message.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core import events as e
from core.access import visible
from core.cards.model import Day, Moment, Text
from core.cards.plain import day_words
from core.cards.thread import LINES, thread_line, who
from core.escalation import Escalation, evolve


@dataclass(frozen=True)
class Entry:
    """One line of the chronology, and what was written with it: (what it answers, the words), in order.

    `at`: UTC; the text ends with it. `private`: not everybody who takes part sees it.
    """

    sequence: int
    at: datetime
    text: Text
    written: tuple[tuple[str, str], ...]
    private: bool


def chronology(entries: Sequence[e.Recorded], person: str) -> tuple[Entry, ...]:
    """All the entries that this person may see, oldest first. `entries`: the whole record."""
    state = Escalation()
    whole: list[tuple[Escalation, e.Recorded]] = []
    for entry in entries:
        state = evolve(state, entry)
        whole.append((state, entry))
    allowed = {entry.sequence for entry in visible(state, person, entries)}
    return tuple(_entry(then, entry) for then, entry in whole if entry.sequence in allowed)


def _entry(state: Escalation, entry: e.Recorded) -> Entry:
    if type(entry.event) in LINES:
        text = thread_line(state, entry)
    else:
        text = (f"{who(entry)} raised {state.reference}", " · ", Moment(at=entry.at))
    written = WRITTEN.get(type(entry.event), lambda event: ())(entry.event)
    said = tuple(pair for pair in written if pair[1])
    return Entry(entry.sequence, entry.at, text, said, private=entry.audience != e.ALL)


def _raised(event: e.EscalationRaised) -> tuple[tuple[str, str], ...]:
    asked_by = day_words(Day(on=event.answer_by)) if event.answer_by else ""
    return (
        ("Kind of disagreement", event.category_label),
        ("In their words", event.category_words),
        ("Decision asked for", event.decision_asked),
        ("Needed by", asked_by),
        ("Account", event.account),
        ("The adult's views and wishes", f"{event.adult_views.label}."),
        ("In words", event.adult_views.words),
        ("Voiced by", event.adult_views.voiced_by),
        ("About who spoke for them", _alleged(event)),
        ("Enquiry", event.enquiry_label),
        ("Done to make the adult safe", event.made_safe),
        ("The raising agency's own reference", event.own_reference),
        ("Why it belongs here", event.in_scope_because),
    )


def _alleged(event: e.EscalationRaised) -> str:
    return "Alleged to have caused harm" if event.adult_views.representative_alleged_harm else ""


def _proposed(event: e.OutcomeProposed) -> tuple[tuple[str, str], ...]:
    actions = tuple(
        ("Action", action_words(action.what, action.owner_name, Day(on=action.due)))
        for action in event.actions
    )
    return (("Outcome", event.words), ("How it reflects the adult's views", event.reflects_views), *actions)


def action_words(what: str, owner: str, due: Day) -> str:
    return f"{what}\n{owner}, by {day_words(due)}"


def _attempt(event: e.ContactAttempted) -> tuple[tuple[str, str], ...]:
    return (("Whom", event.whom), ("When", event.when), ("How", event.how), ("What came of it", event.result))


WRITTEN: dict[type, Callable[[Any], tuple[tuple[str, str], ...]]] = {
    e.EscalationRaised: _raised,
    e.ViewAdded: lambda event: (("View", event.words),),
    e.NoteAdded: lambda event: (("Note", event.words),),
    e.ContactAttempted: _attempt,
    e.DangerAnswered: lambda event: (("In words", event.words),),
    e.NotResolvedRecorded: lambda event: (("Why", event.reason),),
    e.OutcomeProposed: _proposed,
    e.OutcomeDeclined: lambda event: (("Why", event.reason),),
    e.ActionDone: lambda event: (("In words", event.words),),
    e.ActionNotDone: lambda event: (("Why", event.reason),),
    e.DeliveryFailed: lambda event: (("What", event.what),),
    e.HoldPlaced: lambda event: (("Why", event.why),),
    e.RecordDestroyed: lambda event: (("Why", event.why),),
}
"""What people wrote with each kind of event; kinds that aren't here hold nobody's words."""
