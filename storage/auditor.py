"""Asks the database whether anything was left lying: cases past their moment, notices past their next try."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, func, select

from storage.database import Reader
from storage.outbox import FREE, SENDING, UNSENT, WAITING
from storage.tables import escalations, outbox

LATE_ESCALATIONS = (
    select(func.count())
    .select_from(escalations)
    .where(
        escalations.c.next_due_at < bindparam("since"),
    )
)
SET_BACK = select(func.count()).select_from(escalations).where(escalations.c.set_back_until.is_not(None))
LATE_NOTICES = (
    select(func.count())
    .select_from(outbox)
    .where(
        UNSENT,
        outbox.c.state.in_((WAITING, SENDING)),
        outbox.c.next_try_at < bindparam("since"),
        FREE,
    )
)


@dataclass(frozen=True, slots=True)
class Overdue:
    """`escalations`: those whose Tick fails as well. `notices`: also those that somebody has taken and not
    sent. `set_back`: cases whose Tick failed, and which wait for the next try.
    """

    escalations: int
    notices: int
    set_back: int


def overdue_counts(reader: Reader, now: datetime, minutes: float) -> Overdue:
    """What should have been done more than `minutes` before `now` and wasn't."""
    since = {"since": now - timedelta(minutes=minutes)}
    return Overdue(
        escalations=reader.connection.execute(LATE_ESCALATIONS, since).scalar_one(),
        notices=reader.connection.execute(LATE_NOTICES, since).scalar_one(),
        set_back=reader.connection.execute(SET_BACK).scalar_one(),
    )
