"""The last resort for a card or form that is more than Slack takes: it is cut, and says so."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from adapters.slack.text import Block, quiet_blocks


def within(blocks: list[Block], most: int, text: int | None, more: str, zone: ZoneInfo) -> list[Block]:
    """The last resort: whole blocks are left out from the end, buttons and inputs last of all, and a line
    says so.
    """
    if _fits(blocks, most, text):
        return blocks
    kept = list(blocks)
    while not _fits(kept, most - 1, text and text - len(more)):
        kept.pop(_least_needed(kept))
    end = next((i for i in range(len(kept), 0, -1) if kept[i - 1]["type"] != "actions"), 0)
    return [*kept[:end], *quiet_blocks((more,), zone), *kept[end:]]


def _fits(blocks: list[Block], most: int, text: int | None) -> bool:
    return len(blocks) <= most and (text is None or sum(map(block_text, blocks)) <= text)


def _least_needed(blocks: list[Block]) -> int:
    needed = {"actions", "input"}
    spare = (i for i in range(len(blocks) - 1, 0, -1) if blocks[i]["type"] not in needed)
    return next(spare, len(blocks) - 1)


def block_text(block: Block) -> int:
    """The characters a block counts towards the text of a message."""
    return sum(len(words) for words in _texts(block))


def _texts(node: Any) -> list[str]:
    if isinstance(node, list):
        return [words for each in node for words in _texts(each)]
    if not isinstance(node, dict):
        return []
    own = [node[key] for key in ("text", "fallback") if isinstance(node.get(key), str)]
    return own + [words for each in node.values() for words in _texts(each)]
