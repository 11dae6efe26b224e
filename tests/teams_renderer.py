"""Cards drawn by Microsoft's JavaScript renderer in Chromium, with Markdown on, as Teams on a desktop has
it.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, Page, async_playwright

MODULES = Path(__file__).parents[1] / "node_modules"
RENDERER = MODULES / "adaptivecards" / "dist" / "adaptivecards.min.js"
MARKDOWN = MODULES / "markdown-it" / "dist" / "markdown-it.min.js"
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
]

LIGHT = {
    "page": "#f5f5f5",
    "card": "#ffffff",
    "line": "#d1d1d1",
    "text": "#242424",
    "subtle": "#616161",
    "emphasis": "#f0f0f0",
    "attention": "#fdf3f4",
    "edge": "#eeacb2",
    "alarm": "#b10e1c",
    "brand": "#5b5fc7",
    "good": "#237b4b",
}
DARK = {
    "page": "#1f1f1f",
    "card": "#292929",
    "line": "#525252",
    "text": "#ffffff",
    "subtle": "#adadad",
    "emphasis": "#333333",
    "attention": "#3b1114",
    "edge": "#751d1f",
    "alarm": "#e87b80",
    "brand": "#7f85f5",
    "good": "#92c353",
}

DRAW = """(cards, palette) => {
  const markdown = window.markdownit({linkify: true});
  AdaptiveCards.AdaptiveCard.onProcessMarkdown = (text, result) => {
    result.outputHtml = markdown.render(text); result.didProcess = true; };
  const tone = (colour) => ({default: colour, subtle: palette.subtle});
  const style = (ground, edge) => ({backgroundColor: ground, borderColor: edge, foregroundColors: {
    default: tone(palette.text), accent: tone(palette.brand), attention: tone(palette.alarm),
    good: tone(palette.good), warning: tone(palette.alarm)}});
  const host = new AdaptiveCards.HostConfig({
    fontFamily: "'Segoe UI', 'DejaVu Sans', system-ui, sans-serif", supportsInteractivity: true,
    fontSizes: {small: 12, default: 14, medium: 16, large: 18, extraLarge: 24},
    fontWeights: {lighter: 300, default: 400, bolder: 600},
    separator: {lineThickness: 1, lineColor: palette.line},
    spacing: {small: 4, default: 8, medium: 12, large: 16, extraLarge: 24, padding: 12},
    containerStyles: {default: style(palette.card, palette.line),
      emphasis: style(palette.emphasis, palette.line),
      attention: style(palette.attention, palette.edge)},
    actions: {maxActions: 6, actionsOrientation: "horizontal", actionAlignment: "left", buttonSpacing: 8,
      spacing: "default", showCard: {actionMode: "inline", inlineTopMargin: 8, style: "emphasis"}},
    inputs: {label: {requiredInputs: {}, optionalInputs: {weight: "bolder"}, inputSpacing: "small"},
      errorMessage: {color: "attention"}},
    textStyles: {heading: {size: "medium", weight: "bolder"}}});
  const drawn = [];
  for (const content of cards) {
    const card = new AdaptiveCards.AdaptiveCard();
    card.hostConfig = host;
    card.parse(content);
    const frame = document.createElement("section");
    frame.appendChild(card.render());
    document.body.appendChild(frame);
    drawn.push(frame);
  }
  return drawn; }"""

STYLE = """
  body {{ margin: 0; padding: 12px; background: {page}; font-family: 'Segoe UI', 'DejaVu Sans', sans-serif; }}
  section {{ background: {card}; border: 1px solid {line}; border-radius: 6px; margin-bottom: 12px; }}
  .ac-pushButton {{ font: 600 14px 'Segoe UI', 'DejaVu Sans', sans-serif;
    padding: 5px 12px; border-radius: 4px;
    border: 1px solid {line}; background: {card}; color: {text}; white-space: normal !important; }}
  .ac-pushButton.style-positive {{ background: {brand}; border-color: {brand}; color: {card}; }}
  .ac-pushButton.style-destructive {{ color: {alarm}; border-color: {alarm}; }}
  .ac-pushButton > div {{ white-space: normal !important; text-align: left; }}
  .ac-choiceSetInput-expanded > div, .ac-choiceSetInput-multiSelect > div {{ padding: 4px 0; }}
  .ac-actionSet {{ flex-wrap: wrap; row-gap: 8px; }}
  .ac-input {{ font: 14px 'Segoe UI', 'DejaVu Sans', sans-serif; background: {emphasis}; color: {text};
    border: 1px solid {line}; border-radius: 4px; padding: 6px; box-sizing: border-box; }}
  .ac-choiceSetInput-expanded, .ac-choiceSetInput-multiSelect {{ background: none; border: 0; padding: 0; }}
  textarea.ac-input {{ min-height: 72px; }}
  p {{ margin: 0; }}
"""


def installed() -> bool:
    """Whether what npm brings, and a Chromium, are there."""
    return RENDERER.exists() and MARKDOWN.exists() and Path(CHROMIUM).exists()


async def open_page(
    browser: Browser, *, width: int = 800, dark: bool = False, zone: str = "Europe/London"
) -> Page:
    """An empty page of that width that can draw cards. `zone`: where its reader is."""
    context = await browser.new_context(
        viewport={"width": width, "height": 900}, timezone_id=zone, locale="en-GB"
    )
    page = await context.new_page()
    await page.set_content("<!doctype html><html lang=en><meta charset=utf-8><title>Cards</title><body>")
    await page.add_script_tag(path=RENDERER)
    await page.add_script_tag(path=MARKDOWN)
    await page.add_style_tag(content=STYLE.format(**(DARK if dark else LIGHT)))
    return page


async def draw(page: Page, cards: Sequence[dict[str, Any]], *, dark: bool = False) -> None:
    """Draws the cards under each other, each in a `section`."""
    palette = DARK if dark else LIGHT
    await page.evaluate(f"([cards, palette]) => {{ ({DRAW})(cards, palette); }}", [list(cards), palette])


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """Headless Chromium."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        await browser.close()
