"""Working weeks and days, England's bank holidays, working hours.

Every datetime that goes in or comes out is aware; what comes out is UTC. Local days and hours are those of
the calendar's own time zone. A naive datetime raises ValueError.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Literal, Self
from zoneinfo import ZoneInfo

import holidays

Unit = Literal["second", "minute", "hour", "working day", "working week"]

_CLOCK_UNITS: dict[Unit, timedelta] = {
    "second": timedelta(seconds=1),
    "minute": timedelta(minutes=1),
    "hour": timedelta(hours=1),
}
_WINDOW = re.compile(r"(\d{1,6})\s+(second|minute|hour|working day|working week)s?", re.IGNORECASE)
_MOST_WORKING_DAYS = 520
_LONGEST_BY_CLOCK = timedelta(days=731)
_DAY_NAMES = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_DAYS_IN_WORKING_WEEK = 5
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Window:
    """How long something may take: "1 working week", "5 working days", "24 hours", "20 seconds"."""

    amount: int
    unit: Unit

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a window as the pathway file writes it. Raises ValueError with a sentence that shows how."""
        found = _WINDOW.fullmatch(" ".join(text.split()))
        if found is None:
            raise ValueError(
                f'"{text}" is not a length of time we can read. '
                'Write it like "1 working week", "5 working days", "24 hours" or "20 seconds".'
            )
        window = cls(amount=int(found[1]), unit=_unit(found[2]))
        window._check_length(text)
        return window

    def _check_length(self, text: str) -> None:
        if self.amount < 1:
            raise ValueError(f'"{text}" is no time at all. The smallest amount is 1.')
        too_long = (
            self.duration > _LONGEST_BY_CLOCK if self.by_clock else self.working_days > _MOST_WORKING_DAYS
        )
        if too_long:
            raise ValueError(f'"{text}" is longer than two years. Write a shorter time.')

    @property
    def by_clock(self) -> bool:
        """True for seconds, minutes and hours: they run day and night, and so do their reminders."""
        return self.unit in _CLOCK_UNITS

    @property
    def duration(self) -> timedelta:
        """The length of a by-clock window. Raises ValueError for working days and weeks."""
        if not self.by_clock:
            raise ValueError(f'"{self}" runs in working days, not by the clock.')
        return _CLOCK_UNITS[self.unit] * self.amount

    @property
    def working_days(self) -> int:
        """The number of working days; a working week is five. Raises ValueError for by-clock windows."""
        if self.by_clock:
            raise ValueError(f'"{self}" runs by the clock, not in working days.')
        return self.amount * (_DAYS_IN_WORKING_WEEK if self.unit == "working week" else 1)

    def __str__(self) -> str:
        return f"{self.amount} {self.unit}{'' if self.amount == 1 else 's'}"


def _unit(text: str) -> Unit:
    units: tuple[Unit, ...] = ("second", "minute", "hour", "working day", "working week")
    return next(unit for unit in units if unit == text.lower())


@dataclass(frozen=True, slots=True)
class WorkingHours:
    """The days and hours of an ordinary week, in local time. `days` are 0 (Monday) to 6 (Sunday).

    `opens` and `closes` are minutes after local midnight; 1440 is the midnight that ends the day.
    """

    days: frozenset[int]
    opens: int
    closes: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read "Mon-Fri 09:00-17:00" or "Mon,Wed,Fri 08:30-13:00". Raises ValueError with a sentence."""
        parts = text.split()
        times = re.fullmatch(r"(\d{1,2}):(\d\d)-(\d{1,2}):(\d\d)", parts[1]) if len(parts) == 2 else None
        if times is None:
            raise _unreadable_hours(text)
        opens, closes = _minutes(times[1], times[2], text), _minutes(times[3], times[4], text)
        if opens >= closes:
            raise ValueError(
                f'"{text}" ends before it begins. The second time must be later on the same day.'
            )
        return cls(days=_days(parts[0], text), opens=opens, closes=closes)

    def __str__(self) -> str:
        names = ",".join(_DAY_NAMES[day] for day in sorted(self.days))
        return f"{names} {_clock(self.opens)}-{_clock(self.closes)}"


def _unreadable_hours(text: str) -> ValueError:
    return ValueError(
        f'"{text}" is not working hours we can read. '
        'Write them like "Mon-Fri 09:00-17:00" or "Mon,Wed,Fri 08:30-13:00".'
    )


def _minutes(hours: str, minutes: str, text: str) -> int:
    total = int(hours) * 60 + int(minutes)
    if int(minutes) > 59 or total > 24 * 60:
        raise _unreadable_hours(text)
    return total


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def _days(text: str, whole: str) -> frozenset[int]:
    chosen: set[int] = set()
    for part in text.split(","):
        ends = [name.capitalize() for name in part.split("-")]
        if len(ends) > 2 or any(name not in _DAY_NAMES for name in ends):
            raise _unreadable_hours(whole)
        first, last = _DAY_NAMES.index(ends[0]), _DAY_NAMES.index(ends[-1])
        chosen.update((first + step) % 7 for step in range((last - first) % 7 + 1))
    return frozenset(chosen)


@lru_cache(maxsize=256)
def english_bank_holidays(year: int) -> frozenset[date]:
    """England's bank holidays of one year, with the days given in their place."""
    return frozenset(holidays.country_holidays("GB", subdiv="ENG", years=year))


@dataclass(frozen=True, slots=True)
class Calendar:
    """A board's (or a person's) time zone, working hours and bank holidays."""

    time_zone: ZoneInfo
    hours: WorkingHours
    holidays: Literal["England"] = "England"

    @classmethod
    def of(cls, time_zone: str, hours: str) -> Self:
        """From the words of a file. Raises ValueError for hours, and for a zone, that can't be read."""
        return cls(time_zone=read_time_zone(time_zone), hours=WorkingHours.parse(hours))

    def is_working_day(self, day: date) -> bool:
        return day.weekday() in self.hours.days and day not in english_bank_holidays(day.year)

    def end(self, start: datetime, window: Window) -> datetime:
        """When a window that begins at `start` ends (requirements, "One working week")."""
        if window.by_clock:
            return _utc(start) + window.duration
        return self.add_working_days(start, window.working_days)

    def part(self, start: datetime, end: datetime, window: Window, fraction: float) -> datetime:
        """The moment at `fraction` of what lies between start and end; 1.0 is the end, 1.2 lies beyond.

        By-clock windows are parted by the clock. Working windows are parted by working time, so that every
        point falls in working hours (unless no working time lies between start and end).
        """
        start, end = _utc(start), _utc(end)
        if fraction == 1:
            return end
        total = timedelta() if window.by_clock else self.working_time_between(start, end)
        if not total:
            return start + (end - start) * fraction
        if fraction < 1:
            return min(end, self.add_working_time(start, total * fraction))
        return self.add_working_time(end, total * (fraction - 1))

    def next_working_moment(self, at: datetime) -> datetime:
        """`at` itself within working hours (the closing moment counts as within), else the next opening."""
        at = _utc(at)
        day = self._local_day(at)
        if self.is_working_day(day):
            if at < self._opening(day):
                return self._opening(day)
            if at <= self._closing(day):
                return at
        return self._opening(self._working_day_after(day))

    def add_working_days(self, at: datetime, count: int) -> datetime:
        """The close of the working day on the `count`th working day following the day of `at`.

        A weekend or bank holiday counts as the next working day; with 0 it is the close of that day itself.
        """
        day = self._working_day_from(self._local_day(_utc(at)))
        for _ in range(count):
            day = self._working_day_after(day)
        return self._closing(day)

    def working_days_left(self, now: datetime, end: datetime) -> int:
        """How many working days lie after today, up to and with the day of `end`. 0 on that day and later."""
        day, last = self._local_day(_utc(now)), self._local_day(_utc(end))
        return sum(self.is_working_day(day + _ONE_DAY * step) for step in range(1, (last - day).days + 1))

    def opening_of(self, day: date) -> datetime:
        """When working hours begin on that date, or on the next working day."""
        return self._opening(self._working_day_from(day))

    def working_time_between(self, start: datetime, end: datetime) -> timedelta:
        """How much of the time from start to end lies in working hours; nothing when end is not later."""
        start, end = _utc(start), _utc(end)
        day, last, total = self._local_day(start), self._local_day(end), timedelta()
        while day <= last:
            if self.is_working_day(day):
                total += max(timedelta(), min(end, self._closing(day)) - max(start, self._opening(day)))
            day += _ONE_DAY
        return total

    def add_working_time(self, at: datetime, amount: timedelta) -> datetime:
        """The moment at which `amount` of working time has passed since `at`."""
        at = self.next_working_moment(at)
        while (left_today := self._closing(self._local_day(at)) - at) < amount:
            amount -= max(timedelta(), left_today)
            at = self._opening(self._working_day_after(self._local_day(at)))
        return at + amount

    def _local_day(self, at: datetime) -> date:
        return at.astimezone(self.time_zone).date()

    def _working_day_from(self, day: date) -> date:
        while not self.is_working_day(day):
            day += _ONE_DAY
        return day

    def _working_day_after(self, day: date) -> date:
        return self._working_day_from(day + _ONE_DAY)

    def _opening(self, day: date) -> datetime:
        return self._local_moment(day, self.hours.opens)

    def _closing(self, day: date) -> datetime:
        return self._local_moment(day, self.hours.closes)

    def _local_moment(self, day: date, minutes: int) -> datetime:
        # Wall time, not elapsed time: 17:00 stays 17:00 on the days when the clocks change.
        local = datetime.combine(day, time(), self.time_zone) + timedelta(minutes=minutes)
        return local.astimezone(UTC)


def read_time_zone(name: str) -> ZoneInfo:
    """A zone by its IANA name. Raises ValueError with a sentence that shows how."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(f'"{name}" is not a time zone we know. Write it like "Europe/London".') from error


def _utc(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError("A moment without its time zone can't be placed in a calendar.")
    return at.astimezone(UTC)
