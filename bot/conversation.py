"""The bot as platforms speak to it: who asks, which form opens, what was decided, answered in plain words."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

import structlog
from pydantic import TypeAdapter

from bot import drafts
from bot.board import new_id
from bot.cases import Cases, Decided, sees
from bot.clock import Clock
from bot.drafts import Values
from bot.people import People, actor_of
from core import refusals, slash
from core.access import relations
from core.cards import answers as said
from core.cards.case import case_card
from core.cards.model import Button, Buttons, Card, Form, Moment, line
from core.commands import AcceptInvolvement, AddNote, Command, Raise
from core.conversation import Answer, Asker, Press, Submission
from core.directory import Directory, Person
from core.escalation import Escalation
from core.events import Recorded
from core.forms import FORMS
from core.forms.form import (
    ACCOUNT,
    CASE,
    FORM_ID,
    OBJECT,
    OFFERED,
    ROOM,
    Answers,
    Desk,
    FieldsRefused,
    FormKind,
    as_agreed,
    filled_in,
    kept_words,
    missing,
    with_words,
)
from core.permission import require, require_open
from core.refusals import Refusal
from core.reminders import overdue_since
from core.verbs import VERBS, Draws, Opens, Resumes
from storage import escalations, outbox, remembered
from storage.database import Database, Reader, Transaction
from storage.event_store import VersionConflict

log = structlog.get_logger("escalate")
ANSWER: TypeAdapter[Card | Form] = TypeAdapter(Card | Form)
TRIES = 3


@dataclass(frozen=True)
class Known:
    """Who asks, found out anew for each request, and the directory as it is now."""

    asker: Asker
    person: Person
    directory: Directory


CaseOf = Callable[[Reader, Known], Escalation]
"""Finds the case that a command is about, for whoever asks; an empty one where there is none."""


class Bot:
    """Implements `core.conversation.Conversation`. `told` hears after each commit what was decided."""

    def __init__(
        self, database: Database, cases: Cases, people: People, clock: Clock, told: Callable[[Decided], None]
    ) -> None:
        self._database = database
        self._cases = cases
        self._people = people
        self._clock = clock
        self._told = told

    # --- what a platform may ask ---

    async def say(self, asker: Asker, words: str) -> Answer:
        return await self._guarded(asker, lambda: self._say(asker, slash.understand(words)))

    async def press(self, asker: Asker, press: Press) -> Answer:
        return await self._guarded(asker, lambda: self._press(asker, press))

    async def submit(self, asker: Asker, submission: Submission) -> Answer:
        return await self._guarded(asker, lambda: self._submit(asker, submission))

    async def _guarded(self, asker: Asker, work: Callable[[], Awaitable[Answer]]) -> Answer:
        """Whatever goes wrong is logged with a code, without anybody's words, and answered in plain ones."""
        try:
            return await work()
        except refusals.UnknownAccount as refusal:
            return said.stranger_card(refusal, self._cases.pathways.current)
        except Refusal as refusal:
            return said.refused_card(refusal, None, may_see=False)
        except Exception as error:
            return said.wrong_card(_logged(error))

    # --- saying ---

    async def _say(self, asker: Asker, words: slash.Said) -> Answer:
        match words:
            case slash.New():
                return await self._press(asker, Press("new"))
            case slash.ListCases(which):
                return await self._database.read(lambda reader: self._list(reader, asker, which))
            case slash.Show(reference):
                return await self._database.read(lambda reader: self._show(reader, asker, reference))
            case slash.Note(reference, note):
                return await self._note(asker, reference, note)
            case slash.Help(about):
                await self._database.read(lambda reader: self._known(reader, asker))
                return said.help_card(about, self._cases.pathways.current)

    def _list(self, reader: Reader, asker: Asker, which: str) -> Card:
        known, now = self._known(reader, asker), self._clock.now()
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

    def _show(self, reader: Reader, asker: Asker, reference: str) -> Answer:
        known = self._known(reader, asker)
        stream = self._cases.of_reference(reader, reference)
        state = self._cases.load(reader, stream)
        if not stream or not (sees(state, known.person.id) or state.side_of(known.person.id)):
            raise refusals.UnknownReference(reference=reference)
        return self._opened(reader, known, "case", {CASE: stream})

    async def _note(self, asker: Asker, reference: str, words: str) -> Answer:
        def case(reader: Reader, known: Known) -> Escalation:
            found = self._cases.load(reader, self._cases.of_reference(reader, reference))
            if not sees(found, known.person.id):
                raise refusals.UnknownReference(reference=reference)
            return found

        try:
            return await self._carry_out(asker, case, AddNote(words), delivery=asker.delivery, typed=True)
        except Refusal as refusal:
            return kept_words(refusal, {"note": (words,)}) or await self._refused(asker, case, refusal)
        except Exception as error:
            failed = refusals.NotSaved(code=_logged(error))
            return kept_words(failed, {"note": (words,)}) or said.refused_card(failed, None, may_see=False)

    # --- pressing ---

    async def _press(self, asker: Asker, press: Press) -> Answer:
        verb = VERBS.get(press.verb)
        if verb is None:
            raise refusals.NothingAsked
        if isinstance(verb, Resumes):
            return await self._database.read(lambda reader: self._resumed(reader, asker, press.object))
        if isinstance(verb, Draws):
            return await self._database.read(lambda reader: self._drawn(reader, asker, press.escalation))
        if isinstance(verb, Opens):
            return await self._database.read(lambda reader: self._called(reader, asker, press, verb.form))
        case = self._case_of(press.escalation)
        return await self._carry_out(asker, case, verb.command(press), delivery=asker.delivery)

    def _called(self, reader: Reader, asker: Asker, press: Press, form: str) -> Answer:
        """Where a message should tell the case and is in no case's thread: their cases, to choose from."""
        known, case = self._known(reader, asker), press.escalation
        if press.message and not case:
            case = outbox.stream_of(reader, asker.room or asker.account, press.message)
            if not case:
                return self._list(reader, asker, "mine")
        carry = {CASE: case, OBJECT: press.object, ROOM: asker.room, FORM_ID: new_id()}
        return self._opened(reader, known, form, carry, press.words)

    def _drawn(self, reader: Reader, asker: Asker, stream: str) -> Card:
        known, state = self._known(reader, asker), self._cases.load(reader, stream)
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
            desk = self._desk(reader, known, state, form)
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

    def _resumed(self, reader: Reader, asker: Asker, form_id: str) -> Form:
        known, draft = self._known(reader, asker), remembered.draft(reader, form_id)
        if draft is None or draft.person != known.person.id:
            raise refusals.NothingAsked
        kind, (values, carry) = FORMS[draft.kind], drafts.parted(draft)
        desk = self._desk(reader, known, self._cases.load(reader, carry.get(CASE, "")), kind)
        return filled_in(kind.draw(desk, carry, Answers(values)), values, {})

    def _desk(self, reader: Reader, known: Known, state: Escalation, form: FormKind) -> Desk:
        pathways = self._cases.pathways
        entries: tuple[Recorded, ...] = ()
        if form.needs:
            if not state.raised:
                raise refusals.NothingAsked
            require(state, known.person.id, form.needs)
            if form.while_open:
                require_open(state)
            entries = self._cases.entries(reader, state.id)
        pathway = pathways.of(reader, state.raised.pathway) if state.raised else pathways.current
        return Desk(known.person, state, entries, pathway, known.directory, self._clock.now())

    # --- submitting ---

    async def _submit(self, asker: Asker, submission: Submission) -> Answer:
        kind = FORMS.get(submission.kind)
        if kind is None or kind.read is None:
            raise refusals.NothingAsked
        form_id = submission.carry.get(FORM_ID, "")
        try:
            read = await self._database.read(lambda reader: self._read(reader, asker, kind, submission))
        except Refusal as refusal:
            kept = kept_words(refusal, submission.values)
            if kept is None:
                raise
            return kept
        if isinstance(read, Form | Card):
            return read
        form, values, result = read
        if isinstance(result, Form):
            values = as_agreed(values)
            if form_id and (kind.keeps_draft or ACCOUNT in values):
                await self._keep_draft(asker, form_id, result, values)
            return filled_in(result, values, {})
        try:
            case = self._case_of(submission.carry.get(CASE, ""))
            return await self._carry_out(asker, case, result, form_id=form_id)
        except Refusal as refusal:
            return filled_in(form, values, {refusal.field: refusal.words})
        except Exception as error:
            return filled_in(form, values, {"": said.SOMETHING_WRONG.format(code=_logged(error))})

    def _read(
        self, reader: Reader, asker: Asker, kind: FormKind, submission: Submission
    ) -> Answer | tuple[Form, Values, Command | Form]:
        """What the answers mean: a command, the next step, or the form with its errors and what was typed."""
        known = self._known(reader, asker)
        form_id = submission.carry.get(FORM_ID, "")
        remembered_answer = self._recalled(reader, asker, form_id)
        if remembered_answer:
            return remembered_answer
        draft = remembered.draft(reader, form_id) if form_id else None
        before = drafts.parted(draft)[0] if draft and draft.person == known.person.id else {}
        values = {**before, **submission.values}
        state = self._cases.load(reader, submission.carry.get(CASE, ""))
        desk = self._desk(reader, known, state, kind)
        offered = {key: value for key, value in submission.values.items() if key == OFFERED}
        form = kind.draw(desk, submission.carry, Answers({**before, **offered}))
        errors = missing(form, Answers(submission.values))
        if errors:
            return filled_in(form, values, errors)
        assert kind.read is not None
        try:
            return form, values, kind.read(desk, submission.carry, Answers(values))
        except FieldsRefused as refused:
            return filled_in(form, values, refused.errors)

    async def _keep_draft(self, asker: Asker, form_id: str, following: Form, values: Values) -> None:
        at = self._clock.now()

        def keep(transaction: Transaction) -> None:
            person = self._known(transaction, asker).person.id
            drafts.keep(transaction, person, form_id, following, values, at)

        await self._database.write(keep)

    # --- commands ---

    async def _carry_out(
        self,
        asker: Asker,
        case: CaseOf,
        command: Command,
        *,
        delivery: str = "",
        form_id: str = "",
        typed: bool = False,
    ) -> Answer:
        """One transaction: who asks, what was decided and is to be told, and the answer if it comes again."""
        at = self._clock.now()

        def work(transaction: Transaction) -> tuple[Answer, Decided | None]:
            known = self._known(transaction, asker)
            before = self._recalled(transaction, asker, form_id, delivery)
            if before:
                return before, None
            decided = self._decide(transaction, known, case, command, at)
            answer = self._answer(transaction, known, command, decided)
            key = _key(transaction, asker, form_id, delivery)
            if key:
                remembered.remember(transaction, key, ANSWER.dump_json(answer).decode(), at)
            if form_id:
                remembered.forget_draft(transaction, form_id, known.person.id)
            return answer, decided

        try:
            answer, decided = await self._written(work)
        except Refusal as refused:
            if typed or form_id:
                raise
            return await self._refused(asker, case, refused)
        if decided and decided.entries:
            self._cases.keep(decided.state)
            self._told(decided)
        return answer

    async def _written(
        self, work: Callable[[Transaction], tuple[Answer, Decided | None]]
    ) -> tuple[Answer, Decided | None]:
        """A lost race loads the case again and decides again."""
        for _ in range(TRIES - 1):
            try:
                return await self._database.write(work)
            except VersionConflict:
                continue
        return await self._database.write(work)

    def _decide(
        self, transaction: Transaction, known: Known, case: CaseOf, command: Command, at: datetime
    ) -> Decided:
        state = Escalation() if isinstance(command, Raise) else case(transaction, known)
        if not state.raised and not isinstance(command, Raise):
            raise refusals.NothingAsked
        agency = command.agency if isinstance(command, Raise) else ""
        actor = actor_of(known.person, known.asker.account, known.directory, state, agency)
        return self._cases.execute(transaction, state, command, actor, at, known.directory)

    def _answer(self, reader: Reader, known: Known, command: Command, decided: Decided) -> Answer:
        """Whoever says that they are the right person sees the case at once."""
        if isinstance(command, AcceptInvolvement):
            form = FORMS["case"]
            entries = self._cases.entries(reader, decided.state.id)
            assert decided.state.raised is not None
            pathway = self._cases.pathways.of(reader, decided.state.raised.pathway)
            desk = Desk(known.person, decided.state, entries, pathway, known.directory, self._clock.now())
            return form.draw(desk, {CASE: decided.state.id}, Answers({}))
        return said.done_card(command, decided.state, self._cases.pathways.current)

    async def _refused(self, asker: Asker, case: CaseOf, refusal: Refusal) -> Card:
        def card(reader: Reader) -> Card:
            known = self._known(reader, asker)
            state = case(reader, known)
            return said.refused_card(refusal, state, may_see=sees(state, known.person.id))

        return await self._database.read(card)

    def _case_of(self, stream: str) -> CaseOf:
        return lambda reader, known: self._cases.load(reader, stream)

    # --- who, and what was answered before ---

    def _known(self, reader: Reader, asker: Asker) -> Known:
        """Raises UnknownAccount. Asked each time: somebody removed can do nothing from that moment."""
        directory = self._cases.directory.current(reader)
        person = self._people.of_account(directory, asker.account)
        if person is None:
            raise refusals.UnknownAccount
        return Known(asker, person, directory)

    def _recalled(self, reader: Reader, asker: Asker, form_id: str, delivery: str = "") -> Answer | None:
        key = _key(reader, asker, form_id, delivery)
        answer = remembered.recall(reader, key) if key else None
        return ANSWER.validate_json(answer) if answer else None


def _key(reader: Reader, asker: Asker, form_id: str, delivery: str) -> str:
    if form_id:
        return remembered.delivery_key(reader, "form", asker.account, form_id)
    if delivery:
        return remembered.delivery_key(reader, "delivery", asker.account, asker.room, delivery)
    return ""


def _logged(error: Exception) -> str:
    """Logs what went wrong, without its words, which somebody may have typed; gives the code to quote."""
    code = secrets.token_hex(2).upper()
    log.error("request_failed", code=code, exc_info=error)
    return code
