"""How long a closed case's record is kept, who is asked when that has passed, and what stands in the way."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import events as e
from core import refusals
from core.access import OPERATOR
from core.commands import AddNote, Command, CompleteAction, DestroyRecord, PlaceHold, ReleaseHold
from core.directory import Directory
from core.escalation import Escalation, fold
from core.events import Actor
from core.keeping import KeptFor
from core.pathway import PathwayProblem, read_pathway
from core.record import chronology
from core.refusals import Refusal
from core.reminders import next_due
from tests.core.kit import DIRECTORY, SHIPPED, Story, action, pathway, without_role, words_of

CLOSED = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
IN_EIGHT_YEARS = datetime(2034, 11, 23, 9, 0, tzinfo=UTC)
WHY = "zebra the coroner wrote"


def closed(known: Directory = DIRECTORY) -> Story:
    """A case that Amira raised, and that was agreed and done on the same Monday."""
    story = Story(directory=known).raises().accepts("ben")
    story.proposes("amira", action("ben"))
    story.agrees("ben")
    story.does("ben", CompleteAction(next(iter(story.state.actions))))
    assert story.state.status == "closed"
    return story


def operator(story: Story, command: Command) -> tuple[e.Event, ...]:
    return story._decided(command, Actor(person=OPERATOR, name="The operator", role="operator"))


def refused(story: Story, command: Command) -> Refusal:
    with pytest.raises(Refusal) as raised:
        operator(story, command)
    return raised.value


def hold(story: Story, kind: e.HoldKind = "coroner") -> Story:
    operator(story, PlaceHold(kind, WHY))
    return story


def kept_past(story: Story) -> Story:
    story.now = IN_EIGHT_YEARS + timedelta(days=1)
    return story


# --- the pathway file ---


@pytest.mark.parametrize(
    ("written", "day", "until"),
    [
        ("8 years", date(2026, 11, 23), date(2034, 11, 23)),
        ("1 year", date(2028, 2, 29), date(2029, 2, 28)),
        ("4 Years", date(2028, 2, 29), date(2032, 2, 29)),
        ("18 months", date(2026, 8, 31), date(2028, 2, 29)),
        ("1 month", date(2026, 12, 31), date(2027, 1, 31)),
        ("100 years", date(2026, 11, 23), date(2126, 11, 23)),
    ],
)
def test_a_time_to_keep_records_runs_by_the_calendar(written: str, day: date, until: date) -> None:
    assert KeptFor.parse(written).after(day) == until


@given(st.dates(date(2020, 1, 1), date(2100, 1, 1)), st.integers(1, 1200))
def test_more_months_are_never_sooner_and_always_in_the_month_they_name(day: date, months: int) -> None:
    until = KeptFor(months, "month").after(day)
    assert (until.year * 12 + until.month) - (day.year * 12 + day.month) == months
    assert until.day <= day.day
    assert KeptFor.parse(str(KeptFor(months, "month"))).after(day) == until


@pytest.mark.parametrize("written", ["eight years", "8", "0 years", "101 years", "8 weeks", "-1 years", ""])
def test_a_time_that_cannot_be_read_is_refused_with_its_line(written: str) -> None:
    text = SHIPPED.replace("keep: 8 years ", f'keep: "{written}" ')
    line = next(n for n, words in enumerate(text.splitlines(), 1) if words.startswith("  keep:"))
    with pytest.raises(PathwayProblem) as found:
        read_pathway(text, "pathway.yaml")
    assert str(found.value.problems[0]).startswith(f"pathway.yaml, line {line}, retention.keep: ")


def test_a_pathway_that_says_nothing_keeps_records_for_eight_years() -> None:
    older = pathway(SHIPPED[: SHIPPED.index("\nretention:")])
    assert str(older.retention.keep) == "8 years"
    assert "board has to set its own" in pathway().retention.note


# --- asking ---


def test_whoever_looks_after_records_is_asked_when_the_time_has_passed_and_again() -> None:
    story = closed()
    assert story.state.kept_until == next_due(story.state) == IN_EIGHT_YEARS
    told = len(story.notices)
    story.next_moment()
    asked = story.notices[told:]
    assert [(notice.person, notice.topic, notice.kind) for notice in asked] == [
        ("tam", "keeping", "reminder")
    ]
    words = words_of(story.reminder("tam"))
    assert "HF-2026-0001 was closed on Mon 23 Nov 2026. Is its record still needed?" in words
    assert "button" not in words
    again = next_due(story.state)
    assert again is not None
    assert timedelta(days=27) < again - story.now < timedelta(days=40)
    story.next_moment()
    assert len(story.recorded(e.ReminderIssued)) == 2


def test_where_there_is_no_coordinator_the_administrators_are_asked() -> None:
    story = closed(without_role(DIRECTORY, "riverbank-asc", "coordinator"))
    story.next_moment()
    assert story.those_who_heard("keeping") == {"gwen", "ines", "mo"}


def test_where_nobody_is_known_the_record_says_so_and_asks_again() -> None:
    story = closed()
    story.directory = Directory()
    [event] = story.next_moment()
    assert isinstance(event, e.ReminderIssued)
    assert event.people == ()
    assert "nobody was asked" in str(chronology(story.entries, "amira")[-1].text)
    assert event.next_at == next_due(story.state)


def test_an_open_case_is_never_asked_about() -> None:
    story = Story().raises()
    assert story.state.kept_until is None
    story.until(story.now + timedelta(days=40))
    assert not story.those_who_heard("keeping")


# --- holds ---


def test_while_a_hold_stands_nobody_is_asked_and_once_it_is_released_they_are_at_once() -> None:
    story = hold(closed())
    assert next_due(story.state) is None
    kept_past(story)
    assert story.ticks() == ()
    operator(story, ReleaseHold())
    assert next_due(story.state) == IN_EIGHT_YEARS
    story.ticks()
    assert story.those_who_heard("keeping") == {"tam"}


def test_a_reminder_that_a_hold_overtook_is_not_sent() -> None:
    story = closed()
    story.next_moment()
    [notice] = [one for one in story.notices if one.topic == "keeping"]
    assert story.card_of(notice) is not None
    hold(story)
    assert story.card_of(notice) is None


def test_an_open_case_can_be_held_and_goes_on_as_before() -> None:
    story = Story().raises()
    due = next_due(story.state)
    hold(story, "review")
    assert next_due(story.state) == due


def test_several_holds_stand_beside_each_other_and_are_released_one_by_one() -> None:
    story = hold(hold(closed(), "coroner"), "litigation")
    assert isinstance(refused(story, PlaceHold("coroner", WHY)), refusals.AlreadyHeld)
    several = refused(story, ReleaseHold())
    assert "a coroner and a court case" in several.words
    operator(story, ReleaseHold("coroner"))
    assert list(story.state.holds) == ["litigation"]
    assert isinstance(refused(story, ReleaseHold("coroner")), refusals.NotHeld)
    operator(story, ReleaseHold())
    assert not story.state.holds


def test_a_hold_says_why_to_those_who_take_part_and_tells_no_room() -> None:
    story = closed()
    told = len(story.notices)
    assert refused(story, PlaceHold("coroner", "  ")).field == "why"
    hold(story)
    assert story.notices[told:] == []
    entry = chronology(story.entries, "ben")[-1]
    assert entry.written == (("Why", WHY),)
    assert "The operator holds this record for a coroner." in str(entry.text)
    assert chronology(story.entries, "kai") == ()


# --- destroying ---


def test_a_record_is_destroyed_once_its_time_has_passed() -> None:
    story = kept_past(closed())
    [event] = operator(story, DestroyRecord())
    assert event == e.RecordDestroyed(
        reference="HF-2026-0001", raised_at=CLOSED, closed_at=CLOSED, stage="Stage 1"
    )
    assert story.notices[-1].sequence < story.state.version, "nobody is told in a room, years later"


def test_nothing_of_the_case_stays_in_what_is_folded_from_its_end() -> None:
    story = kept_past(closed())
    operator(story, DestroyRecord())
    alone = fold(story.entries[-1:], id="case")
    assert story.state == alone
    assert alone.reference == "HF-2026-0001"
    assert alone.status == "destroyed"
    assert alone.raised is None
    assert alone.participants == {}
    assert next_due(alone) is None


@pytest.mark.parametrize("kind", e.HOLD_KINDS)
def test_a_record_that_is_held_cannot_be_destroyed(kind: e.HoldKind) -> None:
    story = kept_past(hold(closed(), kind))
    assert isinstance(refused(story, DestroyRecord()), refusals.StillHeld)
    assert isinstance(refused(story, DestroyRecord("zebra all the same")), refusals.StillHeld)


def test_before_its_time_a_record_is_destroyed_only_with_a_reason() -> None:
    story = closed()
    early = refused(story, DestroyRecord(" "))
    assert "to be kept until Thu 23 Nov 2034" in early.words
    [event] = operator(story, DestroyRecord("zebra raised by mistake"))
    assert isinstance(event, e.RecordDestroyed)
    assert event.why == "zebra raised by mistake"


def test_the_record_of_an_open_case_cannot_be_destroyed() -> None:
    story = Story().raises()
    assert isinstance(refused(story, DestroyRecord("zebra")), refusals.NotClosed)


def test_a_record_closed_before_boards_said_how_long_is_kept_as_long_as_they_say_now() -> None:
    story = closed()
    story.state = replace(story.state, kept_until=None, ask_keeping_at=None)
    assert "to be kept until Thu 23 Nov 2034" in refused(story, DestroyRecord()).words


@pytest.mark.parametrize("command", [PlaceHold("review", WHY), ReleaseHold(), DestroyRecord("zebra")])
@pytest.mark.parametrize("who", ["amira", "ben", "tam", "zoe", "kai"])
def test_only_whoever_runs_the_program_may_hold_release_or_destroy(who: str, command: Command) -> None:
    story = hold(closed(), "litigation")
    assert isinstance(story.refused(who, command), Refusal)


def test_nothing_can_be_done_with_a_record_that_was_destroyed() -> None:
    story = kept_past(closed())
    operator(story, DestroyRecord())
    gone: Escalation = story.state
    for command in (DestroyRecord("zebra"), PlaceHold("review", WHY), ReleaseHold()):
        assert isinstance(refused(story, command), refusals.RecordGone)
    assert isinstance(story.refused("amira", AddNote("zebra")), refusals.RecordGone)
    assert story.ticks() == ()
    assert story.state == gone
