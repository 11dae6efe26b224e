"""Whoever may not do something is told why, and who may: never just that it isn't allowed."""

from __future__ import annotations

from core import refusals
from core.access import Ability, Relation, approvers, may, relations
from core.cards.model import Moment
from core.cards.phrases import names
from core.cards.plain import day_in_england
from core.escalation import Escalation
from core.refusals import Refusal


def require(state: Escalation, person: str, ability: Ability) -> None:
    """Raises the refusal that tells this person why not, and who may."""
    require_readable(state)
    if not may(state, person, ability):
        raise _why_not(state, person, ability)


def require_readable(state: Escalation) -> None:
    """Raises RecordGone."""
    if state.destroyed_at:
        raise refusals.RecordGone(reference=state.reference, day=day_in_england(state.destroyed_at))


def require_open(state: Escalation) -> None:
    """Raises AlreadyClosed or AlreadySettled where no more can be decided at the stages."""
    if state.closed_at:
        raise refusals.AlreadyClosed(reference=state.reference, at=Moment(at=state.closed_at))
    if state.agreed_at:
        raise refusals.AlreadySettled(reference=state.reference, at=Moment(at=state.agreed_at))


def _why_not(state: Escalation, person: str, ability: Ability) -> Refusal:
    found, reference = relations(state, person), state.reference
    if ability is Ability.ANSWER_DESTROYING:
        return refusals.NotAskedToDestroy()
    participant = state.participants.get(person)
    if Relation.NAMED in found:
        return refusals.NotConfirmedYet(reference=reference)
    if Relation.PARTICIPANT in found:
        return _for_others(state, person, ability)
    if Relation.CHAIR in found:
        return refusals.ChairReads(reference=reference, raiser=state.raiser_name)
    if participant and participant.passed_on:
        return refusals.PassedItOn(reference=reference, raiser=state.raiser_name)
    return refusals.NotTakingPart(reference=reference, raiser=state.raiser_name)


def _for_others(state: Escalation, person: str, ability: Ability) -> Refusal:
    """Somebody takes part, but this is for others now."""
    if ability is Ability.LIFT_DANGER:
        return refusals.ChallengedSideAlone(side=state.raising_side.agency_name)
    if ability is Ability.ANSWER_INVITATION:
        return refusals.AlreadyAnswered()
    return refusals.NotForYou(who=who_may_agree(state, state.side_of(person)), stage=str(state.stage.number))


def who_may_agree(state: Escalation, side: str) -> str:
    """The names of a side's approvers at this stage, or who they will be."""
    found = names([name for _, name in approvers(state, side)])
    return found or f"whoever is named to lead for {state.sides[side].agency_name}"
