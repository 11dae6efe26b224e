"""What time it is. Only here is a clock read; everything else is told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from storage import board
from storage.database import Database

CLOCK_OFFSET = "clock offset in seconds"


class Clock:
    """UTC, moved forward by an offset that only a demonstration has. It never goes back.

    Signatures, tokens and the pauses between retries don't use it: they run by the machine's own time.
    """

    def __init__(self, offset: timedelta = timedelta()) -> None:
        self._offset = offset

    @property
    def offset(self) -> timedelta:
        return self._offset

    def now(self) -> datetime:
        return datetime.now(UTC) + self._offset

    def move_to(self, moment: datetime) -> None:
        """Forward only; a moment that has passed changes nothing."""
        self._offset = max(self._offset, moment - datetime.now(UTC))

    def seconds_until(self, moment: datetime) -> float:
        """How long to wait for it by the machine's time; 0 where it has come."""
        return max(0.0, (moment - self.now()).total_seconds())


def clock_of(database: Database) -> Clock:
    """How far a demonstration's clock was moved is kept; it doesn't go back when the program starts again."""
    seconds = database.read_now(lambda reader: board.setting(reader, CLOCK_OFFSET))
    return Clock(timedelta(seconds=float(seconds or 0)))
