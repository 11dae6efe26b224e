"""Commands carried out: each in one transaction, with the answer to give if the same delivery comes again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime

from bot.cases import Cases, Decided, sees
from bot.clock import Clock
from bot.people import actor_of
from bot.reading import ANSWER, CaseOf, Known, Reading, answer_key
from core import refusals
from core.cards import answers as said
from core.cards.model import Card
from core.commands import AcceptInvolvement, Command, Raise
from core.conversation import Answer, Asker
from core.escalation import Escalation
from core.forms import FORMS
from core.forms.form import CASE, Answers
from core.permission import require_readable
from core.refusals import Refusal
from storage import remembered
from storage.database import Database, Reader, Transaction


class CarryingOut:
    """`told` hears after each commit what was decided."""

    def __init__(
        self,
        database: Database,
        cases: Cases,
        reads: Reading,
        clock: Clock,
        told: Callable[[Decided], None],
    ) -> None:
        self._database = database
        self._cases = cases
        self._reads = reads
        self._clock = clock
        self._told = told
        self.outcomes: Counter[str] = Counter()
        """Commands that were decided, refused, or repeated (delivered again, and answered as at first)."""

    async def carry_out(
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
            known = self._reads.known(transaction, asker)
            key = answer_key(transaction, asker, form_id, delivery)
            before = self._reads.recalled(transaction, key)
            if before:
                return before, None
            decided = self._decide(transaction, known, case, command, at)
            answer = self._answer(transaction, known, command, decided)
            if key:
                text = ANSWER.dump_json(self._to_remember(command, decided.state, answer)).decode()
                remembered.remember(transaction, key, text, at, decided.state.id)
            if form_id:
                remembered.forget_draft(transaction, form_id, known.person.id)
            return answer, decided

        try:
            answer, decided = await self._database.write(work)
        except Refusal as refused:
            self.outcomes["refused"] += 1
            if typed or form_id:
                raise
            return await self.refused(asker, case, refused)
        self.outcomes["decided" if decided else "repeated"] += 1
        if decided and decided.entries:
            self._told(decided)
        return answer

    def _decide(
        self, transaction: Transaction, known: Known, case: CaseOf, command: Command, at: datetime
    ) -> Decided:
        state = Escalation() if isinstance(command, Raise) else case(transaction, known)
        require_readable(state)
        if not state.raised and not isinstance(command, Raise):
            raise refusals.NothingAsked
        agency = command.agency if isinstance(command, Raise) else ""
        actor = actor_of(known.person, known.asker.account, known.directory, state, agency)
        return self._cases.execute(transaction, state, command, actor, at, known.directory)

    def _answer(self, reader: Reader, known: Known, command: Command, decided: Decided) -> Answer:
        """Whoever says that they are the right person sees the case at once."""
        if isinstance(command, AcceptInvolvement):
            form = FORMS["case"]
            desk = self._reads.desk(reader, known, decided.state, form)
            return form.draw(desk, {CASE: decided.state.id}, Answers({}))
        return said.done_card(command, decided.state, self._cases.pathways.current)

    def _to_remember(self, command: Command, state: Escalation, answer: Answer) -> Card:
        """Cards alone: a form shows people's words, and what is remembered isn't found again with a case."""
        if isinstance(answer, Card):
            return answer
        return said.done_card(command, state, self._cases.pathways.current)

    async def refused(self, asker: Asker, case: CaseOf, refusal: Refusal) -> Card:
        def card(reader: Reader) -> Card:
            known = self._reads.known(reader, asker)
            state = case(reader, known)
            return said.refused_card(refusal, state, may_see=sees(state, known.person.id))

        return await self._database.read(card)
