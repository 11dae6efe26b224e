"""Naming somebody: who is offered by name to whom, across tenants of Teams, and who is found by e-mail."""

from __future__ import annotations

from contextlib import suppress

import pytest

from core.access import may, may_be_offered
from core.commands import AcceptInvolvement, FillRole, NameContact, NewPerson, PassOnInvolvement
from core.directory import Person
from core.escalation import Escalation
from core.forms import FORMS
from core.forms.form import CASE, OBJECT, Answers
from core.forms.naming import NOT_LISTED
from core.refusals import NothingAsked
from tests.core.kit import (
    DIRECTORY,
    TRUST,
    Story,
    checked_form,
    in_two_tenants,
    raising,
    without_role,
    words_of,
)

OTHERS = ("Farah Siddiqui", "Ines Moreau", "Jo Whitlock")
"""Of the trust; Ben is who takes part."""


@pytest.mark.parametrize(
    ("viewer", "person", "offered"),
    [
        (("teams:here/1",), ("teams:here/2",), True),
        (("teams:here/1",), ("teams:there/2",), False),
        (("teams:here/1",), ("teams:there/2", "teams:here/2"), True),
        (("teams:here/1", "teams:there/1"), ("teams:there/2",), True),
        (("teams:here/1",), ("teams:there/2", "slack:T1/U2"), True),
        (("teams:here/1",), ("slack:T1/U2",), True),
        (("teams:here/1",), ("web:page/2",), True),
        (("teams:here/1",), (), True),
        (("slack:T1/U1",), ("teams:there/2",), False),
        (("slack:T1/U1",), ("slack:T1/U2",), True),
        (("teams:here/1",), ("teams:her/2",), False),
    ],
)
def test_who_is_only_in_tenants_of_others_is_not_offered(
    viewer: tuple[str, ...], person: tuple[str, ...], offered: bool
) -> None:
    one, two = Person(id="one", name="One", accounts=viewer), Person(id="two", name="Two", accounts=person)
    assert may_be_offered(Escalation(), one, two) is offered


def test_no_form_shows_another_tenants_names_beyond_those_taking_part() -> None:
    known = in_two_tenants(without_role(DIRECTORY, TRUST, "line_manager"))
    story = Story(directory=known).raises()
    drawn = {kind: drawn_for_amira(story, kind) for kind in FORMS}
    assert {"raise.who", "name_contact", "fill_role", "case", "more"} <= {
        k for k, words in drawn.items() if words
    }
    for words in drawn.values():
        assert not [name for name in OTHERS if name in words]


def drawn_for_amira(story: Story, kind: str) -> str:
    """A form's words, about each thing that it can be about; "" where she may not open it."""
    form, words = FORMS[kind], ""
    if form.needs and not may(story.state, "amira", form.needs):
        return ""
    for subject in ("challenged", "challenged/line_manager", "raising", "raising/line_manager"):
        carry = {CASE: story.state.id, OBJECT: subject, "other_agency": TRUST}
        with suppress(NothingAsked):
            words += words_of(checked_form(form.draw(story.desk("amira"), carry, Answers({}))))
    return words


def test_a_form_without_a_list_says_how_to_name_somebody() -> None:
    story = Story(directory=in_two_tenants()).raises()
    form = story.form("amira", "name_contact", "challenged")
    assert [field.id for field in form.fields()] == ["new_name", "new_email"]
    assert NOT_LISTED in words_of(form)
    own = story.form("amira", "name_contact", "raising")
    assert [field.id for field in own.fields()] == ["person", "new_name", "new_email"]
    assert NOT_LISTED not in words_of(own)


def test_whoever_takes_part_is_offered_to_lead() -> None:
    story = Story(directory=in_two_tenants()).raises()
    story.does("ben", AcceptInvolvement())
    form = story.form("amira", "fill_role", "challenged/line_manager")
    [listed, *_] = form.fields()
    assert [option.value for option in listed.options] == ["ben"]


def test_somebody_named_by_email_is_the_person_whom_the_directory_knows() -> None:
    story = Story(directory=in_two_tenants())
    story.does("amira", raising(named=(), new_people=(NewPerson("Benny", " Ben@Example.org"),)))
    assert story.state.participants["ben"].name == "Ben Osei"
    assert story.directory.people == in_two_tenants().people, "nobody was added"


def test_an_email_of_another_agency_is_refused_without_saying_whose_it_is() -> None:
    lena = NewPerson("Somebody", "lena@example.org")
    story = Story(directory=in_two_tenants())
    refusals = [story.refused("amira", raising(named=(), new_people=(lena,)))]
    story.raises()
    refusals.append(story.refused("ben", PassOnInvolvement(new_person=lena)))
    refusals.append(story.refused("amira", NameContact("challenged", new_person=lena)))
    refusals.append(story.refused("amira", FillRole("challenged", "line_manager", new_person=lena)))
    for refusal in refusals:
        assert refusal.field == "new_email"
        assert "Lena" not in refusal.words
        assert "Police" not in refusal.words
