"""What a window's passing leads to: reminders, the lapse, who is told when nobody answers (P24, P25)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from core import events as e
from core.cards.model import Button
from core.reminders import next_due, overdue_since
from tests.core.kit import MONDAY, WEEK_ENDS, Story, quick_pathway, words_of

TUESDAY_CLOSE = datetime(2026, 12, 1, 17, 0, tzinfo=UTC)


def parts(story: Story) -> list[str]:
    return [reminder.part for reminder in story.recorded(e.ReminderIssued)]


def verbs(buttons: tuple[Button, ...]) -> list[str]:
    return [button.verb for button in buttons]


@pytest.mark.policy("P25")
def test_reminders_come_before_at_and_after_the_end() -> None:
    story = Story().raises().accepts("ben")
    story.until(WEEK_ENDS - timedelta(minutes=1))
    assert parts(story) == ["0.6", "0.9"]
    story.until(WEEK_ENDS)
    assert parts(story) == ["0.6", "0.9", "1.0"]
    story.until(WEEK_ENDS + timedelta(days=2))
    assert parts(story) == ["0.6", "0.9", "1.0", "1.2"]


@pytest.mark.policy("P25")
def test_before_the_end_only_the_side_whose_move_it_is_is_reminded() -> None:
    story = Story().raises().accepts("ben")
    story.next_moment()
    assert story.recorded(e.ReminderIssued)[0].people == ("ben",)
    reminder = story.reminder("ben")
    assert "your agency's view" in words_of(reminder)
    assert verbs(reminder.buttons())[0] == "view"


@pytest.mark.policy("P25")
def test_once_the_view_is_given_both_sides_are_reminded() -> None:
    story = Story().raises().accepts("ben")
    story.adds_view("ben")
    story.next_moment()
    assert set(story.recorded(e.ReminderIssued)[0].people) == {"amira", "ben"}


@pytest.mark.policy("P25")
def test_somebody_named_who_never_answered_is_reminded_to_say_whether_it_is_for_them() -> None:
    story = Story().raises()
    story.next_moment()
    assert verbs(story.reminder("ben").buttons()) == ["accept", "pass_on"]


@pytest.mark.policy("P25")
def test_a_reminder_waits_for_the_persons_working_hours() -> None:
    text = 'working_hours: "Mon-Fri 10:00-18:00"'
    assert text not in words_of(Story().raises().card())
    story = Story().raises().accepts("ben")
    story.now = datetime(2026, 11, 28, 3, 0, tzinfo=UTC)  # a Saturday night, after a stop
    story.ticks()
    reminder = next(notice for notice in story.notices if notice.kind == "reminder")
    assert reminder.not_before == datetime(2026, 11, 30, 9, 0, tzinfo=UTC)


@pytest.mark.policy("P25")
def test_in_danger_a_reminder_is_not_held_back() -> None:
    story = Story().raises(in_danger=True).accepts("ben")
    story.now = datetime(2026, 11, 28, 3, 0, tzinfo=UTC)
    story.ticks()
    assert next(n for n in story.notices if n.kind == "reminder").not_before == story.now


@pytest.mark.policy("P25")
def test_what_falls_due_at_the_close_of_the_day_still_goes_out_then() -> None:
    story = Story().raises().accepts("ben")
    story.until(WEEK_ENDS - timedelta(minutes=1)).passes(minutes=4).ticks()
    at_lapse = [n for n in story.notices if n.kind == "reminder"][-1]
    assert at_lapse.not_before == story.now


@pytest.mark.policy("P24")
def test_at_the_lapse_each_side_is_asked_resolved_or_the_next_stage() -> None:
    story = Story().raises().accepts("ben").week_passes()
    assert overdue_since(story.state) == WEEK_ENDS
    assert set(story.recorded(e.ReminderIssued)[-1].people) == {"amira", "ben"}
    for who in ("amira", "ben"):
        asked = story.reminder(who)
        assert "Is it resolved?" in words_of(asked)
        assert verbs(asked.buttons())[:2] == ["propose", "not_resolved"]
    assert "resolved, or the next stage" in words_of(story.card())


@pytest.mark.policy("P24")
def test_at_the_lapse_a_side_that_agreed_what_is_proposed_is_asked_as_well() -> None:
    story = Story().raises().accepts("ben")
    story.proposes("amira")
    story.next_moment()
    assert story.recorded(e.ReminderIssued)[-1].people == ("ben",)
    story.week_passes()
    assert set(story.recorded(e.ReminderIssued)[-1].people) == {"amira", "ben"}


@pytest.mark.policy("P24")
def test_a_side_whose_named_people_never_answered_is_asked_all_the_same() -> None:
    story = Story().raises().week_passes()
    assert set(story.recorded(e.ReminderIssued)[-1].people) == {"amira", "ben"}


@pytest.mark.policy("P24")
def test_if_nobody_answers_by_the_next_working_day_the_next_leaders_are_told_the_reference() -> None:
    story = Story().raises().accepts("ben").week_passes()
    assert story.state.waits_until == TUESDAY_CLOSE
    story.until(TUESDAY_CLOSE - timedelta(minutes=1))
    assert not story.recorded(e.NextLeadersTold)
    story.until(TUESDAY_CLOSE)
    assert story.those_who_heard("waits") == {"dara", "farah"}
    assert story.state.stage.number == 1
    told = words_of(story.message("dara", "waits"))
    assert story.state.reference in told
    assert "Amira Khan" in told


@pytest.mark.policy("P24")
def test_the_next_leaders_are_told_once_and_take_no_part_by_that() -> None:
    story = Story().raises().accepts("ben").week_passes()
    story.until(TUESDAY_CLOSE + timedelta(days=30))
    assert len(story.recorded(e.NextLeadersTold)) == 1
    assert not story.state.side_of("dara")


@pytest.mark.policy("P24")
def test_in_danger_the_next_leaders_hear_the_same_day() -> None:
    story = Story().raises(in_danger=True).accepts("ben").week_passes()
    assert story.those_who_heard("waits") == {"dara", "farah"}
    assert story.now == WEEK_ENDS


@pytest.mark.policy("P24")
def test_a_proposal_answers_the_question_so_nobody_else_is_told() -> None:
    story = Story().raises().accepts("ben").week_passes()
    story.proposes("amira")
    story.until(TUESDAY_CLOSE + timedelta(days=3))
    assert not story.recorded(e.NextLeadersTold)


@pytest.mark.policy("P24")
def test_moving_on_answers_it_too() -> None:
    story = Story().raises().accepts("ben").week_passes()
    story.not_resolved("ben")
    assert story.state.waits_until is None
    assert overdue_since(story.state) is None


@pytest.mark.policy("P25")
def test_after_a_long_stop_it_says_what_matters_now_once() -> None:
    story = Story().raises().accepts("ben")
    story.passes(days=60).ticks()
    assert len(story.recorded(e.ReminderIssued)) == 1
    assert len(story.recorded(e.WindowLapsed)) == 1
    due = next_due(story.state)
    assert due is not None
    assert due > story.now


@pytest.mark.policy("P25")
def test_a_tick_too_early_says_nothing() -> None:
    story = Story().raises()
    assert story.ticks() == ()


@pytest.mark.policy("P24")
def test_after_the_last_point_the_question_is_asked_again() -> None:
    story = Story().raises().accepts("ben").week_passes()
    story.until(WEEK_ENDS + timedelta(days=30))
    repeats = [part for part in parts(story) if part.startswith("repeat")]
    assert len(repeats) >= 3
    assert len(set(repeats)) == len(repeats)


@pytest.mark.policy("P21")
def test_a_review_point_lapses_nothing() -> None:
    story = Story().raises().reaches(2).week_passes()
    assert not story.recorded(e.WindowLapsed)
    assert overdue_since(story.state) is None
    assert "how does it stand?" in words_of(story.reminder("dara"))


def test_a_pathway_of_twenty_seconds_runs_by_the_clock_night_and_day() -> None:
    story = Story(pathway=quick_pathway(), at=datetime(2026, 12, 25, 23, 59, tzinfo=UTC)).raises()
    started = story.now
    story.until(started + timedelta(seconds=60))
    assert parts(story)[:4] == ["0.6", "0.9", "1.0", "1.2"]
    assert len(story.recorded(e.NextLeadersTold)) == 1
    for notice in story.notices:
        assert notice.not_before <= story.now


@pytest.mark.policy("P25")
def test_a_week_over_christmas_says_that_it_is_longer() -> None:
    story = Story(at=datetime(2026, 12, 18, 16, 0, tzinfo=UTC)).raises()
    assert story.state.clocks["resolve"].clock.ends == datetime(2026, 12, 29, 17, 0, tzinfo=UTC)
    assert "Sooner if the adult needs it" in words_of(story.card())
    assert "Sooner" not in words_of(Story(at=MONDAY).raises().card())


def test_every_reminder_has_a_key_of_its_own() -> None:
    story = Story().raises().accepts("ben").reaches(4)
    story.until(story.now + timedelta(days=40))
    story.not_resolved("amira")
    story.until(story.now + timedelta(days=40))
    keys = [notice.key for notice in story.notices]
    assert len(keys) == len(set(keys))
