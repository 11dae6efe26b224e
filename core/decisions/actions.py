"""Checking back that agreed actions are done (P34)."""

from __future__ import annotations

from core import refusals
from core.access import Ability
from core.cards.model import Moment
from core.commands import CompleteAction, PostponeAction
from core.decisions.deciding import Deciding, filled
from core.decisions.outcomes import close_if_done
from core.escalation import ActionState
from core.events import ActionDone, ActionNotDone
from core.refusals import FieldRefused


def complete(deciding: Deciding, command: CompleteAction) -> None:
    action = _owned(deciding, command.action)
    deciding.record(ActionDone(action=action.id, words=command.words.strip()))
    close_if_done(deciding)


def postpone(deciding: Deciding, command: PostponeAction) -> None:
    """One that was not done says why and gets a new date."""
    action = _owned(deciding, command.action)
    if command.due <= deciding.context.today:
        raise FieldRefused("due", sentence="Choose a new day, later than today.")
    deciding.record(
        ActionNotDone(
            action=action.id,
            reason=filled(command.reason, "reason", "Say in a sentence why it is not done yet."),
            due=command.due,
            ask_at=deciding.context.pathway.calendar.opening_of(command.due),
        )
    )


def _owned(deciding: Deciding, id: str) -> ActionState:
    state = deciding.state
    deciding.require(Ability.SEE)
    action = state.actions.get(id)
    if action is None:
        raise refusals.UnknownAction
    if action.owner != deciding.person:
        raise refusals.OnlyOwner(owner=action.owner_name)
    if action.done_at:
        raise refusals.AlreadyDone(name="you", what="said that this is done", at=Moment(at=action.done_at))
    return action
