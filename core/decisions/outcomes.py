"""Proposing an outcome, and agreeing or declining it (P30, P31)."""

from __future__ import annotations

from core import access, refusals
from core.access import Ability
from core.cards.model import Moment
from core.commands import AgreeOutcome, DeclineOutcome, NewAction, ProposeOutcome
from core.decisions.deciding import Deciding, filled
from core.decisions.keeping import kept_until
from core.escalation import Proposal
from core.events import (
    Action,
    AgreementReached,
    EscalationClosed,
    OutcomeAgreed,
    OutcomeDeclined,
    OutcomeProposed,
)
from core.refusals import FieldRefused


def propose(deciding: Deciding, command: ProposeOutcome) -> None:
    """A new proposal voids what was agreed to the one before.

    Proposing counts as agreeing for whoever may agree.
    """
    deciding.require(Ability.PROPOSE)
    deciding.require_open()
    actions = tuple(_action(deciding, index, action) for index, action in enumerate(command.actions, 1))
    proposal = deciding.context.new_id()
    deciding.record(
        OutcomeProposed(
            proposal=proposal,
            side=deciding.side,
            words=filled(command.words, "words", "Say what you propose."),
            reflects_views=filled(
                command.reflects_views, "reflects_views", "Say how this reflects what the adult wants."
            ),
            actions=actions,
        )
    )
    if access.may(deciding.state, deciding.person, Ability.AGREE):
        _agree_for_side(deciding, proposal)


def _action(deciding: Deciding, index: int, action: NewAction) -> Action:
    """`index` counts from 1, as the form's fields do."""
    context = deciding.context
    if not any(p.person == action.owner and p.confirmed for p in deciding.state.taking_part()):
        raise FieldRefused(f"owner_{index}", sentence="Choose who will do this, from those who take part.")
    if action.due < context.today:
        raise FieldRefused(f"due_{index}", sentence="That day has passed. Choose today or a later day.")
    return Action(
        id=context.new_id(),
        what=filled(action.what, f"what_{index}", "Say what will be done."),
        owner=action.owner,
        owner_name=deciding.state.participants[action.owner].name,
        due=action.due,
        ask_at=max(context.pathway.calendar.opening_of(action.due), context.now),
    )


def agree(deciding: Deciding, command: AgreeOutcome) -> None:
    """One approver of each side, as the pathway names them for this stage, agrees what stands."""
    current = _to_answer(deciding, command.proposal)
    _agree_for_side(deciding, current.id)


def _agree_for_side(deciding: Deciding, proposal: str) -> None:
    deciding.record(OutcomeAgreed(proposal=proposal, side=deciding.side))
    standing = deciding.state.proposal
    assert standing is not None
    if set(standing.agreed) == set(deciding.state.sides):
        deciding.record(AgreementReached(proposal=proposal))
        close_if_done(deciding)


def decline(deciding: Deciding, command: DeclineOutcome) -> None:
    current = _to_answer(deciding, command.proposal)
    reason = filled(command.reason, "reason", "Say in a sentence or two why you don't agree.")
    deciding.record(OutcomeDeclined(proposal=current.id, side=deciding.side, reason=reason))


def _to_answer(deciding: Deciding, proposal: str) -> Proposal:
    """The standing proposal, if it is the one the button was about and this person may answer it.

    Otherwise raises the refusal that says what became of the one they were asked about.
    """
    state = deciding.state
    deciding.require(Ability.SEE)
    if state.outcome and state.outcome.id == proposal and deciding.side:
        _refuse_agreed_twice(deciding, state.outcome)
    deciding.require_open()
    if state.proposal is None:
        raise refusals.NoProposal
    if state.proposal.id != proposal:
        raise refusals.EarlierProposal(name=state.proposal.name)
    deciding.require(Ability.AGREE)
    _refuse_agreed_twice(deciding, state.proposal)
    _refuse_declined(deciding, state.proposal)
    return state.proposal


def _refuse_declined(deciding: Deciding, proposal: Proposal) -> None:
    """A proposal that one side declined stands no more; another may be made."""
    for refused in proposal.declined:
        name = "You" if refused.person == deciding.person else refused.name
        raise refusals.DeclinedBefore(name=name, at=Moment(at=refused.at))


def _refuse_agreed_twice(deciding: Deciding, proposal: Proposal) -> None:
    """Of two people of one side pressing in one second, one agrees; the other reads who did, and when."""
    agreement = proposal.agreed.get(deciding.side)
    if agreement:
        name = deciding.named(agreement.person, agreement.name)
        raise refusals.AlreadyDone(name=name, what="agreed this outcome", at=Moment(at=agreement.at))


def close_if_done(deciding: Deciding) -> None:
    """The escalation closes when every agreed action is done (P38)."""
    if all(action.done_at for action in deciding.state.actions.values()):
        deciding.record(EscalationClosed(kept_until=kept_until(deciding, deciding.context.now)))
