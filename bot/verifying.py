"""`verify`: walks every record's hash chain, without any key, and says exactly where one breaks."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from rich.progress import track

from bot.settings import ConfigurationInvalid, Settings
from storage import event_store
from storage.database import Database, Reader
from storage.failures import DatabaseInvalid
from storage.schema import schema_is_current
from storage.sealing import KEY_BYTES, Sealing
from storage.verify import Checked, verify


@dataclass
class Findings:
    """What was checked, and a line for each record that doesn't hold."""

    records: int = 0
    entries: int = 0
    broken: list[str] = field(default_factory=list)

    def add(self, checked: Checked) -> None:
        self.records += 1
        self.entries += checked.events
        if checked.problem:
            name = checked.reference or checked.kind or checked.stream_id
            self.broken.append(f"{name}: {checked.problem}. {checked.events} entries before it hold.")


@contextmanager
def opened_without_keys(settings: Settings) -> Iterator[Database]:
    """Raises ConfigurationInvalid where there is no database of the current schema."""
    try:
        database = Database(settings.database_url, Sealing([secrets.token_bytes(KEY_BYTES)]))
    except DatabaseInvalid as error:
        raise ConfigurationInvalid(str(error)) from None
    try:
        if not schema_is_current(database):
            raise ConfigurationInvalid("This database hasn't the current schema. Run: python -m bot migrate")
        yield database
    finally:
        database.close()


def check_records(database: Database, reference: str, *, show_progress: bool) -> Findings:
    """Raises ConfigurationInvalid for a reference that there isn't."""
    findings = Findings()

    def work(reader: Reader) -> None:
        stream = event_store.stream_of(reader, reference) if reference else None
        if reference and stream is None:
            raise ConfigurationInvalid(f"There is no escalation {reference}.")
        total = 1 if reference else len(event_store.streams_of(reader, "escalation")) + 1
        results = verify(reader, stream)
        for checked in track(results, description="Checking", total=total, disable=not show_progress):
            findings.add(checked)

    database.read_now(work)
    return findings
