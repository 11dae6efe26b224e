"""What one platform has, the others have: told by the journeys that ran before this."""

from __future__ import annotations

import os

import pytest

from core.verbs import VERBS, Draws
from tests.journeys.conftest import BUTTONS, STORIES_OF

DRAWS = {verb for verb, does in VERBS.items() if isinstance(does, Draws)}
"""Pressed by no person: where cards refresh themselves, their clients do it."""
ALONE = ["page", "slack", "teams"]


def _ran(mode: str) -> None:
    if not all(STORIES_OF[one] == STORIES_OF["page"] for one in ALONE) or not STORIES_OF[mode]:
        sentence = "This compares all the journeys of every platform: run the whole folder."
        if os.environ.get("ESCALATE_REQUIRE_ALL") == "1":
            pytest.fail(sentence)
        pytest.skip(sentence)


@pytest.mark.parametrize("other", ["slack", "teams"])
def test_every_button_of_one_platform_stands_on_the_other(other: str) -> None:
    _ran("page")
    page, there = BUTTONS["page"]["page"].seen, BUTTONS[other][other].seen
    assert page == there, f"only on the page: {page - there}; only in {other}: {there - page}"


@pytest.mark.parametrize("mode", ALONE)
def test_every_button_there_is_was_pressed(mode: str) -> None:
    _ran(mode)
    assert set(VERBS) - DRAWS == BUTTONS[mode][mode].pressed
