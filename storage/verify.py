"""Walks the hash chains, at the speed of reading and without any key."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import Row, Select, bindparam, select

from storage.checkpoints import Head
from storage.database import BOARD, Reader
from storage.event_store import DESTROYS, chained, header_start
from storage.tables import escalations, events, streams

BATCH = 1000
ESCALATION = "escalation"
STREAMS = (
    select(
        streams.c.stream_id,
        streams.c.kind,
        streams.c.version,
        streams.c.head,
        streams.c.wrapped_key.is_(None).label("shredded"),
        escalations.c.reference,
        escalations.c.version.label("row_version"),
    )
    .outerjoin(escalations, escalations.c.stream_id == streams.c.stream_id)
    .where(streams.c.kind != BOARD)
    .order_by(streams.c.stream_id)
)
EVENTS = select(
    events.c.stream_id,
    events.c.sequence,
    events.c.header,
    events.c.body,
    events.c.body_digest,
    events.c.hash,
).order_by(events.c.stream_id, events.c.sequence)


@dataclass(frozen=True, slots=True)
class Checked:
    """One stream: how many events hold, and where and how the chain breaks. `reference` may be empty; so is
    `head`, the hash of the last event, where there is a problem.
    """

    stream_id: str
    kind: str
    reference: str
    events: int
    problem: str = ""
    head: bytes = field(default=b"", compare=False, repr=False)


class _Broken(Exception):
    def __init__(self, held: int, problem: str) -> None:
        super().__init__(problem)
        self.held = held
        self.problem = problem


def verify(
    reader: Reader, stream_id: str | None = None, against: Mapping[str, Head] | None = None
) -> Iterator[Checked]:
    """Checks every stream, or one; yields a result for each. Use it up inside the read.

    `against`: how streams stood before, by id. Each has to be there, with that event at that number.
    """
    before = against or {}
    known = {
        row.stream_id: row for row in reader.connection.execute(_narrowed(STREAMS, stream_id), _of(stream_id))
    }
    gone = [head for found, head in before.items() if found not in known and stream_id in {None, found}]
    rows = reader.connection.execution_options(yield_per=BATCH).execute(
        _narrowed(EVENTS, stream_id), _of(stream_id)
    )
    for found, chain in groupby(rows, key=itemgetter(0)):
        yield _checked(found, known.pop(found, None), chain, before.get(found))
    for found, stream in known.items():
        yield _checked(found, stream, (), before.get(found))
    for head in gone:
        problem = f"the checkpoint has it with {head.events} events, and it is gone"
        yield Checked(head.stream_id, head.kind, head.reference, 0, problem)


def _narrowed(query: Select[*tuple[Any, ...]], stream_id: str | None) -> Select[*tuple[Any, ...]]:
    if stream_id is None:
        return query
    return query.where(query.selected_columns["stream_id"] == bindparam("stream"))


def _of(stream_id: str | None) -> dict[str, str]:
    return {} if stream_id is None else {"stream": stream_id}


def _checked(
    stream_id: str,
    stream: Row[*tuple[Any, ...]] | None,
    chain: Iterable[Row[*tuple[Any, ...]]],
    before: Head | None,
) -> Checked:
    kind, reference = (stream.kind, stream.reference or "") if stream else ("", "")
    try:
        count, head, unexplained = _walked(stream_id, chain, before)
        _check_head(stream, count, head)
        _check_row(stream, count)
        _check_grown(before, count, reference)
        _check_bodies(stream, unexplained)
    except _Broken as broken:
        return Checked(stream_id, kind, reference, broken.held, broken.problem)
    return Checked(stream_id, kind, reference, count, head=head)


def _walked(
    stream_id: str, chain: Iterable[Row[*tuple[Any, ...]]], before: Head | None
) -> tuple[int, bytes, set[int]]:
    """How many hold, the last one's hash, and the events whose body is gone though none says why."""
    count, head = 0, b""
    gone: set[int] = set()
    marked, mark = (before.events, before.hash) if before else (0, b"")
    for _, sequence, header, body, digest, stored in chain:
        if sequence != count + 1:
            raise _Broken(count, f"event {count + 1} is missing: the next one is numbered {sequence}")
        if not header.startswith(header_start(stream_id, sequence)):
            raise _Broken(count, f"event {sequence}: its header belongs to another place")
        if body is not None and hashlib.sha256(body).digest() != digest:
            raise _Broken(count, f"event {sequence}: its sealed body was changed")
        head = chained(head, header, digest)
        if head != stored:
            raise _Broken(count, f"event {sequence}: it doesn't follow from the one before, or was changed")
        if sequence == marked and head != mark:
            raise _Broken(0, f"events up to {sequence} aren't those of the checkpoint: they were made anew")
        if body is None:
            gone.add(sequence)
        if DESTROYS in header:
            gone.discard(json.loads(header).get(DESTROYS))
        count = sequence
    return count, head, gone


def _check_bodies(stream: Row[*tuple[Any, ...]] | None, gone: set[int]) -> None:
    """Of a case whose key was destroyed no body can be read any more, there or not."""
    if gone and stream is not None and not stream.shredded:
        first = min(gone)
        raise _Broken(first - 1, f"event {first}: its body is gone, and no event says that it was destroyed")


def _check_head(stream: Row[*tuple[Any, ...]] | None, count: int, head: bytes) -> None:
    if stream is None:
        raise _Broken(count, "there are events, and the stream they belong to is missing")
    if stream.version != count:
        raise _Broken(count, f"it should have {stream.version} events, and the last one found is {count}")
    if stream.head != head:
        raise _Broken(count, f"event {count} isn't the one that the stream was left with")


def _check_row(stream: Row[*tuple[Any, ...]] | None, count: int) -> None:
    """The derived row, by which a case is found and its deadlines kept; saved with the events it sums up."""
    if stream is None or stream.kind != ESCALATION:
        return
    if stream.row_version is None:
        raise _Broken(count, "its row is missing, by which it is found and its deadlines are kept")
    if stream.row_version > count:
        raise _Broken(count, f"its row was made from event {stream.row_version}, and the last one is {count}")


def _check_grown(before: Head | None, count: int, reference: str) -> None:
    if before is None:
        return
    if before.events > count:
        raise _Broken(count, f"the checkpoint has {before.events} events, and the last one found is {count}")
    if before.reference and before.reference != reference:
        raise _Broken(count, f"the checkpoint has it as {before.reference}")
