"""The bot as platforms speak to it: who asks, which form opens, what was decided, answered in plain words."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Awaitable, Callable

import structlog

from bot import drafts
from bot.carrying_out import CarryingOut
from bot.cases import Cases, Decided, sees
from bot.clock import Clock
from bot.drafts import Values
from bot.people import People
from bot.reading import Known, Reading
from core import refusals, slash
from core.cards import answers as said
from core.cards.model import Card, Form
from core.commands import AddNote
from core.conversation import Answer, Asker, Press, Submission, storable
from core.escalation import Escalation
from core.forms import FORMS
from core.forms.form import ACCOUNT, CASE, FORM_ID, as_agreed, filled_in, kept_words
from core.refusals import Refusal
from core.verbs import VERBS, Draws, Opens, Resumes
from storage.database import Database, Reader, Transaction
from storage.failures import DatabaseFailed, OutcomeUnknown

log = structlog.get_logger("escalate")
LONGEST_FORM_ID = 64
"""Ours have sixteen characters; drafts are kept under them."""

SORRY = ((OutcomeUnknown, refusals.Unclear), (DatabaseFailed, refusals.RecordsAway))
"""What is said where the database failed: the first that fits."""


class Bot:
    """Implements `core.conversation.Conversation`. `told` hears after each commit what was decided."""

    def __init__(
        self, database: Database, cases: Cases, people: People, clock: Clock, told: Callable[[Decided], None]
    ) -> None:
        self._database = database
        self._cases = cases
        self._clock = clock
        self._reads = Reading(cases, people, clock)
        self._commands = CarryingOut(database, cases, self._reads, clock, told)
        self.commands = self._commands.outcomes
        self.errors: Counter[str] = Counter()
        """By platform: what went wrong inside, and was answered with an apology."""

    async def say(self, asker: Asker, words: str) -> Answer:
        asker = asker.storable()
        return await self._guarded(asker, lambda: self._say(asker, slash.understand(storable(words))))

    async def press(self, asker: Asker, press: Press) -> Answer:
        asker = asker.storable()
        return await self._guarded(asker, lambda: self._press(asker, press.storable()))

    async def submit(self, asker: Asker, submission: Submission) -> Answer:
        asker = asker.storable()
        return await self._guarded(asker, lambda: self._submit(asker, submission.storable()))

    async def again(self, asker: Asker, submission: Submission, refused: Refusal) -> Answer:
        """The form that was sent, with what was typed into it and why nothing came of it; changes nothing."""
        asker = asker.storable()
        return await self._guarded(asker, lambda: self._again(asker, submission.storable(), refused))

    async def _guarded(self, asker: Asker, work: Callable[[], Awaitable[Answer]]) -> Answer:
        """Whatever goes wrong is logged with a code, without anybody's words, and answered in plain ones."""
        if not asker.plausible():
            return said.stranger_card(refusals.UnknownAccount(), self._cases.pathways.current)
        try:
            return await work()
        except refusals.UnknownAccount as refusal:
            return said.stranger_card(refusal, self._cases.pathways.current)
        except Refusal as refusal:
            return said.refused_card(refusal, None, may_see=False)
        except Exception as error:
            return said.refused_card(self._sorry(asker, error), None, may_see=False)

    async def _say(self, asker: Asker, words: slash.Said) -> Answer:
        match words:
            case slash.New():
                return await self._press(asker, Press("new"))
            case slash.ListCases(which):
                return await self._database.read(lambda reader: self._reads.list_cases(reader, asker, which))
            case slash.Show(reference):
                return await self._database.read(lambda reader: self._reads.show(reader, asker, reference))
            case slash.Note(reference, note):
                return await self._note(asker, reference, note)
            case slash.Help(about):
                await self._database.read(lambda reader: self._reads.known(reader, asker))
                return said.help_card(about, self._cases.pathways.current)

    async def _note(self, asker: Asker, reference: str, words: str) -> Answer:
        def case(reader: Reader, known: Known) -> Escalation:
            found = self._cases.load(reader, self._cases.of_reference(reader, reference))
            if not sees(found, known.person.id):
                raise refusals.UnknownReference(reference=reference)
            return found

        try:
            return await self._commands.carry_out(
                asker, case, AddNote(words), delivery=asker.delivery, typed=True
            )
        except Refusal as refusal:
            return kept_words(refusal, {"note": (words,)}) or await self._commands.refused(
                asker, case, refusal
            )
        except Exception as error:
            failed = self._sorry(asker, error)
            return kept_words(failed, {"note": (words,)}) or said.refused_card(failed, None, may_see=False)

    async def _press(self, asker: Asker, press: Press) -> Answer:
        verb = VERBS.get(press.verb)
        if verb is None or not press.plausible():
            raise refusals.NothingAsked
        if isinstance(verb, Resumes):
            return await self._database.read(lambda reader: self._reads.resumed(reader, asker, press.object))
        if isinstance(verb, Draws):
            return await self._database.read(
                lambda reader: self._reads.drawn(reader, asker, press.escalation)
            )
        if isinstance(verb, Opens):
            return await self._database.read(
                lambda reader: self._reads.called(reader, asker, press, verb.form)
            )
        case = self._reads.case_of(press.escalation)
        return await self._commands.carry_out(asker, case, verb.command(press), delivery=asker.delivery)

    async def _submit(self, asker: Asker, submission: Submission) -> Answer:
        kind = FORMS.get(submission.kind)
        if kind is None or kind.read is None:
            raise refusals.NothingAsked
        form_id = submission.carry.get(FORM_ID, "")
        try:
            if not submission.plausible() or len(form_id) > LONGEST_FORM_ID:
                raise refusals.NothingAsked
            read = await self._database.read(lambda reader: self._reads.read(reader, asker, kind, submission))
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
            case = self._reads.case_of(submission.carry.get(CASE, ""))
            return await self._commands.carry_out(
                asker, case, result, delivery=asker.delivery, form_id=form_id
            )
        except Refusal as refusal:
            return filled_in(form, values, {refusal.field: refusal.words})
        except Exception as error:
            return filled_in(form, values, {"": self._sorry(asker, error).words})

    async def _again(self, asker: Asker, submission: Submission, refused: Refusal) -> Answer:
        kind = FORMS.get(submission.kind)
        try:
            if kind is None or not submission.plausible():
                raise refusals.NothingAsked
            form, values = await self._database.read(
                lambda reader: self._reads.drawn_again(reader, asker, kind, submission)
            )
        except Refusal:
            kept = kept_words(refused, submission.values)
            if kept is None:
                raise refused from None
            return kept
        return filled_in(form, values, {"": refused.words})

    async def _keep_draft(self, asker: Asker, form_id: str, following: Form, values: Values) -> None:
        at = self._clock.now()

        def keep(transaction: Transaction) -> None:
            person = self._reads.known(transaction, asker).person.id
            drafts.keep(transaction, person, form_id, following, values, at)

        await self._database.write(keep)

    def _sorry(self, asker: Asker, error: Exception) -> Refusal:
        """What is said of an error, by what it means for what they did."""
        code = self._logged(asker, error)
        for kind, words in SORRY:
            if isinstance(error, kind):
                return words(code=code)
        return refusals.NotSaved(code=code)

    def _logged(self, asker: Asker, error: Exception) -> str:
        """Logs what went wrong, without its words, which somebody may have typed; gives the code to quote."""
        code = secrets.token_hex(2).upper()
        log.error("request_failed", code=code, exc_info=error)
        self.errors[asker.account.partition(":")[0]] += 1
        return code
