"""Raising: who may, what belongs elsewhere, what the adult wants, who is asked (P1 to P6, P10, P15, N3)."""

from __future__ import annotations

from datetime import date

import pytest

from core import events as e
from core.commands import AnswerDanger, NewPerson
from core.events import AdultViews
from tests.core.kit import (
    COUNCIL,
    DIRECTORY,
    POLICE,
    TRUST,
    WEEK_ENDS,
    Story,
    raising,
    without,
    without_role,
    words_of,
)


@pytest.mark.policy("P1", "P2", "P20")
def test_a_practitioner_raises_at_stage_1_with_one_working_week() -> None:
    story = Story().raises("amira")
    assert story.state.stage.number == 1
    assert story.state.stage.of == 4
    assert story.state.clocks["resolve"].clock.ends == WEEK_ENDS
    assert story.state.side_of("amira") == "raising"


@pytest.mark.policy("P1")
@pytest.mark.parametrize("who", ["amira", "chi", "dara", "gwen", "hal", "sol", "tam"])
def test_anybody_in_an_agency_may_raise_whatever_their_role(who: str) -> None:
    assert Story().raises(who).state.raiser == who


@pytest.mark.policy("P1")
def test_a_stranger_and_somebody_who_has_left_may_not_raise() -> None:
    assert Story().refused("nobody", raising()).words.startswith("This account is not in the directory")
    left = without(DIRECTORY, "amira")
    assert "directory" in Story(directory=left).refused("amira", raising()).words


def test_nobody_raises_for_an_agency_that_is_not_theirs() -> None:
    refusal = Story().refused("amira", raising(agency=POLICE))
    assert refusal.field == "agency"


@pytest.mark.policy("P20")
def test_somebody_named_is_asked_first_whether_they_are_the_right_person() -> None:
    story = Story().raises()
    assert not story.state.participants["ben"].confirmed
    assert story.heard("ben") == ["invitation"]
    invitation = words_of(story.message("ben", "invitation"))
    assert "Amira Khan" in invitation
    assert "I'm the right person" in invitation


def test_whoever_raises_is_answered_there_and_is_not_told_of_it_again() -> None:
    assert Story().raises().heard("amira") == []


@pytest.mark.policy("P6")
def test_what_belongs_elsewhere_opens_nothing() -> None:
    refusal = Story().refused("amira", raising(excluded="eligibility-or-funding"))
    assert refusal.field == "in_scope_because"


@pytest.mark.policy("P6")
def test_a_worker_may_say_why_it_is_in_scope_all_the_same() -> None:
    story = Story().raises(excluded="eligibility-or-funding", in_scope_because="zebra because")
    assert story.state.raised is not None
    assert story.state.raised.in_scope_because == "zebra because"


@pytest.mark.policy("P6")
def test_nobody_overrides_where_it_is_about_a_person_in_a_position_of_trust() -> None:
    trust = raising(excluded="position-of-trust", in_scope_because="zebra because")
    refusal = Story().refused("amira", trust)
    assert refusal.field == "elsewhere"
    assert "Persons in Positions of Trust" in refusal.words


@pytest.mark.policy("P3")
@pytest.mark.parametrize(
    ("kind", "words", "field"),
    [
        ("own-words", "", "adult_words"),
        ("representative", "zebra wish", "voiced_by"),
        ("advocate", "zebra wish", "voiced_by"),
        ("unsafe-to-ask", "", "adult_words"),
        ("made-up", "", "adult_views"),
    ],
)
def test_the_adults_views_are_asked_for_as_far_as_they_are_known(kind: str, words: str, field: str) -> None:
    views = AdultViews(kind=kind, label="", words=words)
    assert Story().refused("amira", raising(adult_views=views)).field == field


@pytest.mark.policy("P3")
@pytest.mark.parametrize("kind", ["not-yet-sought", "declined"])
def test_not_asked_yet_and_declined_are_answers(kind: str) -> None:
    story = Story().raises(adult_views=AdultViews(kind=kind, label="made up by a form"))
    assert story.state.raised is not None
    assert story.state.raised.adult_views.label != "made up by a form"


@pytest.mark.policy("P5")
def test_another_kind_of_disagreement_is_said_in_words() -> None:
    assert Story().refused("amira", raising(category="another")).field == "category_words"
    assert Story().raises(category="another", category_words="zebra kind").state.reference


@pytest.mark.policy("N3")
def test_a_day_that_has_passed_is_not_a_day_to_answer_by() -> None:
    assert Story().refused("amira", raising(answer_by=date(2026, 11, 22))).field == "answer_by"
    story = Story().raises(answer_by=date(2026, 11, 23))
    assert "2026-11-23" in words_of(story.form("amira", "case"))


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"account": "  "}, "account"),
        ({"decision_asked": ""}, "decision_asked"),
        ({"category": "made-up"}, "category"),
        ({"enquiry": "made-up"}, "enquiry"),
        ({"other_agency": "made-up", "named": ()}, "other_agency"),
        ({"named": ("kai",)}, "named"),
        ({"named": ("nobody",)}, "named"),
        ({"named": ("amira",), "other_agency": COUNCIL}, "named"),
    ],
)
def test_each_missing_answer_is_said_beside_its_field(changes: dict[str, object], field: str) -> None:
    assert Story().refused("amira", raising(**changes)).field == field


@pytest.mark.policy("P15")
def test_where_nobody_is_named_their_safeguarding_lead_is_asked_who_takes_it_on() -> None:
    story = Story().raises(named=())
    assert story.heard("farah") == ["invitation"]
    assert not story.state.contact_unknown


@pytest.mark.policy("P15")
def test_where_there_is_no_safeguarding_lead_either_everybody_sees_that_nobody_is_named() -> None:
    story = Story(directory=without_role(DIRECTORY, TRUST, "safeguarding_lead")).raises(named=())
    assert story.state.contact_unknown == {"challenged"}
    assert "to find out who takes this on" in words_of(story.card())


def test_somebody_who_is_not_in_the_directory_is_entered_and_raising_does_not_wait() -> None:
    story = Story().raises(named=(), new_people=(NewPerson("Pat New", "pat@example.org"),))
    newcomer = story.directory.by_email("pat@example.org")
    assert newcomer is not None
    assert not newcomer.confirmed
    assert story.heard(newcomer.id) == ["invitation"]


def test_a_work_email_that_the_directory_knows_is_that_person() -> None:
    story = Story().raises(named=(), new_people=(NewPerson("B. Osei", "BEN@example.org"),))
    assert story.state.side_of("ben") == "challenged"


@pytest.mark.policy("P10")
def test_in_danger_every_card_carries_the_warning_until_it_is_lifted() -> None:
    story = Story().raises(in_danger=True, made_safe="zebra nothing yet")
    assert "Risk of immediate harm" in words_of(story.card())
    assert "Risk of immediate harm" in words_of(story.message("ben", "invitation"))
    story.does("amira", AnswerDanger(in_danger=False, words="zebra is with her sister"))
    assert "Risk of immediate harm" not in words_of(story.card())


def test_an_event_of_raising_names_the_pathway_it_runs_under() -> None:
    story = Story().raises()
    assert story.recorded(e.EscalationRaised)[0].pathway == story.pathway.content_hash
