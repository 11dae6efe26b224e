"""The chronology as people read it: what happened, when, by whom, and what was written (P13, P14).

A neutral document: forms draw it now, exports can draw it too. It holds people's words, so it never goes into
a message.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from core import events as e
from core.access import visible
from core.cards.model import Day, Moment, Text
from core.cards.plain import day_words
from core.cards.thread import LINES, thread_line, who
from core.destroying import mark
from core.escalation import Escalation, evolve, fold


@dataclass(frozen=True)
class Entry:
    """One line of the chronology, and what was written with it: (what it answers, the words), in order.

    `at`: UTC; the text ends with it. `audience`: who sees it, as `core.events.Recorded` has it. `remark`:
    that its words were destroyed, or that somebody asks for it; else empty.
    """

    sequence: int
    at: datetime
    text: Text
    written: tuple[tuple[str, str], ...]
    audience: str
    remark: Text = ()

    @property
    def private(self) -> bool:
        """Not everybody who takes part sees it."""
        return self.audience != e.ALL


def chronology(entries: Sequence[e.Recorded], person: str) -> tuple[Entry, ...]:
    """All the entries that this person may see, oldest first. `entries`: the whole record."""
    allowed = {entry.sequence for entry in visible(fold(entries), person, entries)}
    return tuple(entry for entry in whole_chronology(entries) if entry.sequence in allowed)


def whole_chronology(entries: Sequence[e.Recorded]) -> tuple[Entry, ...]:
    """Every entry, for a person who goes through all that is held: nobody who takes part sees all of it."""
    state = Escalation()
    drawn: list[Entry] = []
    for entry in entries:
        state = evolve(state, entry)
        drawn.append(_entry(state, entry))
    remarks = _remarks(state, entries)
    return tuple(replace(each, remark=remarks.get(each.sequence, ())) for each in drawn)


def _remarks(state: Escalation, entries: Sequence[e.Recorded]) -> dict[int, Text]:
    """By the number of the entry they are about."""
    found: dict[int, Text] = {
        number: (
            f"{asked.name} asked to have this destroyed, because {asked.because}. A second person answers.",
        )
        for number, asked in state.asked_to_destroy.items()
    }
    for entry in entries:
        if isinstance(entry.event, e.EntryDestroyed):
            assert entry.actor is not None
            both = f"{entry.event.asked_by_name} and {entry.actor.name}"
            because = f" by {both}, because {entry.event.because}."
            found[entry.event.entry] = ("Destroyed on ", Moment(at=entry.at), because)
    return found


def _entry(state: Escalation, entry: e.Recorded) -> Entry:
    if type(entry.event) in LINES:
        text = thread_line(state, entry)
    else:
        text = (f"{who(entry)} raised {state.reference}", " · ", Moment(at=entry.at))
    written = WRITTEN.get(type(entry.event), lambda event: ())(entry.event)
    said = tuple(pair for pair in written if pair[1] and pair[1] != mark(entry.sequence))
    return Entry(entry.sequence, entry.at, text, said, entry.audience)


def written_words(entry: Entry) -> str:
    """All that was written with it, each line with what it answers."""
    return "\n".join(f"{label}: {words}" for label, words in entry.written)


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
    e.DestructionAsked: lambda event: (("In words", event.words),),
    e.SubjectAccessDrafted: lambda event: (("By", event.by), ("Why", event.why)),
}
"""What people wrote with each kind of event; kinds that aren't here hold nobody's words."""
