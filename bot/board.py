"""What the board has handed in: its directory, and the pathways that its cases run under."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from core.directory import DIRECTORY_CHANGE, Directory, DirectoryChange, DirectoryFile
from core.events import ALL, Actor
from core.pathway import Pathway, read_pathway
from storage import board as stored_board
from storage import event_store
from storage.database import Reader, Transaction
from storage.event_store import Stored


class PathwayMissing(Exception):
    """A case runs under a pathway whose text is no longer in the database."""


class Pathways:
    """Pathways by their content hash. `current` is the one that new cases are raised under."""

    def __init__(self, current: Pathway) -> None:
        self.current = current
        self._known = {current.content_hash: current}

    def keep(self, transaction: Transaction) -> None:
        """A case may run under it for years, so its text is kept."""
        stored_board.keep_pathway(transaction, self.current.text)

    def of(self, reader: Reader, content_hash: str) -> Pathway:
        """Raises PathwayMissing."""
        known = self._known.get(content_hash)
        if known is None:
            text = stored_board.pathway(reader, content_hash)
            if text is None:
                raise PathwayMissing(f"pathway {content_hash[:12]} is not in the database")
            known = self._known[content_hash] = read_pathway(text, f"pathway {content_hash[:12]}")
        return known


@dataclass
class DirectoryBook:
    """The directory: the fold of its own stream, kept ready and brought up to date with what was added."""

    stream: str = ""
    _kept: tuple[int, Directory] = field(default_factory=lambda: (0, Directory()))
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    @property
    def latest(self) -> Directory:
        """As it was read last: for what may be a moment old, and needs no database."""
        return self._kept[1]

    def current(self, reader: Reader) -> Directory:
        """As it stands in this transaction."""
        stream = self._find(reader)
        known, directory = self._kept
        if not stream or event_store.version(reader, stream) <= known:
            return directory
        added = event_store.stored(reader, stream, DIRECTORY_CHANGE, after=known)
        directory = directory.evolve_all(entry.event for entry in added)
        reader.after_commit(lambda: self._keep(added[-1].sequence, directory))
        return directory

    def _keep(self, version: int, directory: Directory) -> None:
        with self._lock:  # writers and readers ask in threads of their own
            if version > self._kept[0]:
                self._kept = (version, directory)

    def _find(self, reader: Reader) -> str:
        if self.stream:
            return self.stream
        found = event_store.streams_of(reader, "directory")
        if not found:
            return ""
        reader.after_commit(lambda: self._found(found[0]))
        return found[0]

    def _found(self, stream: str) -> None:
        self.stream = stream

    def record(
        self,
        transaction: Transaction,
        changes: Iterable[DirectoryChange],
        at: datetime,
        actor: Actor | None = None,
    ) -> None:
        """Adds changes to the record. What was read before stays as it was until they are committed."""
        stream = self._find(transaction) or event_store.new_stream(transaction, "directory")
        version = event_store.version(transaction, stream)
        entries = [
            Stored(number, at, "", actor, ALL, change) for number, change in enumerate(changes, version + 1)
        ]
        event_store.append(transaction, stream, version, entries)

    def import_file(
        self, transaction: Transaction, file: DirectoryFile, at: datetime
    ) -> list[DirectoryChange]:
        """All of it or nothing; what changed, in order."""
        changes = self.current(transaction).changes(file, new_person_id)
        if changes:
            self.record(transaction, changes, at)
        return changes


def new_person_id() -> str:
    return f"p{secrets.token_hex(10)}"


def new_id() -> str:
    """A short random id for what belongs to one case: a proposal, an action, a form."""
    return secrets.token_hex(8)
