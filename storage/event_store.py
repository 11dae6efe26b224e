"""The record: streams of events, only ever added to, each with a clear header and a sealed body.

hash = SHA-256(hash of the one before + header + SHA-256(sealed body)); before the first one stands nothing.
The body is two lines of JSON, the actor and the event; it opens only beside the header it was sealed with.
A body that was destroyed is null. The header of the event that says so names it, so that `storage.verify`
tells a body that was agreed away from one that was taken.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, Literal, Protocol, TypeVar

from pydantic import TypeAdapter
from sqlalchemy import Row, and_, bindparam, insert, select, update

from core.events import EVENT, Actor, EntryDestroyed, Recorded
from storage.database import Reader, StreamDestroyed, StreamUnknown, Transaction
from storage.failures import Conflict
from storage.prepared import Prepared
from storage.sealing import Key
from storage.tables import counters, escalations, streams
from storage.tables import events as events_table

E = TypeVar("E")
R = TypeVar("R")
StreamKind = Literal["escalation", "directory"]
DESTROYS = "destroys"
"""In a header: the number of the event whose body was destroyed with this one."""
SCHEMA = 1
"""The version of the events' shapes that is written now."""

ACTOR: TypeAdapter[Actor | None] = TypeAdapter(Actor | None)

BY_THE_BOARD = frozenset({"RecordDestroyed"})
"""Types of event whose bodies the board's key seals: they are read after their stream's key is destroyed."""

HEAD = Prepared(
    select(streams.c.version, streams.c.head, streams.c.wrapped_key, streams.c.key_id).where(
        streams.c.stream_id == bindparam("stream")
    )
)
HOLD_HEAD = Prepared(
    select(streams.c.version, streams.c.head)
    .where(streams.c.stream_id == bindparam("stream"))
    .with_for_update()
)
MOVE_HEAD = Prepared(
    update(streams)
    .where(streams.c.stream_id == bindparam("stream"), streams.c.version == bindparam("expected"))
    .values(version=bindparam("new_version"), head=bindparam("new_head"))
)
ADD = Prepared(insert(events_table))
READ = (
    select(events_table.c.sequence, events_table.c.header, events_table.c.body)
    .where(events_table.c.stream_id == bindparam("stream"), events_table.c.sequence > bindparam("after"))
    .order_by(events_table.c.sequence)
)
HEADERS = select(events_table.c.header).where(events_table.c.stream_id == bindparam("stream"))
_entry = and_(events_table.c.stream_id == bindparam("stream"), events_table.c.sequence == bindparam("entry"))
BODY = select(events_table.c.body).where(_entry)
DESTROY = update(events_table).where(_entry).values(body=None)
OF_KIND = select(streams.c.stream_id).where(streams.c.kind == bindparam("kind")).order_by(streams.c.stream_id)
OF_REFERENCE = select(escalations.c.stream_id).where(escalations.c.reference == bindparam("reference"))
COUNT_ON = (
    update(counters)
    .where(counters.c.name == bindparam("counter"))
    .values(value=counters.c.value + 1)
    .returning(counters.c.value)
)
COUNT_FIRST = insert(counters)


class VersionConflict(Conflict):
    """Somebody else added to the stream first: load it again and decide again."""


class BodyDestroyed(Exception):
    """The event's body is gone, and no later event says what remains of it."""


class AnEvent(Protocol):
    """Any pydantic model with a `type`."""

    @property
    def type(self) -> str: ...

    def model_dump_json(self) -> str: ...


class Happened(Protocol):
    """What is added: `core.events.Recorded`, or the same with another kind of event."""

    @property
    def sequence(self) -> int: ...
    @property
    def at(self) -> datetime: ...
    @property
    def stage(self) -> str: ...
    @property
    def actor(self) -> Actor | None: ...
    @property
    def audience(self) -> str: ...
    @property
    def event(self) -> AnEvent: ...


@dataclass(frozen=True, slots=True)
class Stored(Generic[E]):
    """An event of any kind as it is read back."""

    sequence: int
    at: datetime
    stage: str
    actor: Actor | None
    audience: str
    event: E


def new_stream(transaction: Transaction, kind: StreamKind) -> str:
    """An empty stream with its own key; returns its random id, which never holds a colon."""
    stream_id = secrets.token_hex(16)
    transaction.make_stream(stream_id, kind)
    return stream_id


def append(
    transaction: Transaction, stream_id: str, expected_version: int, recorded: Sequence[Happened]
) -> None:
    """Adds events, numbered on from `expected_version`.

    Raises VersionConflict if the stream has moved on, StreamUnknown, StreamDestroyed, and ValueError for a
    wrong number.
    """
    if not recorded:
        return
    before = HEAD.row(transaction.connection, {"stream": stream_id})
    if before is None:
        raise StreamUnknown(f"there is no stream {stream_id}")
    _, head, secret, key_id = before
    own = transaction.unwrapped(stream_id, secret, key_id)

    def key_of(happened: Happened) -> Key:
        return transaction.board if happened.event.type in BY_THE_BOARD else own

    rows = _chain(key_of, stream_id, head, expected_version, recorded)
    last = rows[-1]
    moved = {"expected": expected_version, "new_version": last["sequence"], "new_head": last["hash"]}
    if MOVE_HEAD.change(transaction.connection, {"stream": stream_id, **moved}) != 1:
        raise VersionConflict(f"stream {stream_id} is no longer at {expected_version}")
    for row in rows:
        ADD.change(transaction.connection, row)


def events(reader: Reader, stream_id: str, after: int = 0) -> list[Recorded]:
    """An escalation's events in order, those after number `after`; none for an unknown stream.

    Raises SealBroken, BodyDestroyed, KeysInvalid, StreamDestroyed.
    """
    return _read(reader, stream_id, after, EVENT, Recorded)


def remains(reader: Reader, stream_id: str) -> list[Recorded]:
    """What can be read of a stream whose key was destroyed: its last event, which says so.

    Raises StreamDestroyed where it says something else: then nobody recorded that the key was destroyed.
    """
    before_last = version(reader, stream_id) - 1
    rows = reader.connection.execute(READ, {"stream": stream_id, "after": before_last}).all()
    if not rows or json.loads(rows[0].header)["type"] not in BY_THE_BOARD:
        raise StreamDestroyed(f"the key of stream {stream_id} is gone, and its record doesn't say why")
    return _all_read(stream_id, rows, reader.board, EVENT, Recorded)


def actors(reader: Reader, stream_id: str) -> frozenset[str]:
    """The ids of the people who did something in this stream, from the headers, which need no key."""
    headers = reader.connection.execute(HEADERS, {"stream": stream_id}).scalars()
    return frozenset(actor for header in headers if (actor := json.loads(header)["actor"]))


def stored(reader: Reader, stream_id: str, kind: TypeAdapter[E], after: int = 0) -> list[Stored[E]]:
    """`events`, for a stream whose events are of another kind."""
    return _read(reader, stream_id, after, kind, Stored)


def destroy(transaction: Transaction, stream_id: str, sequence: int) -> bytes:
    """Takes an event's body away, for good; in the transaction that appends its `EntryDestroyed`.

    Returns it, still sealed: these bytes should stand nowhere any more. Raises BodyDestroyed.
    """
    which = {"stream": stream_id, "entry": sequence}
    body: bytes | None = transaction.connection.execute(BODY, which).scalar_one_or_none()
    if body is None:
        raise BodyDestroyed(f"event {sequence} of stream {stream_id} is not there, or has no body")
    transaction.connection.execute(DESTROY, which)
    return body


def version(reader: Reader, stream_id: str) -> int:
    """The number of its last event; 0 for an empty or unknown stream."""
    row = HEAD.row(reader.connection, {"stream": stream_id})
    return 0 if row is None else int(row[0])


def held_version(transaction: Transaction, stream_id: str) -> int:
    """`version`; and nobody else adds to it until this transaction ends, where several write."""
    row = HOLD_HEAD.row(transaction.connection, {"stream": stream_id})
    return 0 if row is None else int(row[0])


def streams_of(reader: Reader, kind: StreamKind) -> list[str]:
    return list(reader.connection.execute(OF_KIND, {"kind": kind}).scalars())


def stream_of(reader: Reader, reference: str) -> str | None:
    """The escalation with this reference, exactly as written."""
    return reader.connection.execute(OF_REFERENCE, {"reference": reference}).scalar_one_or_none()


def next_number(transaction: Transaction, name: str) -> int:
    """Counts on from 1 for each `name` (a prefix and a year: "HF-2026")."""
    value = transaction.connection.execute(COUNT_ON, {"counter": name}).scalar_one_or_none()
    if value is None:
        transaction.connection.execute(COUNT_FIRST, {"name": name, "value": 1})
        return 1
    return int(value)


def chained(before: bytes, header: str, body_digest: bytes) -> bytes:
    """The hash of an event that follows the one whose hash is `before`."""
    return hashlib.sha256(before + header.encode() + body_digest).digest()


def header_start(stream_id: str, sequence: int) -> str:
    """How every header begins, so that its place is checked without parsing it."""
    return f'{{"stream":"{stream_id}","sequence":{sequence},'


def _chain(
    key_of: Callable[[Happened], Key], stream_id: str, head: bytes, last: int, recorded: Sequence[Happened]
) -> list[dict[str, Any]]:
    rows = []
    for sequence, happened in enumerate(recorded, start=last + 1):
        if happened.sequence != sequence:
            raise ValueError(f"event {sequence} is numbered {happened.sequence}")
        header = _header(stream_id, happened)
        body = key_of(happened).seal(_place(header), _body(happened))
        digest = hashlib.sha256(body).digest()
        head = chained(head, header, digest)
        row = {"stream_id": stream_id, "sequence": sequence, "header": header, "body": body}
        rows.append({**row, "body_digest": digest, "hash": head})
    return rows


def _header(stream_id: str, happened: Happened) -> str:
    rest: dict[str, object] = {
        "type": happened.event.type,
        "schema": SCHEMA,
        "at": happened.at.astimezone(UTC).isoformat(),
        "stage": happened.stage,
        "actor": happened.actor.person if happened.actor else None,
        "audience": happened.audience,
    }
    if isinstance(happened.event, EntryDestroyed):
        rest[DESTROYS] = happened.event.entry
    return header_start(stream_id, happened.sequence) + json.dumps(rest, separators=(",", ":"))[1:]


def _body(happened: Happened) -> bytes:
    actor = happened.actor.model_dump_json() if happened.actor else "null"
    return f"{actor}\n{happened.event.model_dump_json()}".encode()


def _place(header: str) -> str:
    return f"events/{header}"


def _read(
    reader: Reader, stream_id: str, after: int, kind: TypeAdapter[E], make: Callable[..., R]
) -> list[R]:
    rows = reader.connection.execute(READ, {"stream": stream_id, "after": after}).all()
    if not rows:
        return []
    return _all_read(stream_id, rows, reader.key(stream_id), kind, make)


def _all_read(
    stream_id: str,
    rows: Sequence[Row[int, str, bytes | None]],
    key: Key,
    kind: TypeAdapter[E],
    make: Callable[..., R],
) -> list[R]:
    actors: dict[bytes, Actor | None] = {}  # a few people do most of it
    destroyed: dict[int, EntryDestroyed] = {}
    read: list[R | None] = []
    for _, header, body in rows:
        if body is None:
            read.append(None)  # what remains of it stands in a later event
            continue
        actor, _, event = key.open(_place(header), body).partition(b"\n")
        if actor not in actors:
            actors[actor] = ACTOR.validate_json(actor)
        said = kind.validate_json(event)
        if isinstance(said, EntryDestroyed):
            destroyed[said.entry] = said
        read.append(_made(make, header, actors[actor], said))
    return [
        _remaining(make, row.header, destroyed.get(row.sequence)) if one is None else one
        for row, one in zip(rows, read, strict=True)
    ]


def _made(make: Callable[..., R], header: str, actor: Actor | None, said: object) -> R:
    known = json.loads(header)
    at = datetime.fromisoformat(known["at"])
    return make(known["sequence"], at, known["stage"], actor, known["audience"], said)


def _remaining(make: Callable[..., R], header: str, destroyed: EntryDestroyed | None) -> R:
    if destroyed is None:
        raise BodyDestroyed(f"a body is gone, and nothing says what remains of it: {header}")
    return _made(make, header, destroyed.author, destroyed.remains)
