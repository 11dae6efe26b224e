"""What one platform has, the others have: told by the journeys that ran before this."""

from __future__ import annotations

import os

import pytest

from core.verbs import VERBS
from tests.journeys.conftest import BUTTONS, STORIES_OF


def _ran(mode: str) -> None:
    if STORIES_OF["page"] != STORIES_OF["slack"] or not STORIES_OF[mode]:
        sentence = "This compares all the journeys of both platforms: run the whole folder."
        if os.environ.get("ESCALATE_REQUIRE_ALL") == "1":
            pytest.fail(sentence)
        pytest.skip(sentence)


def test_every_button_of_one_platform_stands_on_the_other() -> None:
    _ran("page")
    page, slack = BUTTONS["page"]["page"].seen, BUTTONS["slack"]["slack"].seen
    assert page == slack, f"only on the page: {page - slack}; only on Slack: {slack - page}"


@pytest.mark.parametrize("mode", ["page", "slack"])
def test_every_button_there_is_was_pressed(mode: str) -> None:
    _ran(mode)
    assert set(VERBS) == BUTTONS[mode][mode].pressed
