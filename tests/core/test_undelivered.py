"""What a case's form says of messages that didn't arrive, and sending them again."""

from __future__ import annotations

import pytest

from core import events as e
from core.cards.direct import TOPICS
from core.cards.model import Form
from core.cards.reminder import ITEMS
from core.cards.settled import SETTLED
from core.commands import RecordDeliveryFailure, SendAgain
from core.notices import WHAT, Kind, Unsent
from core.record import chronology
from core.refusals import ChairReads, NotConfirmedYet, NothingUndelivered
from tests.core.kit import MONDAY, Story, in_two_tenants, words_of


def unsent(
    person: str = "", side: str = "", topic: str = "clock", kind: Kind = "reminder", *, failed: bool = True
) -> Unsent:
    return Unsent(kind, topic, side, person, MONDAY, failed)


def unreached(person: str = "", side: str = "") -> Story:
    """Ben takes part, and something to this person or side was given up."""
    story = Story().raises().accepts("ben")
    story.does_nobody(RecordDeliveryFailure("A reminder", person=person, side=side))
    story.unsent = (unsent(person, side),)
    return story


def verbs(form: Form) -> set[str]:
    return {button.verb for button in form.buttons()}


def test_the_case_says_what_did_not_arrive_whom_it_was_for_and_who_was_told() -> None:
    story = unreached("ben")
    story.unsent += (unsent("ben", topic="view_added", kind="decision"), unsent("ben"))
    form = story.form("amira", "case")
    assert "Not delivered to Ben Osei: a reminder and news of a view." in words_of(form)
    assert "Farah Siddiqui was told as their line manager." in words_of(form)
    assert {"send_again", "contact"} <= verbs(form)


def test_a_case_whose_messages_arrive_says_nothing_of_them() -> None:
    story = Story().raises().accepts("ben")
    assert "Not delivered" not in words_of(story.form("amira", "case"))


def test_a_channel_that_was_not_reached_is_named_by_its_agency() -> None:
    form = unreached(side="raising").form("ben", "case")
    assert "Not delivered to the channel of Riverbank Council Adult Social Care" in words_of(form)
    assert "contact" not in verbs(form)


def test_what_has_been_waiting_for_long_is_said_and_needs_no_button() -> None:
    story = Story().raises().accepts("ben")
    story.unsent = (unsent("ben", failed=False),)
    form = story.form("amira", "case")
    assert "On its way to Ben Osei since " in words_of(form)
    assert "send_again" not in verbs(form)


def test_once_somebody_has_done_something_nothing_is_said_of_what_they_missed() -> None:
    story = unreached("ben")
    story.adds_view("ben")
    assert "Not delivered" not in words_of(story.form("amira", "case"))


def test_a_case_in_which_nothing_arrives_still_fits_on_its_form() -> None:
    story = Story().raises().accepts("ben").reaches(3)
    for person in story.state.participants:
        story.does_nobody(RecordDeliveryFailure("A reminder", person=person))
    people = [*story.state.participants, "chi", "kai"]
    waiting = tuple(unsent(person, failed=False) for person in people)
    story.unsent = (*(unsent(person) for person in people), *waiting)
    assert "more." in words_of(story.form("amira", "case"))


def test_sending_again_is_in_the_record_by_name_and_a_new_failure_is_told_anew() -> None:
    story = unreached("ben")
    assert story.does("amira", SendAgain("ben"))
    assert "Amira Khan" in words_of_last(story)
    assert "had what did not reach Ben Osei sent again" in words_of_last(story)
    assert "Not delivered" not in words_of(story.form("amira", "case"))
    assert story.does_nobody(RecordDeliveryFailure("A reminder", person="ben"))
    assert len(story.recorded(e.DeliveryFailed)) == 2


def test_whoever_runs_the_bot_may_send_again_and_the_record_says_so() -> None:
    story = unreached(side="raising")
    assert story.does_nobody(SendAgain("raising"))
    assert "Whoever runs Escalate had what did not reach the channel of Riverbank" in words_of_last(story)


def words_of_last(story: Story) -> str:
    return str(chronology(story.entries, "ben")[-1].text)


@pytest.mark.parametrize("to", ["amira", "raising", "nobody", ""])
def test_what_arrived_is_not_sent_again(to: str) -> None:
    assert isinstance(unreached("ben").refused("amira", SendAgain(to)), NothingUndelivered)


def test_two_people_who_send_it_again_send_it_once() -> None:
    story = unreached("ben")
    story.does("amira", SendAgain("ben"))
    assert isinstance(story.refused("amira", SendAgain("ben")), NothingUndelivered)


def test_only_those_who_take_part_send_again() -> None:
    story = Story().raises()
    story.does_nobody(RecordDeliveryFailure("A reminder", person="amira"))
    assert isinstance(story.refused("ben", SendAgain("amira")), NotConfirmedYet)
    story.accepts("ben").reaches(4)
    story.not_resolved()
    story.unsent = (unsent("amira"),)
    assert isinstance(story.refused(story.state.chair, SendAgain("amira")), ChairReads)


def test_every_kind_of_message_has_words() -> None:
    assert {*TOPICS, *SETTLED, *ITEMS, "case", "line"} == set(WHAT)


def test_the_line_manager_who_was_told_is_named_to_their_own_tenant_alone() -> None:
    story = Story(directory=in_two_tenants()).raises().accepts("ben")
    story.does_nobody(RecordDeliveryFailure("A reminder", person="ben"))
    story.unsent = (unsent("ben"),)
    to_amira, to_ben = (words_of(story.form(who, "case")) for who in ("amira", "ben"))
    assert "Their line manager was told. Please tell them" in to_amira
    assert "Farah Siddiqui" not in to_amira
    assert "Farah Siddiqui was told as their line manager." in to_ben
