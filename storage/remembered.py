"""What was answered to a delivery or a form, so that coming twice counts once; and drafts. All sealed."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, bindparam, delete, insert, select, update

from storage.database import Reader, Transaction
from storage.prepared import Prepared
from storage.sealing import place
from storage.tables import deliveries, drafts

RECALL = Prepared(
    select(deliveries.c.answer, deliveries.c.stream_id).where(deliveries.c.key == bindparam("hashed"))
)
ANSWER = Prepared(
    insert(deliveries).values(
        key=bindparam("hashed"),
        stream_id=bindparam("stream"),
        answer=bindparam("sealed"),
        at=bindparam("then"),
    )
)

DRAFT = select(
    drafts.c.form_id,
    drafts.c.person,
    drafts.c.kind,
    drafts.c["values"],
    drafts.c.saved_at,
    drafts.c.stream_id,
)
BY_FORM = DRAFT.where(drafts.c.form_id == bindparam("form"))
LATEST = (
    DRAFT.where(drafts.c.person == bindparam("who"), drafts.c.kind == bindparam("what"))
    .order_by(drafts.c.saved_at.desc())
    .limit(1)
)
_draft: dict[str, Any] = {
    "person": bindparam("who"),
    "stream_id": bindparam("stream"),
    "kind": bindparam("what"),
    "values": bindparam("sealed"),
    "saved_at": bindparam("then"),
}
_own = and_(drafts.c.form_id == bindparam("form"), drafts.c.person == bindparam("who"))
SAVE_AGAIN = (
    update(drafts).where(_own).values({key: value for key, value in _draft.items() if key != "person"})
)
SAVE = insert(drafts).values({"form_id": bindparam("form"), **_draft})
FORGET = Prepared(delete(drafts).where(_own))
PURGE_DELIVERIES = delete(deliveries).where(deliveries.c.at < bindparam("before"))
PURGE_DRAFTS = delete(drafts).where(drafts.c.saved_at < bindparam("before"))


@dataclass(frozen=True, slots=True)
class Draft:
    """What a person had entered in a form of this kind, field by field. `stream_id`: of which case, or ""."""

    form_id: str
    person: str
    kind: str
    values: dict[str, tuple[str, ...]]
    saved_at: datetime
    stream_id: str = ""


def delivery_key(reader: Reader, *parts: str) -> str:
    """The key of an answer, from what names the delivery or form; it can't be turned back."""
    return reader.board.look_up("delivery", *parts)


def recall(reader: Reader, key: str) -> str | None:
    """The answer remembered under a `delivery_key`, as it was given to `remember`."""
    row = RECALL.row(reader.connection, {"hashed": key})
    if row is None or reader.is_destroyed(row[1]):
        return None
    return reader.key_for(row[1]).open(f"deliveries/{key}", row[0]).decode()


def remember(transaction: Transaction, key: str, answer_json: str, at: datetime, stream_id: str = "") -> None:
    """Once a key: ask `recall` first, in the same transaction. `stream_id`: the case that it is about."""
    sealed = transaction.key_for(stream_id).seal(f"deliveries/{key}", answer_json.encode())
    ANSWER.change(transaction.connection, {"hashed": key, "stream": stream_id, "sealed": sealed, "then": at})


def save_draft(transaction: Transaction, draft: Draft) -> None:
    """Keeps what was entered so far, in the place of what this form kept before; DatabaseFailed where it is
    somebody else's.
    """
    words = json.dumps(draft.values).encode()
    row = {
        "form": draft.form_id,
        "who": draft.person,
        "what": draft.kind,
        "stream": draft.stream_id,
        "sealed": transaction.key_for(draft.stream_id).seal(
            draft_place(draft.form_id, draft.person, draft.kind), words
        ),
        "then": draft.saved_at,
    }
    transaction.put(SAVE_AGAIN, SAVE, row)


def draft(reader: Reader, form_id: str) -> Draft | None:
    return _draft_of(reader, reader.connection.execute(BY_FORM, {"form": form_id}).one_or_none())


def latest_draft(reader: Reader, person: str, kind: str) -> Draft | None:
    return _draft_of(reader, reader.connection.execute(LATEST, {"who": person, "what": kind}).one_or_none())


def forget_draft(transaction: Transaction, form_id: str, person: str) -> None:
    FORGET.change(transaction.connection, {"form": form_id, "who": person})


def forget_drafts_with(transaction: Transaction, holds: Callable[[str], bool]) -> int:
    """Forgets each draft, of anybody, in which a field's words are such; returns how many there were."""
    found = [_draft_of(transaction, row) for row in transaction.connection.execute(DRAFT)]
    forgotten = [
        draft
        for draft in found
        if draft and any(holds(word) for many in draft.values.values() for word in many)
    ]
    for draft in forgotten:
        forget_draft(transaction, draft.form_id, draft.person)
    return len(forgotten)


def purge(transaction: Transaction, answers_before: datetime, drafts_before: datetime) -> None:
    """Forgets answers and drafts that are older."""
    transaction.connection.execute(PURGE_DELIVERIES, {"before": answers_before})
    transaction.connection.execute(PURGE_DRAFTS, {"before": drafts_before})


def draft_place(form_id: str, person: str, kind: str) -> str:
    return place("drafts", form_id, person, kind)


def _draft_of(reader: Reader, row: Row[str, str, str, bytes, datetime, str] | None) -> Draft | None:
    if row is None or reader.is_destroyed(row.stream_id):
        return None
    form_id, person, kind, sealed, saved_at, stream_id = row
    entered = json.loads(reader.key_for(stream_id).open(draft_place(form_id, person, kind), sealed))
    values = {field: tuple(words) for field, words in entered.items()}
    return Draft(form_id, person, kind, values, saved_at, stream_id)
