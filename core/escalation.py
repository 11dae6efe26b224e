"""An escalation as it stands: the fold of its events. `evolve` is the only thing that changes it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import singledispatch
from typing import Literal

from core import events as e
from core.escalation_parts import (
    NEVER,
    NO_STAGE,
    ActionState,
    Agreement,
    AskedToDestroy,
    ClockState,
    Hold,
    MovedOn,
    OpenRole,
    Participant,
    Proposal,
    Refused,
    Stage,
    View,
)

__all__ = [
    "NO_STAGE",
    "ActionState",
    "Agreement",
    "ClockState",
    "Escalation",
    "Hold",
    "MovedOn",
    "OpenRole",
    "Participant",
    "Proposal",
    "Refused",
    "Stage",
    "View",
    "evolve",
    "fold",
]


@dataclass(frozen=True, slots=True)
class Escalation:
    """Everything known of one case.

    `status`: "open" until an outcome is agreed, "agreed" until its actions are done, then "closed"; at last
    "destroyed", when nothing of it can be read any more but `destroyed`, which says what it was.
    """

    id: str = ""
    version: int = 0
    status: Literal["none", "open", "agreed", "closed", "destroyed"] = "none"
    raised: e.EscalationRaised | None = None
    raised_at: datetime = NEVER
    raiser: str = ""
    raiser_name: str = ""
    in_danger: bool = False
    danger_words: str = ""
    sides: Mapping[str, e.Side] = field(default_factory=dict)
    participants: Mapping[str, Participant] = field(default_factory=dict)
    stage: Stage = NO_STAGE
    clocks: Mapping[str, ClockState] = field(default_factory=dict)
    waits_until: datetime | None = None
    moved_on: MovedOn | None = None
    exhausted: bool = False
    chair: str = ""
    open_roles: tuple[OpenRole, ...] = ()
    contact_unknown: frozenset[str] = frozenset()
    views: Mapping[str, View] = field(default_factory=dict)
    proposal: Proposal | None = None
    outcome: Proposal | None = None
    agreed_at: datetime | None = None
    actions: Mapping[str, ActionState] = field(default_factory=dict)
    closed_at: datetime | None = None
    kept_until: datetime | None = None
    ask_keeping_at: datetime | None = None
    holds: Mapping[str, Hold] = field(default_factory=dict)
    destroyed: e.RecordDestroyed | None = None
    destroyed_at: datetime | None = None
    undelivered: frozenset[str] = frozenset()
    """Whom a message failed to reach: until it is sent again, and people until they do something."""
    asked_to_destroy: Mapping[int, AskedToDestroy] = field(default_factory=dict)
    """By the number of the entry whose words are asked to be destroyed."""
    destroyed_entries: frozenset[int] = frozenset()

    @property
    def reference(self) -> str:
        if self.destroyed:
            return self.destroyed.reference
        return self.raised.reference if self.raised else ""

    @property
    def raising_side(self) -> e.Side:
        return next(side for side in self.sides.values() if side.raising)

    def side_of(self, person: str) -> str:
        """The side a person takes part on, or "" for nobody's (people who passed it on are on none)."""
        participant = self.participants.get(person)
        return participant.side if participant and not participant.passed_on else ""

    def people_on(self, side: str) -> tuple[Participant, ...]:
        return tuple(p for p in self.participants.values() if p.side == side and not p.passed_on)

    def taking_part(self) -> tuple[Participant, ...]:
        return tuple(p for p in self.participants.values() if not p.passed_on)

    def leads(self, person: str) -> bool:
        return any(leader.person == person for leader in self.stage.leaders)


def fold(recorded: Iterable[e.Recorded], start: Escalation | None = None, *, id: str = "") -> Escalation:
    """The state after these events, from `start` or from nothing."""
    state = start or Escalation(id=id)
    last = state.version
    for entry in recorded:
        state, last = _following(state, entry), entry.sequence
    return state if last == state.version else replace(state, version=last)  # each copy costs: one for all


def evolve(state: Escalation, entry: e.Recorded) -> Escalation:
    return replace(_following(state, entry), version=entry.sequence)


def _following(state: Escalation, entry: e.Recorded) -> Escalation:
    """All but its number."""
    following = _apply(entry.event, state, entry)
    if entry.actor and entry.actor.person in following.undelivered:
        return replace(following, undelivered=following.undelivered - {entry.actor.person})
    return following


@singledispatch
def _apply(event: object, state: Escalation, entry: e.Recorded) -> Escalation:
    """Events that stand in the record and change nothing else (notes, attempts to make contact)."""
    return state


@_apply.register
def _(event: e.EscalationRaised, state: Escalation, entry: e.Recorded) -> Escalation:
    return replace(
        state,
        status="open",
        raised=event,
        raised_at=entry.at,
        raiser=entry.actor.person if entry.actor else "",
        raiser_name=entry.actor.name if entry.actor else "",
        in_danger=event.in_danger,
        danger_words=event.made_safe,
        sides={side.id: side for side in event.sides},
    )


@_apply.register
def _(event: e.ParticipantJoined, state: Escalation, entry: e.Recorded) -> Escalation:
    joined = Participant(event.person, event.name, event.side, event.capacity, event.confirmed)
    return replace(
        state,
        participants={**state.participants, event.person: joined},
        contact_unknown=state.contact_unknown - {event.side},
    )


@_apply.register
def _(
    event: e.InvolvementAccepted | e.InvolvementPassedOn, state: Escalation, entry: e.Recorded
) -> Escalation:
    passed_on = isinstance(event, e.InvolvementPassedOn)
    changed = replace(state.participants[event.person], confirmed=not passed_on, passed_on=passed_on)
    return replace(state, participants={**state.participants, event.person: changed})


@_apply.register
def _(event: e.ContactUnknown, state: Escalation, entry: e.Recorded) -> Escalation:
    return replace(state, contact_unknown=state.contact_unknown | {event.side})


@_apply.register
def _(event: e.StageOpened, state: Escalation, entry: e.Recorded) -> Escalation:
    stage = Stage(
        event.key,
        event.name,
        event.number,
        event.of,
        event.opening,
        entry.at,
        event.approvers,
        event.leaders,
    )
    return replace(
        state,
        stage=stage,
        clocks={clock.key: _started(clock) for clock in event.clocks},
        waits_until=None,
        proposal=None,
        open_roles=(),
    )


def _started(clock: e.Clock) -> ClockState:
    return ClockState(clock, next_at=min(clock.points[0].at, clock.ends))


@_apply.register
def _(event: e.RoleUnfilled, state: Escalation, entry: e.Recorded) -> Escalation:
    return replace(state, open_roles=(*state.open_roles, OpenRole(event.side, event.role, event.stage)))


@_apply.register
def _(event: e.RoleFilled, state: Escalation, entry: e.Recorded) -> Escalation:
    leader = e.Leader(side=event.side, person=event.person, name=event.name)
    return replace(
        state,
        open_roles=tuple(r for r in state.open_roles if (r.side, r.role) != (event.side, event.role)),
        stage=replace(state.stage, leaders=(*state.stage.leaders, leader)),
    )


@_apply.register
def _(event: e.ViewAdded, state: Escalation, entry: e.Recorded) -> Escalation:
    view = View(event.side, entry.actor.name if entry.actor else "", event.words, entry.at)
    return replace(state, views={**state.views, event.side: view})


@_apply.register
def _(event: e.DangerAnswered, state: Escalation, entry: e.Recorded) -> Escalation:
    return replace(state, in_danger=event.in_danger, danger_words=event.words)


@_apply.register
def _(event: e.NotResolvedRecorded, state: Escalation, entry: e.Recorded) -> Escalation:
    who = entry.actor
    return replace(state, moved_on=MovedOn(who.person, who.name, entry.at)) if who else state


@_apply.register
def _(event: e.DeliveryFailed, state: Escalation, entry: e.Recorded) -> Escalation:
    return replace(state, undelivered=state.undelivered | {event.person or event.side})


@_apply.register
def _(event: e.DeliveryRepeated, state: Escalation, entry: e.Recorded) -> Escalation:
    return replace(state, undelivered=state.undelivered - {event.person or event.side})


@_apply.register
def _(event: e.StagesExhausted, state: Escalation, entry: e.Recorded) -> Escalation:
    return replace(
        state,
        exhausted=True,
        chair=event.chair,
        clocks={event.clock.key: _started(event.clock)},
        waits_until=None,
        proposal=None,
    )


@_apply.register
def _(event: e.OutcomeProposed, state: Escalation, entry: e.Recorded) -> Escalation:
    name = entry.actor.name if entry.actor else ""
    proposal = Proposal(
        event.proposal, event.side, name, entry.at, event.words, event.reflects_views, event.actions
    )
    # Proposing answers the question that was asked at the lapse.
    return replace(state, proposal=proposal, waits_until=None)


@_apply.register
def _(event: e.OutcomeAgreed, state: Escalation, entry: e.Recorded) -> Escalation:
    if state.proposal is None or state.proposal.id != event.proposal or entry.actor is None:
        return state
    agreement = Agreement(event.side, entry.actor.person, entry.actor.name, entry.at)
    agreed = {**state.proposal.agreed, event.side: agreement}
    return replace(state, proposal=replace(state.proposal, agreed=agreed))


@_apply.register
def _(event: e.OutcomeDeclined, state: Escalation, entry: e.Recorded) -> Escalation:
    if state.proposal is None or state.proposal.id != event.proposal or entry.actor is None:
        return state
    refused = Refused(event.side, entry.actor.person, entry.actor.name, entry.at, event.reason)
    return replace(state, proposal=replace(state.proposal, declined=(*state.proposal.declined, refused)))


@_apply.register
def _(event: e.AgreementReached, state: Escalation, entry: e.Recorded) -> Escalation:
    assert state.proposal is not None
    actions = {
        a.id: ActionState(a.id, a.what, a.owner, a.owner_name, a.due, a.ask_at)
        for a in state.proposal.actions
    }
    return replace(
        state,
        status="agreed",
        outcome=state.proposal,
        proposal=None,
        agreed_at=entry.at,
        actions=actions,
        clocks={},
        waits_until=None,
        open_roles=(),
    )


@_apply.register
def _(event: e.ActionDone, state: Escalation, entry: e.Recorded) -> Escalation:
    done = replace(
        state.actions[event.action],
        next_at=None,
        done_at=entry.at,
        done_by=entry.actor.name if entry.actor else "",
    )
    return replace(state, actions={**state.actions, event.action: done})


@_apply.register
def _(event: e.ActionNotDone, state: Escalation, entry: e.Recorded) -> Escalation:
    action = state.actions[event.action]
    moved = replace(action, due=event.due, next_at=event.ask_at, times_moved=action.times_moved + 1)
    return replace(state, actions={**state.actions, event.action: moved})


@_apply.register
def _(event: e.ReminderIssued, state: Escalation, entry: e.Recorded) -> Escalation:
    if event.about == "keeping":
        return replace(state, ask_keeping_at=event.next_at)
    if event.about == "action":
        action = replace(state.actions[event.key], next_at=event.next_at)
        return replace(state, actions={**state.actions, event.key: action})
    running = state.clocks[event.key]
    assert event.next_at is not None
    reminded = replace(running, said_until=entry.at, next_at=event.next_at)
    return replace(state, clocks={**state.clocks, event.key: reminded})


@_apply.register
def _(event: e.WindowLapsed, state: Escalation, entry: e.Recorded) -> Escalation:
    lapsed = replace(state.clocks[event.key], lapsed=True)
    return replace(
        state, clocks={**state.clocks, event.key: lapsed}, waits_until=event.waits_until or state.waits_until
    )


@_apply.register
def _(event: e.NextLeadersTold, state: Escalation, entry: e.Recorded) -> Escalation:
    return replace(state, waits_until=None)


@_apply.register
def _(event: e.EscalationClosed, state: Escalation, entry: e.Recorded) -> Escalation:
    return replace(
        state,
        status="closed",
        closed_at=entry.at,
        kept_until=event.kept_until,
        ask_keeping_at=event.kept_until,
        clocks={},
        waits_until=None,
    )


@_apply.register
def _(event: e.HoldPlaced | e.HoldReleased, state: Escalation, entry: e.Recorded) -> Escalation:
    holds = {kind: hold for kind, hold in state.holds.items() if kind != event.kind}
    if isinstance(event, e.HoldPlaced):
        holds[event.kind] = Hold(event.kind, entry.at)
    return replace(state, holds=holds)


@_apply.register
def _(event: e.RecordDestroyed, state: Escalation, entry: e.Recorded) -> Escalation:
    """Nothing stays of what the case held, here as in the database."""
    return Escalation(
        id=state.id,
        status="destroyed",
        raised_at=event.raised_at,
        closed_at=event.closed_at,
        stage=replace(NO_STAGE, key=entry.stage, name=event.stage),
        destroyed=event,
        destroyed_at=entry.at,
    )


@_apply.register
def _(event: e.DestructionAsked, state: Escalation, entry: e.Recorded) -> Escalation:
    asked = AskedToDestroy.by(event, entry)
    return replace(state, asked_to_destroy={**state.asked_to_destroy, event.entry: asked})


@_apply.register
def _(event: e.DestructionDeclined | e.EntryDestroyed, state: Escalation, entry: e.Recorded) -> Escalation:
    waiting = {number: each for number, each in state.asked_to_destroy.items() if number != event.entry}
    gone = {event.entry} if isinstance(event, e.EntryDestroyed) else set()
    return replace(state, asked_to_destroy=waiting, destroyed_entries=state.destroyed_entries | gone)
