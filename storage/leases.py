"""Which server sends through which lane, so that each platform hears one at a time and keeps its rates.

A lease is by the database's own clock: those of servers may differ.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import BigInteger, Integer, bindparam, exists, or_, select, update
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.expression import ColumnElement

from storage.database import Reader, Transaction
from storage.outbox import SENDING, UNSENT, WAITING
from storage.tables import lanes, outbox

SECOND = 1_000_000


class Clock(ColumnElement[int]):
    """The database's clock, at this statement: microseconds since 1970."""

    type = BigInteger()
    inherit_cache = True


@compiles(Clock, "sqlite")
def _sqlite_clock(element: Clock, compiler: Any, **options: Any) -> str:
    return "CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER)"


@compiles(Clock, "postgresql")
def _postgresql_clock(element: Clock, compiler: Any, **options: Any) -> str:
    return "CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS BIGINT)"


_lane = bindparam("name", type_=lanes.c.lane.type)
TO_SEND = exists().where(outbox.c.lane == lanes.c.lane, UNSENT, outbox.c.state.in_((WAITING, SENDING)))
_span = bindparam("span", type_=BigInteger)
RUN_OUT = or_(lanes.c.until <= Clock(), lanes.c.until > Clock() + 2 * _span)
"""One that ends later than any lease does was made before the clock was put back: nobody waits for it."""
FREE = select(lanes.c.lane).where(RUN_OUT, TO_SEND).order_by(lanes.c.lane)
HOLD = (
    update(lanes)
    .where(
        lanes.c.lane == _lane,
        (lanes.c.holder == bindparam("who")) | RUN_OUT,
    )
    .values(holder=bindparam("who"), until=Clock() + _span)
)
LET_GO = update(lanes).where(lanes.c.lane == _lane, lanes.c.holder == bindparam("who")).values(until=0)
ALL_FREE = update(lanes).values(until=0)
TAKE_BACK = (
    update(outbox)
    .where(
        outbox.c.lane == _lane,
        UNSENT,
        outbox.c.state == SENDING,
        outbox.c.holder != bindparam("who"),
    )
    .values(state=WAITING)
)
MINE = select(outbox.c.id).where(UNSENT, outbox.c.state == SENDING, outbox.c.holder == bindparam("who"))
GIVE_BACK = (
    update(outbox)
    .where(
        outbox.c.id == bindparam("notice", type_=Integer),
        outbox.c.state == SENDING,
        outbox.c.holder == bindparam("who"),
    )
    .values(state=WAITING)
)


def free(reader: Reader, seconds: float) -> list[str]:
    """Lanes with something to send that nobody holds, or no longer. `seconds`: how long a lease is."""
    return list(reader.connection.execute(FREE, {"span": int(seconds * SECOND)}).scalars())


def hold(transaction: Transaction, lane: str, holder: str, seconds: float) -> bool:
    """Takes the lease, or renews one's own; False where somebody else has it."""
    values = {"name": lane, "who": holder, "span": int(seconds * SECOND)}
    return transaction.connection.execute(HOLD, values).rowcount == 1


def take_over(transaction: Transaction, lane: str, holder: str) -> int:
    """What another server that held this lane was sending waits again: how many, which may arrive twice."""
    return transaction.connection.execute(TAKE_BACK, {"name": lane, "who": holder}).rowcount


def let_go(transaction: Transaction, lane: str, holder: str) -> None:
    transaction.connection.execute(LET_GO, {"name": lane, "who": holder})


def free_all(transaction: Transaction) -> None:
    """For whoever knows that no other server runs on this database."""
    transaction.connection.execute(ALL_FREE)


def give_back(transaction: Transaction, holder: str, but: Iterable[int]) -> int:
    """What this server took and knows nothing of (a COMMIT whose answer was lost) waits again."""
    mine = set(transaction.connection.execute(MINE, {"who": holder}).scalars()) - set(but)
    if mine:
        rows = [{"notice": number, "who": holder} for number in mine]
        transaction.connection.execute(GIVE_BACK, rows)
    return len(mine)
