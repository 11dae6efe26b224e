"""Words drawn so that Teams shows them as they were typed, and moments that each reader sees in their own
zone.

A TextBlock reads a subset of Markdown, and how it takes escapes differs between desktop, Android and iOS. A
RichTextBlock reads none anywhere, so words stand in one. But only a TextBlock is sure to write a
`{{DATE(...)}}` in the reader's own zone: some clients show it raw in a RichTextBlock. So words with a moment
in them go as a TextBlock where they hold nothing that Markdown could take for markup (`tame`), as nearly all
do; else as a RichTextBlock with the moment written out in the zone that was given.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from typing import Any, Final, TypeAlias
from zoneinfo import ZoneInfo

from adapters.teams import limits
from core.cards.model import Day, Fact, Moment, Piece, Say, Text

Block: TypeAlias = dict[str, Any]
"""A piece of a card, as the Adaptive Cards reference names its keys."""
Look: TypeAlias = dict[str, Any]
"""How words look: `weight`, `size`, `color`, `isSubtle`. TextBlocks and TextRuns take the same."""

ELLIPSIS: Final = "…"
BLANK: Final = "-"  # an empty block is drawn as nothing, or not at all
NO_BREAK: Final = "\u00a0"
JOINER: Final = "\u2060"  # no width: it only parts two braces

STRONG: Final[Look] = {"weight": "Bolder"}
QUIET: Final[Look] = {"isSubtle": True, "size": "Small"}
HEADING: Final[Look] = {"weight": "Bolder", "size": "Medium"}

_MARKUP: Final = re.compile(
    r"[\\`*_\[\]<>~#|{}$^=!@\n\r\t]"  # what Markdown, mentions, functions and templates begin or end with
    r"|&(?! )|://|\.[^\W\d_]|  "  # entities, addresses that would become links, spaces that would be lost
    r"|^\s|^[-+](\s|$)|^[-\s]+$",
    re.IGNORECASE,
)
_LIST_NUMBER: Final = re.compile(r"^(\d+[.)]) ")
_SIGNS: Final = re.compile(r"([\\`*_\[\]<>~#|{}!&+=-]|(?<=\d)[.)](?=\s))")
_ADDRESS: Final = re.compile(r"(:(?=//)|\.(?=\w)|@(?=\w))")
_SPACES: Final = re.compile(r"^ | (?= )")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def tame(words: str) -> bool:
    """True where a TextBlock shows `words` as they are, on every client."""
    return not _MARKUP.search(words)


def escape(words: str) -> str:
    """Markdown's escapes, for the places that can only be Markdown and hardly ever hold such signs.

    Nothing escapes an address, so a joiner parts it.
    """
    return _SIGNS.sub(r"\\\1", _ADDRESS.sub(rf"\1{JOINER}", clean(words).replace("\n", " ")))


def part_braces(words: str) -> str:
    """For places that take one string and no Markdown: `{{` would start a function in them."""
    return re.sub(r"\{(?=\{)", "{" + JOINER, clean(words))


def clean(words: str) -> str:
    """One kind of line break, and no control characters, which JSON or a client could stumble over."""
    return _CONTROL.sub("", words.replace("\r\n", "\n").replace("\r", "\n").replace("\t", "    "))


def one_line(words: str) -> str:
    """Without line breaks and more than one space at once."""
    return " ".join(clean(words).split())


def cut(words: str, limit: int) -> str:
    """At most `limit` characters; "…" where something is missing."""
    return words if len(words) <= limit else words[: limit - 1] + ELLIPSIS


def written(text: Text, zone: ZoneInfo) -> str:
    """The same as words alone, moments in `zone`."""
    return "".join(_written(piece, zone) for piece in text)


def _written(piece: Piece, zone: ZoneInfo) -> str:
    if isinstance(piece, Moment):
        return written_moment(piece, zone)
    if isinstance(piece, Say):
        return piece.words
    return written_day(piece.on) if isinstance(piece, Day) else piece


def written_day(day: date) -> str:
    """ "Mon 30 Nov"."""
    return f"{day:%a} {day.day} {day:%b}"


def written_moment(moment: Moment, zone: ZoneInfo) -> str:
    """Where a reader's own zone can't be had: "Mon 30 Nov, 17:00" in `zone`."""
    local: datetime = moment.at.astimezone(zone)
    parts = {"day": written_day(local), "time": f"{local:%H:%M}"}
    return parts.get(moment.style) or f"{parts['day']}, {parts['time']}"


def functions(moment: Moment) -> str:
    """What Teams writes in the reader's zone and language: "{{DATE(2026-11-30T17:00:00Z,SHORT)}}"."""
    at = f"{moment.at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    parts = {"day": f"{{{{DATE({at},SHORT)}}}}", "time": f"{{{{TIME({at})}}}}"}
    return parts.get(moment.style) or f"{parts['day']}, {parts['time']}"


def blocks(text: Text, zone: ZoneInfo, look: Look | None = None, label: str = "") -> list[Block]:
    """A paragraph, with a bold `label` before it where one is given: one block, or one for each line."""
    if any(isinstance(piece, Moment) for piece in text) and tame(label + _with_signs(text, zone)):
        lead = f"**{label}** " if label else ""
        words = lead + "".join(functions(p) if isinstance(p, Moment) else _written(p, zone) for p in text)
        return [text_block(words, look)]
    runs = [(written(text, zone), look or {})]
    return rich_blocks([(f"{label} ", STRONG), *runs] if label else runs)


def _with_signs(text: Text, zone: ZoneInfo) -> str:
    """The words with "0" for each moment, whose functions are ours."""
    return "".join("0" if isinstance(piece, Moment) else _written(piece, zone) for piece in text)


def text_block(words: str, look: Look | None = None) -> Block:
    """`words` are tame, or functions of ours."""
    return {"type": "TextBlock", "text": unlisted(words), "wrap": True, **(look or {})}


def unlisted(words: str) -> str:
    """A number at the start would make a list of it, were the space after it an ordinary one."""
    return _LIST_NUMBER.sub(rf"\1{NO_BREAK}", words)


def heading(words: str) -> list[Block]:
    """A heading to screen readers too, where it can be: only a TextBlock is."""
    if tame(words) and words.strip():
        return [{**text_block(words, HEADING), "style": "heading", "spacing": "Large"}]
    first, *others = rich_blocks([(words, HEADING)])
    return [{**first, "spacing": "Large"}, *others]


def labelled_rows(rows: Iterable[Fact], zone: ZoneInfo) -> list[Block]:
    """A bold label and what it is, a row each; the label alone where that is empty."""
    found: list[Block] = []
    for row in rows:
        said = any(not isinstance(piece, str) or piece for piece in row.text)
        label = f"{row.label}:" if said and row.label.strip() else row.label.strip()
        drawn = blocks(row.text, zone, label=label) if said else rich_blocks([(label, STRONG)])
        found += [{**drawn[0], "spacing": "Small"} if found else drawn[0], *drawn[1:]]
    return found


def rich_blocks(runs: Iterable[tuple[str, Look]]) -> list[Block]:
    """Literal words, a block a line; where there are very many lines, the last ones share a block."""
    lines: list[list[Block]] = [[]]
    for words, look in runs:
        first, *others = clean(words).split("\n")
        lines[-1] += _runs(first, look)
        lines += [_runs(other, look) for other in others]
    return list(_paragraphs(lines)) or [_rich_block(_runs(BLANK, {}))]


def _paragraphs(lines: Sequence[list[Block]]) -> Iterator[Block]:
    """An empty line is space before the next one."""
    gap, drawn = "Default", 0
    for number, line in enumerate(lines):
        if not any(run["text"].strip() for run in line):
            gap = "Medium" if drawn else gap
            continue
        drawn += 1
        last = drawn == limits.LINES
        block = _rich_block(_joined(lines[number:]) if last else line)
        yield block if gap == "Default" else {**block, "spacing": gap}
        if last:
            return
        gap = "None"


def _joined(lines: Sequence[list[Block]]) -> list[Block]:
    joined = list(lines[0])
    for line in lines[1:]:
        joined += [{"type": "TextRun", "text": "\n"}, *line]
    return joined


def _runs(words: str, look: Look) -> list[Block]:
    """Parted between two braces, for a run is read for functions by itself; spaces are kept."""
    kept = _SPACES.sub(NO_BREAK, words)
    parts = re.split(r"(?<=\{)(?=\{)", kept)
    return [{"type": "TextRun", "text": part, **look} for part in parts if part]


def _rich_block(runs: list[Block]) -> Block:
    return {"type": "RichTextBlock", "inlines": runs}
