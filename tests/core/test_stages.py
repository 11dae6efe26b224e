"""Moving on: who joins each stage, what an old card is told, what comes after the last one (P21 to P24)."""

from __future__ import annotations

import pytest

from core import events as e
from core.commands import FillRole, NewPerson, RecordNotResolved
from core.people import BoardRecorded
from core.refusals import (
    EarlierStage,
    LastStage,
    NotConfirmedYet,
    NotTakingPart,
    NotYourSide,
    RoleAlreadyFilled,
    UnknownAccount,
)
from core.reminders import next_due
from tests.core.kit import (
    COUNCIL,
    DEMONSTRATION,
    DIRECTORY,
    TRUST,
    Story,
    directory,
    without,
    without_managers,
    without_role,
    words_of,
)


def leaders(story: Story) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {side: set() for side in story.state.sides}
    for leader in story.state.stage.leaders:
        found[leader.side].add(leader.person)
    return found


@pytest.mark.policy("P24")
def test_either_side_may_say_at_any_time_that_it_is_not_resolved() -> None:
    story = Story().raises()
    story.accepts("ben")
    story.passes(minutes=1).not_resolved("ben")
    assert story.state.stage.number == 2
    assert story.recorded(e.NotResolvedRecorded)[0].side == "challenged"


@pytest.mark.policy("P24")
def test_not_resolved_needs_a_reason() -> None:
    story = Story().raises()
    assert story.refused("amira", RecordNotResolved("  ", opening=1)).field == "reason"


def test_whoever_takes_no_part_moves_nothing_on() -> None:
    story = Story().raises()
    assert isinstance(story.refused("kai", RecordNotResolved("zebra", 1)), NotTakingPart)
    assert isinstance(story.refused("nobody", RecordNotResolved("zebra", 1)), UnknownAccount)
    assert isinstance(story.refused("ben", RecordNotResolved("zebra", 1)), NotConfirmedYet)


@pytest.mark.policy("P21")
def test_stage_2_brings_in_the_line_managers_of_those_who_take_part() -> None:
    story = Story().raises().reaches(2)
    assert leaders(story) == {"raising": {"dara"}, "challenged": {"farah"}}
    assert story.heard("dara") == ["leads"]
    assert story.heard("farah") == ["leads"]
    assert story.state.participants["dara"].confirmed


@pytest.mark.policy("P22")
def test_stage_3_brings_in_the_senior_managers_of_both_sides() -> None:
    story = Story().raises().reaches(3)
    assert leaders(story) == {"raising": {"gwen"}, "challenged": {"ines"}}
    assert story.state.clocks["resolve"].clock.kind == "window"


@pytest.mark.policy("P23")
def test_stage_4_brings_in_the_board_members_of_both_organisations() -> None:
    story = Story().raises().reaches(4)
    assert leaders(story) == {"raising": {"hal"}, "challenged": {"jo"}}


@pytest.mark.policy("P13")
def test_everybody_who_took_part_before_hears_that_it_moved_on() -> None:
    story = Story().raises()
    story.accepts("ben")
    story.reaches(3)
    story.not_resolved("gwen")
    assert story.those_who_heard("moved_on") == {"amira", "ben", "dara", "farah", "ines"}


@pytest.mark.policy("P21")
def test_where_the_policy_sets_no_time_nobody_reads_of_a_deadline() -> None:
    story = Story().raises().reaches(2)
    assert "to be reviewed by" in words_of(story.card())
    assert "No time is set by the policy" in words_of(story.card())
    assert "to be settled by" not in words_of(story.message("dara", "leads"))


@pytest.mark.policy("P21")
def test_a_side_that_named_nobody_is_led_by_its_agencys_own_line_managers() -> None:
    story = Story(directory=without_role(DIRECTORY, TRUST, "safeguarding_lead")).raises(named=())
    story.reaches(2)
    assert leaders(story)["challenged"] == {"farah"}


@pytest.mark.policy("P21")
def test_a_role_that_nobody_fills_is_said_at_once_to_the_people_on_that_side() -> None:
    story = Story(directory=without_managers(DIRECTORY, COUNCIL)).raises().reaches(2)
    assert [gap.role for gap in story.state.open_roles] == ["line_manager"]
    assert story.heard("amira") == ["role_unfilled"]
    assert "Nobody is named as line manager" in words_of(story.card())


@pytest.mark.policy("P21")
def test_somebody_on_that_side_names_who_leads() -> None:
    story = Story(directory=without_managers(DIRECTORY, COUNCIL)).raises().reaches(2)
    story.does("amira", FillRole("raising", "line_manager", "chi"))
    assert leaders(story)["raising"] == {"chi"}
    assert story.state.open_roles == ()
    assert story.heard("chi") == ["leads"]
    again = story.refused("amira", FillRole("raising", "line_manager", "dara"))
    assert isinstance(again, RoleAlreadyFilled)


@pytest.mark.policy("P21")
def test_where_all_the_people_of_a_side_have_left_the_other_side_is_asked_who_leads_for_it() -> None:
    story = Story(directory=without_managers(DIRECTORY, TRUST)).raises().accepts("ben")
    story.directory = without(story.directory, "ben")
    story.reaches(2)
    assert story.those_who_heard("role_unfilled") == {"amira", "dara"}
    assert "fill_role" in [button.verb for button in story.form("amira", "more").buttons()]
    story.does("amira", FillRole("challenged", "line_manager", "farah"))
    assert leaders(story)["challenged"] == {"farah"}


def test_somebody_who_takes_part_already_is_told_when_they_are_named_to_lead() -> None:
    story = Story(directory=without_managers(DIRECTORY, TRUST)).raises(named=("ben",))
    story.accepts("ben")
    story.reaches(2)
    story.does(
        "ben", FillRole("challenged", "line_manager", new_person=NewPerson("Pat New", "pat@example.org"))
    )
    newcomer = story.directory.by_email("pat@example.org")
    assert newcomer is not None
    assert story.heard(newcomer.id) == ["leads"]

    same = Story(directory=without_managers(DIRECTORY, TRUST)).raises(named=("ben", "farah"))
    same.accepts("ben")
    same.accepts("farah")
    same.reaches(2)
    same.does("ben", FillRole("challenged", "line_manager", "farah"))
    assert same.heard("farah")[-1] == "leads"


def test_the_other_side_does_not_say_who_leads_unless_nobody_there_can() -> None:
    bare = without_managers(DIRECTORY, TRUST)
    story = Story(directory=bare).raises()
    story.accepts("ben")
    story.reaches(2)
    refusal = story.refused("amira", FillRole("challenged", "line_manager", "farah"))
    assert isinstance(refusal, NotYourSide)
    assert "Northmoor" in refusal.words

    nobody_there = Story(directory=bare).raises().reaches(2)
    nobody_there.does("amira", FillRole("challenged", "line_manager", "farah"))
    assert leaders(nobody_there)["challenged"] == {"farah"}


@pytest.mark.policy("P21")
def test_two_sides_of_one_agency_never_share_a_leader() -> None:
    story = Story().raises(other_agency=COUNCIL, named=("chi",))
    story.reaches(2)
    found = leaders(story)
    assert found["raising"] == {"dara"}
    assert found["challenged"] == {"gwen"}
    story.reaches(3)
    found = leaders(story)
    assert not found["raising"] & found["challenged"]


def test_in_a_leaders_place_comes_whoever_covers_for_them() -> None:
    dara = "        phone: 020 7946 0112\n"
    cover = "        cover: {by: chi, from: 2026-11-20, until: 2026-12-20}\n"
    away = directory(DEMONSTRATION.replace(dara, dara + cover))
    assert leaders(Story(directory=away).raises().reaches(2))["raising"] == {"chi"}


@pytest.mark.policy("P24")
def test_a_press_on_an_old_card_reads_who_moved_it_on_and_when() -> None:
    story = Story().raises()
    story.accepts("ben")
    story.not_resolved("amira")
    refusal = story.refused("ben", RecordNotResolved("zebra", opening=1))
    assert isinstance(refusal, EarlierStage)
    assert "Amira Khan moved it on, Mon 23 Nov, 10:00: it is at Stage 2 now" in refusal.words
    own = story.refused("amira", RecordNotResolved("zebra", opening=1))
    assert "You moved it on" in own.words


def test_a_made_up_opening_is_told_that_the_card_no_longer_applies() -> None:
    assert "no longer applies" in Story().raises().refused("amira", RecordNotResolved("zebra", 9)).words


@pytest.mark.policy("P24")
def test_after_stage_4_the_chair_is_told_and_the_case_stays_open() -> None:
    story = Story().raises().reaches(4)
    story.not_resolved("amira")
    assert story.state.exhausted
    assert story.heard("zoe") == ["chair"]
    assert story.state.status == "open"
    assert "exhausted" in story.heard("hal")
    assert story.form("zoe", "case").title == story.state.reference


@pytest.mark.policy("P24")
def test_after_stage_4_a_second_press_reads_who_recorded_it() -> None:
    story = Story().raises().reaches(4)
    story.not_resolved("amira")
    refusal = story.refused("hal", RecordNotResolved("zebra", story.state.stage.opening))
    assert isinstance(refusal, LastStage)
    assert "Amira Khan" in refusal.words


@pytest.mark.policy("P24")
def test_after_stage_4_the_sides_are_asked_again_and_again() -> None:
    story = Story().raises().reaches(4)
    story.not_resolved("amira")
    before = len(story.recorded(e.ReminderIssued))
    for _ in range(4):
        story.next_moment()
    assert len(story.recorded(e.ReminderIssued)) == before + 4
    assert next_due(story.state) is not None
    assert "to be reviewed by" in words_of(story.card())


def test_without_a_chair_the_words_do_not_say_that_one_was_told() -> None:
    nobody = directory().evolve(BoardRecorded(sab_chair=""))
    story = Story(directory=nobody).raises().reaches(4)
    story.not_resolved("amira")
    assert "names no Chair" in words_of(story.message("hal", "exhausted"))
    assert "was told" not in words_of(story.card())


def test_a_new_stage_voids_the_proposal_that_stood() -> None:
    story = Story().raises()
    story.proposes("amira")
    story.not_resolved("amira")
    assert story.state.proposal is None


def test_somebody_named_twice_is_asked_once() -> None:
    story = Story().raises(named=("ben", "ben"))
    assert story.heard("ben") == ["invitation"]
