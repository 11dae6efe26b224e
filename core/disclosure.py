"""What is held on one case, all in words, for a person who goes through it before any of it is given out.

What people typed stands in the chronology alone; everything else names the entry where it stands.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from core import events as e
from core.cards.model import Day, Moment, Text
from core.cards.phrases import agencies, names, role, stage_words
from core.directory import Directory
from core.escalation import Escalation
from core.record import Entry, whole_chronology

Row: TypeAlias = tuple[str | int, ...]
"""A row of a table, all in words; a number is an entry's."""


@dataclass(frozen=True)
class Named:
    """Somebody whom the record names, and how they came into it."""

    name: str
    agency: str
    role: str
    how: str


@dataclass(frozen=True)
class Written:
    """An entry of the chronology."""

    number: int
    at: str
    text: str
    audience: str
    written: tuple[tuple[str, str], ...]
    remark: str


@dataclass(frozen=True)
class Held:
    """The whole record of a case. `say`: a text in words, with its moments in the board's time zone."""

    state: Escalation
    entries: Sequence[e.Recorded]
    directory: Directory
    say: Callable[[Text], str]

    def facts(self) -> tuple[tuple[str, str], ...]:
        """(label, words)."""
        state = self.state
        assert state.raised is not None
        found: list[tuple[str, Text]] = [
            ("Reference", (state.reference,)),
            ("Agencies", (agencies(state),)),
            ("Raised", (Moment(at=state.raised_at), f", by {state.raiser_name}")),
            ("What it is about", (state.raised.category_label,)),
            ("Enquiry", (state.raised.enquiry_label,)),
            ("The adult's views and wishes", (state.raised.adult_views.label,)),
            ("Stage", (f"{stage_words(state)}: {state.stage.name}",)),
            ("State", (STATUS[state.status],)),
            ("Risk of immediate harm", ("yes" if state.in_danger else "no",)),
        ]
        found += [("Agreed", (Moment(at=state.agreed_at),))] if state.agreed_at else []
        found += [("Closed", (Moment(at=state.closed_at),))] if state.closed_at else []
        return tuple((label, self.say(text)) for label, text in found)

    def people(self) -> tuple[Named, ...]:
        """Everybody who takes part, did something, was told or was asked; each once."""
        found: dict[str, Named] = {}
        for one in self.state.participants.values():
            agency = self.state.sides[one.side].agency_name
            found[one.person] = Named(one.name, agency, role(one.capacity), self._how(one.person))
        for entry in self.entries:
            if entry.actor and entry.actor.person not in found:
                who = entry.actor
                how = f"Did something in it, from entry {entry.sequence} on."
                found[who.person] = Named(who.name, who.agency_name, who.role, how)
            for person in _told(entry.event):
                found.setdefault(person, self._known(person, f"Was told or asked in entry {entry.sequence}."))
        return tuple(found.values())

    def _how(self, person: str) -> str:
        participant = self.state.participants[person]
        if participant.passed_on:
            return "Was asked to take part, and said that it isn't for them."
        return "Takes part." if participant.confirmed else "Was asked to take part, and hasn't answered."

    def _known(self, person: str, how: str) -> Named:
        known = self.directory.person(person)
        if known is None:
            return Named("Somebody no longer known", "", "", how)
        found = [self.directory.agency(agency) for agency in known.agencies()]
        return Named(known.name, names([agency.name for agency in found if agency]), "", how)

    def decisions(self) -> tuple[Row, ...]:
        """(what, whose, when, which entry): views, proposals, and what was said to them."""
        return tuple(
            (what, self._whose(entry), self.say((Moment(at=entry.at),)), entry.sequence)
            for entry in self.entries
            if (what := DECISIONS.get(type(entry.event)))
        )

    def _whose(self, entry: e.Recorded) -> str:
        if entry.actor is None:
            return "Both sides" if isinstance(entry.event, e.AgreementReached) else ""
        return f"{entry.actor.name}, {entry.actor.agency_name}".rstrip(", ")

    def actions(self) -> tuple[Row, ...]:
        """(which, owner, due, done, which entry)."""
        made = {
            action.id: entry.sequence
            for entry in self.entries
            if isinstance(entry.event, e.OutcomeProposed)
            for action in entry.event.actions
        }
        return tuple(
            (
                f"Action {number}",
                action.owner_name,
                self.say((Day(on=action.due),)),
                self.say((Moment(at=action.done_at), f", said by {action.done_by}"))
                if action.done_at
                else "no",
                made[action.id],
            )
            for number, action in enumerate(self.state.actions.values(), 1)
        )

    def chronology(self) -> tuple[Written, ...]:
        return tuple(self._written(entry) for entry in whole_chronology(self.entries))

    def _written(self, entry: Entry) -> Written:
        at = self.say((Moment(at=entry.at),))
        text = self.say(entry.text).removesuffix(at).removesuffix(" · ")
        remark = self.say(entry.remark)
        return Written(entry.sequence, at, text, self._audience(entry.audience), entry.written, remark)

    def _audience(self, audience: str) -> str:
        kind, _, rest = audience.partition(":")
        if kind == "side":
            return f"those who take part for {self.state.sides[rest].agency_name} alone"
        if kind == "people":
            return f"{names([self._known(person, '').name for person in rest.split(',')])} alone"
        return "everybody who takes part"


STATUS = {
    "open": "Open",
    "agreed": "An outcome is agreed, and actions are to be done",
    "closed": "Closed",
}

DECISIONS: dict[type, str] = {
    e.ViewAdded: "View of an agency",
    e.DangerAnswered: "Answer on immediate danger",
    e.NotResolvedRecorded: "Not resolved at this stage",
    e.OutcomeProposed: "Proposed outcome",
    e.OutcomeAgreed: "Agreed to it",
    e.OutcomeDeclined: "Declined it",
    e.AgreementReached: "The outcome was agreed",
    e.ActionDone: "An action is done",
    e.ActionNotDone: "An action was put off",
    e.EscalationClosed: "Closed",
}


def _told(event: e.Event) -> tuple[str, ...]:
    """Ids of the people whom an event names beside whoever did it."""
    match event:
        case e.NextLeadersTold() | e.DestructionAsked() | e.ReminderIssued():
            return event.people
        case e.StagesExhausted():
            return (event.chair,) if event.chair else ()
        case e.DeliveryFailed():
            return (event.person,) if event.person else ()
        case e.StageOpened():
            return tuple(leader.person for leader in event.leaders)
        case e.InvolvementPassedOn():
            return (event.to,) if event.to else ()
        case _:
            return ()
