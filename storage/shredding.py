"""Destroys what of a case can be read: its key, and what stands sealed outside its record.

Its events stay, sealed for ever, so that the hash chain still holds.
"""

from __future__ import annotations

from sqlalchemy import bindparam, delete, select, update

from storage.database import Reader, Transaction
from storage.outbox import DROPPED, UNSENT
from storage.tables import deliveries, drafts, messages, outbox, streams

RECORD_DESTROYED = "record destroyed"

KEY = select(streams.c.wrapped_key).where(streams.c.stream_id == bindparam("stream"))
DESTROY_KEY = (
    update(streams).where(streams.c.stream_id == bindparam("stream")).values(wrapped_key=None, key_id="")
)
FORGET = [
    delete(table).where(table.c.stream_id == bindparam("stream")) for table in (drafts, deliveries, messages)
]
FORGET_PLACES = (
    update(outbox).where(outbox.c.stream_id == bindparam("stream")).values(place=None, message=None)
)
DROP = (
    update(outbox)
    .where(outbox.c.stream_id == bindparam("stream"), UNSENT)
    .values(state=DROPPED, why=RECORD_DESTROYED)
)


def wrapped_key(reader: Reader, stream_id: str) -> bytes:
    """As it is stored; nothing where it was destroyed. Once it is, these bytes should stand nowhere."""
    return reader.connection.execute(KEY, {"stream": stream_id}).scalar_one_or_none() or b""


def destroy(transaction: Transaction, stream_id: str) -> None:
    """In the transaction that records it, after the record says so."""
    for statement in (*FORGET, DROP, FORGET_PLACES, DESTROY_KEY):
        transaction.connection.execute(statement, {"stream": stream_id})
