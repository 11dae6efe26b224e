"""`python -m tests.pictures`: each kind of card and dialog as Teams' renderer draws it, into docs/cards.

Four sheets: on a phone and on a desktop, light and dark. They are looked at when cards change.
"""

from __future__ import annotations

import asyncio
import io
import sys
from pathlib import Path
from typing import Any, Final

from PIL import Image, ImageColor, ImageDraw, ImageFont
from playwright.async_api import Page

from adapters.teams import render
from tests.teams_gallery import cards, forms
from tests.teams_judge import judge_dialog, judge_message
from tests.teams_renderer import DARK, LIGHT, chromium, draw, installed, open_page

SHEETS: Final = Path(__file__).parents[1] / "docs" / "cards"
PHONE, DESKTOP = 360, 800
COLUMNS: Final = {PHONE: 6, DESKTOP: 4}
CAPTION, GAP, TALLEST = 24, 16, 1_600


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


def small(made: Image.Image, palette: dict[str, str]) -> Image.Image:
    """In the theme's own colours and the shades between words and ground: a quarter of the size."""
    grounds = [
        ImageColor.getrgb(palette[name]) for name in ("page", "card", "emphasis", "attention", "brand")
    ]
    inks = [ImageColor.getrgb(palette[name]) for name in ("text", "subtle", "card")]
    shades = [
        round(ink[part] * share + ground[part] * (1 - share))
        for ground in grounds
        for ink in inks
        for share in (0, 0.5, 1)
        for part in range(3)
    ]
    others = [part for name in ("line", "edge", "alarm") for part in ImageColor.getrgb(palette[name])]
    chosen = Image.new("P", (1, 1))
    chosen.putpalette([*others, *shades])
    return made.quantize(palette=chosen, dither=Image.Dither.NONE)


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
                palette = DARK if dark else LIGHT
                path = SHEETS / f"{device}-{theme}.png"
                small(sheet(named, width, palette), palette).save(path, optimize=True)
                sys.stdout.write(f"{path.name}: {len(named)} cards, {path.stat().st_size // 1024} KB\n")


if __name__ == "__main__":
    if not installed():
        sys.exit("This needs npm's card renderer (make npm) and Chromium (CHROMIUM names it).")
    asyncio.run(main())
