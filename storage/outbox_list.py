"""The outbox as people look at it: what waits, is being sent or failed; all of a case; and sending again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, Row, and_, bindparam, case, or_, select, update

from core.notices import Kind, Unsent
from storage.database import Reader, Transaction
from storage.outbox import FAILED, SENDING, UNSENT, WAITING
from storage.tables import escalations, outbox

MOST_AT_ONCE = 500
"""So many numbers stand in one statement; databases take a limited number of values."""

_columns = [outbox.c[name] for name in ("id", "stream_id", "kind", "topic", "side", "person", "state")]
_tries = [outbox.c[name] for name in ("not_before", "next_try_at", "attempts", "why")]
LISTED = (
    select(*_columns, *_tries, escalations.c.reference)
    .join_from(outbox, escalations, outbox.c.stream_id == escalations.c.stream_id)
    .where(UNSENT)
    .order_by(case((outbox.c.state == FAILED, 0), (outbox.c.state == SENDING, 1), else_=2), outbox.c.id)
)
OF_STATES = LISTED.where(outbox.c.state.in_(bindparam("states", expanding=True))).limit(
    bindparam("most", type_=Integer)
)
OF_NUMBERS = LISTED.where(
    outbox.c.id.in_(bindparam("numbers", expanding=True)), outbox.c.state.in_((WAITING, SENDING, FAILED))
)
_failed = and_(UNSENT, outbox.c.state == FAILED)
UNSENT_OF = (
    select(outbox.c.kind, outbox.c.topic, outbox.c.side, outbox.c.person, outbox.c.not_before, outbox.c.state)
    .where(
        outbox.c.stream_id == bindparam("stream"),
        UNSENT,
        or_(
            outbox.c.state == FAILED,
            and_(outbox.c.state.in_((WAITING, SENDING)), outbox.c.not_before < bindparam("since")),
        ),
    )
    .order_by(outbox.c.id)
)
AGAIN = (
    update(outbox)
    .where(
        outbox.c.stream_id == bindparam("stream"),
        _failed,
        or_(outbox.c.person == bindparam("to"), outbox.c.side == bindparam("to")),
    )
    .values(state=WAITING, why="", attempts=0, next_try_at=bindparam("now"))
)


OF_CASE = select(outbox).where(outbox.c.stream_id == bindparam("stream")).order_by(outbox.c.id)


@dataclass(frozen=True, slots=True)
class Held:
    """A message that is in the outbox, sent or not. `place`: where it arrived, or ""; `at`: when, or since
    when it waits.
    """

    kind: Kind
    topic: str
    sequence: int
    side: str
    person: str
    state: str
    at: datetime
    place: str


@dataclass(frozen=True, slots=True)
class ListedNotice:
    """One that has not arrived, without anything that a case is about. All moments are UTC.

    `state`: waiting, sending or failed. `to`: a person's random id, or the side whose room it is.
    `attempts`: tries so far. `why`: the platform's code at the last of them, or "".
    """

    id: int
    stream_id: str
    reference: str
    kind: Kind
    topic: str
    to: str
    to_person: bool
    state: str
    since: datetime
    next_try_at: datetime
    attempts: int
    why: str


def listed(reader: Reader, states: Sequence[str], most: int) -> list[ListedNotice]:
    """At most `most`; what failed first, then what is being sent, then what waits, each oldest first."""
    rows = reader.connection.execute(OF_STATES, {"states": list(states), "most": most})
    return [_listed(row) for row in rows]


def of_numbers(reader: Reader, numbers: Sequence[int]) -> list[ListedNotice]:
    """Those of these numbers that have not arrived and are still owed."""
    found: list[ListedNotice] = []
    for start in range(0, len(numbers), MOST_AT_ONCE):
        some = list(numbers[start : start + MOST_AT_ONCE])
        found += [_listed(row) for row in reader.connection.execute(OF_NUMBERS, {"numbers": some})]
    return found


def unsent_of(reader: Reader, stream_id: str, since: datetime) -> tuple[Unsent, ...]:
    """Of one case: what was given up, and what has been owed since before `since`, oldest first."""
    rows = reader.connection.execute(UNSENT_OF, {"stream": stream_id, "since": since})
    return tuple(
        Unsent(row.kind, row.topic, row.side, row.person, row.not_before, row.state == FAILED) for row in rows
    )


def send_again(transaction: Transaction, stream_id: str, to: str, only: Sequence[int], now: datetime) -> int:
    """What failed for this person or side waits again and is due now; `only` these numbers, where given.
    It is tried as often as at first. Returns how many.
    """
    where = {"stream": stream_id, "to": to, "now": now}
    if not only:
        return transaction.connection.execute(AGAIN, where).rowcount
    chosen = AGAIN.where(outbox.c.id.in_(bindparam("numbers", expanding=True)))
    return sum(
        transaction.connection.execute(
            chosen, {**where, "numbers": list(only[start : start + MOST_AT_ONCE])}
        ).rowcount
        for start in range(0, len(only), MOST_AT_ONCE)
    )


def _listed(row: Row[*tuple[Any, ...]]) -> ListedNotice:
    return ListedNotice(
        id=row.id,
        stream_id=row.stream_id,
        reference=row.reference,
        kind=row.kind,
        topic=row.topic,
        to=row.person or row.side,
        to_person=bool(row.person),
        state=row.state,
        since=row.not_before,
        next_try_at=row.next_try_at,
        attempts=row.attempts,
        why=row.why,
    )


def of_case(reader: Reader, stream_id: str) -> list[Held]:
    """Every message about an escalation, oldest first."""
    board = reader.board
    return [
        Held(
            kind=row.kind,
            topic=row.topic,
            sequence=row.sequence,
            side=row.side,
            person=row.person,
            state=row.state,
            at=row.sent_at or row.not_before,
            place=board.open(f"outbox/{row.id}/place", row.place).decode() if row.place else "",
        )
        for row in reader.connection.execute(OF_CASE, {"stream": stream_id})
    ]
