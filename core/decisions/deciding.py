"""What every decision works with: the context it is taken in, and the events it has come to so far."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from core import permission, refusals
from core.access import Ability
from core.commands import LONGEST
from core.directory import Directory, Person
from core.escalation import Escalation, evolve
from core.events import ALL, Actor, Event, Recorded
from core.pathway import Pathway


@dataclass(frozen=True)
class Context:
    """All that a decision may look at beside the state.

    `now`: UTC. `actor`: None for a deadline. `pathway`: the one the case runs under. `new_id`: a fresh random
    id at each call. `reference`: the next free one, for a new case. `room_of`: an agency's own room, or ""
    for direct messages. `entries`: the case's whole record, for what is about an entry of it.
    """

    now: datetime
    actor: Actor | None
    pathway: Pathway
    directory: Directory
    new_id: Callable[[], str]
    room_of: Callable[[str], str]
    reference: str = ""
    entries: Callable[[], Sequence[Recorded]] = tuple

    @property
    def today(self) -> date:
        return self.now.astimezone(self.pathway.calendar.time_zone).date()

    def person(self, id: str) -> Person:
        found = self.directory.person(id)
        if found is None or found.ended:
            raise refusals.FieldRefused(
                "person", sentence="Choose somebody from the list, or add them below it."
            )
        return found


class Deciding:
    """Collects the events of one decision and keeps the state that they lead to."""

    def __init__(self, state: Escalation, context: Context) -> None:
        self.state = state
        self.context = context
        self.entries: list[Recorded] = []

    def record(self, event: Event, audience: str = ALL) -> None:
        sequence = self.state.version + 1
        entry = Recorded(
            sequence, self.context.now, self.state.stage.key, self.context.actor, audience, event
        )
        self.state = evolve(self.state, entry)
        self.entries.append(entry)

    @property
    def person(self) -> str:
        """The id of whoever asks; "" for a deadline."""
        return self.context.actor.person if self.context.actor else ""

    @property
    def side(self) -> str:
        return self.state.side_of(self.person)

    def require(self, ability: Ability) -> None:
        """Raises the refusal that tells this person why not, and who may."""
        known = self.context.directory.person(self.person)
        if known is None or known.ended:
            raise refusals.UnknownAccount
        permission.require(self.state, self.person, ability)

    def named(self, person: str, name: str) -> str:
        """Somebody's name for whoever asks: "you" where it is they."""
        return "you" if person == self.person else name

    def require_open(self) -> None:
        """Raises AlreadyClosed or AlreadySettled where no more can be decided at the stages."""
        permission.require_open(self.state)


def filled(value: str, field: str, sentence: str) -> str:
    """The words without surrounding space; raises FieldRefused where nothing is left, or too much."""
    words = value.strip()
    if not words:
        raise refusals.FieldRefused(field, sentence=sentence)
    if len(words) > LONGEST:
        raise refusals.FieldRefused(field, sentence=f"This is too long: at most {LONGEST} characters.")
    return words
