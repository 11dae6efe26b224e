"""Proposing an outcome, agreeing and declining it, and checking back on its actions (P30, P31, P34, P38)."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from core import events as e
from core.commands import (
    AgreeOutcome,
    CompleteAction,
    DeclineOutcome,
    NewAction,
    PostponeAction,
    ProposeOutcome,
)
from core.refusals import (
    AlreadyDone,
    AlreadySettled,
    DeclinedBefore,
    EarlierProposal,
    NoProposal,
    NotConfirmedYet,
    NotForYou,
    NotTakingPart,
    OnlyOwner,
    UnknownAction,
)
from core.reminders import next_due
from tests.core.kit import COUNCIL, Story, action, proposal, words_of

DUE = date(2026, 12, 10)
ASKED_AT = datetime(2026, 12, 10, 9, 0, tzinfo=UTC)


def both() -> Story:
    """At Stage 1, Amira and Ben take part."""
    return Story().raises().accepts("ben")


def settled(*actions: NewAction) -> Story:
    story = both()
    story.proposes("amira", *actions)
    story.agrees("ben")
    return story


@pytest.mark.policy("P30")
def test_proposing_counts_as_agreeing_for_whoever_may_agree() -> None:
    story = both()
    story.proposes("amira")
    assert story.state.proposal is not None
    assert set(story.state.proposal.agreed) == {"raising"}
    assert story.heard("ben")[-1] == "proposed"


@pytest.mark.policy("P30")
def test_proposing_does_not_count_for_somebody_of_an_earlier_stage() -> None:
    story = both().reaches(2)
    story.proposes("amira")
    assert story.state.proposal is not None
    assert not story.state.proposal.agreed


@pytest.mark.policy("P30")
def test_one_approver_of_each_side_is_enough() -> None:
    story = Story().raises(named=("ben", "farah")).accepts("ben", "farah")
    story.proposes("amira")
    story.agrees("farah")
    assert story.state.status == "closed"


@pytest.mark.policy("P30")
def test_nobody_of_an_earlier_stage_agrees_and_they_are_told_who_may() -> None:
    story = both().reaches(2)
    made = story.proposes("amira")
    refusal = story.refused("ben", AgreeOutcome(made))
    assert isinstance(refusal, NotForYou)
    assert "Farah Siddiqui" in refusal.words
    assert "Dara" not in refusal.words
    assert "Stage 2" in refusal.words


@pytest.mark.policy("P30")
def test_at_stage_2_the_line_managers_of_both_sides_agree() -> None:
    story = both().reaches(2)
    story.proposes("dara")
    story.agrees("farah")
    assert story.state.outcome is not None
    assert {a.name for a in story.state.outcome.agreed.values()} == {"Dara Lewis", "Farah Siddiqui"}


@pytest.mark.policy("P30")
def test_the_second_of_one_side_reads_who_agreed_and_when() -> None:
    story = Story().raises(other_agency=COUNCIL, named=("chi", "sol")).accepts("chi", "sol")
    made = story.proposes("amira")
    story.agrees("chi")
    refusal = story.refused("sol", AgreeOutcome(made))
    assert isinstance(refusal, AlreadyDone)
    assert refusal.words == "Already done: Chi Eze agreed this outcome, Mon 23 Nov, 10:00."


@pytest.mark.policy("P30")
def test_pressing_twice_reads_that_one_has_agreed_already() -> None:
    story = both()
    made = story.proposes("amira")
    assert "you agreed this outcome" in story.refused("amira", AgreeOutcome(made)).words


@pytest.mark.policy("P30")
def test_whoever_takes_no_part_or_was_only_named_may_not_agree() -> None:
    story = Story().raises(named=("ben", "farah")).accepts("ben")
    made = story.proposes("amira")
    assert isinstance(story.refused("kai", AgreeOutcome(made)), NotTakingPart)
    assert isinstance(story.refused("farah", AgreeOutcome(made)), NotConfirmedYet)


@pytest.mark.policy("P30")
def test_declining_asks_why_and_everybody_hears_of_it() -> None:
    story = both()
    made = story.proposes("amira")
    assert story.refused("ben", DeclineOutcome(made, " ")).field == "reason"
    story.does("ben", DeclineOutcome(made, "zebra reason"))
    assert story.heard("amira")[-1] == "declined"
    assert "propose" in [button.verb for button in story.card().buttons()]


@pytest.mark.policy("P30")
def test_what_was_declined_is_agreed_no_more_and_the_presser_reads_who_declined_it() -> None:
    story = Story().raises(named=("ben", "farah")).accepts("ben", "farah")
    made = story.proposes("amira")
    story.does("ben", DeclineOutcome(made, "zebra reason"))
    refusal = story.refused("farah", AgreeOutcome(made))
    assert isinstance(refusal, DeclinedBefore)
    assert "Ben Osei declined this outcome" in refusal.words


@pytest.mark.policy("P30")
def test_a_changed_proposal_voids_what_was_agreed() -> None:
    story = both()
    first = story.proposes("amira")
    story.proposes("ben")
    assert story.state.proposal is not None
    assert set(story.state.proposal.agreed) == {"challenged"}
    refusal = story.refused("ben", AgreeOutcome(first))
    assert isinstance(refusal, EarlierProposal)
    assert "Ben Osei" in refusal.words


def test_a_proposal_of_the_stage_before_is_agreed_no_more() -> None:
    story = both()
    made = story.proposes("amira")
    story.not_resolved("ben")
    assert isinstance(story.refused("farah", AgreeOutcome(made)), NoProposal)


@pytest.mark.policy("P31")
def test_on_agreement_everybody_who_took_part_can_read_the_outcome() -> None:
    story = both().reaches(2)
    story.proposes("dara", action("ben"))
    story.agrees("farah")
    assert story.those_who_heard("agreed") == {"amira", "ben", "dara"}
    for who in ("amira", "ben", "dara", "farah"):
        assert "zebra outcome" in words_of(story.form(who, "letter"))
    assert [button.verb for button in story.card().buttons()] == ["letter"]


@pytest.mark.policy("P31")
def test_after_agreement_an_old_press_reads_what_was_agreed_already() -> None:
    story = both()
    made = story.proposes("amira", action("ben"))
    story.agrees("ben")
    assert isinstance(story.refused("ben", AgreeOutcome(made)), AlreadyDone)
    assert isinstance(story.refused("amira", proposal()), AlreadySettled)


def test_an_outcome_says_what_it_is_and_how_it_reflects_the_adults_views() -> None:
    story = both()
    assert story.refused("amira", ProposeOutcome(" ", "zebra")).field == "words"
    assert story.refused("amira", ProposeOutcome("zebra", " ")).field == "reflects_views"


@pytest.mark.policy("P14")
def test_each_action_has_words_an_owner_who_takes_part_and_a_day_to_come() -> None:
    story = both()
    fine, stranger, past = action("ben"), action("kai"), action("ben", date(2026, 11, 20))
    assert story.refused("amira", proposal(fine, stranger)).field == "owner_2"
    assert story.refused("amira", proposal(past)).field == "due_1"
    wordless = NewAction("", "ben", DUE)
    assert story.refused("amira", proposal(wordless)).field == "what_1"


@pytest.mark.policy("P34")
def test_each_owner_is_asked_on_the_day_whether_it_was_done() -> None:
    story = settled(action("ben"), action("amira", date(2026, 12, 14)))
    assert next_due(story.state) == ASKED_AT
    story.next_moment()
    assert story.recorded(e.ReminderIssued)[-1].people == ("ben",)
    asked = story.reminder("ben")
    assert "Is it done?" in words_of(asked)
    assert [button.verb for button in asked.buttons()][:2] == ["action_done", "action_not_done"]


@pytest.mark.policy("P34")
def test_until_they_say_so_owners_are_asked_again_every_two_working_days() -> None:
    story = settled(action("ben")).until(datetime(2026, 12, 18, 18, 0, tzinfo=UTC))
    assert len(story.recorded(e.ReminderIssued)) >= 3
    keys = [notice.key for notice in story.notices if notice.kind == "reminder"]
    assert len(set(keys)) == len(keys)


@pytest.mark.policy("P34")
def test_only_its_owner_says_whether_an_action_is_done() -> None:
    story = settled(action("ben"))
    (one,) = story.state.actions
    refusal = story.refused("amira", CompleteAction(one))
    assert isinstance(refusal, OnlyOwner)
    assert "Ben Osei" in refusal.words
    assert isinstance(story.refused("ben", CompleteAction("made-up")), UnknownAction)


@pytest.mark.policy("P34")
def test_one_that_was_not_done_says_why_and_gets_a_new_day() -> None:
    story = settled(action("ben"))
    (one,) = story.state.actions
    assert story.refused("ben", PostponeAction(one, "zebra", date(2026, 11, 23))).field == "due"
    assert story.refused("ben", PostponeAction(one, " ", DUE)).field == "reason"
    story.does("ben", PostponeAction(one, "zebra reason", date(2026, 12, 21)))
    assert next_due(story.state) == datetime(2026, 12, 21, 9, 0, tzinfo=UTC)
    assert story.heard("amira")[-1] == "action_moved"


@pytest.mark.policy("P38")
def test_the_escalation_closes_when_all_actions_are_done() -> None:
    story = settled(action("ben"), action("amira"))
    first, second = story.state.actions
    story.does("ben", CompleteAction(first, "zebra done"))
    assert story.state.closed_at is None
    story.does("amira", CompleteAction(second))
    assert story.state.closed_at == story.now
    assert next_due(story.state) == story.state.kept_until
    assert story.heard("ben")[-1] == "closed"
    assert "Closed on" in words_of(story.card())


def test_an_action_is_done_once() -> None:
    story = settled(action("ben"), action("amira"))
    first = next(iter(story.state.actions))
    story.does("ben", CompleteAction(first))
    assert "you said that this is done" in story.refused("ben", CompleteAction(first)).words


@pytest.mark.policy("P38")
def test_an_outcome_without_actions_closes_at_once_and_is_told_once() -> None:
    story = settled()
    assert story.state.status == "closed"
    assert story.heard("amira")[-1] == "agreed"


def test_an_action_due_today_is_asked_about_at_once() -> None:
    story = settled(action("ben", date(2026, 11, 23)))
    story.ticks()
    assert story.recorded(e.ReminderIssued)[-1].people == ("ben",)


def test_the_headline_says_who_does_what_is_next_and_by_when() -> None:
    story = settled(action("amira", date(2026, 12, 14)), action("ben"))
    headline = words_of(story.card())
    assert "Agreed. Ben Osei and Amira Khan have 2 actions to do, the next by " in headline
    assert "2026-12-10" in headline
