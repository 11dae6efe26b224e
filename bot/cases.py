"""Cases: loading one, deciding a command on it, and storing what follows, all in one transaction."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from bot.addressing import Addressing
from bot.board import DirectoryBook, Pathways, new_id, new_person_id
from bot.destroying import destroy_words
from core.access import Ability, may
from core.commands import Command, Raise, SendAgain, Tick
from core.decisions import decide
from core.decisions.deciding import Context
from core.decisions.new_people import enter_new_people
from core.destroying import destroyed_entries
from core.directory import Directory
from core.escalation import Escalation, fold
from core.events import Actor, Recorded
from core.reminders import next_due, window_ends
from core.telling import notices_for
from storage import escalations, event_store, outbox, outbox_list
from storage.database import Reader, StreamDestroyed, Transaction

KEPT = 256
"""How many cases are kept folded: those talked about now, and little memory."""


@dataclass(frozen=True)
class Decided:
    """What a command led to. `entries` is empty where nothing had to happen. `destroyed`: the sealed bodies
    of entries whose words went with it.
    """

    state: Escalation
    entries: tuple[Recorded, ...]
    destroyed: tuple[bytes, ...] = ()


class Cases:
    """All cases of a board, decided one command at a time."""

    def __init__(self, pathways: Pathways, directory: DirectoryBook, addressing: Addressing) -> None:
        self.pathways = pathways
        self.directory = directory
        self._addressing = addressing
        self._folded: OrderedDict[str, Escalation] = OrderedDict()
        self._streams: dict[str, str] = {}
        self._lock = threading.Lock()  # the writer and the readers load in threads of their own

    def load(self, reader: Reader, stream: str) -> Escalation:
        """The case as it stands; an empty one for an unknown stream; where its record was destroyed, one that
        says so. In a Transaction nobody else changes it until the end.
        """
        if not stream:
            return Escalation()
        kept = self._folded.get(stream)
        if isinstance(reader, Transaction):
            version = event_store.held_version(reader, stream)
        else:
            version = event_store.version(reader, stream)
        if kept and kept.version >= version:
            return kept
        try:
            added = event_store.events(reader, stream, after=kept.version if kept else 0)
            if kept and destroyed_entries(entry.event for entry in added):
                kept, added = None, event_store.events(reader, stream)  # what was kept holds their words
            state = fold(added, kept, id=stream)
        except StreamDestroyed:
            state = fold(event_store.remains(reader, stream), id=stream)
        return self._kept_once_committed(reader, state)

    def _kept_once_committed(self, reader: Reader, state: Escalation) -> Escalation:
        reader.after_commit(lambda: self._keep(state))
        return state

    def _keep(self, state: Escalation) -> None:
        with self._lock:
            before = self._folded.get(state.id)
            if before and before.version > state.version:
                return  # commits of several writers may be told of in another order
            self._folded[state.id] = state
            self._folded.move_to_end(state.id)
            while len(self._folded) > KEPT:
                self._folded.popitem(last=False)

    def entries(self, reader: Reader, stream: str) -> tuple[Recorded, ...]:
        return tuple(event_store.events(reader, stream))

    def record(self, reader: Reader, stream: str) -> Callable[[], tuple[Recorded, ...]]:
        """Its entries, for as long as `reader` is; read when they are asked for."""
        return lambda: self.entries(reader, stream)

    def of_reference(self, reader: Reader, reference: str) -> str:
        """The stream of a reference, or "" where there is none. A reference never changes its stream."""
        known = self._streams.get(reference)
        if known is not None:
            return known
        found = event_store.stream_of(reader, reference)
        if found is None:
            return ""
        reader.after_commit(lambda: self._streams.update({reference: found}))
        return found

    def execute(
        self,
        transaction: Transaction,
        state: Escalation,
        command: Command,
        actor: Actor | None,
        now: datetime,
        directory: Directory,
    ) -> Decided:
        """Decides and stores; `state` and `directory` as loaded in this transaction, `now` in UTC.

        Raises Refusal, or VersionConflict for a lost race: nothing is committed then.
        """
        person = actor.person if actor else ""
        command, added = enter_new_people(command, state, person, directory, new_person_id)
        if added:
            self.directory.record(transaction, added, now, actor)
            directory = directory.evolve_all(added)
        pathway = (
            self.pathways.of(transaction, state.raised.pathway) if state.raised else self.pathways.current
        )
        context = Context(
            now,
            actor,
            pathway,
            directory,
            new_id,
            lambda agency: self._addressing.room_of(directory, agency),
            entries=lambda: self.entries(transaction, state.id),
        )
        if isinstance(command, Raise):
            state, context = self._new_case(transaction, context)
        entries = decide(state, command, context)
        if not entries:
            if isinstance(command, Tick):
                escalations.save_escalation(transaction, _row(state))  # it said that something was due
            return Decided(state, ())
        event_store.append(transaction, state.id, state.version, entries)
        destroyed = self._destroyed(transaction, state, entries)
        after = fold(self.entries(transaction, state.id), id=state.id) if destroyed else fold(entries, state)
        outbox.enqueue(
            transaction,
            state.id,
            notices_for(state, entries, context),
            lambda notice: self._addressing.lane(directory, after, notice),
        )
        if isinstance(command, SendAgain):
            outbox_list.send_again(transaction, state.id, command.to, command.only, now)
        self._save_rows(transaction, state, after)
        return Decided(self._kept_once_committed(transaction, after), entries, destroyed)

    def _destroyed(
        self, transaction: Transaction, state: Escalation, entries: tuple[Recorded, ...]
    ) -> tuple[bytes, ...]:
        """The sealed bodies that these events destroy; the case is folded anew from what remains of them."""
        numbers = destroyed_entries(entry.event for entry in entries)
        return tuple(destroy_words(transaction, state.id, number) for number in numbers)

    def _new_case(self, transaction: Transaction, context: Context) -> tuple[Escalation, Context]:
        prefix = f"{context.pathway.board.reference_prefix}-{context.today.year}"
        number = event_store.next_number(transaction, prefix)
        state = Escalation(id=event_store.new_stream(transaction, "escalation"))
        return state, replace(context, reference=f"{prefix}-{number:04d}")

    def _save_rows(self, transaction: Transaction, before: Escalation, state: Escalation) -> None:
        """The rows that lists and sweeps read: all of them can be made again from the record."""
        row = _row(state)
        if row != replace(_row(before), version=row.version):  # a note changes none of them
            escalations.save_escalation(transaction, row)
        people = _listed_for(state)
        if people != _listed_for(before):
            escalations.replace_participants(transaction, state.id, people)


def _row(state: Escalation) -> escalations.EscalationRow:
    return escalations.EscalationRow(
        stream_id=state.id,
        reference=state.reference,
        status=state.status if state.status in ("closed", "destroyed") else escalations.OPEN,
        stage=state.stage.key,
        version=state.version,
        raised_at=state.raised_at,
        next_due_at=next_due(state),
        window_ends_at=window_ends(state),
    )


def _listed_for(state: Escalation) -> set[tuple[str, str]]:
    """(person, side) of everybody whose lists show the case."""
    people = {(p.person, p.side) for p in state.taking_part()}
    if state.chair and not state.side_of(state.chair):
        people.add((state.chair, ""))
    return people


def sees(state: Escalation, person: str) -> bool:
    return may(state, person, Ability.SEE)
