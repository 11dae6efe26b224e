"""The rows derived from an escalation's events: what is due, and what `/escalate list` shows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Integer, bindparam, delete, func, insert, null, select, update

from storage.database import Reader, Transaction
from storage.prepared import Prepared
from storage.tables import escalations, participants, streams

OPEN = "open"

_columns = ("reference", "status", "stage", "version", "raised_at", "next_due_at", "window_ends_at")
_given = {name: bindparam(name, type_=escalations.c[name].type) for name in _columns}
UPDATE = Prepared(
    update(escalations)
    .where(escalations.c.stream_id == bindparam("stream_id_"))
    .values(_given | {"set_back_until": null(), "failures": 0})
)
INSERT = insert(escalations).values(
    _given | {"stream_id": bindparam("stream_id_"), "set_back_until": null(), "failures": 0}
)
ONE = select(escalations.c.stream_id, *(escalations.c[name] for name in _columns))
OF_STREAM = ONE.where(escalations.c.stream_id == bindparam("stream"))
WHO = select(participants.c.person, participants.c.side).where(
    participants.c.stream_id == bindparam("stream")
)
JOIN = insert(participants)
LEAVE = delete(participants).where(
    participants.c.stream_id == bindparam("stream"), participants.c.person == bindparam("who")
)
DUE = (
    select(escalations.c.stream_id)
    .where(
        escalations.c.next_due_at <= bindparam("now"),
        escalations.c.set_back_until.is_(None) | (escalations.c.set_back_until <= bindparam("now")),
    )
    .order_by(escalations.c.next_due_at)
    .limit(bindparam("most", type_=Integer))
)
TAKE_DUE = DUE.join(streams, streams.c.stream_id == escalations.c.stream_id).with_for_update(
    skip_locked=True, of=streams
)
TAKE_ONE = TAKE_DUE.where(escalations.c.stream_id == bindparam("stream"))
EARLIEST_DUE = (
    select(escalations.c.next_due_at)
    .where(
        escalations.c.next_due_at.is_not(None),
        escalations.c.set_back_until.is_(None),
    )
    .order_by(escalations.c.next_due_at)
    .limit(1)
)
EARLIEST_SET_BACK = select(func.min(escalations.c.set_back_until)).where(
    escalations.c.set_back_until.is_not(None)
)
SET_BACK = (
    update(escalations)
    .where(escalations.c.stream_id == bindparam("stream"))
    .values(set_back_until=bindparam("until"), failures=bindparam("failed"))
)
FAILURES = select(escalations.c.failures).where(escalations.c.stream_id == bindparam("stream"))


@dataclass(frozen=True, slots=True)
class EscalationRow:
    """`status`: "open", "closed" or "destroyed". All moments are UTC; a closed one is next due when the time
    has passed for which its record is kept. `version`: when the rest last changed.
    """

    stream_id: str
    reference: str
    status: str
    stage: str
    version: int
    raised_at: datetime
    next_due_at: datetime | None
    window_ends_at: datetime | None


def save_escalation(transaction: Transaction, row: EscalationRow) -> None:
    """Writes the row; whatever set it back is over, for something was just decided."""
    values = {name: getattr(row, name) for name in _columns}
    values["stream_id_"] = row.stream_id
    if not UPDATE.change(transaction.connection, values):
        transaction.connection.execute(INSERT, values)


def replace_participants(transaction: Transaction, stream_id: str, people: Iterable[tuple[str, str]]) -> None:
    """`people`: (person, side). Only what changed is written."""
    wanted = dict(people)
    present = dict(transaction.connection.execute(WHO, {"stream": stream_id}).all())
    gone = [
        {"stream": stream_id, "who": person} for person in present if wanted.get(person) != present[person]
    ]
    new = [
        {"stream_id": stream_id, "person": person, "side": side}
        for person, side in wanted.items()
        if present.get(person) != side
    ]
    if gone:
        transaction.connection.execute(LEAVE, gone)
    if new:
        transaction.connection.execute(JOIN, new)


def escalation(reader: Reader, stream_id: str) -> EscalationRow | None:
    row = reader.connection.execute(OF_STREAM, {"stream": stream_id}).one_or_none()
    return None if row is None else EscalationRow(*row)


def due(reader: Reader, now: datetime, limit: int) -> list[str]:
    """Streams of escalations whose next due moment has come, oldest first; not those set back."""
    return list(reader.connection.execute(DUE, {"now": now, "most": limit}).scalars())


def take_due(transaction: Transaction, now: datetime, limit: int) -> list[str]:
    """`due`, without those that another server is busy with; nobody else adds to these until the COMMIT."""
    return list(transaction.connection.execute(TAKE_DUE, {"now": now, "most": limit}).scalars())


def take_one(transaction: Transaction, stream_id: str, now: datetime) -> bool:
    """Whether this one is still due and nobody is busy with it; likewise."""
    values = {"now": now, "most": 1, "stream": stream_id}
    return transaction.connection.execute(TAKE_ONE, values).scalar_one_or_none() is not None


def earliest_due(reader: Reader) -> datetime | None:
    """When `due` next has something to give; it may lie in the past."""
    moments = (
        reader.connection.execute(one).scalar_one_or_none() for one in (EARLIEST_DUE, EARLIEST_SET_BACK)
    )
    return min((moment for moment in moments if moment is not None), default=None)


def failures(reader: Reader, stream_id: str) -> int:
    """How often its Tick has failed since something was last decided."""
    return reader.connection.execute(FAILURES, {"stream": stream_id}).scalar_one_or_none() or 0


def set_back(transaction: Transaction, stream_id: str, until: datetime, failures: int) -> None:
    """Its Tick failed: leave it alone until then."""
    values = {"stream": stream_id, "until": until, "failed": failures}
    transaction.connection.execute(SET_BACK, values)


def list_escalations(
    reader: Reader,
    person: str | None = None,
    overdue_at: datetime | None = None,
    *,
    only_open: bool = True,
    limit: int = 100,
) -> list[EscalationRow]:
    """Those of `person`, or all; only those past their window at `overdue_at`, if given. Urgent first."""
    query = ONE.order_by(
        escalations.c.window_ends_at.is_(None), escalations.c.window_ends_at, escalations.c.reference
    )
    if person is not None:
        query = query.join(participants, participants.c.stream_id == escalations.c.stream_id)
        query = query.where(participants.c.person == person)
    if overdue_at is not None:
        query = query.where(escalations.c.window_ends_at < overdue_at)
    if only_open:
        query = query.where(escalations.c.status == OPEN)
    return [EscalationRow(*row) for row in reader.connection.execute(query.limit(limit))]
