"""The page as a person meets it: by keyboard, on a phone, live, and without JavaScript."""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page, Route, expect

from adapters.web.world import account_of, room_of_agency
from core.conversation import Press, Submission
from tests.adapters.web.conftest import Served
from tests.adapters.web.fakes import (
    CASE,
    asked_card,
    brief_form,
    case_card,
    reminder_card,
    tell_form,
    thread_card,
    told,
    triage_form,
)

pytestmark = pytest.mark.browser
AXE = Path(__file__).parents[3] / "node_modules" / "axe-core" / "axe.min.js"


@pytest.fixture
async def page(browser: Browser) -> AsyncIterator[Page]:
    context = await browser.new_context(viewport={"width": 1280, "height": 900})
    page, troubles = await context.new_page(), list[str]()
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("console", lambda message: troubles.append(message.text) if message.type == "error" else None)
    page.set_default_timeout(5000)
    yield page
    await context.close()
    assert troubles == []


async def fill_rooms(served: Served) -> str:
    """A case with its thread in Amira's channel, and two direct messages. Returns the case's card."""
    card = await served.sender.post(room_of_agency("asc"), case_card(banner=True))
    for number in range(8):
        await served.sender.post(
            room_of_agency("asc"), thread_card(f"Ben Osei added their view, {number}"), card
        )
    await served.sender.post(account_of("amira"), asked_card())
    await served.sender.post(account_of("amira"), reminder_card())
    return card


async def tab_to(page: Page, name: str) -> None:
    """Presses Tab until what has this accessible name has the focus."""
    for _ in range(80):
        await page.keyboard.press("Tab")
        found = await page.evaluate(
            """() => { const at = document.activeElement;
            return at.labels?.[0]?.textContent.trim() || at.textContent.trim(); }"""
        )
        if found.startswith(name):
            return
    pytest.fail(f"The Tab key never came to {name!r}.")


async def test_raising_needs_no_mouse(served: Served, page: Page) -> None:
    await page.goto(f"{served.address}/?as=amira")
    await tab_to(page, "Talk to Escalate")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("dialog", name="Is somebody in danger now?")).to_be_visible()
    await tab_to(page, "No, go on")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("dialog", name="Tell it")).to_be_visible()
    await tab_to(page, "What decision do you ask for?")
    await page.keyboard.type("Look again")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("group", name="4 things need another look")).to_be_focused()
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("radio").first).to_be_focused()
    await page.keyboard.press("ArrowDown")
    await tab_to(page, "By when?")
    await page.keyboard.type("11272026")
    await tab_to(page, "What happened")
    await page.keyboard.type("Nobody came.")
    await tab_to(page, "Ben Osei")
    await page.keyboard.press("Space")
    await tab_to(page, "Raise it")
    await page.keyboard.press("Enter")
    answer = page.get_by_role("article", name=f"Raised as {CASE}")
    await expect(answer).to_be_focused()
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await expect(page.locator("#channel").get_by_text("West London Trust to respond")).to_be_visible()
    sent = served.bot.last()
    assert isinstance(sent, Submission)
    assert sent.values == {
        "kind": ("working_together",),
        "question": ("Look again",),
        "by": ("2026-11-27",),
        "account": ("Nobody came.",),
        "asked": ("ben",),
        "reference": (),
    }


async def test_escape_puts_a_form_aside_and_loses_nothing(served: Served, page: Page) -> None:
    served.bot.next_answer = tell_form()
    await page.goto(f"{served.address}/?as=amira")
    await page.get_by_role("button", name="Send").click()
    await page.get_by_label("What happened, and why does it worry you?").fill("Half a sen")
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await page.get_by_role("button", name="Carry on").click()
    await expect(page.get_by_label("What happened, and why does it worry you?")).to_have_value("Half a sen")


async def test_a_page_drawn_before_what_was_kept_arrives_shows_it_then(served: Served, page: Page) -> None:
    served.bot.next_answer = tell_form()
    await page.goto(f"{served.address}/?as=amira")
    await page.get_by_role("button", name="Send").click()
    entry = page.get_by_label("What happened, and why does it worry you?")
    await expect(entry).to_be_visible()
    sent: list[str] = []

    async def hold_up(route: Route) -> None:
        sent.append(route.request.post_data or "")
        await route.fulfill(status=204)

    await page.route("**/desk", hold_up)
    await entry.fill("Half a sen")
    await page.reload()
    await expect(entry).to_have_value("")
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    async with served.http.post(f"{served.address}/desk", data=sent[0], headers=form) as response:
        assert response.status == 204
    await expect(entry).to_have_value("Half a sen")
    await expect(page.get_by_role("dialog", name="Tell it")).to_be_visible()


async def test_words_answered_in_private_stay_in_the_box_to_be_changed_or_replaced(
    served: Served, page: Page
) -> None:
    await page.goto(f"{served.address}/?as=amira")
    box = page.get_by_label("Talk to Escalate")
    await box.fill("note HF-2026 Phoned the ward")
    await box.press("Enter")
    await expect(page.locator("[data-private]")).to_have_count(1)
    await expect(page.get_by_role("status").filter(has_text="What you can say")).to_be_attached()
    await expect(box).to_be_focused()
    await expect(box).to_have_value("note HF-2026 Phoned the ward")
    await page.keyboard.type("new")
    await expect(box).to_have_value("new")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("dialog", name="Is somebody in danger now?")).to_be_visible()
    await expect(box).to_have_value("")


async def test_words_sent_again_unchanged_are_the_same_delivery(served: Served, page: Page) -> None:
    await page.goto(f"{served.address}/?as=amira")
    box = page.get_by_label("Talk to Escalate")
    for count, words in enumerate(["list", "", " "], 1):
        await box.press_sequentially(words)
        async with page.expect_response("**/fragment?*"):
            await box.press("Enter")
        await expect(page.locator("form[aria-busy=true]")).to_have_count(0)
        assert len(served.bot.heard) == count
    first, again, changed = (asker.delivery for asker, _ in served.bot.heard)
    assert first == again != changed


async def test_what_was_typed_outlives_leaving_the_page(served: Served, page: Page) -> None:
    served.bot.next_answer = tell_form()
    await page.goto(f"{served.address}/?as=amira")
    await page.get_by_role("button", name="Send").click()
    entry = page.get_by_label("What happened, and why does it worry you?")
    await entry.fill("Half a sen")
    await page.get_by_label("Farah Siddiqui").check()
    await page.reload()
    await expect(page.get_by_role("dialog", name="Tell it")).to_be_visible()
    await expect(entry).to_have_value("Half a sen")
    await expect(page.get_by_label("Farah Siddiqui")).to_be_checked()
    await entry.fill("Half a sentence")
    await page.goto(f"{served.address}/?as=chi")
    await page.goto(f"{served.address}/?as=amira")
    await expect(entry).to_have_value("Half a sentence")


async def test_what_others_do_shows_at_once_and_disturbs_nothing(served: Served, page: Page) -> None:
    card = await fill_rooms(served)
    await page.goto(f"{served.address}/?as=amira")
    await page.evaluate("window.sameDocument = true")
    box = page.get_by_label("Talk to Escalate")
    await box.fill("note HF-2026-0001 half a sen")
    await page.locator("#channel summary").click()
    await box.focus()
    await served.sender.update(room_of_agency("asc"), card, case_card(whose="Adult Social Care"))
    await served.sender.post(account_of("amira"), told("A view was added."))
    await expect(page.locator("#channel").get_by_text("Adult Social Care to respond")).to_be_visible()
    await expect(page.locator("#direct").get_by_text("A view was added.")).to_be_visible()
    await expect(
        page.get_by_role("status").filter(has_text="Direct messages: A view was added.")
    ).to_be_attached()
    await expect(box).to_be_focused()
    await expect(box).to_have_value("note HF-2026-0001 half a sen")
    assert await page.evaluate("window.sameDocument && document.querySelector('#channel details').open")


async def test_a_half_filled_form_outlives_what_others_do(served: Served, page: Page) -> None:
    served.bot.next_answer = tell_form()
    await page.goto(f"{served.address}/?as=amira")
    await page.get_by_role("button", name="Send").click()
    entry = page.get_by_label("What happened, and why does it worry you?")
    await entry.fill("Half a sen")
    await served.sender.post(room_of_agency("asc"), case_card())
    await expect(page.locator("#channel").get_by_text("West London Trust to respond")).to_be_visible()
    await expect(entry).to_have_value("Half a sen")
    await expect(entry).to_be_focused()


async def test_the_focus_stays_on_a_button_whose_card_changes(served: Served, page: Page) -> None:
    card = await fill_rooms(served)
    await page.goto(f"{served.address}/?as=amira")
    button = page.locator("#channel").get_by_role("button", name="Propose an outcome")
    await button.focus()
    await served.sender.update(room_of_agency("asc"), card, case_card(whose="Harbour Housing"))
    await expect(page.locator("#channel").get_by_text("Harbour Housing to respond")).to_be_visible()
    await expect(button).to_be_focused()


async def test_a_button_asks_first_where_it_cannot_be_undone(served: Served, page: Page) -> None:
    await fill_rooms(served)
    await page.goto(f"{served.address}/?as=amira")
    await page.set_viewport_size({"width": 360, "height": 740})
    await page.locator("#channel").get_by_role("button", name="Withdraw").click()
    sheet = page.get_by_role("dialog")
    await expect(sheet.get_by_role("button", name="Go back")).to_be_focused()
    box = await sheet.bounding_box()
    assert box is not None
    assert box["height"] < 300
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("dialog")).to_have_count(0)
    assert served.bot.heard == []
    await page.locator("#channel").get_by_role("button", name="Withdraw").click()
    await page.get_by_role("dialog").get_by_role("button", name="Withdraw").click()
    await expect(page.get_by_text("You will hear what they decide.")).to_be_visible()
    assert served.bot.last() == Press("withdraw", CASE, "")


async def test_each_press_of_a_button_is_a_delivery_of_its_own(served: Served, page: Page) -> None:
    await fill_rooms(served)
    await page.goto(f"{served.address}/?as=amira")
    for count in (1, 2):
        served.bot.next_answer = told(f"Noted, {count}.")
        await page.locator("#direct").get_by_role("button", name="Done", exact=True).click()
        await expect(page.locator("#private article")).to_have_count(count)
    assert len({asker.delivery for asker, _ in served.bot.heard}) == 2


async def test_trouble_is_said_where_the_person_is_and_keeps_the_words(
    served: Served, browser: Browser
) -> None:
    page = await browser.new_page()
    await page.goto(f"{served.address}/?as=amira")
    await page.get_by_label("Talk to Escalate").fill("break")
    await page.get_by_role("button", name="Send").click()
    await expect(page.get_by_role("alert")).to_contain_text("nothing was lost")
    await expect(page.get_by_label("Talk to Escalate")).to_have_value("break")
    await page.close()


async def test_time_moves_on_in_place(served: Served, page: Page) -> None:
    await page.goto(f"{served.address}/?as=amira")
    await page.get_by_role("button", name="Next thing due").click()
    await expect(page.locator("#clock time")).to_have_text("Mon 30 Nov, 17:00")
    await expect(page.get_by_role("button", name="Next thing due")).to_be_focused()


async def test_on_a_phone_the_tab_says_how_many_messages_are_new(served: Served, browser: Browser) -> None:
    await fill_rooms(served)
    page = await browser.new_page(viewport={"width": 360, "height": 740})
    await page.goto(f"{served.address}/?as=amira")
    tab = page.locator('.tabs a[href="#direct"]')
    await expect(tab).to_have_text("Direct messages (2 new)")
    await tab.click()
    await expect(tab).to_have_text("Direct messages")
    await served.sender.post(account_of("amira"), told("A view was added."))
    await expect(page.locator("#direct").get_by_text("A view was added.")).to_be_visible()
    await page.locator('.tabs a[href="#channel"]').click()
    await expect(tab).to_have_text("Direct messages")
    await served.sender.post(account_of("amira"), told("Another view was added."))
    await expect(tab).to_have_text("Direct messages (1 new)")
    await page.reload()
    await expect(tab).to_have_text("Direct messages (1 new)")
    await page.close()


async def test_where_both_parts_show_the_heading_counts_until_somebody_comes_to_it(
    served: Served, page: Page
) -> None:
    await fill_rooms(served)
    await page.goto(f"{served.address}/?as=amira")
    await expect(page.get_by_role("heading", name="Direct messages (2 new)")).to_be_visible()
    await page.locator("#direct").get_by_role("button", name="I'm the right person").focus()
    heading = page.get_by_role("heading", name="Direct messages", exact=False)
    await expect(heading).not_to_contain_text("new")
    await served.sender.post(account_of("amira"), told("A view was added."))
    await expect(heading).to_contain_text("(1 new)")


async def test_another_person_can_be_chosen(served: Served, page: Page) -> None:
    await page.goto(f"{served.address}/?as=amira")
    await page.get_by_label("You are").select_option("ben")
    await page.get_by_role("button", name="Change").click()
    await expect(page.get_by_role("heading", name="West London Trust")).to_be_visible()
    await expect(page.locator("#clock time")).to_have_text("Mon 23 Nov, 04:30")


async def test_everything_works_without_javascript(served: Served, browser: Browser) -> None:
    context = await browser.new_context(java_script_enabled=False)
    page = await context.new_page()
    await fill_rooms(served)
    await page.goto(f"{served.address}/?as=amira")
    await page.locator("#channel").get_by_role("button", name="Withdraw").click()
    await page.get_by_role("button", name="Withdraw").click()
    await expect(page.get_by_text("You will hear what they decide.")).to_be_visible()
    await page.locator("#channel").get_by_role("button", name="Add our view").click()
    await page.get_by_label("What decision do you ask for?").fill("Look again")
    await page.get_by_role("button", name="Raise it").click()
    await expect(page.get_by_role("heading", name="4 things need another look")).to_be_visible()
    await expect(page.get_by_label("What decision do you ask for?")).to_have_value("Look again")
    await page.get_by_role("button", name="Finish later").click()
    await page.get_by_role("button", name="Throw it away").click()
    await expect(page.get_by_role("button", name="Throw it away")).to_have_count(0)
    await context.close()


LONG = f"{'Aaaaaaaaaa' * 30} {tell_form().fields()[3].hint * 5}"
FORMS = {
    "none": None,
    "triage": triage_form(),
    "tell": tell_form(
        {}, {"account": "Say what happened.", "kind": "Choose one.", "asked": "Choose somebody."}
    ),
    "brief": brief_form(LONG),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("tab", ["channel", "direct"])
async def test_nothing_scrolls_sideways_on_a_small_phone(
    served: Served, browser: Browser, form: str, tab: str
) -> None:
    await fill_rooms(served)
    await served.sender.post(room_of_agency("asc"), told(LONG))
    page = await browser.new_page(viewport={"width": 360, "height": 740})
    served.bot.next_answer = FORMS[form] or told(LONG)
    await page.goto(f"{served.address}/?as=amira")
    await page.get_by_role("button", name="Send").click()
    await expect(page.locator("dialog:modal, [data-private]")).to_have_count(1)
    if FORMS[form] is None:
        await page.locator(f'.tabs a[href="#{tab}"]').click()
        await expect(page.locator(f"#{tab}")).to_be_visible()
    wide = await page.evaluate(
        """() => [document.documentElement, ...document.querySelectorAll("dialog, main, main *")]
        .filter((part) => !part.closest(".unseen, .place h2, select, input") && part.clientWidth
                && part.scrollWidth > part.clientWidth + 1)
        .map((part) => part.outerHTML.slice(0, 120))"""
    )
    assert wide == []
    await page.close()


async def serious(page: Page) -> list[str]:
    """What axe finds serious or critical on the page as it stands."""
    await page.evaluate(AXE.read_text("utf-8") + ";0")
    found: dict[str, Any] = json.loads(
        await page.evaluate("axe.run({ resultTypes: ['violations'] }).then(JSON.stringify)")
    )
    return [
        f"{rule['id']}: {node['html']} {node['failureSummary']}"
        for rule in found["violations"]
        if rule["impact"] in {"serious", "critical"}
        for node in rule["nodes"]
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
async def test_axe_finds_nothing_serious(served: Served, browser: Browser, scheme: Any, width: int) -> None:
    if not AXE.exists():
        if os.environ.get("ESCALATE_REQUIRE_ALL") == "1":
            pytest.fail("axe-core isn't installed, and all tests are asked for: run npm ci.")
        pytest.skip("axe-core isn't installed, so the page isn't judged: run npm ci.")
    await fill_rooms(served)
    context = await browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme=scheme,
        reduced_motion="reduce",
        bypass_csp=True,
    )
    page = await context.new_page()
    for form in FORMS.values():
        served.bot.next_answer = form or told("Only for you.")
        await page.goto(f"{served.address}/?as=amira")
        await page.get_by_role("button", name="Send").click()
        await expect(page.locator("dialog:modal" if form else "[data-private]")).to_have_count(1)
        assert await serious(page) == []
        if form:
            await page.locator("[data-close]").click()
            await expect(page.get_by_role("dialog")).to_have_count(0)
    await page.goto(f"{served.address}/?as=amira#direct")
    assert await serious(page) == []
    await context.close()
