"""Every card and form that the core can draw is one that Teams takes."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import invariant

from adapters.teams import render
from core.access import may
from core.cards.model import Card, Form
from core.forms import FORMS
from tests.core.test_properties import READ_ONLY, Anything, _object
from tests.teams_gallery import cards, forms
from tests.teams_judge import judge_dialog, judge_message

CARDS, DRAWN = cards(), forms()


@pytest.mark.parametrize("card", [pytest.param(card, id=name) for name, card in CARDS.items()])
def test_teams_takes_each_kind_of_card(card: Card) -> None:
    judge_message(render.message(card))
    judge_dialog(render.told(card))


@pytest.mark.parametrize("form", [pytest.param(form, id=name) for name, form in DRAWN.items()])
def test_teams_takes_each_kind_of_form(form: Form) -> None:
    judge_dialog(render.dialog(form))


def test_there_is_a_form_of_each_kind() -> None:
    assert set(FORMS) <= set(DRAWN)


class AnythingOnTeams(Anything):
    """Whatever anybody does: each message that comes of it, and each form of one person after each step."""

    looked_at = 0

    @invariant()
    def teams_takes_every_message(self) -> None:
        for notice in self.story.notices[self.looked_at :]:
            card = self.story.card_of(notice)
            if card:
                judge_message(render.message(card))
        self.looked_at = len(self.story.notices)

    @invariant()
    def teams_takes_every_form(self) -> None:
        state = self.story.state
        taking_part = [one.person for one in state.taking_part()]
        who = taking_part[len(self.story.entries) % len(taking_part)] if taking_part else ""
        for kind in READ_ONLY if who else []:
            needs = FORMS[kind].needs
            if needs and may(state, who, needs):
                judge_dialog(render.dialog(self.story.form(who, kind, _object(kind, state, who))))


AnythingOnTeams.TestCase.settings = settings(
    max_examples=6,
    stateful_step_count=12,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
TestAnythingOnTeams = AnythingOnTeams.TestCase
