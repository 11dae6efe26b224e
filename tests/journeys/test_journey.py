"""The whole journey, written once; it runs on the page, on Slack, and with one side on each."""

from __future__ import annotations

import pytest

from tests.journeys.conftest import MIXED, PAGE, SLACK, Begin
from tests.journeys.people import with_role
from tests.journeys.story import BANNER, DIRECT, DISAGREE, FORM, PRIVATE, Story

everywhere = pytest.mark.parametrize("mode", [PAGE, SLACK, MIXED])
on_each = pytest.mark.parametrize("mode", [PAGE, SLACK])


@everywhere
async def test_first_steps(begin: Begin, mode: str) -> None:
    async with begin(mode) as story:
        await story.raises("amira")
        card = await story.card("amira")
        print(card)
        print(await story.card("ben"))
        sight = await story.presses("ben", "I'm the right person", on=DIRECT)
        print(sight.form)
        print((await story.sight("amira")).room)
