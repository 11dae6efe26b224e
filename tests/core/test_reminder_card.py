"""One message for all that waits for a person: each thing once, and no more than a platform shows (P25)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.cards.model import Card
from core.cards.reminder import MOST_SHOWN, Waiting, reminder_card
from core.escalation import Escalation
from tests.core.kit import Story, checked_card, words_of


def lapsed(number: int) -> Escalation:
    """A case in danger whose week has passed: the longest that a reminder can be."""
    state = Story().raises(in_danger=True).accepts("ben").week_passes().state
    assert state.raised is not None
    raised = state.raised.model_copy(update={"reference": f"HF-2026-{number:04d}"})
    return replace(state, id=f"case{number}", raised=raised)


def reminder(*states: Escalation) -> Card:
    [clock] = states[0].clocks
    card = reminder_card([Waiting(state, "clock", clock) for state in states], "ben")
    assert card is not None
    return checked_card(card)


@pytest.mark.policy("P25")
def test_somebody_who_was_away_for_several_reminders_of_one_window_is_asked_once() -> None:
    state = lapsed(1)
    assert reminder(state, state, state) == reminder(state)


@pytest.mark.policy("P25")
def test_more_than_a_message_can_show_is_named_with_a_way_to_see_it() -> None:
    card = reminder(*(lapsed(number) for number in range(1, 31)))
    assert len(card.parts) < 50
    assert "30 things wait for you" in words_of(card)
    assert f"And {30 - MOST_SHOWN} more" in words_of(card)
    assert "HF-2026-0030" in words_of(card), "none is left unsaid"
    assert "HF-2026-0030" not in card.summary, "a locked phone shows little"
