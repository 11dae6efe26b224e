"""Views, notes, contact attempts, and the question of immediate harm (P10, P13 to P15)."""

from __future__ import annotations

from core import permission, refusals
from core.access import Ability
from core.cards.model import Moment
from core.commands import AddNote, AddView, AnswerDanger, RecordContactAttempt, RecordSubjectAccess
from core.decisions.deciding import Deciding, filled
from core.events import ALL, ContactAttempted, DangerAnswered, NoteAdded, SubjectAccessDrafted, ViewAdded


def add_view(deciding: Deciding, command: AddView) -> None:
    """An agency's view, for everybody who takes part (P14)."""
    deciding.require(Ability.CONTRIBUTE)
    deciding.require_open()
    words = filled(command.words, "words", "Write your agency's view before you send it.")
    deciding.record(ViewAdded(side=deciding.side, words=words))


def add_note(deciding: Deciding, command: AddNote) -> None:
    """A note may be added until the case is closed; errors are corrected by adding to the record (P13)."""
    deciding.require(Ability.CONTRIBUTE)
    _require_not_closed(deciding)
    words = filled(command.words, "words", "Write your note before you send it.")
    deciding.record(NoteAdded(words=words), f"side:{deciding.side}" if command.own_side_only else ALL)


def record_contact_attempt(deciding: Deciding, command: RecordContactAttempt) -> None:
    deciding.require(Ability.CONTRIBUTE)
    _require_not_closed(deciding)
    deciding.record(
        ContactAttempted(
            whom=filled(command.whom, "whom", "Say whom you tried to reach."),
            when=filled(command.when, "when", "Say when you tried, like 'today at 10:30'."),
            how=filled(command.how, "how", "Say how you tried: by phone, by e-mail, in person."),
            result=filled(command.result, "result", "Say what came of it. 'No answer' is an answer."),
        )
    )


def answer_danger(deciding: Deciding, command: AnswerDanger) -> None:
    """May be answered anew at any time; the challenged side alone can't lift the warning (P10)."""
    deciding.require(Ability.CONTRIBUTE)
    if command.in_danger == deciding.state.in_danger and not command.words.strip():
        raise refusals.AlreadyAnswered("words")
    words = command.words
    if not command.in_danger:
        if deciding.state.in_danger:
            deciding.require(Ability.LIFT_DANGER)
        words = filled(words, "words", "Say what makes the adult safe now.")
    deciding.record(DangerAnswered(in_danger=command.in_danger, words=words.strip()))


def record_subject_access(deciding: Deciding, command: RecordSubjectAccess) -> None:
    """Whoever runs the bot gathered the record in a file. At any time: it changes nothing."""
    permission.require(deciding.state, deciding.person, Ability.DRAFT)
    why = filled(command.why, "why", "Say with --why why the draft is made.")
    deciding.record(SubjectAccessDrafted(by=command.by.strip(), why=why))


def _require_not_closed(deciding: Deciding) -> None:
    if deciding.state.closed_at:
        raise refusals.AlreadyClosed(
            reference=deciding.state.reference, at=Moment(at=deciding.state.closed_at)
        )
