"""Who takes part, what they add, danger, and messages that don't arrive (P10, P13 to P15, P20)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core import events as e
from core.commands import (
    AcceptInvolvement,
    AddNote,
    AddView,
    AgreeOutcome,
    AnswerDanger,
    NameContact,
    NewPerson,
    PassOnInvolvement,
    RecordContactAttempt,
    RecordDeliveryFailure,
)
from core.refusals import (
    AlreadyAnswered,
    AlreadyTakesPart,
    ChairReads,
    ChallengedSideAlone,
    NotConfirmedYet,
    NotTakingPart,
    OnAnotherSide,
    PassedItOn,
    UnknownAccount,
)
from tests.core.kit import DIRECTORY, TRUST, Story, action, proposal, without, without_role, words_of

TRIED = RecordContactAttempt("zebra whom", "zebra when", "zebra how", "zebra result")


def unnamed() -> Story:
    """Nobody at the trust is named, and it has no safeguarding lead."""
    return Story(directory=without_role(DIRECTORY, TRUST, "safeguarding_lead")).raises(named=())


def at_the_chair() -> Story:
    story = Story().raises().reaches(4)
    story.not_resolved("amira")
    return story


@pytest.mark.policy("P20")
def test_somebody_named_sees_and_does_nothing_until_they_say_that_it_is_for_them() -> None:
    story = Story().raises()
    for command in (
        AddView("zebra"),
        AddNote("zebra"),
        TRIED,
        proposal(),
        AnswerDanger(in_danger=True, words=""),
    ):
        assert isinstance(story.refused("ben", command), NotConfirmedYet)
    story.accepts("ben")
    story.adds_view("ben")
    assert "zebra view" in words_of(story.form("ben", "case"))


@pytest.mark.policy("P20")
def test_not_me_it_is_somebody_else_asks_that_person() -> None:
    story = Story().raises()
    story.does("ben", PassOnInvolvement(to="farah"))
    assert story.heard("farah") == ["invitation"]
    assert not story.state.side_of("ben")
    assert isinstance(story.refused("ben", AddView("zebra")), PassedItOn)


@pytest.mark.policy("P15", "P20")
def test_not_me_and_i_do_not_know_who_tells_the_raising_side_once() -> None:
    story = Story().raises()
    story.does("ben", PassOnInvolvement())
    assert story.heard("amira") == ["passed_on"]
    assert story.state.contact_unknown == {"challenged"}


def test_somebody_who_passed_it_on_may_still_take_it_where_nobody_else_has() -> None:
    story = Story().raises()
    story.does("ben", PassOnInvolvement())
    story.accepts("ben")
    assert story.state.participants["ben"].confirmed


def test_an_invitation_is_answered_once() -> None:
    story = Story().raises().accepts("ben")
    assert isinstance(story.refused("ben", AcceptInvolvement()), AlreadyAnswered)
    assert isinstance(story.refused("ben", PassOnInvolvement()), AlreadyAnswered)


@pytest.mark.policy("P20")
def test_somebody_who_is_not_in_the_directory_may_be_the_right_person() -> None:
    story = Story().raises()
    story.does("ben", PassOnInvolvement(new_person=NewPerson("Pat New", "pat@example.org")))
    newcomer = story.directory.by_email("pat@example.org")
    assert newcomer is not None
    assert story.heard(newcomer.id) == ["invitation"]


@pytest.mark.policy("P15")
def test_where_nobody_is_named_anybody_of_that_agency_may_say_it_is_for_them() -> None:
    story = unnamed()
    assert story.card().buttons()[0].verb == "accept"
    story.accepts("ines")
    assert story.state.participants["ines"].confirmed
    assert not story.state.contact_unknown
    assert "volunteered" in [joined.because for joined in story.recorded(e.ParticipantJoined)]


@pytest.mark.policy("P15")
def test_somebody_of_another_agency_may_not() -> None:
    assert isinstance(unnamed().refused("kai", AcceptInvolvement()), NotTakingPart)
    assert isinstance(Story().raises().refused("ines", AcceptInvolvement()), NotTakingPart)


@pytest.mark.policy("P15")
def test_whoever_takes_part_names_somebody_on_either_side() -> None:
    story = unnamed()
    story.does("amira", NameContact("challenged", "ben"))
    assert story.heard("ben") == ["invitation"]
    assert isinstance(story.refused("amira", NameContact("challenged", "ben")), AlreadyTakesPart)
    assert isinstance(story.refused("amira", NameContact("raising", "ben")), OnAnotherSide)
    assert story.refused("amira", NameContact("challenged", "kai")).field == "person"
    assert story.refused("amira", NameContact("challenged", "nobody")).field == "person"
    assert "no longer applies" in story.refused("amira", NameContact("made-up", "ben")).words


@pytest.mark.policy("P14")
def test_a_view_stands_for_its_side_and_the_other_side_hears_that_it_was_added() -> None:
    story = Story().raises().accepts("ben")
    story.adds_view("ben")
    assert story.heard("amira") == ["view_added"]
    assert story.state.views["challenged"].name == "Ben Osei"
    assert story.refused("ben", AddView("  ")).field == "words"


@pytest.mark.policy("P15")
@pytest.mark.parametrize("field", ["whom", "when", "how", "result"])
def test_an_attempt_says_whom_when_how_and_what_came_of_it(field: str) -> None:
    story = Story().raises()
    assert story.refused("amira", replace(TRIED, **{field: " "})).field == field
    story.does("amira", TRIED)
    assert story.recorded(e.ContactAttempted)[0].result == "zebra result"


@pytest.mark.policy("P10")
def test_the_warning_is_lifted_by_the_raising_side_only_and_with_words() -> None:
    story = Story().raises(in_danger=True).accepts("ben")
    refusal = story.refused("ben", AnswerDanger(in_danger=False, words="zebra"))
    assert isinstance(refusal, ChallengedSideAlone)
    assert "Riverbank" in refusal.words
    assert story.refused("amira", AnswerDanger(in_danger=False, words=" ")).field == "words"
    story.does("amira", AnswerDanger(in_danger=False, words="zebra safe"))
    assert not story.state.in_danger


@pytest.mark.policy("P10")
def test_either_side_may_warn_at_any_time_and_everybody_hears() -> None:
    story = Story().raises().accepts("ben")
    story.does("ben", AnswerDanger(in_danger=True, words=""))
    assert story.heard("amira") == ["danger"]
    assert isinstance(story.refused("ben", AnswerDanger(in_danger=True, words="")), AlreadyAnswered)
    story.does("ben", AnswerDanger(in_danger=True, words="zebra police are there"))
    assert story.state.danger_words == "zebra police are there"


def test_saying_that_nobody_is_in_danger_where_nobody_was_needs_no_leave() -> None:
    story = Story().raises().accepts("ben")
    story.does("ben", AnswerDanger(in_danger=False, words="zebra checked"))
    assert not story.state.in_danger


def test_the_chair_reads_and_is_told_whom_to_ask() -> None:
    story = at_the_chair()
    for command in (AddView("zebra"), AddNote("zebra"), proposal()):
        refusal = story.refused("zoe", command)
        assert isinstance(refusal, ChairReads)
        assert "Amira Khan" in refusal.words


def test_the_chair_agrees_nothing() -> None:
    story = at_the_chair()
    made = story.proposes("amira")
    assert isinstance(story.refused("zoe", AgreeOutcome(made)), ChairReads)


def test_somebody_who_has_left_the_directory_does_nothing_more() -> None:
    story = Story().raises().accepts("ben")
    story.directory = without(story.directory, "ben")
    assert isinstance(story.refused("ben", AddView("zebra")), UnknownAccount)


def test_a_case_that_is_closed_takes_no_more_notes() -> None:
    story = Story().raises().accepts("ben")
    story.proposes("amira")
    story.agrees("ben")
    assert "was closed on Mon 23 Nov, 10:00" in story.refused("amira", AddNote("zebra")).words


def test_an_outcome_that_is_agreed_still_takes_notes() -> None:
    story = Story().raises().accepts("ben")
    story.proposes("amira", action("ben"))
    story.agrees("ben")
    assert story.does("amira", AddNote("zebra"))
    assert "is settled" in story.refused("amira", AddView("zebra")).words


# --- messages that don't arrive ---


def test_a_message_that_could_not_be_delivered_is_recorded_and_the_raising_side_is_told() -> None:
    story = Story().raises()
    story.does_nobody(RecordDeliveryFailure("zebra reminder", person="ben"))
    assert story.heard("amira") == ["undelivered"]
    assert "Ben Osei" in words_of(story.message("amira", "undelivered"))


def test_the_line_manager_of_whoever_cannot_be_reached_hears_that_and_no_more() -> None:
    story = Story().raises()
    story.does_nobody(RecordDeliveryFailure("zebra reminder", person="ben"))
    assert story.heard("farah") == ["unreached"]
    said = story.message("farah", "unreached")
    assert "A message to Ben Osei could not be delivered." in words_of(said)
    assert story.state.reference in words_of(said)
    assert "Amira" not in words_of(said)
    assert said.buttons() == ()


def test_a_manager_who_is_told_as_one_of_the_case_or_cannot_be_reached_either_is_not_told_again() -> None:
    story = Story().raises().accepts("ben").reaches(2)
    told = len(story.entries)
    story.does_nobody(RecordDeliveryFailure("News", person="amira"))
    assert story.heard("dara", told) == ["undelivered"], "Dara leads for the raising side"
    story.does_nobody(RecordDeliveryFailure("News", person="farah"))
    told = len(story.entries)
    story.does_nobody(RecordDeliveryFailure("News", person="ben"))
    assert story.heard("farah", told) == []


def test_no_manager_of_somebody_who_only_heard_that_it_waits_is_told() -> None:
    story = Story().raises()
    story.does_nobody(RecordDeliveryFailure("News", person="farah"))
    assert story.those_who_heard("unreached") == set()


def test_the_same_failure_is_recorded_once_until_that_person_does_something() -> None:
    story = Story().raises()
    failed = RecordDeliveryFailure("A reminder", person="ben")
    story.does_nobody(failed)
    assert story.does_nobody(failed) == ()
    story.accepts("ben")
    assert story.does_nobody(failed) != ()


def test_a_room_that_cannot_be_reached_is_recorded_once_and_its_people_get_the_card_from_then_on() -> None:
    story = Story().raises()
    failed = RecordDeliveryFailure("The case card", side="raising")
    story.does_nobody(failed)
    assert story.does_nobody(failed) == ()
    assert "by direct message" in words_of(story.message("amira", "undelivered"))
    assert cards_to(story, "amira") == 1
    assert cards_to(story, "ben") == 0, "his side has its room"
    story.reaches(2)
    assert cards_to(story, "amira") == 2
    assert cards_to(story, "dara") == 1, "who leads for that side now"
    assert [n.side for n in story.notices if n.topic == "case"].count("raising") == 3, "it is still tried"


def test_where_two_sides_share_a_room_that_cannot_be_reached_the_people_of_both_get_the_card() -> None:
    story = Story(room_of=lambda agency: "slack:T0001/C0001").raises().accepts("ben")
    story.does_nobody(RecordDeliveryFailure("The case card", side="raising"))
    assert cards_to(story, "amira") == cards_to(story, "ben") == 1


def cards_to(story: Story, who: str) -> int:
    return sum(notice.topic == "case" and notice.person == who for notice in story.notices)


def test_failing_to_tell_of_a_failure_comes_to_an_end() -> None:
    """Whoever is told that a message failed, and can't be reached either, is told of no further failure."""
    story = Story().raises().accepts("ben")
    waiting = [RecordDeliveryFailure("A reminder", person="ben")]
    for _ in range(20):
        if not waiting:
            break
        told = len(story.notices)
        story.does_nobody(waiting.pop())
        direct = [n for n in story.notices[told:] if n.person and n.topic == "undelivered"]
        rooms = [n for n in story.notices[told:] if n.side]
        waiting += [RecordDeliveryFailure("News", person=n.person) for n in direct]
        waiting += [RecordDeliveryFailure("The case card", side=n.side) for n in rooms]
    assert not waiting
    assert len(story.recorded(e.DeliveryFailed)) <= 4


def test_somebody_who_only_heard_that_it_waits_is_called_by_name_when_that_fails() -> None:
    story = Story().raises()
    story.does_nobody(RecordDeliveryFailure("News", person="dara"))
    assert story.recorded(e.DeliveryFailed)[0].name == "Dara Lewis"
