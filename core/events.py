"""What has happened, in the policy's words.

Events are the record: the chronology the policy asks for (P13, P14).

An event carries everything that was settled when it happened (the promised moment, who leads), so that
reading it later needs neither the pathway nor the directory. All moments are UTC; a `date` is a calendar day
where the board is.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Literal, TypeAlias

from pydantic import Field, TypeAdapter

from core.event_parts import (
    HOLD_KINDS,
    Action,
    Actor,
    AdultViews,
    Clock,
    Fact,
    HoldKind,
    Leader,
    Point,
    Side,
    Typed,
)
from core.record_events import (
    DestructionAsked,
    DestructionDeclined,
    HoldPlaced,
    HoldReleased,
    RecordDestroyed,
    SubjectAccessDrafted,
)

__all__ = ["HOLD_KINDS", "Action", "Actor", "AdultViews", "Clock", "Fact", "HoldKind", "Leader", "Point"]
__all__ += ["DestructionAsked", "DestructionDeclined", "HoldPlaced", "HoldReleased", "RecordDestroyed"]
__all__ += ["Side", "SubjectAccessDrafted"]

ALL = "all"
"""The audience of most events: everybody who takes part."""


class EscalationRaised(Fact):
    """A worker challenges a decision (P1, P4, P5, N3)."""

    type: Literal["EscalationRaised"] = "EscalationRaised"
    reference: str
    pathway: str
    category: str
    category_label: str
    category_words: Typed = ""
    enquiry: str
    enquiry_label: str
    in_danger: bool
    made_safe: Typed = ""
    account: Typed
    decision_asked: Typed
    answer_by: date | None = None
    adult_views: AdultViews
    own_reference: Typed = ""
    in_scope_because: Typed = ""
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
    words: Typed


class NoteAdded(Fact):
    type: Literal["NoteAdded"] = "NoteAdded"
    words: Typed


class ContactAttempted(Fact):
    """An attempt to reach the other organisation (P15): whom, when, how, and what came of it."""

    type: Literal["ContactAttempted"] = "ContactAttempted"
    whom: Typed
    when: Typed
    how: Typed
    result: Typed


class DangerAnswered(Fact):
    """The question of immediate harm, answered anew (P10). `words`: what was done, or why it is safe now."""

    type: Literal["DangerAnswered"] = "DangerAnswered"
    in_danger: bool
    words: Typed


class NotResolvedRecorded(Fact):
    """One side says that this stage did not resolve it (P24)."""

    type: Literal["NotResolvedRecorded"] = "NotResolvedRecorded"
    side: str
    reason: Typed


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
    words: Typed
    reflects_views: Typed
    actions: tuple[Action, ...] = ()


class OutcomeAgreed(Fact):
    type: Literal["OutcomeAgreed"] = "OutcomeAgreed"
    proposal: str
    side: str


class OutcomeDeclined(Fact):
    type: Literal["OutcomeDeclined"] = "OutcomeDeclined"
    proposal: str
    side: str
    reason: Typed


class AgreementReached(Fact):
    """Every side has agreed the proposal: it is the outcome."""

    type: Literal["AgreementReached"] = "AgreementReached"
    proposal: str


class ActionDone(Fact):
    type: Literal["ActionDone"] = "ActionDone"
    action: str
    words: Typed = ""


class ActionNotDone(Fact):
    """Why, and the new date (P34)."""

    type: Literal["ActionNotDone"] = "ActionNotDone"
    action: str
    reason: Typed
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


class EntryDestroyed(Fact):
    """A second person agreed: the entry's body is gone, and `remains` is read in its place.

    `author`: who had done it, for their name was in the body too. `asked_by`: a person's id.
    """

    type: Literal["EntryDestroyed"] = "EntryDestroyed"
    entry: int
    because: str
    asked_by: str
    asked_by_name: str
    author: Actor | None
    remains: Event


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
    | RecordDestroyed
    | DestructionAsked
    | DestructionDeclined
    | EntryDestroyed
    | SubjectAccessDrafted,
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
