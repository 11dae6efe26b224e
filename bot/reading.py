"""What only reads: lists, cases and forms, drawn for whoever asks, as they may see them at that moment."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from pydantic import TypeAdapter

from bot import drafts
from bot.board import new_id
from bot.cases import Cases, sees
from bot.clock import Clock
from bot.drafts import Values
from bot.people import People
from core import refusals
from core.access import looking_after_records, relations
from core.cards import answers as said
from core.cards.case import case_card
from core.cards.model import Button, Buttons, Card, Form, Moment, line
from core.commands import Command
from core.conversation import Answer, Asker, Press, Submission
from core.directory import Directory, Person
from core.escalation import Escalation
from core.forms import FORMS
from core.forms.form import (
    CASE,
    FORM_ID,
    OBJECT,
    OFFERED,
    ROOM,
    Answers,
    Desk,
    FieldsRefused,
    FormKind,
    filled_in,
    missing,
    with_words,
)
from core.notices import Unsent
from core.permission import require, require_open, require_readable
from core.refusals import Refusal
from core.reminders import overdue_since
from storage import escalations, event_store, outbox, outbox_list, remembered
from storage.database import Reader

LONG = timedelta(minutes=30)
"""What is owed for longer than that is shown on the case as not delivered yet."""
ANSWER: TypeAdapter[Card | Form] = TypeAdapter(Card | Form)


@dataclass(frozen=True)
class Known:
    """Who asks, found out anew for each request, and the directory as it is now."""

    asker: Asker
    person: Person
    directory: Directory


CaseOf = Callable[[Reader, Known], Escalation]
"""Finds the case that a command is about, for whoever asks; an empty one where there is none."""


class Reading:
    """Everything that opens or lists. It runs beside the writer and changes nothing."""

    def __init__(self, cases: Cases, people: People, clock: Clock) -> None:
        self._cases = cases
        self._people = people
        self._clock = clock

    def known(self, reader: Reader, asker: Asker) -> Known:
        """Raises UnknownAccount. Asked each time: somebody removed can do nothing from that moment."""
        directory = self._cases.directory.current(reader)
        person = self._people.of_account(directory, asker.account)
        if person is None:
            raise refusals.UnknownAccount
        return Known(asker, person, directory)

    def recalled(self, reader: Reader, key: str) -> Answer | None:
        """`key`: an `answer_key`."""
        answer = remembered.recall(reader, key) if key else None
        return ANSWER.validate_json(answer) if answer else None

    def case_of(self, stream: str) -> CaseOf:
        return lambda reader, known: self._cases.load(reader, stream)

    def list_cases(self, reader: Reader, asker: Asker, which: str) -> Card:
        known, now = self.known(reader, asker), self._clock.now()
        rows = escalations.list_escalations(
            reader, known.person.id, now if which == "overdue" else None, only_open=which != "all", limit=500
        )
        listed = []
        for row in rows:
            state = self._cases.load(reader, row.stream_id)
            since = overdue_since(state)
            if which != "overdue" or since:
                listed.append(said.Listed(state, since))
        return said.list_card(which, listed[: said.MOST_LISTED], len(listed))

    def show(self, reader: Reader, asker: Asker, reference: str) -> Answer:
        known = self.known(reader, asker)
        stream = self._cases.of_reference(reader, reference)
        state = self._cases.load(reader, stream)
        if state.destroyed_at and self._may_know_of(reader, known, stream):
            return said.destroyed_card(state)
        if not stream or not (sees(state, known.person.id) or state.side_of(known.person.id)):
            raise refusals.UnknownReference(reference=reference)
        return self._opened(reader, known, "case", {CASE: stream})

    def _may_know_of(self, reader: Reader, known: Known, stream: str) -> bool:
        """That a record was destroyed: whoever did something in it, and whoever looks after records."""
        if known.person in looking_after_records(known.directory):
            return True
        return known.person.id in event_store.actors(reader, stream)

    def called(self, reader: Reader, asker: Asker, press: Press, form: str) -> Answer:
        """Where a message should tell the case and is in no case's thread: their cases, to choose from."""
        known, case = self.known(reader, asker), press.escalation
        if press.message and not case:
            case = outbox.stream_of(reader, asker.room or asker.account, press.message)
            if not case:
                return self.list_cases(reader, asker, "mine")
        carry = {CASE: case, OBJECT: press.object, ROOM: asker.room, FORM_ID: new_id()}
        return self._opened(reader, known, form, carry, press.words)

    def drawn(self, reader: Reader, asker: Asker, stream: str) -> Card:
        known, state = self.known(reader, asker), self._cases.load(reader, stream)
        if not relations(state, known.person.id):
            raise refusals.NothingAsked
        return case_card(state, known.person.id)

    def _opened(
        self, reader: Reader, known: Known, kind: str, carry: dict[str, str], words: str = ""
    ) -> Answer:
        """Opening a form only reads. Whoever may not is told why, and who may. `words`: to begin with."""
        form = FORMS[kind]
        state = self._cases.load(reader, carry.get(CASE, ""))
        carry = {key: value for key, value in carry.items() if value}
        try:
            desk = self.desk(reader, known, state, form)
            drawn = with_words(form.draw(desk, carry, Answers({OFFERED: (words,)})), words)
            return self._with_unfinished(reader, known, drawn) if kind == "raise.danger" else drawn
        except Refusal as refusal:
            return said.refused_card(refusal, state, may_see=sees(state, known.person.id))

    def _with_unfinished(self, reader: Reader, known: Known, form: Form) -> Form:
        """Whoever left an escalation half written is offered to go on with it."""
        draft = drafts.unfinished(reader, known.person.id)
        if draft is None:
            return form
        go_on = Button(label="Go on with what you wrote", verb="resume", object=draft.form_id)
        parts = (*form.parts, line("You began one, last on ", Moment(at=draft.saved_at), "."))
        return form.model_copy(update={"parts": (*parts, Buttons(buttons=(go_on,)))})

    def resumed(self, reader: Reader, asker: Asker, form_id: str) -> Form:
        known, draft = self.known(reader, asker), remembered.draft(reader, form_id)
        if draft is None or draft.person != known.person.id:
            raise refusals.NothingAsked
        kind, (values, carry) = FORMS[draft.kind], drafts.parted(draft)
        desk = self.desk(reader, known, self._cases.load(reader, carry.get(CASE, "")), kind)
        return filled_in(kind.draw(desk, carry, Answers(values)), values, {})

    def desk(self, reader: Reader, known: Known, state: Escalation, form: FormKind) -> Desk:
        """What a form is drawn from. Raises the refusal of somebody who may not see it, or not now."""
        pathways = self._cases.pathways
        if form.needs:
            require_readable(state)
            if not state.raised:
                raise refusals.NothingAsked
            require(state, known.person.id, form.needs)
            if form.while_open:
                require_open(state)
        pathway = pathways.of(reader, state.raised.pathway) if state.raised else pathways.current
        now = self._clock.now()

        def unsent() -> tuple[Unsent, ...]:
            return outbox_list.unsent_of(reader, state.id, now - LONG) if form.needs else ()

        record = self._cases.record(reader, state.id)
        return Desk(known.person, state, record, pathway, known.directory, now, unsent)

    def read(
        self, reader: Reader, asker: Asker, kind: FormKind, submission: Submission
    ) -> Answer | tuple[Form, Values, Command | Form]:
        """What the answers mean: a command, the next step, or the form with its errors and what was typed."""
        known = self.known(reader, asker)
        form_id = submission.carry.get(FORM_ID, "")
        remembered_answer = self.recalled(reader, answer_key(reader, asker, form_id, ""))
        if remembered_answer:
            return remembered_answer
        desk, form, values = self._sent(reader, known, kind, submission)
        errors = missing(form, Answers(submission.values))
        if errors:
            return filled_in(form, values, errors)
        assert kind.read is not None
        try:
            return form, values, kind.read(desk, submission.carry, Answers(values))
        except FieldsRefused as refused:
            return filled_in(form, values, refused.errors)

    def drawn_again(
        self, reader: Reader, asker: Asker, kind: FormKind, submission: Submission
    ) -> tuple[Form, Values]:
        """The form that was sent, and what was typed into it."""
        _, form, values = self._sent(reader, self.known(reader, asker), kind, submission)
        return form, values

    def _sent(
        self, reader: Reader, known: Known, kind: FormKind, submission: Submission
    ) -> tuple[Desk, Form, Values]:
        """A form as it was when it was sent, and what was entered in it and in the steps before it.

        What isn't one of its fields is dropped, so that nobody has it keep what it never asked for.
        """
        form_id = submission.carry.get(FORM_ID, "")
        draft = remembered.draft(reader, form_id) if form_id else None
        if draft and draft.person != known.person.id:
            raise refusals.NothingAsked
        before = drafts.parted(draft)[0] if draft else {}
        state = self._cases.load(reader, submission.carry.get(CASE, ""))
        desk = self.desk(reader, known, state, kind)
        offered = {key: value for key, value in submission.values.items() if key == OFFERED}
        form = kind.draw(desk, submission.carry, Answers({**before, **offered}))
        fields = {field.id for field in form.fields()}
        entered = {key: value for key, value in submission.values.items() if key in fields}
        return desk, form, {**before, **entered}


def answer_key(reader: Reader, asker: Asker, form_id: str, delivery: str) -> str:
    """Under which the answer to a form or delivery is remembered; "" for what has nothing to tell it by."""
    if form_id:
        return remembered.delivery_key(reader, "form", asker.account, form_id)
    if delivery:
        return remembered.delivery_key(reader, "delivery", asker.account, asker.room, delivery)
    return ""
