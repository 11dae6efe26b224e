"""decide: what a command leads to.

A pure function of state, command and context; it returns events or refuses.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from core import commands as c
from core.decisions import (
    actions,
    contributing,
    deadlines,
    delivering,
    destroying,
    involvement,
    keeping,
    outcomes,
    raising,
    stages,
)
from core.decisions.deciding import Context, Deciding
from core.escalation import Escalation
from core.events import Recorded

DECISIONS: dict[type, Callable[[Deciding, Any], None]] = {
    c.Raise: raising.raise_escalation,
    c.AcceptInvolvement: involvement.accept,
    c.PassOnInvolvement: involvement.pass_on,
    c.NameContact: involvement.name_contact,
    c.FillRole: involvement.fill_role,
    c.AddView: contributing.add_view,
    c.AddNote: contributing.add_note,
    c.RecordContactAttempt: contributing.record_contact_attempt,
    c.AnswerDanger: contributing.answer_danger,
    c.RecordNotResolved: stages.record_not_resolved,
    c.ProposeOutcome: outcomes.propose,
    c.AgreeOutcome: outcomes.agree,
    c.DeclineOutcome: outcomes.decline,
    c.CompleteAction: actions.complete,
    c.PostponeAction: actions.postpone,
    c.AskToDestroy: destroying.ask,
    c.AgreeToDestroy: destroying.agree,
    c.KeepEntry: destroying.keep,
    c.RecordSubjectAccess: contributing.record_subject_access,
    c.Tick: deadlines.tick,
    c.RecordDeliveryFailure: delivering.record_failure,
    c.SendAgain: delivering.send_again,
    c.PlaceHold: keeping.place_hold,
    c.ReleaseHold: keeping.release_hold,
    c.DestroyRecord: keeping.destroy,
}


def decide(state: Escalation, command: c.Command, context: Context) -> tuple[Recorded, ...]:
    """The events that `command` leads to, numbered from `state.version + 1`.

    Raises `Refusal`; then nothing changes.
    """
    deciding = Deciding(state, context)
    DECISIONS[type(command)](deciding, command)
    return tuple(deciding.entries)
