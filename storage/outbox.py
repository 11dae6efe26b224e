"""The outbox: what is to be told, queued with its cause, and what became of it.

For one room or person of one escalation, cards and decisions go one after another in the order of their
causes: while one is on its way or waits for its next try, those behind it wait too. Reminders neither
wait nor hold others back.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import (
    Integer,
    Row,
    Update,
    and_,
    bindparam,
    exists,
    func,
    insert,
    literal,
    not_,
    or_,
    select,
    update,
)

from core.notices import Notice
from storage import sealing
from storage.database import Reader, Transaction
from storage.prepared import Prepared
from storage.tables import lanes, messages, outbox

WAITING, SENDING, SENT, DROPPED, FAILED = "waiting", "sending", "sent", "dropped", "failed"
CARD, REMINDER = "card", "reminder"
NOTICE_FIELDS = tuple(field.name for field in fields(Notice))


@dataclass(frozen=True, slots=True)
class QueuedNotice:
    """A notice with its number in the queue. `attempts` counts this one; it waits since `not_before`."""

    id: int
    stream_id: str
    kind: Literal["card", "decision", "reminder"]
    topic: str
    sequence: int
    side: str
    person: str
    object: str
    not_before: datetime
    attempts: int


@dataclass(frozen=True, slots=True)
class LiveCard:
    """The card that a room sees: the platform's id of its message, and the hash of what it showed last."""

    message: str
    drawn: str


_given = [
    bindparam(name, type_=outbox.c[name].type)
    for name in ("stream_id", "kind", "topic", "sequence", "side", "person", "object", "key", "not_before")
]
_lane = bindparam("lane", type_=outbox.c.lane.type)
_fixed = {"attempts": 0, "state": WAITING, "why": ""}
UNSENT = outbox.c.sent_at.is_(None)
"""Says to the database that the small indexes will do: what waits, is being sent or failed was not sent."""
QUEUED_BEFORE = exists().where(outbox.c.stream_id == bindparam("stream_id"), outbox.c.key == bindparam("key"))
CARD_WAITS = Prepared(
    update(outbox)
    .where(
        outbox.c.stream_id == bindparam("stream_id"),
        UNSENT,
        outbox.c.state == WAITING,
        outbox.c.side == bindparam("side"),
        outbox.c.person == bindparam("person"),
        outbox.c.kind == CARD,
        outbox.c.topic == bindparam("topic"),
        outbox.c.object == bindparam("object"),
    )
    .values(state=WAITING)
)
"""Changes nothing, but holds the row until the COMMIT: nobody takes it and draws what was before."""
_row = select(*_given, _given[-1].label("next_try_at"), _lane, *(literal(value) for value in _fixed.values()))
ENQUEUE = Prepared(
    insert(outbox).from_select(
        [*(each.key for each in _given), "next_try_at", "lane", *_fixed], _row.where(not_(QUEUED_BEFORE))
    )
)

OPEN_LANE = Prepared(
    insert(lanes).from_select(
        ["lane", "holder", "until"],
        select(_lane, literal(""), literal(0)).where(not_(exists().where(lanes.c.lane == _lane))),
    )
)
"""Whoever looks for lanes to hold (storage.leases) finds it from here on."""

_earlier = outbox.alias("earlier")
FREE = or_(
    outbox.c.kind == REMINDER,
    not_(
        exists().where(
            _earlier.c.stream_id == outbox.c.stream_id,
            _earlier.c.sent_at.is_(None),
            _earlier.c.state.in_((WAITING, SENDING)),
            _earlier.c.side == outbox.c.side,
            _earlier.c.person == outbox.c.person,
            _earlier.c.kind != REMINDER,
            _earlier.c.id < outbox.c.id,
        )
    ),
)
QUEUED = select(
    *(
        outbox.c[name]
        for name in ("id", "stream_id", "kind", "topic", "sequence", "side", "person", "object")
    ),
    outbox.c.not_before,
    (outbox.c.attempts + 1).label("attempts"),
).order_by(outbox.c.id)
IN_LANES = outbox.c.lane.in_(bindparam("lanes", expanding=True))
READY = (
    QUEUED.where(UNSENT, outbox.c.state == WAITING, IN_LANES, outbox.c.next_try_at <= bindparam("now"), FREE)
    .limit(bindparam("most", type_=Integer))
    .with_for_update(skip_locked=True, of=outbox)
)
REMINDERS = QUEUED.where(
    UNSENT,
    outbox.c.person == bindparam("who"),
    outbox.c.state == WAITING,
    outbox.c.kind == REMINDER,
    outbox.c.next_try_at <= bindparam("now"),
).with_for_update(skip_locked=True, of=outbox)
NEXT_TRY = (
    select(outbox.c.next_try_at)
    .where(UNSENT, outbox.c.state == WAITING, FREE)
    .order_by(outbox.c.next_try_at)
    .limit(1)
)
NEXT_TRY_IN_LANES = NEXT_TRY.where(IN_LANES)
_beyond = and_(
    UNSENT,
    outbox.c.state == WAITING,
    outbox.c.next_try_at > bindparam("moment", type_=outbox.c.next_try_at.type),
    outbox.c.kind != REMINDER,
)
BEYOND = select(exists().where(_beyond))
BRING_FORWARD = update(outbox).where(_beyond).values(next_try_at=bindparam("then"))
_one = update(outbox).where(outbox.c.id == bindparam("notice"))
_mine = _one.where(outbox.c.state == SENDING, outbox.c.holder == bindparam("who"))
START = _one.values(state=SENDING, attempts=bindparam("attempt"), holder=bindparam("who"))
FINISH = _mine.values(state=bindparam("new_state"), why=bindparam("reason"))
AGAIN = _mine.values(state=WAITING, why=bindparam("reason"), next_try_at=bindparam("then"))
MOVE = _mine.values(state=WAITING, lane=bindparam("new_lane"), attempts=outbox.c.attempts - 1)
HOLDER = select(outbox.c.holder).where(outbox.c.id == bindparam("notice")).with_for_update()
ARRIVED = _one.where(outbox.c.state != DROPPED).values(  # a case may be destroyed while it was on its way
    state=SENT, why="", sent_at=bindparam("then"), place=bindparam("to"), message=bindparam("made")
)
COUNTS = (
    select(outbox.c.state, func.count())
    .where(UNSENT, outbox.c.state.in_((WAITING, SENDING, FAILED)))
    .group_by(outbox.c.state)
)

_of_room = and_(
    messages.c.stream_id == bindparam("stream"),
    messages.c.place == bindparam("hashed"),
    messages.c.subject == bindparam("about"),
)
CARD_OF = select(messages.c.message, messages.c.drawn).where(_of_room)
_shown: dict[str, Any] = {
    "message": bindparam("made"),
    "drawn": bindparam("seen"),
    "found_by": bindparam("found"),
}
REDRAW = update(messages).where(_of_room).values(_shown)
DRAW = insert(messages).values(
    {
        "stream_id": bindparam("stream"),
        "place": bindparam("hashed"),
        "subject": bindparam("about"),
        **_shown,
    }
)
STREAM_OF = select(messages.c.stream_id).where(messages.c.found_by == bindparam("found")).limit(1)


def enqueue(
    transaction: Transaction,
    stream_id: str,
    notices: Iterable[Notice],
    lane_of: Callable[[Notice], str] = lambda notice: "",
) -> None:
    """Queues each once by its key; a card is left out where one already waits for the same room.

    `lane_of`: through which lane it goes, as far as is known now.
    """
    opened: set[str] = set()
    for notice in notices:
        row = {"stream_id": stream_id, **{name: getattr(notice, name) for name in NOTICE_FIELDS}}
        if notice.kind == CARD and CARD_WAITS.change(transaction.connection, row):
            continue
        lane = lane_of(notice)
        if lane not in opened:
            OPEN_LANE.change(transaction.connection, {"lane": lane})
            opened.add(lane)
        ENQUEUE.change(transaction.connection, {**row, "lane": lane})


def take(
    transaction: Transaction, now: datetime, limit: int, lanes_held: Collection[str] = ("",), holder: str = ""
) -> list[QueuedNotice]:
    """Those of these lanes that may be sent now, in the order of their causes; from here on they count as
    being sent by `holder`.
    """
    ready = {"now": now, "most": limit, "lanes": list(lanes_held)}
    return _start(transaction, transaction.connection.execute(READY, ready).all(), holder)


def reminders_for(
    transaction: Transaction, person: str, now: datetime, holder: str = ""
) -> list[QueuedNotice]:
    """This person's other reminders, of any escalation, that may go with one just taken; takes them too."""
    found = transaction.connection.execute(REMINDERS, {"who": person, "now": now}).all()
    return _start(transaction, found, holder)


def sent(transaction: Transaction, ids: Iterable[int], place: str, message: str, at: datetime) -> None:
    """They arrived, as one message. `message`: the platform's id for it."""
    board = transaction.board
    rows = [
        {
            "notice": number,
            "then": at,
            "to": board.seal(f"outbox/{number}/place", place.encode()),
            "made": board.seal(f"outbox/{number}/message", message.encode()),
        }
        for number in ids
    ]
    _each(transaction, ARRIVED, rows)


def holder_of(transaction: Transaction, notice: int) -> str:
    """Which server took it last; no other does before the COMMIT."""
    return str(transaction.connection.execute(HOLDER, {"notice": notice}).scalar_one())


def queue_again(transaction: Transaction, notice: QueuedNotice, at: datetime, lane: str) -> None:
    """A card once more, drawn anew."""
    known = {name: getattr(notice, name) for name in NOTICE_FIELDS if name not in {"key", "not_before"}}
    again = Notice(key=f"again/{notice.id}/{at.isoformat()}", not_before=at, **known)
    enqueue(transaction, notice.stream_id, [again], lambda _: lane)


def try_again(transaction: Transaction, ids: Iterable[int], at: datetime, why: str, holder: str = "") -> None:
    """`why`: a platform's code, never words. Nothing happens to what another server took over meanwhile."""
    _each(
        transaction, AGAIN, [{"notice": number, "then": at, "reason": why, "who": holder} for number in ids]
    )


def move(transaction: Transaction, ids: Iterable[int], lane: str, holder: str = "") -> None:
    """They go through another lane than was thought: whoever holds that one sends them."""
    OPEN_LANE.change(transaction.connection, {"lane": lane})
    _each(transaction, MOVE, [{"notice": number, "new_lane": lane, "who": holder} for number in ids])


def failed(transaction: Transaction, ids: Iterable[int], why: str, holder: str = "") -> None:
    """Given up: the case must say so."""
    _finish(transaction, ids, FAILED, why, holder)


def dropped(transaction: Transaction, ids: Iterable[int], why: str, holder: str = "") -> None:
    """Overtaken before it was sent: nothing is owed."""
    _finish(transaction, ids, DROPPED, why, holder)


def next_try(reader: Reader, lanes_held: Collection[str] | None = None) -> datetime | None:
    """When `take` next has something to give, of these lanes or of all; it may lie in the past."""
    if lanes_held is None:
        return reader.connection.execute(NEXT_TRY).scalar_one_or_none()
    held = {"lanes": list(lanes_held)}
    return reader.connection.execute(NEXT_TRY_IN_LANES, held).scalar_one_or_none()


def waits_beyond(reader: Reader, moment: datetime) -> bool:
    """Whether a card or a decision is to be tried after `moment` only. Reminders may well be."""
    return bool(reader.connection.execute(BEYOND, {"moment": moment}).scalar_one())


def bring_forward(transaction: Transaction, moment: datetime, to: datetime) -> None:
    """Those are tried at `to` instead."""
    transaction.connection.execute(BRING_FORWARD, {"moment": moment, "then": to})


def counts(reader: Reader) -> dict[str, int]:
    """How many wait, are being sent, and were given up."""
    found: dict[str, int] = dict(reader.connection.execute(COUNTS).all())
    return {state: found.get(state, 0) for state in (WAITING, SENDING, FAILED)}


def card_of(reader: Reader, stream_id: str, place: str, subject: str = "") -> LiveCard | None:
    """`subject`: "" for the case's card, else which direct message ("invitation/")."""
    hashed = _hashed(reader, place)
    which = {"stream": stream_id, "hashed": hashed, "about": subject}
    row = reader.connection.execute(CARD_OF, which).one_or_none()
    if row is None:
        return None
    where = place_of_card(stream_id, hashed, subject)
    return LiveCard(reader.board.open(where, row.message).decode(), row.drawn)


def remember_card(
    transaction: Transaction, stream_id: str, place: str, message: str, drawn: str, subject: str = ""
) -> None:
    """The live card of this place and subject is now `message`, and shows what hashes to `drawn`; nothing
    is kept of a case that was destroyed.
    """
    if transaction.is_destroyed(stream_id):
        return
    hashed = _hashed(transaction, place)
    made = transaction.board.seal(place_of_card(stream_id, hashed, subject), message.encode())
    which = {"stream": stream_id, "hashed": hashed, "about": subject}
    found = _found_by(transaction, place, message)
    transaction.put(REDRAW, DRAW, {**which, "made": made, "seen": drawn, "found": found})


def stream_of(reader: Reader, place: str, message: str) -> str:
    """The escalation that a message of ours in this place is about; "" for any other message."""
    found = _found_by(reader, place, message)
    return reader.connection.execute(STREAM_OF, {"found": found}).scalar_one_or_none() or ""


def place_of_card(stream_id: str, hashed: str, subject: str) -> str:
    return sealing.place("messages", stream_id, hashed, subject)


def _found_by(reader: Reader, place: str, message: str) -> str:
    return reader.board.look_up("message", place, message)


def _hashed(reader: Reader, place: str) -> str:
    return reader.board.look_up("place", place)


def _start(
    transaction: Transaction, rows: Sequence[Row[*tuple[Any, ...]]], holder: str
) -> list[QueuedNotice]:
    taken = [QueuedNotice(*row) for row in rows]
    starting = [{"notice": each.id, "attempt": each.attempts, "who": holder} for each in taken]
    _each(transaction, START, starting)
    return taken


def _finish(transaction: Transaction, ids: Iterable[int], state: str, why: str, holder: str) -> None:
    rows = [{"notice": number, "new_state": state, "reason": why, "who": holder} for number in ids]
    _each(transaction, FINISH, rows)


def _each(transaction: Transaction, statement: Update, rows: list[dict[str, Any]]) -> None:
    if rows:
        transaction.connection.execute(statement, rows)
