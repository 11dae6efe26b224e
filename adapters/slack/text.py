"""Words drawn so that Slack shows them as they were typed, and moments that each reader sees in their own
zone.

Three ways are used. `plain_text` objects parse nothing but the entities for & < >, so those are escaped.
`rich_text` is already a tree: its text elements parse nothing at all, so they go as they are. `mrkdwn` would
parse anybody's words, so it holds only our own date tokens, never a string from outside.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any, Final, TypeAlias
from zoneinfo import ZoneInfo

from adapters.slack import limits
from core.cards.model import Day, Fact, Moment, Piece, Say, Text

Block: TypeAlias = dict[str, Any]
"""A piece of a payload: a block, an element or a text object, as Slack's reference names its keys."""

ELLIPSIS: Final = "…"
COMMAND: Final = "/escalate"
BLANK: Final = "-"  # Slack refuses empty text
ENTITIES: Final = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
DATE_TOKENS: Final = {
    "day": "{day_divider_pretty}",
    "time": "{time}",
    "day_time": "{day_divider_pretty}, {time}",
}
"""Weekday and day, or today and tomorrow, for a deadline is read by its weekday: "Monday, November 30th,
17:00".
"""
MRKDWN_DATE_TOKENS: Final = {
    "day": "{date_long_pretty}",
    "time": "{time}",
    "day_time": "{date_long_pretty}, {time}",
}


def escape(words: str) -> str:
    """& < > as entities; nothing else is decoded by Slack."""
    return "".join(ENTITIES.get(sign, sign) for sign in words)


def unescape(words: str) -> str:
    """The other way: Slack escapes what follows a slash command."""
    return words.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def cut(words: str, limit: int) -> str:
    """`words` unescaped, so short that they are at most `limit` characters once escaped; "…" where something
    is missing.
    """
    if len(escape(words)) <= limit:
        return words
    kept, room = [], limit - len(ELLIPSIS)
    for sign in words:
        room -= len(ENTITIES.get(sign, sign))
        if room < 0:
            break
        kept.append(sign)
    return "".join(kept) + ELLIPSIS


def plain(words: str, limit: int) -> Block:
    """A plain_text object that shows `words` as typed, colons of emoji names and all."""
    words = words.replace("\0", "")
    return {
        "type": "plain_text",
        "text": escape(cut(words if words.strip() else BLANK, limit)),
        "emoji": False,
    }


def written(text: Text, zone: ZoneInfo) -> str:
    """The same as words alone, moments in `zone`."""
    return "".join(_written(piece, zone) for piece in text)


def _written(piece: Piece, zone: ZoneInfo) -> str:
    if isinstance(piece, Moment):
        return written_moment(piece, zone)
    if isinstance(piece, Say):
        return f"{COMMAND} {piece.words}"
    return written_day(piece.on) if isinstance(piece, Day) else piece


def written_day(day: date) -> str:
    """ "Mon 30 Nov"."""
    return f"{day:%a} {day.day} {day:%b}"


def written_moment(moment: Moment, zone: ZoneInfo) -> str:
    """The fallback where a reader's own zone can't be had: "Mon 30 Nov, 17:00" in `zone`."""
    local: datetime = moment.at.astimezone(zone)
    parts = {"day": written_day(local), "time": f"{local:%H:%M}"}
    return parts.get(moment.style) or f"{parts['day']}, {parts['time']}"


def rich_elements(text: Text, zone: ZoneInfo, *, bold: bool = False) -> list[Block]:
    """The elements of a rich_text section: literal text, and dates that each reader sees in their zone."""
    return [element for piece in text for element in _rich_element(piece, zone, bold=bold)]


def _rich_element(piece: Piece, zone: ZoneInfo, *, bold: bool) -> Iterator[Block]:
    style: Block = {"style": {"bold": True}} if bold else {}
    if isinstance(piece, Moment):
        yield {
            "type": "date",
            "timestamp": int(piece.at.timestamp()),
            "format": DATE_TOKENS[piece.style],
            "fallback": written_moment(piece, zone),
            **style,
        }
    elif words := _written(piece, zone).replace("\0", ""):
        yield {"type": "text", "text": words, **style}


def labelled_rows(rows: Iterable[Fact], zone: ZoneInfo) -> list[Block]:
    """Elements of a paragraph of lines: a bold label and what it is, or the label alone if that is empty."""
    elements: list[Block] = []
    for row in rows:
        label = f"{row.label}: " if any(row.text) else row.label
        elements += rich_elements(("\n",), zone) if elements else []
        elements += [*rich_elements((label,), zone, bold=True), *rich_elements(row.text, zone)]
    return elements


def rich_block(elements: list[Block], kind: str = "rich_text_section") -> Block:
    """One rich_text block of one paragraph (or, as `rich_text_quote`, one quotation)."""
    says_something = any(element["type"] != "text" or element["text"].strip() for element in elements)
    shown = elements if says_something else [{"type": "text", "text": BLANK}]
    return {"type": "rich_text", "elements": [{"type": kind, "elements": shown}]}


def rich_blocks(elements: Iterable[Block], kind: str = "rich_text_section") -> list[Block]:
    """As many blocks as the elements need, each within the limit; no sign is lost."""
    blocks: list[Block] = []
    held: list[Block] = []
    for element in (part for whole in elements for part in split(whole)):
        if held and sum(map(length, held)) + length(element) > limits.RICH_TEXT:
            blocks.append(rich_block(held, kind))
            held = []
        held.append(element)
    return [*blocks, rich_block(held, kind)] if held or not blocks else blocks


def split(element: Block) -> Iterator[Block]:
    """A text element too long for one block, in pieces that aren't."""
    if element["type"] != "text":
        yield element
        return
    words = element["text"]
    for start in range(0, len(words), limits.RICH_TEXT):
        yield {**element, "text": words[start : start + limits.RICH_TEXT]}


def length(element: Block) -> int:
    """How many characters an element of rich text counts."""
    return len(element.get("text") or element.get("fallback", ""))


def quiet_blocks(text: Text, zone: ZoneInfo) -> list[Block]:
    """A context block: each string is a plain_text element of its own, and mrkdwn holds only dates.

    What is too long or too varied for one is drawn as a paragraph instead.
    """
    elements = [element for piece in text for element in _quiet_element(piece, zone)]
    too_long = any(len(escape(_written(piece, zone))) > limits.CONTEXT_TEXT for piece in text)
    if too_long or len(elements) > limits.CONTEXT_ELEMENTS:
        return rich_blocks(rich_elements(text, zone))
    return [{"type": "context", "elements": elements or [plain(BLANK, limits.CONTEXT_TEXT)]}]


def _quiet_element(piece: Piece, zone: ZoneInfo) -> Iterator[Block]:
    if isinstance(piece, Moment):
        tokens, fallback = MRKDWN_DATE_TOKENS[piece.style], written_moment(piece, zone)
        yield {
            "type": "mrkdwn",
            "text": f"<!date^{int(piece.at.timestamp())}^{tokens}|{fallback}>",
            "verbatim": True,
        }
    elif words := _written(piece, zone).strip():
        yield plain(words, limits.CONTEXT_TEXT)
