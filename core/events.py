"""What has happened, in the policy's words.

Events are the record: the chronology the policy asks for (P13, P14).

An event carries everything that was settled when it happened (the promised moment, who leads), so that
reading it later needs neither the pathway nor the directory. All moments are UTC; a `date` is a calendar day
where the board is.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Literal, TypeAlias, get_args

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

ALL = "all"
"""The audience of most events: everybody who takes part."""


class Fact(BaseModel):
    """Frozen; unknown keys are refused, so a field is never lost unseen."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Actor(Fact):
    """Who did it, as they then were."""

    person: str
    name: str
    role: str = ""
    agency: str = ""
    agency_name: str = ""
    account: str = ""


class Side(Fact):
    """One party to the disagreement: an agency and, if it has one, the room in which it sees the case."""

    id: str
    agency: str
    agency_name: str
    raising: bool = False
    room: str = ""


class AdultViews(Fact):
    """The adult's views and wishes and who voiced them, or why they aren't known (P3).

    `kind` is the pathway's key.
    """

    kind: str
    label: str
    words: str = ""
    voiced_by: str = ""
    representative_alleged_harm: bool = False


class Point(Fact):
    """A moment in a clock's window at which something is said. `part` of the window: "0.6", or "repeat"."""

    part: str
    at: datetime


class Clock(Fact):
    """A window with its end and its reminder points, promised when it was set.

    `kind`: "window" is a time the policy sets; "review" is a point at which the sides are asked how it
    stands. `repeat`: after the last point the question is asked again this often ("5 working days").
    """

    key: str
    label: str
    kind: Literal["window", "review"]
    starts: datetime
    ends: datetime
    points: tuple[Point, ...]
    repeat: str
    by_clock: bool = False
    source: str = ""


class Leader(Fact):
    """Somebody who leads for a side at a stage."""

    side: str
    person: str
    name: str


class Action(Fact):
    """An agreed action: what, who, by when (P14).

    `ask_at`: when its owner is asked whether it was done (P34).
    """

    id: str
    what: str
    owner: str
    owner_name: str
    due: date
    ask_at: datetime


class EscalationRaised(Fact):
    """A worker challenges a decision (P1, P4, P5, N3)."""

    type: Literal["EscalationRaised"] = "EscalationRaised"
    reference: str
    pathway: str
    category: str
    category_label: str
    category_words: str = ""
    enquiry: str
    enquiry_label: str
    in_danger: bool
    made_safe: str = ""
    account: str
    decision_asked: str
    answer_by: date | None = None
    adult_views: AdultViews
    own_reference: str = ""
    in_scope_because: str = ""
    sides: tuple[Side, ...]


class StageOpened(Fact):
    """`opening` counts the stages opened on this case, so that a stage opened twice is told apart.

    `approvers`: "participants" (anybody who takes part on the side) or "leaders" may agree for their side.
    """

    type: Literal["StageOpened"] = "StageOpened"
    key: str
    name: str
    number: int
    of: int
    opening: int
    approvers: Literal["participants", "leaders"]
    leaders: tuple[Leader, ...] = ()
    clocks: tuple[Clock, ...]


class ParticipantJoined(Fact):
    """`capacity`: the role in which they take part.

    `confirmed`: they see the case from the start; those who were only named say first that they are the right
    person (P20). `because`: "raised", "named", "stands_in", "volunteered", "leads".
    """

    type: Literal["ParticipantJoined"] = "ParticipantJoined"
    person: str
    name: str
    side: str
    capacity: str
    confirmed: bool
    because: str


class InvolvementAccepted(Fact):
    """ "I'm the right person." """

    type: Literal["InvolvementAccepted"] = "InvolvementAccepted"
    person: str


class InvolvementPassedOn(Fact):
    """ "Not me, it's ..." `to` is empty where they couldn't say who."""

    type: Literal["InvolvementPassedOn"] = "InvolvementPassedOn"
    person: str
    to: str = ""
    to_name: str = ""


class ContactUnknown(Fact):
    """The raiser didn't know whom to name: the side's agency is asked to say who (P15)."""

    type: Literal["ContactUnknown"] = "ContactUnknown"
    side: str


class RoleUnfilled(Fact):
    """The directory names nobody for this role: a question to the people on that side, never silence."""

    type: Literal["RoleUnfilled"] = "RoleUnfilled"
    side: str
    role: str
    stage: str


class RoleFilled(Fact):
    type: Literal["RoleFilled"] = "RoleFilled"
    side: str
    role: str
    stage: str
    person: str
    name: str


class ViewAdded(Fact):
    """An agency's view (P14)."""

    type: Literal["ViewAdded"] = "ViewAdded"
    side: str
    words: str


class NoteAdded(Fact):
    type: Literal["NoteAdded"] = "NoteAdded"
    words: str


class ContactAttempted(Fact):
    """An attempt to reach the other organisation (P15): whom, when, how, and what came of it."""

    type: Literal["ContactAttempted"] = "ContactAttempted"
    whom: str
    when: str
    how: str
    result: str


class DangerAnswered(Fact):
    """The question of immediate harm, answered anew (P10). `words`: what was done, or why it is safe now."""

    type: Literal["DangerAnswered"] = "DangerAnswered"
    in_danger: bool
    words: str


class NotResolvedRecorded(Fact):
    """One side says that this stage did not resolve it (P24)."""

    type: Literal["NotResolvedRecorded"] = "NotResolvedRecorded"
    side: str
    reason: str


class StagesExhausted(Fact):
    """After the last stage there is no next one: the Chair of the board is told; it stays open (P24)."""

    type: Literal["StagesExhausted"] = "StagesExhausted"
    chair: str
    chair_name: str
    clock: Clock


class OutcomeProposed(Fact):
    """`proposal` is its id: what was agreed to an earlier one counts no more (P30)."""

    type: Literal["OutcomeProposed"] = "OutcomeProposed"
    proposal: str
    side: str
    words: str
    reflects_views: str
    actions: tuple[Action, ...] = ()


class OutcomeAgreed(Fact):
    type: Literal["OutcomeAgreed"] = "OutcomeAgreed"
    proposal: str
    side: str


class OutcomeDeclined(Fact):
    type: Literal["OutcomeDeclined"] = "OutcomeDeclined"
    proposal: str
    side: str
    reason: str


class AgreementReached(Fact):
    """Every side has agreed the proposal: it is the outcome."""

    type: Literal["AgreementReached"] = "AgreementReached"
    proposal: str


class ActionDone(Fact):
    type: Literal["ActionDone"] = "ActionDone"
    action: str
    words: str = ""


class ActionNotDone(Fact):
    """Why, and the new date (P34)."""

    type: Literal["ActionNotDone"] = "ActionNotDone"
    action: str
    reason: str
    due: date
    ask_at: datetime


class ReminderIssued(Fact):
    """A reminder was queued (whether it arrived is recorded by delivery).

    `about`: "clock" or "action", `key` which one; or "keeping": whether the record is still needed.

    `part`: the point of the window, "due MOMENT" for an action and for keeping, or "repeat MOMENT": the
    moment it was promised for, so that no two reminders of one opening are the same. `next_at`: when it is
    asked next.
    """

    type: Literal["ReminderIssued"] = "ReminderIssued"
    about: Literal["clock", "action", "keeping"]
    key: str
    part: str
    opening: int
    people: tuple[str, ...]
    next_at: datetime | None = None


class WindowLapsed(Fact):
    """A window ended unanswered; both sides are asked: resolved, or the next stage? (P24).

    `waits_until`: if nobody has answered by then, the next stage's leaders are told that it waits.
    """

    type: Literal["WindowLapsed"] = "WindowLapsed"
    key: str
    opening: int
    waits_until: datetime | None = None


class NextLeadersTold(Fact):
    """Nobody answered at the lapse: the next stage's leaders hear the reference and that it waits (P24)."""

    type: Literal["NextLeadersTold"] = "NextLeadersTold"
    people: tuple[str, ...]
    names: tuple[str, ...]


class DeliveryFailed(Fact):
    """A message could not be delivered, after days of trying. Exactly one of `person` and `side` is set.

    `manager`: who was told as the person's line manager; "" where nobody was.
    """

    type: Literal["DeliveryFailed"] = "DeliveryFailed"
    person: str = ""
    name: str = ""
    side: str = ""
    what: str
    manager: str = ""
    manager_name: str = ""


class DeliveryRepeated(Fact):
    """What was not delivered is tried again. Exactly one of `person` and `side` is set.

    Without an actor it was whoever runs the bot, from its command line.
    """

    type: Literal["DeliveryRepeated"] = "DeliveryRepeated"
    person: str = ""
    name: str = ""
    side: str = ""


class EscalationClosed(Fact):
    """Every action is done (P38). `kept_until`: when it is asked whether the record is still needed; None in
    records closed before boards could say how long they keep them.
    """

    type: Literal["EscalationClosed"] = "EscalationClosed"
    kept_until: datetime | None = None


HoldKind: TypeAlias = Literal["review", "coroner", "litigation"]
HOLD_KINDS: tuple[HoldKind, ...] = get_args(HoldKind)


class HoldPlaced(Fact):
    """The record isn't destroyed while this stands."""

    type: Literal["HoldPlaced"] = "HoldPlaced"
    kind: HoldKind
    why: str


class HoldReleased(Fact):
    type: Literal["HoldReleased"] = "HoldReleased"
    kind: HoldKind


class RecordDestroyed(Fact):
    """The record's key was destroyed; the board's key seals this, so that it can be read afterwards.

    `why`: where it was done before the time had passed for which it was to be kept.
    """

    type: Literal["RecordDestroyed"] = "RecordDestroyed"
    reference: str
    raised_at: datetime
    closed_at: datetime
    stage: str
    why: str = ""


Event: TypeAlias = Annotated[
    EscalationRaised
    | StageOpened
    | ParticipantJoined
    | InvolvementAccepted
    | InvolvementPassedOn
    | ContactUnknown
    | RoleUnfilled
    | RoleFilled
    | ViewAdded
    | NoteAdded
    | ContactAttempted
    | DangerAnswered
    | NotResolvedRecorded
    | StagesExhausted
    | OutcomeProposed
    | OutcomeAgreed
    | OutcomeDeclined
    | AgreementReached
    | ActionDone
    | ActionNotDone
    | ReminderIssued
    | WindowLapsed
    | NextLeadersTold
    | DeliveryFailed
    | DeliveryRepeated
    | EscalationClosed
    | HoldPlaced
    | HoldReleased
    | RecordDestroyed,
    Field(discriminator="type"),
]

EVENT: TypeAdapter[Event] = TypeAdapter(Event)


@dataclass(frozen=True, slots=True)
class Recorded:
    """An event with its place in the record.

    `sequence` counts from 1 in its stream; `at` is UTC; `actor` is None where a deadline acted; `audience` is
    "all", "side:SIDE" or "people:PERSON,PERSON".
    """

    sequence: int
    at: datetime
    stage: str
    actor: Actor | None
    audience: str
    event: Event
