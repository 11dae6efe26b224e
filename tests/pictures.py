"""`python -m tests.pictures`: each kind of card and dialog as Teams' renderer draws it, into docs/cards.

Four sheets: on a phone and on a desktop, light and dark. They are looked at when cards change.
"""

from __future__ import annotations

import asyncio
import io
import sys
from pathlib import Path
from typing import Any, Final

from PIL import Image, ImageDraw, ImageFont
from playwright.async_api import Page

from adapters.teams import render
from tests.teams_gallery import cards, forms
from tests.teams_judge import judge_dialog, judge_message
from tests.teams_renderer import DARK, LIGHT, chromium, draw, installed, open_page

SHEETS: Final = Path(__file__).parents[1] / "docs" / "cards"
PHONE, DESKTOP = 360, 800
COLUMNS: Final = {PHONE: 6, DESKTOP: 4}
CAPTION, GAP, TALLEST, COLOURS = 24, 16, 1_900, 16


def gallery() -> dict[str, dict[str, Any]]:
    """What is drawn, by the name under which it stands on a sheet."""
    drawn = {}
    for name, card in cards().items():
        message = render.message(card)
        judge_message(message)
        drawn[name] = message["attachments"][0]["content"]
    for name, form in forms().items():
        task = render.dialog(form)
        judge_dialog(task)
        drawn[f"{name}: {task['title']}"] = task["card"]["content"]
    return drawn


async def shots(page: Page) -> list[Image.Image]:
    """A picture of each card on the page."""
    return [
        Image.open(io.BytesIO(await section.screenshot())) for section in await page.locator("section").all()
    ]


def sheet(named: list[tuple[str, Image.Image]], width: int, palette: dict[str, str]) -> Image.Image:
    """The pictures under their names, each in whichever column is the shortest so far."""
    columns, step = COLUMNS[width], width + GAP
    ends = [GAP] * columns
    places: list[tuple[int, int]] = []
    for _, picture in named:
        column = ends.index(min(ends))
        places.append((GAP + column * step, ends[column]))
        ends[column] += CAPTION + min(picture.height, TALLEST) + GAP
    made = Image.new("RGB", (GAP + columns * step, max(ends)), palette["page"])
    pen, font = ImageDraw.Draw(made), ImageFont.load_default(14)
    for (name, picture), (left, top) in zip(named, places, strict=True):
        pen.text((left, top), name, fill=palette["text"], font=font)
        made.paste(picture.crop((0, 0, picture.width, min(picture.height, TALLEST))), (left, top + CAPTION))
    return made


async def main() -> None:
    """Writes the four sheets."""
    SHEETS.mkdir(parents=True, exist_ok=True)
    drawn = gallery()
    async with chromium() as browser:
        for width, device in ((PHONE, "phone"), (DESKTOP, "desktop")):
            for dark, theme in ((False, "light"), (True, "dark")):
                page = await open_page(browser, width=width, dark=dark)
                await draw(page, list(drawn.values()), dark=dark)
                named = list(zip(drawn, await shots(page), strict=True))
                made = sheet(named, width, DARK if dark else LIGHT)
                path = SHEETS / f"{device}-{theme}.png"
                made.quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)
                sys.stdout.write(f"{path.name}: {len(named)} cards, {path.stat().st_size // 1024} KB\n")


if __name__ == "__main__":
    if not installed():
        sys.exit("This needs npm's card renderer (make npm) and Chromium (CHROMIUM names it).")
    asyncio.run(main())
