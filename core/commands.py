"""What a person, or a deadline, may ask of an escalation.

Commands are wishes: `core.decisions` grants or refuses them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

from core.event_parts import AdultViews, HoldKind

LONGEST = 3000
"""Letters of one answer or note: what is shown of a case has room for as many."""


@dataclass(frozen=True)
class NewPerson:
    """Somebody who isn't in the directory: entered with their work e-mail, to be confirmed later."""

    name: str
    email: str


@dataclass(frozen=True)
class Raise:
    """Begin an escalation (P1). Any known person may; no role and no manager's leave is needed.

    `named`: person ids at the other agency. `room`: where it was raised, the raising side's room.
    `excluded` and `in_scope_because`: the signpost shown, and why it is in scope all the same (P6).
    """

    agency: str
    other_agency: str
    category: str
    enquiry: str
    in_danger: bool
    account: str
    decision_asked: str
    adult_views: AdultViews
    named: tuple[str, ...] = ()
    new_people: tuple[NewPerson, ...] = ()
    category_words: str = ""
    made_safe: str = ""
    answer_by: date | None = None
    own_reference: str = ""
    excluded: str = ""
    in_scope_because: str = ""
    room: str = ""


@dataclass(frozen=True)
class AcceptInvolvement:
    """ "I'm the right person." """


@dataclass(frozen=True)
class PassOnInvolvement:
    """ "Not me, it's ...". Neither given: they couldn't say who."""

    to: str = ""
    new_person: NewPerson | None = None


@dataclass(frozen=True)
class NameContact:
    """Say who takes part for a side that named nobody, or that needs one more."""

    side: str
    person: str = ""
    new_person: NewPerson | None = None


@dataclass(frozen=True)
class FillRole:
    """Name somebody for a role that the directory leaves empty."""

    side: str
    role: str
    person: str = ""
    new_person: NewPerson | None = None


@dataclass(frozen=True)
class AddView:
    words: str


@dataclass(frozen=True)
class AddNote:
    words: str
    own_side_only: bool = False


@dataclass(frozen=True)
class RecordContactAttempt:
    whom: str
    when: str
    how: str
    result: str


@dataclass(frozen=True)
class AnswerDanger:
    """The question of immediate harm, answered anew (P10)."""

    in_danger: bool
    words: str


@dataclass(frozen=True)
class RecordNotResolved:
    """Move to the next stage, with a reason (P24). `opening`: the opening of the stage it was asked about."""

    reason: str
    opening: int


@dataclass(frozen=True)
class NewAction:
    what: str
    owner: str
    due: date


@dataclass(frozen=True)
class ProposeOutcome:
    words: str
    reflects_views: str
    actions: tuple[NewAction, ...] = ()


@dataclass(frozen=True)
class AgreeOutcome:
    proposal: str


@dataclass(frozen=True)
class DeclineOutcome:
    proposal: str
    reason: str


@dataclass(frozen=True)
class CompleteAction:
    action: str
    words: str = ""


@dataclass(frozen=True)
class PostponeAction:
    """An action that was not done: why, and the new date (P34)."""

    action: str
    reason: str
    due: date


@dataclass(frozen=True)
class AskToDestroy:
    """Have what was typed in an entry destroyed. `because`: a key of `core.destroying.BECAUSE`."""

    entry: int
    because: str
    words: str


@dataclass(frozen=True)
class AgreeToDestroy:
    entry: int


@dataclass(frozen=True)
class KeepEntry:
    """Decline that an entry's words are destroyed."""

    entry: int


@dataclass(frozen=True)
class RecordSubjectAccess:
    """A draft was gathered for a subject access request: by whom, and why."""

    by: str
    why: str


@dataclass(frozen=True)
class Tick:
    """A moment that was promised has come."""


@dataclass(frozen=True)
class RecordDeliveryFailure:
    """A message to a person or a room was given up after days of trying."""

    what: str
    person: str = ""
    side: str = ""


@dataclass(frozen=True)
class SendAgain:
    """What was given up is to be tried once more: by somebody who takes part, or by whoever runs the bot.

    `to`: a person, or a side (its room). `only`: the outbox's numbers, where it isn't all that failed there.
    """

    to: str
    only: tuple[int, ...] = ()


@dataclass(frozen=True)
class PlaceHold:
    """The record is needed for a review, a coroner or a court: nobody may destroy it."""

    kind: HoldKind
    why: str


@dataclass(frozen=True)
class ReleaseHold:
    """`kind`: which hold, where several stand."""

    kind: HoldKind | None = None


@dataclass(frozen=True)
class DestroyRecord:
    """`why`: to destroy it before the time has passed for which it was to be kept."""

    why: str = ""


Command: TypeAlias = (
    Raise
    | AcceptInvolvement
    | PassOnInvolvement
    | NameContact
    | FillRole
    | AddView
    | AddNote
    | RecordContactAttempt
    | AnswerDanger
    | RecordNotResolved
    | ProposeOutcome
    | AgreeOutcome
    | DeclineOutcome
    | CompleteAction
    | PostponeAction
    | AskToDestroy
    | AgreeToDestroy
    | KeepEntry
    | RecordSubjectAccess
    | Tick
    | RecordDeliveryFailure
    | SendAgain
    | PlaceHold
    | ReleaseHold
    | DestroyRecord
)
