"""Events, rows and notices for the storage's tests, of plainly invented people."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from core.events import Actor, NoteAdded, Recorded
from core.notices import Notice
from storage import escalations, event_store
from storage.database import Transaction
from storage.escalations import EscalationRow

MONDAY = datetime(2026, 11, 30, 9, 0, 0, 123456, tzinfo=UTC)
AMIRA = Actor(
    person="p-amira",
    name="Amira Inventedname",
    role="practitioner",
    agency="a1",
    agency_name="Invented Council",
    account="slack:T0001/UAMIRA01",
)


def note(sequence: int, words: str = "Rang the ward", at: datetime = MONDAY) -> Recorded:
    return Recorded(sequence, at, "stage-1", AMIRA, "all", NoteAdded(words=words))


def notes(first: int, last: int) -> list[Recorded]:
    return [note(sequence, f"Note {sequence}") for sequence in range(first, last + 1)]


def row(stream_id: str, reference: str, **changes: Any) -> EscalationRow:
    values: dict[str, Any] = {
        "status": "open",
        "stage": "stage-1",
        "version": 1,
        "raised_at": MONDAY,
        "next_due_at": MONDAY,
        "window_ends_at": MONDAY,
    }
    return EscalationRow(stream_id=stream_id, reference=reference, **(values | changes))


def case(transaction: Transaction, reference: str, **changes: Any) -> str:
    """A stream with one event and its row."""
    stream_id = event_store.new_stream(transaction, "escalation")
    event_store.append(transaction, stream_id, 0, [note(1)])
    escalations.save_escalation(transaction, row(stream_id, reference, **changes))
    return stream_id


def notice(key: str, **changes: Any) -> Notice:
    values: dict[str, Any] = {
        "kind": "decision",
        "topic": "stage_opened",
        "sequence": 1,
        "not_before": MONDAY,
        "side": "s1",
    }
    return Notice(key=key, **(values | changes))
