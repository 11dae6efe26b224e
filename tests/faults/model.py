"""The policy's own pure functions as the model: what a case, as it stood, would have answered.

A history is legal where everything that was asked of a case can be put in one order, the record's: each
command between its asking and its answer, each that was done where it could be done, and each that was
refused where it could not.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from bot.settings import SHIPPED_PATHWAY
from core.access import Ability, may
from core.commands import Command
from core.decisions import decide
from core.decisions.deciding import Context
from core.directory import Directory
from core.escalation import Escalation, evolve
from core.events import Actor, OutcomeAgreed, Recorded
from core.pathway import read_pathway
from core.refusals import Refusal
from tests.faults.board import Doing
from tests.faults.workspace import Told

PATHWAY = read_pathway(SHIPPED_PATHWAY.read_text(), SHIPPED_PATHWAY.name)


def refused(state: Escalation, command: Command, person: str, directory: Directory) -> Refusal | None:
    """What stands in the way of it now; None where it can be done. `person`: their id in the record."""

    def new_id() -> str:
        return secrets.token_hex(8)

    actor = Actor(person=person, name=person)
    context = Context(datetime.now(UTC), actor, PATHWAY, directory, new_id, lambda agency: "")
    try:
        decide(state, command, context)
    except Refusal as refusal:
        return refusal
    return None


@dataclass
class History:
    """One case. `places`: the number of the event in which each trace stands. `wrong`: why it isn't legal."""

    entries: tuple[Recorded, ...]
    places: Mapping[str, int]
    ids: Mapping[str, str]
    directory: Directory
    wrong: list[str] = field(default_factory=list)

    def check(self, asked: Iterable[Doing]) -> list[str]:
        states = [Escalation()]
        for entry in self.entries:
            states.append(evolve(states[-1], entry))
            self._agreed_by_whom_it_may(states[-2], entry)
        history = list(asked)
        done = [one for one in history if one.told is Told.DONE and one.trace in self.places]
        for one in done:
            self._could_be_done(one, states[self.places[one.trace] - 1])
        self._in_real_time(sorted(done, key=lambda one: one.asked_at))
        for one in history:
            if one.told is Told.REFUSED:
                self._could_be_refused(one, states, done)
        return self.wrong

    def _agreed_by_whom_it_may(self, before: Escalation, entry: Recorded) -> None:
        person = entry.actor.person if entry.actor else ""
        if isinstance(entry.event, OutcomeAgreed) and not may(before, person, Ability.AGREE):
            self.wrong.append(f"event {entry.sequence}: agreed by somebody who may not")

    def _could_be_done(self, one: Doing, before: Escalation) -> None:
        why = refused(before, one.command, self.ids[one.who], self.directory)
        if why:
            self.wrong.append(f"{one.who} did {one.command}, and had to be told: {why.words}")

    def _in_real_time(self, done: list[Doing]) -> None:
        """Whatever was answered before another was asked for stands before it."""
        for later in done:
            for one in done:
                early = one.answered_at < later.asked_at
                if early and self.places[one.trace] >= self.places[later.trace]:
                    self.wrong.append(f"{one.command} was answered before {later.command} was asked for")

    def _could_be_refused(self, one: Doing, states: list[Escalation], done: list[Doing]) -> None:
        """At some version that the case had between the asking and the answer."""
        before = (self.places[other.trace] for other in done if other.answered_at < one.asked_at)
        after = (self.places[other.trace] for other in done if other.asked_at > one.answered_at)
        least, most = max(before, default=0), min(after, default=len(states))
        person = self.ids[one.who]
        if not any(refused(state, one.command, person, self.directory) for state in states[least:most]):
            self.wrong.append(
                f"{one.who} was refused {one.command} at events {least} to {most - 1}: {one.words}"
            )
