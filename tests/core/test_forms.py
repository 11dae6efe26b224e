"""Forms: what each asks, what its answers mean, and that nothing typed is lost."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import pytest

from core import commands as c
from core.cards.model import Form, Quote
from core.forms import FORMS
from core.forms.form import (
    CASE,
    OBJECT,
    Answers,
    Carry,
    FieldsRefused,
    filled_in,
    kept_words,
    missing,
    number,
)
from core.refusals import NothingAsked
from core.verbs import VERBS, Opens
from tests.core.kit import COUNCIL, TRUST, Story, action, checked_form, words_of

Typed = Mapping[str, str | tuple[str, ...]]

TOLD: Typed = {
    "category": "engagement",
    "decision_asked": "zebra decision",
    "other_agency": TRUST,
    "account": "zebra account",
    "adult_views": "own-words",
    "adult_words": "zebra wish",
    "enquiry": "section-42",
}


class Filling:
    """Somebody fills in forms one after another, as a platform sends them: `form` is what they see now."""

    def __init__(self, story: Story, who: str, kind: str, carry: Carry | None = None) -> None:
        self.desk = story.desk(who)
        self.values: dict[str, tuple[str, ...]] = {}
        self.form = FORMS[kind].draw(self.desk, carry or {}, Answers({}))
        self.command: c.Command | None = None

    def sends(self, **typed: str | tuple[str, ...]) -> Filling:
        """Answers not given are what the form held already."""
        checked_form(self.form)
        held = {field.id: field.value for field in self.form.fields() if field.value}
        sent = {key: (value,) if isinstance(value, str) else value for key, value in typed.items()}
        self.values |= held | sent
        errors = missing(self.form, Answers(held | sent))
        if errors:
            self.form = filled_in(self.form, self.values, errors)
            return self
        try:
            read = FORMS[self.form.kind].read
            assert read is not None
            result = read(self.desk, self.form.carry, Answers(self.values))
        except FieldsRefused as refused:
            self.form = filled_in(self.form, self.values, refused.errors)
            return self
        if isinstance(result, Form):
            self.form = filled_in(result, self.values, {})
        else:
            self.command = result
        return self

    def error(self, field: str) -> str:
        return next(one.error for one in self.form.fields() if one.id == field)

    def value(self, field: str) -> tuple[str, ...]:
        return next(one.value for one in self.form.fields() if one.id == field)


def raising_form() -> Filling:
    return Filling(Story(), "amira", "raise.danger")


def at_the_telling() -> Filling:
    return raising_form().sends(in_danger="no").sends(elsewhere="none")


# --- raising ---


@pytest.mark.policy("P1", "P4", "P5", "N3")
def test_a_raising_is_told_step_by_step() -> None:
    filling = at_the_telling()
    filling.sends(**TOLD, answer_by="2026-11-27", own_reference="zebra 1")
    assert filling.form.kind == "raise.who"
    filling.sends(named=("ben", "farah"))
    assert isinstance(filling.command, c.Raise)
    assert filling.command.named == ("ben", "farah")
    assert filling.command.agency == COUNCIL
    assert filling.command.answer_by == date(2026, 11, 27)
    assert filling.command.account == "zebra account"
    assert Story().does("amira", filling.command)


@pytest.mark.policy("P10")
def test_danger_is_asked_first_and_what_to_do_is_shown_whatever_follows() -> None:
    filling = raising_form()
    assert [field.id for field in filling.form.fields()] == ["in_danger"]
    filling.sends(in_danger="yes")
    assert filling.form.kind == "raise.advice"
    assert "phone 999" in words_of(filling.form)
    filling.sends().sends(elsewhere="none")
    assert "999" in words_of(filling.form)
    filling.sends(**TOLD, made_safe="zebra neighbour is there").sends()
    assert isinstance(filling.command, c.Raise)
    assert filling.command.in_danger
    assert filling.command.made_safe == "zebra neighbour is there"


@pytest.mark.policy("P6")
def test_what_belongs_elsewhere_is_shown_where_and_goes_on_only_with_a_reason() -> None:
    filling = raising_form().sends(in_danger="no").sends(elsewhere="eligibility-or-funding")
    assert filling.form.kind == "raise.elsewhere"
    assert "appeals procedure" in words_of(filling.form)
    filling.sends()
    assert filling.error("in_scope_because") == "Please fill this in."
    filling.sends(in_scope_because="zebra because").sends(**TOLD).sends()
    assert isinstance(filling.command, c.Raise)
    assert filling.command.excluded == "eligibility-or-funding"
    assert filling.command.in_scope_because == "zebra because"


@pytest.mark.policy("P6")
def test_about_a_position_of_trust_only_the_rest_can_be_raised() -> None:
    filling = raising_form().sends(in_danger="no").sends(elsewhere="position-of-trust")
    assert "in_scope_because" not in {field.id for field in filling.form.fields()}
    assert "without any details of the" in words_of(filling.form)
    filling.sends().sends(**TOLD).sends()
    assert isinstance(filling.command, c.Raise)
    assert filling.command.excluded == ""


def test_missing_answers_are_said_beside_their_fields_and_what_was_typed_stays() -> None:
    filling = at_the_telling()
    filling.sends(**{**TOLD, "decision_asked": " ", "other_agency": ()})
    assert filling.form.kind == "raise.tell"
    assert filling.error("decision_asked") == "Please fill this in."
    assert filling.error("other_agency") == "Choose one of these."
    assert filling.error("account") == ""
    assert filling.value("account") == ("zebra account",)


@pytest.mark.policy("P3")
@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"adult_words": ""}, "adult_words"),
        ({"adult_views": "unsafe-to-ask", "adult_words": ""}, "adult_words"),
        ({"adult_views": "representative"}, "voiced_by"),
        ({"answer_by": "2026-11-22"}, "answer_by"),
        ({"answer_by": "next week"}, "answer_by"),
        ({"category": "another"}, "category_words"),
        ({"category": "made-up"}, "category"),
        ({"account": "x" * 3001}, "account"),
    ],
)
def test_an_answer_that_will_not_do_is_said_beside_its_field(changes: dict[str, str], field: str) -> None:
    filling = at_the_telling().sends(**{**TOLD, **changes})
    assert filling.form.kind == "raise.tell"
    assert filling.error(field)
    assert filling.value("decision_asked") == ("zebra decision",)


def test_somebody_new_needs_a_name_and_a_work_email() -> None:
    filling = at_the_telling().sends(**TOLD)
    assert filling.sends(new_name="Pat New").error("new_email")
    assert filling.sends(new_name="", new_email="pat@example.org").error("new_name")
    assert filling.sends(new_name="Pat New", new_email="pat at example").error("new_email")
    filling.sends(new_email="pat@example.org")
    assert isinstance(filling.command, c.Raise)
    assert filling.command.new_people == (c.NewPerson("Pat New", "pat@example.org"),)


def test_going_back_to_a_draft_keeps_every_answer() -> None:
    typed = {key: (value,) if isinstance(value, str) else value for key, value in TOLD.items()}
    drawn = FORMS["raise.tell"].draw(Story().desk("amira"), {}, Answers({}))
    kept = filled_in(drawn, typed, {})
    assert {field.id: field.value for field in kept.fields() if field.value} == typed


def test_an_error_of_no_field_stands_first() -> None:
    drawn = FORMS["raise.tell"].draw(Story().desk("amira"), {}, Answers({}))
    shown = filled_in(drawn, {}, {"person": "Somebody has left."})
    assert shown.fields()[0].error == "Somebody has left."
    advice = FORMS["raise.advice"].draw(Story().desk("amira"), {"in_danger": "yes"}, Answers({}))
    assert "Somebody has left." in words_of(filled_in(advice, {}, {"": "Somebody has left."}))


# --- outcomes ---


@pytest.mark.policy("P30", "P14")
def test_an_outcome_is_proposed_with_an_action_a_screen() -> None:
    story = Story().raises().accepts("ben")
    filling = Filling(story, "amira", "propose")
    filling.sends(words="zebra outcome", reflects_views="zebra reflected", actions_0="yes")
    filling.sends(what_1="zebra one", owner_1="ben", due_1="2026-12-01", actions_1="yes")
    filling.sends(what_2="zebra two", owner_2="amira", due_2="2026-11-20", actions_2="no")
    assert "has passed" in filling.error("due_2")
    filling.sends(what_2="zebra two", owner_2="amira", due_2="2026-12-02", actions_2="no")
    assert filling.form.submit == "Propose it"
    assert "zebra two" in words_of(filling.form)
    assert "zebra reflected" in words_of(filling.form)
    filling.sends()
    assert isinstance(filling.command, c.ProposeOutcome)
    assert [one.owner for one in filling.command.actions] == ["ben", "amira"]
    assert story.does("amira", filling.command)


@pytest.mark.policy("P30")
def test_a_changed_proposal_starts_from_the_one_that_stands() -> None:
    story = Story().raises().accepts("ben")
    story.proposes("amira", action("ben"))
    filling = Filling(story, "ben", "propose")
    assert filling.value("words") == ("zebra outcome",)
    assert "Whoever agreed it is asked again" in words_of(filling.form)
    filling.sends()
    assert filling.value("owner_1") == ("ben",)
    assert filling.value("due_1") == ("2026-12-10",)
    filling.sends(actions_1="no").sends()
    assert isinstance(filling.command, c.ProposeOutcome)
    assert filling.command.actions == (action("ben"),)


def test_at_most_ten_actions_are_asked_for() -> None:
    story = Story().raises().accepts("ben")
    filling = Filling(story, "amira", "propose")
    filling.sends(words="zebra", reflects_views="zebra", actions_0="yes")
    for one in range(1, 11):
        typed = {f"what_{one}": "zebra", f"owner_{one}": "ben", f"due_{one}": "2026-12-01"}
        filling.sends(**typed, **({f"actions_{one}": "yes"} if one < 10 else {}))
    filling.sends()
    assert isinstance(filling.command, c.ProposeOutcome)
    assert len(filling.command.actions) == 10


@pytest.mark.policy("P30")
def test_whoever_may_not_agree_reads_the_proposal_and_who_may() -> None:
    story = Story().raises().accepts("ben").reaches(2)
    made = story.proposes("amira")
    reads = story.form("ben", "decide", made)
    assert "waits for Farah Siddiqui" in words_of(reads)
    assert not reads.buttons()
    assert [button.verb for button in story.form("farah", "decide", made).buttons()] == ["agree", "decline"]


def test_from_an_old_card_the_newer_proposal_is_shown_and_said_to_be_newer() -> None:
    story = Story().raises().accepts("ben")
    first = story.proposes("amira")
    story.proposes("amira")
    assert "newer outcome than the one on your card" in words_of(story.form("ben", "decide", first))


def test_what_was_declined_has_no_buttons_to_agree() -> None:
    story = Story().raises(named=("ben", "farah")).accepts("ben", "farah")
    made = story.proposes("amira")
    story.does("ben", c.DeclineOutcome(made, "zebra reason"))
    assert not story.form("farah", "decide", made).buttons()


# --- taking part ---


@pytest.mark.policy("P24")
def test_from_an_old_card_not_resolved_says_first_that_it_moved_on() -> None:
    story = Story().raises().accepts("ben")
    story.not_resolved("amira")
    assert "Amira Khan moved it on to Stage 2" in words_of(story.form("ben", "not_resolved", "1"))
    assert "moved it on" not in words_of(story.form("ben", "not_resolved", "2"))


def test_naming_somebody_needs_a_person_or_a_new_one() -> None:
    story = Story().raises()
    filling = Filling(story, "amira", "name_contact", {CASE: "case", OBJECT: "challenged"})
    assert filling.sends().error("person")
    filling.sends(person="farah")
    assert filling.command == c.NameContact("challenged", "farah", None)


@pytest.mark.parametrize(
    ("kind", "carry"),
    [
        ("name_contact", {OBJECT: "made-up"}),
        ("fill_role", {OBJECT: "made-up/line_manager"}),
        ("raise.elsewhere", {"elsewhere": "made-up"}),
        ("raise.who", {"other_agency": "made-up"}),
        ("raise.who", {}),
    ],
)
def test_a_form_asked_for_something_that_is_not_there_says_so(kind: str, carry: Carry) -> None:
    with pytest.raises(NothingAsked):
        FORMS[kind].draw(Story().raises().desk("amira"), carry, Answers({}))


@pytest.mark.parametrize("value", ["", "x", "-1", "9" * 400, "²", "3"])
def test_a_page_that_is_no_number_is_the_first_one(value: str) -> None:
    assert number({"action": value}, "action") == (3 if value == "3" else 1)


def test_words_typed_into_a_form_that_can_not_be_drawn_any_more_are_shown_to_copy() -> None:
    kept = kept_words(NothingAsked(), {"reason": ("zebra words of somebody",), "person": ("p123",)})
    assert kept is not None
    assert [part.words for part in kept.parts if isinstance(part, Quote)] == ["zebra words of somebody"]
    assert kept_words(NothingAsked(), {"person": ("p123",)}) is None


def test_every_button_that_opens_something_opens_a_form_there_is() -> None:
    for verb in VERBS.values():
        assert not isinstance(verb, Opens) or verb.form in FORMS


def test_a_stage_that_is_no_number_is_none_of_the_stages() -> None:
    for opening in ("²", "9" * 5000, "", "x"):
        command = FORMS["not_resolved"].read
        assert command is not None
        asked = command(Story().raises().desk("amira"), {OBJECT: opening}, Answers({"reason": ("zebra",)}))
        assert asked == c.RecordNotResolved("zebra", 0)
