"""Which of ENCRYPTION_KEYS wraps how many streams' keys, and wrapping them with the newest."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from sqlalchemy import Integer, bindparam, func, select, update

from storage.database import Reader, Transaction
from storage.sealing import Wrapped
from storage.tables import streams

COUNTS = (
    select(streams.c.key_id, func.count())
    .where(streams.c.wrapped_key.is_not(None))
    .group_by(streams.c.key_id)
    .order_by(streams.c.key_id)
)
OLDER = (
    select(streams.c.stream_id, streams.c.wrapped_key, streams.c.key_id)
    .where(
        streams.c.wrapped_key.is_not(None),
        streams.c.key_id != bindparam("newest"),
        streams.c.stream_id > bindparam("after"),
    )
    .order_by(streams.c.stream_id)
    .limit(bindparam("most", type_=Integer))
)
CHANGE = (
    update(streams)
    .where(
        streams.c.stream_id == bindparam("stream"),
        streams.c.wrapped_key == bindparam("before"),  # a key destroyed meanwhile doesn't come back
    )
    .values(wrapped_key=bindparam("after"), key_id=bindparam("by"))
)


@dataclass(frozen=True, slots=True)
class Batch:
    """`last`: the stream to go on after; "" where there are no more. `unopened`: how many each key wraps that
    ENCRYPTION_KEYS lacks.
    """

    wrapped: int
    last: str
    unopened: Counter[str] = field(default_factory=Counter)


def counts(reader: Reader) -> dict[str, int]:
    """How many streams each key wraps, by its fingerprint; destroyed ones don't count."""
    return dict(reader.connection.execute(COUNTS).all())


def wrap_anew(transaction: Transaction, after: str, limit: int) -> Batch:
    """With the newest key, the keys of up to `limit` streams after `after` that an older one wraps."""
    sealing = transaction.sealing
    values = {"newest": sealing.newest, "after": after, "most": limit}
    rows = transaction.connection.execute(OLDER, values).all()
    changed, unopened = [], Counter[str]()
    for stream, secret, key_id in rows:
        if key_id not in sealing.fingerprints:
            unopened[key_id] += 1
            continue
        anew = sealing.wrapped_anew(stream, Wrapped(secret, key_id))
        changed.append({"stream": stream, "before": secret, "after": anew.secret, "by": anew.key_id})
    if changed:
        transaction.connection.execute(CHANGE, changed)
    return Batch(len(changed), rows[-1].stream_id if rows else "", unopened)
