"""The draft as its reviewer has it, in a browser: usable by everybody, and decisions aren't lost."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.async_api import Page, async_playwright

from bot.subject_access import MARK, Draft, drawn
from core.cards.plain import dated
from core.disclosure import Held
from tests.conftest import CHROMIUM
from tests.core.kit import DIRECTORY, Story
from tests.core.test_destroying import lived

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
LONDON = ZoneInfo("Europe/London")

pytestmark = pytest.mark.browser


def draft_of(story: Story) -> Draft:
    held = Held(story.state, story.entries, DIRECTORY, lambda text: dated(text, LONDON))
    return Draft(
        reference=story.state.reference,
        made_at="1 December 2026, 10:00",
        by="Tam Okafor",
        why="Request 12",
        facts=held.facts(),
        people=held.people(),
        decisions=held.decisions(),
        actions=held.actions(),
        entries=held.chronology(),
        messages=(("1 December 2026, 10:00", "The case's card", 1, "The room", "Sent"),),
        places=(("Slack: T0001/C0001", "The room", "1"),),
    )


@pytest.fixture
async def page(tmp_path: Path) -> AsyncIterator[Page]:
    file = tmp_path / "draft.html"
    file.write_text(drawn(draft_of(lived())), encoding="utf-8")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        opened = await browser.new_page(viewport={"width": 390, "height": 844})
        await opened.goto(file.as_uri())
        yield opened
        await browser.close()


async def test_axe_finds_nothing_serious_and_nothing_sticks_out_on_a_phone(page: Page) -> None:
    if not AXE.exists():
        if os.environ.get("ESCALATE_REQUIRE_ALL") == "1":
            pytest.fail("axe-core isn't installed, and all tests are asked for: run npm ci.")
        pytest.skip("axe-core isn't installed, so the page isn't judged: run npm ci.")
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await page.evaluate(await asyncio.to_thread(AXE.read_text, "utf-8"))
    judged = json.loads(await page.evaluate("axe.run({ resultTypes: ['violations'] }).then(JSON.stringify)"))
    grave = [one for one in judged["violations"] if one["impact"] in ("serious", "critical")]
    assert grave == []


async def test_decisions_are_counted_and_a_saved_copy_opens_with_them(page: Page, tmp_path: Path) -> None:
    boxes = await page.locator("fieldset.decision").count()
    assert await page.locator("#count").inner_text() == f"0 of {boxes} decided"
    box = page.get_by_role("group", name="Decision on entry 1", exact=True)
    await box.get_by_label("Redact").check()
    await box.get_by_label("Why, and which words").fill("A neighbour's name <here>")
    async with page.expect_download() as downloading:
        await page.get_by_role("button", name="Save a copy with my decisions").click()
    copy = tmp_path / "copy.html"
    await (await downloading.value).save_as(copy)
    await page.goto(copy.as_uri())
    again = page.get_by_role("group", name="Decision on entry 1", exact=True)
    assert await again.get_by_label("Redact").is_checked()
    assert await again.get_by_label("Why, and which words").input_value() == "A neighbour's name <here>"
    assert await page.locator("#count").inner_text() == f"1 of {boxes} decided"
    assert MARK in await page.locator(".mark").inner_text()
