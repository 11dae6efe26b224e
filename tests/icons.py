"""Draws the icons of the package for Teams: `python -m tests.icons` writes them under manifest/teams/.

It is the stepped mark of adapters/web/static/mark.svg. Teams rounds and crops the coloured one itself, so its
ground fills the square and the mark keeps to the middle; the other is white on nothing, and fills its square.
"""

from __future__ import annotations

from itertools import pairwise
from math import hypot
from pathlib import Path

from PIL import Image

FOLDER = Path(__file__).parents[1] / "manifest" / "teams"
CORNERS = ((7, 24), (12, 24), (12, 19), (17, 19), (17, 14), (22, 14), (22, 9), (26, 9))
"""Of the mark, on its square of 32."""
THICK = 3
MIDDLE = (16.5, 16.5)
WIDE = 22  # with its round ends
GROUND = (0x12, 0x56, 0x5C)
WHITE = (255, 255, 255)


def color() -> Image.Image:
    """192 by 192 pixels, the mark 96 wide."""
    drawn = Image.new("RGB", (192, 192), GROUND)
    drawn.paste(Image.new("RGB", drawn.size, WHITE), mask=_mark(192, 96))
    return drawn


def outline() -> Image.Image:
    """32 by 32 pixels. What shows is white; how much of it, alpha says."""
    drawn = Image.new("RGBA", (32, 32), (*WHITE, 0))
    drawn.putalpha(_mark(32, 32))
    return drawn


ICONS = {"color.png": color, "outline.png": outline}


def _mark(side: int, width: int) -> Image.Image:
    """How much of each pixel the mark covers, 0 to 255."""
    scale = width / WIDE
    corners = [(_placed(x, 0, side, scale), _placed(y, 1, side, scale)) for x, y in CORNERS]
    radius = THICK * scale / 2
    covered = bytes(_coverage(x + 0.5, y + 0.5, corners, radius) for y in range(side) for x in range(side))
    return Image.frombytes("L", (side, side), covered)


def _placed(value: float, axis: int, side: int, scale: float) -> float:
    return (value - MIDDLE[axis]) * scale + side / 2


def _coverage(x: float, y: float, corners: list[tuple[float, float]], radius: float) -> int:
    """By how far the pixel's middle is from the line: its edge is one pixel soft."""
    apart = min(_apart(x, y, *line) for line in pairwise(corners))
    return round(255 * min(1.0, max(0.0, radius - apart + 0.5)))


def _apart(x: float, y: float, begin: tuple[float, float], end: tuple[float, float]) -> float:
    """From a line that runs along one axis."""
    across = max(min(begin[0], end[0]) - x, 0, x - max(begin[0], end[0]))
    along = max(min(begin[1], end[1]) - y, 0, y - max(begin[1], end[1]))
    return hypot(across, along)


def main() -> None:
    for name, draw in ICONS.items():
        draw().save(FOLDER / name, optimize=True)


if __name__ == "__main__":
    main()
