"""The last resort for a card or form that is more than Teams takes: it is cut, and says so."""

from __future__ import annotations

import json
from typing import Any

from adapters.teams.text import QUIET, Block, rich_blocks


def size(node: Any) -> int:
    """Bytes as JSON in UTF-8 without spaces, which is how it has to be sent."""
    return len(json.dumps(node, ensure_ascii=False, separators=(",", ":")).encode())


def within(body: list[Block], most: int, more: str, *, all_buttons: bool) -> list[Block]:
    """The body in at most `most` bytes: whole parts are left out from the end, and a sentence says so.

    Inputs go last of all, and so do buttons where `all_buttons`, or where there is one row of them. In a long
    list each row belongs to what stands above it, and goes with that.
    """
    if size(body) <= most:
        return body
    rows = sum(part["type"] == "ActionSet" for part in body)
    kept, spare = list(body), size(body) - most + size(rich_blocks([(more, QUIET)])) + 1
    while spare > 0 and kept:
        spare -= size(kept.pop(_least_needed(kept, keep_buttons=all_buttons or rows == 1))) + 1
    end = next((i for i in range(len(kept), 0, -1) if kept[i - 1]["type"] != "ActionSet"), 0)
    end = len(kept) if rows > 1 and not all_buttons else end
    return [*kept[:end], *rich_blocks([(more, QUIET)]), *kept[end:]]


def _least_needed(body: list[Block], *, keep_buttons: bool) -> int:
    spare = (i for i in range(len(body) - 1, 0, -1) if not _needed(body[i], keep_buttons=keep_buttons))
    return next(spare, len(body) - 1)


def _needed(part: Block, *, keep_buttons: bool) -> bool:
    if part["type"] == "ActionSet":
        return keep_buttons
    return any(item["type"].startswith("Input.") for item in part.get("items", []))
