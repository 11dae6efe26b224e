"""What a person sees of an Adaptive Card: its words line by line, and its fields with what stands in them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from adapters.teams.text import JOINER, NO_BREAK, written_day
from tests.teams_blocks import INPUTS, Json, card_of

LONDON = ZoneInfo("Europe/London")
FUNCTION = re.compile(r"\{\{(DATE|TIME)\(([^,)]+)(?:,SHORT)?\)\}\}")
ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")
LABEL = re.compile(r"^\*\*([^*]+)\*\* ")
OPTIONAL = " (optional)"


@dataclass(frozen=True)
class Entry:
    """`node`: the input itself. `choices`: what is read beside each, and what it stands for."""

    label: str
    error: str
    node: Json
    choices: dict[str, str]

    @property
    def value(self) -> tuple[str, ...]:
        """Words, a day, or what is read beside the chosen ones, without their explanations."""
        held = str(self.node.get("value", ""))
        if not self.choices:
            return (held,) if held else ()
        return tuple(title for title, value in self.choices.items() if value in held.split(","))


def shown(card: Json) -> str:
    """A line for each paragraph, label and choice; buttons are left out."""
    return "\n".join(line for block in card_of(card)["body"] for line in _lines(block) if line)


def entries(card: Json) -> list[Entry]:
    """The fields, each with the error that stands beside it."""
    found = []
    for block in card_of(card)["body"]:
        for node in block.get("items", []):
            if node["type"] in INPUTS:
                marked = block.get("style") == "attention" and _lines(block)[0].startswith("▲ ")
                error = _lines(block)[0].removeprefix("▲ ") if marked else ""
                choices = {_title(each["title"]): each["value"] for each in node.get("choices", [])}
                found.append(Entry(_plain(node["label"]).removesuffix(OPTIONAL), error, node, choices))
    return found


def _lines(block: Json) -> list[str]:
    match block["type"]:
        case "Container":
            return [line for item in block["items"] for line in _lines(item)]
        case "TextBlock":
            return [_plain(FUNCTION.sub(_moment, LABEL.sub(r"\1 ", block["text"])))]
        case "RichTextBlock":
            return _plain("".join(run["text"] for run in block["inlines"])).split("\n")
        case kind if kind in INPUTS:
            return [_plain(block["label"]), *(_title(each["title"]) for each in block.get("choices", []))]
    return []


def _moment(found: re.Match[str]) -> str:
    local = datetime.fromisoformat(found[2]).astimezone(LONDON)
    return written_day(local) if found[1] == "DATE" else f"{local:%H:%M}"


def _title(words: str) -> str:
    """Without the explanation behind it."""
    return ESCAPE.sub(r"\1", _plain(words)).partition(": ")[0]


def _plain(words: str) -> str:
    return words.replace(JOINER, "").replace(NO_BREAK, " ")
