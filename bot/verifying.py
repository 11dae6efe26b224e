"""`verify`: walks every record's hash chain, without any key, and says exactly where one breaks.

A chain alone can't show that its end was cut off and its head set back, or that a whole case was removed. A
checkpoint that is kept elsewhere can.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from rich.progress import track

from bot.settings import ConfigurationInvalid, Settings
from storage import event_store
from storage.checkpoints import Checkpoint, CheckpointInvalid, Head, read_checkpoint, write_checkpoint
from storage.database import Database, Reader
from storage.failures import DatabaseInvalid
from storage.schema import schema_is_current
from storage.sealing import KEY_BYTES, Sealing
from storage.verify import Checked, verify
from storage.whole_files import whole_file

FOREIGN = "None of the checkpoint's records is here: it is another board's, or all of them were replaced."


@dataclass
class Findings:
    """What was checked, and a line for each record that doesn't hold. `heads` of those that do."""

    records: int = 0
    entries: int = 0
    broken: list[str] = field(default_factory=list)
    heads: list[Head] = field(default_factory=list)

    def add(self, checked: Checked) -> None:
        self.records += 1
        self.entries += checked.events
        if checked.problem:
            name = checked.reference or checked.kind or checked.stream_id
            self.broken.append(f"{name}: {checked.problem}. {checked.events} entries before it hold.")
            return
        self.heads.append(
            Head(checked.stream_id, checked.kind, checked.reference, checked.events, checked.head)
        )

    def summary(self) -> str:
        counted = f"Checked {self.records} records with {self.entries} entries"
        return f"{counted}: {len(self.broken)} broken."


@contextmanager
def opened_without_keys(settings: Settings) -> Iterator[Database]:
    """Raises ConfigurationInvalid where there is no database of the current schema."""
    with opened_without_schema(settings.database_url) as database:
        if not schema_is_current(database):
            raise ConfigurationInvalid("This database hasn't the current schema. Run: python -m bot migrate")
        yield database


@contextmanager
def opened_without_schema(url: str) -> Iterator[Database]:
    """Whatever it holds; nothing sealed in it can be opened. Raises ConfigurationInvalid."""
    try:
        database = Database(url, Sealing([secrets.token_bytes(KEY_BYTES)]))
    except DatabaseInvalid as error:
        raise ConfigurationInvalid(str(error)) from None
    try:
        yield database
    finally:
        database.close()


def check_records(
    database: Database, reference: str = "", before: Checkpoint | None = None, *, show_progress: bool
) -> Findings:
    """Raises ConfigurationInvalid for a reference that there isn't."""
    findings = Findings()
    against: Mapping[str, Head] = before.heads if before else {}

    def work(reader: Reader) -> None:
        stream = event_store.stream_of(reader, reference) if reference else None
        if reference and stream is None:
            raise ConfigurationInvalid(f"There is no escalation {reference}.")
        there = {*event_store.streams_of(reader, "escalation"), *event_store.streams_of(reader, "directory")}
        if against and there.isdisjoint(against):
            findings.broken.append(FOREIGN)
            return
        results = verify(reader, stream, against)
        total = 1 if reference else len(there)
        for checked in track(results, description="Checking", total=total, disable=not show_progress):
            findings.add(checked)

    database.read_now(work)
    return findings


def load_checkpoint(path: Path) -> Checkpoint | None:
    """None where there is no such file. Raises ConfigurationInvalid where it isn't a checkpoint."""
    try:
        return read_checkpoint(path.read_bytes().decode())
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ConfigurationInvalid(f"{path} can't be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise ConfigurationInvalid(f"{path}: this is no checkpoint of Escalate.") from None
    except CheckpointInvalid as error:
        raise ConfigurationInvalid(f"{path}: {error}.") from None


def save_checkpoint(path: Path, heads: list[Head], at: datetime, *, replace: bool) -> None:
    """All of it or nothing. Raises ConfigurationInvalid where it can't be written."""
    try:
        with whole_file(path, replace=replace) as part:
            part.write_text(write_checkpoint(heads, at), encoding="utf-8")
    except OSError as error:
        raise ConfigurationInvalid(f"{path} can't be written: {error.strerror or 'it exists'}.") from None


def compared(before: Checkpoint, findings: Findings) -> str:
    """What has become of the records of a checkpoint that all hold."""
    new = sum(1 for head in findings.heads if head.stream_id not in before.heads)
    grown = sum(
        1
        for head in findings.heads
        if head.stream_id in before.heads and head.events > before.heads[head.stream_id].events
    )
    at = before.made_at.strftime("%-d %B %Y, %H:%M UTC")
    return (
        f"All {len(before.heads)} records of the checkpoint of {at} are there as they were; "
        f"{grown} have grown since, and {new} are new."
    )
