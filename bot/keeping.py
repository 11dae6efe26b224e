"""Holding, releasing and destroying a record, as whoever runs the program asks on its command line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from bot import preparing
from bot.addressing import Addressing
from bot.board import DirectoryBook, Pathways
from bot.cases import Cases, Decided
from bot.clock import Clock, clock_of
from bot.people import People
from bot.settings import ConfigurationInvalid, Settings
from core.access import OPERATOR
from core.commands import Command, DestroyRecord
from core.escalation import Escalation
from core.events import Actor
from storage import shredding
from storage.database import Database, Reader, Transaction
from storage.engine import clear_traces

THE_OPERATOR = Actor(person=OPERATOR, name="The operator", role="operator")


class _Rehearsed(Exception):
    """Ends a transaction in which nothing was to be saved."""


@dataclass(frozen=True)
class Keeping:
    """Records by their reference. Raises ConfigurationInvalid for one that there isn't, and Refusal."""

    database: Database
    cases: Cases
    clock: Clock
    url: str

    def find(self, reference: str) -> Escalation:
        return self.database.read_now(lambda reader: self._load(reader, reference))

    def carry_out(self, reference: str, command: Command) -> Escalation:
        """What the record is after it."""
        return self.database.write_now(lambda t: self._execute(t, reference, command).state)

    def rehearse(self, reference: str, command: Command) -> None:
        """Whether it would be done: everything but saving it."""

        def work(transaction: Transaction) -> None:
            self._execute(transaction, reference, command)
            raise _Rehearsed

        try:
            self.database.write_now(work)
        except _Rehearsed:
            return

    def destroy(self, reference: str, command: DestroyRecord) -> bool:
        """In one transaction the record says that it was destroyed, and its key is. False where a copy of the
        wrapped key may still stand in the database's files: `clear` it later.
        """

        def work(transaction: Transaction) -> bytes:
            stream = self._load(transaction, reference).id
            wrapped = shredding.wrapped_key(transaction, stream)
            self._execute(transaction, reference, command)
            shredding.destroy(transaction, stream)
            return wrapped

        wrapped = self.database.write_now(work)
        return clear_traces(self.url, wrapped)

    def clear(self) -> bool:
        """Writes the database's files anew, without what was deleted from them."""
        return clear_traces(self.url, b"")

    def _execute(self, transaction: Transaction, reference: str, command: Command) -> Decided:
        state, directory = self._load(transaction, reference), self.cases.directory.current(transaction)
        return self.cases.execute(transaction, state, command, THE_OPERATOR, self.clock.now(), directory)

    def _load(self, reader: Reader, reference: str) -> Escalation:
        stream = self.cases.of_reference(reader, reference)
        if not stream:
            raise ConfigurationInvalid(f"There is no escalation {reference}.")
        return self.cases.load(reader, stream)


@contextmanager
def record_keeping(settings: Settings) -> Iterator[Keeping]:
    """Beside a running server, or without one. Raises ConfigurationInvalid."""
    pathway = preparing.load_pathway(settings.pathway_file)
    database = preparing.open_database(settings)
    try:
        addressing = Addressing(People(()), {})  # what is done here tells nobody anything
        cases = Cases(Pathways(pathway), DirectoryBook(), addressing)
        yield Keeping(database, cases, clock_of(database), settings.database_url)
    finally:
        database.close()
