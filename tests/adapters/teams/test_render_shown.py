"""What Teams' renderer shows is what was put in: to the letter, with Markdown on, in the reader's zone."""

from __future__ import annotations

import os
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from playwright.async_api import Browser

from adapters.teams import render
from adapters.teams.text import JOINER, one_line, tame
from core.cards.model import (
    Banner,
    Button,
    Buttons,
    Card,
    Fact,
    Facts,
    Field,
    Form,
    Heading,
    Moment,
    Option,
    Progress,
    Quote,
    line,
    quiet,
    strong,
    text,
)
from tests.teams_renderer import chromium, draw, installed, open_page

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        not installed() and os.environ.get("ESCALATE_REQUIRE_ALL") != "1",
        reason="npm's card renderer or Chromium is missing",
    ),
]

DUE = Moment(at=datetime(2026, 6, 30, 16, 0, tzinfo=UTC))
FUNCTION = "{{DATE(2026-06-30T16:00:00Z,SHORT)}}"
TRICKY = (
    FUNCTION,
    "{" + FUNCTION + "}",
    "{{TIME(2026-06-30T16:00:00Z)}} ${name}",
    "*b* _i_ ~s~ `c` **bb** __ii__ ***",
    "[x](https://example.org) [x]: y ![i](j)",
    "<at>Ben Osei</at> <b>b</b> <!-- -->",
    "&amp; &lt;b&gt; &#42; &nbsp; & and &",
    "# not a heading",
    "> not a quote",
    "- not a list",
    "+ nor this",
    "7. nor this",
    "7) nor this",
    "---",
    "===",
    "| a | b |",
    "\\* \\\\ \\",
    "https://example.org/%41?a=b&c www.example.org a@example.org",
    ":smile: (c) (tm) ... -- \"quoted\" 'so'",
    "O'Brien-Smith, Health & Care (ICB)",
    "  two  spaces   three",
    "<mark>marked</mark> ===x=== /==/",
    "<script>document.title='x'</script>",
    "ليلى 李 Zoë 👩🏽‍⚕️",
)
MARKUP = "*_~`<>&[]()!@#:|^-\\/{}$+=.1 "
found = st.text(
    st.sampled_from(MARKUP) | st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=24
)
SHOWN = """() => [...document.querySelectorAll('section')].map(section =>
  [...section.querySelectorAll('.ac-richTextBlock, .ac-textBlock, .ac-pushButton, option:not([value=""])')]
    .map(part => part.matches('datalist option') ? part.value : part.textContent))"""
MADE = """() => [...document.querySelectorAll('em, a, ul, ol, h1, mark, pre, code, hr, table')]
  .map(part => part.outerHTML)"""
TYPED = "() => [...document.querySelectorAll('textarea')].map(part => part.value)"


def some_words() -> list[str]:
    """A few dozen strings that people or machines might try, other ones each time."""
    gathered = [*TRICKY]

    @settings(max_examples=30, database=None, suppress_health_check=list(HealthCheck))
    @given(found)
    def gather(words: str) -> None:
        if normal(words):
            gathered.append(normal(words))

    gather()
    return gathered


def normal(words: str) -> str:
    """Without what nobody sees: the joiner between two braces, spaces at the ends, which space it is."""
    return words.replace(JOINER, "").replace("\u00a0", " ").strip()


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as opened:
        yield opened


async def shown(browser: Browser, cards: list[dict[str, Any]], **where: Any) -> list[list[str]]:
    """For each card, the words of its parts in order. Nothing may have become markup."""
    page = await open_page(browser, **where)
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    await draw(page, cards)
    assert await page.evaluate(MADE) == []
    assert await page.title() == "Cards"
    found = await page.evaluate(SHOWN)
    assert troubles == []
    return [[normal(words) for words in card if normal(words)] for card in found]


def said(words: str) -> str:
    """`words` and a moment after them, as a reader in London sees them."""
    by_the_reader = f"{words} at Tue, 30 Jun 2026, 17:00"
    return normal(by_the_reader if tame(f"{words} at 0") else f"{words} at Tue 30 Jun, 17:00")


def card_of(words: str) -> dict[str, Any]:
    parts = (
        Banner(text=words),
        Heading(text=words),
        line(words),
        strong(words),
        quiet(words),
        line(words, " at ", DUE),
        Facts(rows=(Fact(label=words, text=text(words)),)),
        Progress(at=1, of=4, words=text(words)),
        Buttons(buttons=(Button(label=words, verb="open"),)),
    )
    return render.card_content(Card(summary="s", parts=parts))


async def test_whatever_is_put_in_a_card_is_shown_to_the_letter(browser: Browser) -> None:
    examples = some_words()
    drawn = await shown(browser, [card_of(words) for words in examples])
    for words, parts in zip(examples, drawn, strict=True):
        plain, label = normal(words), normal(one_line(words))
        assert parts == [
            f"▲ {words}".replace("\u00a0", " ").strip(),
            plain,
            plain,
            plain,
            plain,
            said(words),
            f"{words.strip()}: {words}".replace("\u00a0", " ").strip(),
            f"●──○──○──○   {words}".replace("\u00a0", " ").strip(),
            label,
        ], words


async def test_whatever_is_put_in_a_form_is_shown_to_the_letter(browser: Browser) -> None:
    examples = some_words()
    drawn = await shown(browser, [form_of(words) for words in examples])
    for words, parts in zip(examples, drawn, strict=True):
        plain, title = normal(words), one_line(f"{words}: {words}")
        start = [plain, f"▲ {words}".replace("\u00a0", " ").strip(), plain, plain]
        above = [] if tame(title) else [normal(f"{words.strip()}: {words}")]
        offered = title if tame(title) else one_line(words)
        end = ["Which?", normal(offered), "Which ones?", normal(title), "Send"]
        assert parts == [*start, *above, *end], words


def form_of(words: str) -> dict[str, Any]:
    option = (Option(value="a", label=words, explanation=words),)
    fields = (
        Field(id="a", label=words, entry="long", hint=words, value=(words,), error=words),
        Field(id="b", label="Which?", entry="choice", options=option),
        Field(id="c", label="Which ones?", entry="choices", options=option),
    )
    task = render.dialog(Form(kind="k", title="t", submit="Send", parts=(Quote(words=words), *fields)))
    return dict(task["card"]["content"])


async def test_what_was_typed_stands_in_its_field_again(browser: Browser) -> None:
    page = await open_page(browser)
    await draw(page, [form_of(words) for words in TRICKY])
    assert await page.evaluate(TYPED) == list(TRICKY)


async def test_paragraphs_stay_paragraphs(browser: Browser) -> None:
    words = "First, 1. and *so* on.\n- second\n\n# third"
    task = render.dialog(Form(kind="k", title="t", parts=(Quote(words=words),)))
    [parts] = await shown(browser, [task["card"]["content"]])
    assert parts == ["First, 1. and *so* on.", "- second", "# third"]


@pytest.mark.parametrize(
    ("zone", "time"),
    [("Europe/London", "17:00"), ("Asia/Kolkata", "21:30"), ("Pacific/Auckland", r"\b0?4:00")],
)
async def test_a_moment_is_read_in_ones_own_zone(browser: Browser, zone: str, time: str) -> None:
    content = render.card_content(Card(summary="s", parts=(line("12. Ben Osei added their view · ", DUE),)))
    [[words]] = await shown(browser, [content], zone=zone)
    assert words.startswith("12. Ben Osei added their view · ")
    assert re.search(time, words)


async def test_a_question_unfolds_before_what_cannot_be_undone(browser: Browser) -> None:
    agree = Button(label="Agree", verb="agree", confirm="It can't be taken back.")
    page = await open_page(browser)
    await draw(page, [render.card_content(Card(summary="s", parts=(Buttons(buttons=(agree,)),)))])
    question = page.get_by_text("It can't be taken back.")
    assert await question.count() == 0 or not await question.is_visible()
    await page.get_by_role("button", name="Agree").click()
    assert await question.is_visible()
    assert await page.get_by_role("button", name="Agree").count() == 2
