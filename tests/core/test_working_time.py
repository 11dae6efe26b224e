"""Working time: windows, bank holidays, clock changes; and a slow reference that walks quarter by quarter."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.working_time import Calendar, Window, WorkingHours, english_bank_holidays

LONDON = ZoneInfo("Europe/London")
BOARD = Calendar.of("Europe/London", "Mon-Fri 09:00-17:00")
WEEK = Window.parse("1 working week")

# Copied by hand from the published list, so that the holidays library is held to something that isn't itself.
BANK_HOLIDAYS = {
    date(year, month, day)
    for year, days in {
        2025: [(1, 1), (4, 18), (4, 21), (5, 5), (5, 26), (8, 25), (12, 25), (12, 26)],
        2026: [(1, 1), (4, 3), (4, 6), (5, 4), (5, 25), (8, 31), (12, 25), (12, 28)],
        2027: [(1, 1), (3, 26), (3, 29), (5, 3), (5, 31), (8, 30), (12, 27), (12, 28)],
        2028: [(1, 3)],
    }.items()
    for month, day in days
}


def london(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LONDON).astimezone(UTC)


# --- one working week ---


@pytest.mark.parametrize(
    ("starts", "ends"),
    [
        ("2026-12-18 16:00", "2026-12-29 17:00"),  # the requirements' own example, over Christmas
        ("2026-11-23 10:00", "2026-11-30 17:00"),
        ("2026-11-23 00:01", "2026-11-30 17:00"),
        ("2026-11-23 23:59", "2026-11-30 17:00"),
        ("2026-11-21 12:00", "2026-11-30 17:00"),  # a Saturday counts as the Monday
        ("2026-11-22 12:00", "2026-11-30 17:00"),
        ("2026-04-01 09:00", "2026-04-10 17:00"),  # Good Friday and Easter Monday
        ("2026-04-03 09:00", "2026-04-14 17:00"),  # begun on Good Friday: counts as the Tuesday after Easter
        ("2026-03-26 10:00", "2026-04-02 17:00"),  # the clocks go forward on 29 March
        ("2026-10-22 10:00", "2026-10-29 17:00"),  # the clocks go back on 25 October
        ("2027-12-24 10:00", "2028-01-05 17:00"),  # Christmas at a weekend, New Year's Day given later
    ],
)
def test_a_working_week_ends_at_the_close_of_the_fifth_working_day_after_the_day_it_began(
    starts: str, ends: str
) -> None:
    assert BOARD.end(london(starts), WEEK) == london(ends)


def test_a_late_evening_in_utc_belongs_to_the_next_day_in_london_summer_time() -> None:
    start = datetime(2026, 7, 5, 23, 30, tzinfo=UTC)  # already Monday 6 July in London
    assert BOARD.end(start, Window.parse("1 working day")) == london("2026-07-07 17:00")


def test_windows_in_hours_run_by_the_clock_over_weekends_and_clock_changes() -> None:
    assert BOARD.end(london("2026-10-24 12:00"), Window.parse("24 hours")) == london("2026-10-25 11:00")
    assert BOARD.end(london("2026-12-25 12:00"), Window.parse("20 seconds")) == london("2026-12-25 12:00:20")


# --- reading what the file says ---


@pytest.mark.parametrize(
    ("text", "reads", "by_clock"),
    [
        ("1 working week", "1 working week", False),
        (" 2  Working Weeks ", "2 working weeks", False),
        ("5 working days", "5 working days", False),
        ("24 hours", "24 hours", True),
        ("1 minutes", "1 minute", True),
        ("20 seconds", "20 seconds", True),
    ],
)
def test_a_window_is_read_and_says_itself_again(text: str, reads: str, by_clock: bool) -> None:
    window = Window.parse(text)
    assert (str(window), window.by_clock) == (reads, by_clock)
    assert Window.parse(reads) == window


@pytest.mark.parametrize(
    "text", ["", "soon", "5 days", "-1 hours", "0 hours", "1.5 hours", "99 working years"]
)
def test_a_window_that_cannot_be_read_says_so_in_a_sentence(text: str) -> None:
    with pytest.raises(ValueError, match=r"^\".*\" is .*\.$"):
        Window.parse(text)


@pytest.mark.parametrize("text", ["3 years", "999999 hours", "999999 working weeks"])
def test_a_window_of_more_than_two_years_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"\.$"):
        Window.parse(text)


def test_working_hours_are_read_as_ranges_and_lists_of_days() -> None:
    assert WorkingHours.parse("Mon-Fri 09:00-17:00").days == {0, 1, 2, 3, 4}
    assert WorkingHours.parse("mon,Wed 08:30-13:00").days == {0, 2}
    assert WorkingHours.parse("Fri-Mon 00:00-24:00").days == {4, 5, 6, 0}
    assert str(WorkingHours.parse("Mon-Tue 9:00-17:00")) == "Mon,Tue 09:00-17:00"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Mon-Fri",
        "Mon-Fri 9-5",
        "Monday 09:00-17:00",
        "Mon 17:00-09:00",
        "Mon 09:00-24:30",
        "Mon 09:61-10:00",
    ],
)
def test_working_hours_that_cannot_be_read_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"\.$"):
        WorkingHours.parse(text)


@pytest.mark.parametrize("name", ["Europe/Lundon", "", "../etc/passwd"])
def test_an_unknown_time_zone_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="time zone"):
        Calendar.of(name, "Mon-Fri 09:00-17:00")


def test_a_moment_without_a_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        BOARD.end(datetime.fromisoformat("2026-01-05 09:00"), WEEK)


def test_bank_holidays_are_those_published() -> None:
    known = english_bank_holidays(2025) | english_bank_holidays(2026) | english_bank_holidays(2027)
    published = {day for day in BANK_HOLIDAYS if day.year < 2028}
    assert {day for day in known if day.weekday() < 5} == published


# --- the points of a window ---


def test_reminder_points_of_a_working_week_fall_in_working_hours() -> None:
    start = london("2026-11-23 09:00")
    end = BOARD.end(start, WEEK)  # six working days of eight hours
    points = [BOARD.part(start, end, WEEK, fraction) for fraction in (0.5, 1.0, 1.25)]
    assert points == [london("2026-11-25 17:00"), london("2026-11-30 17:00"), london("2026-12-02 13:00")]


def test_points_of_a_window_by_the_clock_are_plain_parts_of_it() -> None:
    start = london("2026-12-25 02:00")
    window = Window.parse("20 seconds")
    end = BOARD.end(start, window)
    points = [BOARD.part(start, end, window, fraction) for fraction in (0.6, 1.0, 1.2)]
    assert [(point - start).total_seconds() for point in points] == [12, 20, 24]


def test_a_window_without_any_working_time_is_parted_by_the_clock() -> None:
    start, end = london("2026-11-21 10:00"), london("2026-11-21 20:00")
    assert BOARD.part(start, end, WEEK, 0.5) == london("2026-11-21 15:00")


# --- days and hours ---


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2026-11-23 08:59", "2026-11-23 09:00"),
        ("2026-11-23 12:34", "2026-11-23 12:34"),
        ("2026-11-23 17:00", "2026-11-23 17:00"),
        ("2026-11-23 17:01", "2026-11-24 09:00"),
        ("2026-12-24 18:00", "2026-12-29 09:00"),
        ("2026-03-27 18:00", "2026-03-30 09:00"),
    ],
)
def test_the_next_working_moment_is_now_or_the_next_opening(at: str, expected: str) -> None:
    assert BOARD.next_working_moment(london(at)) == london(expected)


@pytest.mark.parametrize(
    ("now", "left"),
    [("2026-11-25 10:00", 3), ("2026-11-28 10:00", 1), ("2026-11-30 09:00", 0), ("2026-12-04 09:00", 0)],
)
def test_working_days_left_count_the_days_after_today(now: str, left: int) -> None:
    assert BOARD.working_days_left(london(now), london("2026-11-30 17:00")) == left


def test_the_opening_of_a_date_is_that_of_the_next_working_day_where_it_is_not_one() -> None:
    assert BOARD.opening_of(date(2026, 12, 25)) == london("2026-12-29 09:00")
    assert BOARD.opening_of(date(2026, 12, 29)) == london("2026-12-29 09:00")


def test_working_hours_of_a_part_time_person_are_kept() -> None:
    person = Calendar.of("Europe/London", "Tue,Thu 10:00-14:00")
    assert person.next_working_moment(london("2026-11-24 14:30")) == london("2026-11-26 10:00")


def test_hours_that_fall_into_the_missing_hour_of_spring_do_no_harm() -> None:
    night = Calendar.of("Europe/London", "Sat-Sun 01:15-02:00")
    start = london("2026-03-28 01:30")
    assert night.add_working_time(start, timedelta(minutes=45)) == london("2026-04-04 01:30")


# --- held to a slow reference ---

QUARTER = timedelta(minutes=15)
starts = st.integers(0, 4 * 24 * 700).map(
    lambda quarters: datetime(2025, 12, 1, tzinfo=UTC) + quarters * QUARTER
)


def open_at(at: datetime) -> bool:
    local = at.astimezone(LONDON)
    return local.weekday() < 5 and local.date() not in BANK_HOLIDAYS and 9 <= local.hour < 17


def walk_to_end(start: datetime, days: int) -> datetime:
    """Quarter by quarter: the end of the last open quarter of the right day."""
    began = start.astimezone(LONDON).date()
    seen: list[date] = []
    at = datetime(began.year, began.month, began.day, tzinfo=LONDON).astimezone(UTC)
    while True:
        if open_at(at):
            day = at.astimezone(LONDON).date()
            seen += [] if day in seen else [day]
            if len(seen) == days + 1 and not open_at(at + QUARTER):
                return at + QUARTER
        at += QUARTER


def walk_working_time(start: datetime, end: datetime) -> timedelta:
    quarters = int((end - start) / QUARTER)
    return QUARTER * sum(open_at(start + QUARTER * step) for step in range(quarters))


@settings(max_examples=60, deadline=None)
@given(start=starts, days=st.integers(1, 11))
def test_the_end_is_where_walking_quarter_by_quarter_gets_to(start: datetime, days: int) -> None:
    assert BOARD.end(start, Window(days, "working day")) == walk_to_end(start, days)


@settings(max_examples=60, deadline=None)
@given(start=starts, length=st.integers(0, 4 * 24 * 20))
def test_working_time_is_what_walking_quarter_by_quarter_counts(start: datetime, length: int) -> None:
    end = start + QUARTER * length
    assert BOARD.working_time_between(start, end) == walk_working_time(start, end)


@settings(max_examples=200, deadline=None)
@given(start=starts, days=st.integers(1, 11), fraction=st.floats(0.01, 3))
def test_a_point_lies_in_working_hours_at_its_share_of_the_working_time(
    start: datetime, days: int, fraction: float
) -> None:
    window = Window(days, "working day")
    end = BOARD.end(start, window)
    point = BOARD.part(start, end, window, fraction)
    whole = BOARD.working_time_between(start, end)
    assert BOARD.next_working_moment(point) == point
    assert abs(BOARD.working_time_between(start, point) - whole * fraction) <= timedelta(milliseconds=1)


@settings(max_examples=200, deadline=None)
@given(start=starts, days=st.integers(1, 11), points=st.lists(st.floats(0.01, 3), min_size=2, max_size=4))
def test_a_later_point_never_comes_earlier(start: datetime, days: int, points: list[float]) -> None:
    window = Window(days, "working day")
    end = BOARD.end(start, window)
    moments = [BOARD.part(start, end, window, fraction) for fraction in sorted(points)]
    assert moments == sorted(moments)


@settings(max_examples=200, deadline=None)
@given(start=starts, length=st.integers(0, 60 * 24 * 20))
def test_adding_the_working_time_between_two_moments_leads_from_one_to_the_other(
    start: datetime, length: int
) -> None:
    start = BOARD.next_working_moment(start)
    end = BOARD.next_working_moment(start + timedelta(minutes=length))
    reached = BOARD.add_working_time(start, BOARD.working_time_between(start, end))
    # The close of a day and the opening of the next are the same working time.
    assert reached == end or BOARD.working_time_between(reached, end) == timedelta()
