"""A form's field as parts of an Adaptive Card: its error, the input with its label, and the hint."""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from typing import Final
from zoneinfo import ZoneInfo

from adapters.teams import limits
from adapters.teams.text import (
    BLANK,
    QUIET,
    STRONG,
    Block,
    blocks,
    clean,
    escape,
    labelled_rows,
    one_line,
    part_braces,
    rich_blocks,
    tame,
    unlisted,
)
from core.cards.model import Fact, Field, Option

PREFIX: Final = "field_"
"""Before each input's id: what is typed comes back beside what a button carries, and must not take its
place.
"""
ASKED: Final = {
    "short": "Please fill this in.",
    "long": "Please fill this in.",
    "choice": "Please choose one of these.",
    "choices": "Please choose from these.",
    "day": "Please choose a day.",
}


def field_container(field: Field, zone: ZoneInfo) -> Block:
    """Everything about one field stands together, on a coloured ground where it has an error.

    Nothing is marked as required for Teams to check: the server looks at the answers, so that all that was
    typed is kept and each sentence says what to do. Raises ValueError for a choice among several whose value
    has a comma, for Teams joins the chosen ones with commas.
    """
    if field.entry in {"choice", "choices"} and not field.options:
        items = rich_blocks([(f"{field.label}: there is nothing to choose from.", {})])
        return {"type": "Container", "items": items}
    items = [*_error(field), *_explained_above(field, zone), _input(field), *_hint(field, zone)]
    drawn: Block = {"type": "Container", "spacing": "Large", "items": items}
    return {**drawn, "style": "attention"} if field.error else drawn


def label_of(field: Field) -> str:
    """The label as it is shown: "By when? (optional)"."""
    label = clean(field.label).strip() or BLANK
    return part_braces(f"{label} (optional)" if field.optional else label)


def _error(field: Field) -> list[Block]:
    return rich_blocks([(f"▲ {field.error}", STRONG)]) if field.error else []


def _hint(field: Field, zone: ZoneInfo) -> list[Block]:
    drawn = blocks((field.hint,), zone, QUIET) if field.hint else []
    return [{**block, "spacing": "Small"} for block in drawn]


def _input(field: Field) -> Block:
    shared = {
        "id": PREFIX + field.id,
        "label": label_of(field),
        "isRequired": False,
        "errorMessage": ASKED[field.entry],
    }
    match field.entry:
        case "short" | "long":
            return {**_text_input(field), **shared}
        case "day":
            return {"type": "Input.Date", **shared, **_value(field.value[0] if _is_day(field) else "")}
        case "choice" | "choices":
            return {**_choice_set(field), **shared}


def _value(value: str) -> Block:
    return {"value": value} if value else {}


def _is_day(field: Field) -> bool:
    """Elsewhere a day can be typed as words; Teams would show an empty field or refuse the card."""
    with suppress(ValueError, IndexError):
        return date.fromisoformat(field.value[0]).isoformat() == field.value[0]
    return False


def _text_input(field: Field) -> Block:
    longest = max(1, field.max_length)
    drawn: Block = {"type": "Input.Text", "maxLength": longest, "isMultiline": field.entry == "long"}
    return {**drawn, **_value(clean(field.value[0])[:longest] if field.value else "")}


def _choice_set(field: Field) -> Block:
    many, expanded = field.entry == "choices", _expanded(field)
    if many and any("," in option.value for option in field.options):
        raise ValueError(f"an option of {field.id} has a comma in its value")
    drawn: Block = {
        "type": "Input.ChoiceSet",
        "style": "expanded" if expanded else "compact",
        "isMultiSelect": many,
        "wrap": True,
        "choices": [_choice(option, field) for option in field.options],
    }
    if not expanded:
        drawn["placeholder"] = "Choose"
        drawn["style"] = "compact" if many or _few(field) else "filtered"
    chosen = [option.value for option in field.options if option.value in field.value]
    return {**drawn, **_value(",".join(chosen if many else chosen[:1]))}


def _expanded(field: Field) -> bool:
    """Beside radio buttons Teams reads titles as Markdown, in lists that open it doesn't: so an unusual title
    goes into a list. Several choices are always beside boxes on some clients.
    """
    return _few(field) and (field.entry == "choices" or all(tame(_title(option)) for option in field.options))


def _few(field: Field) -> bool:
    return len(field.options) <= limits.EXPANDED_OPTIONS


def _title(option: Option) -> str:
    """On one line; a form has no room for more beside a button."""
    title = f"{option.label}: {option.explanation}" if option.explanation.strip() else option.label
    return one_line(title) or BLANK


def _choice(option: Option, field: Field) -> Block:
    title = _title(option if _expanded(field) else Option(value=option.value, label=option.label))
    as_shown = escape(title) if field.entry == "choices" and not tame(title) else part_braces(unlisted(title))
    return {"title": as_shown, "value": option.value}


def _explained_above(field: Field, zone: ZoneInfo) -> list[Block]:
    """A list that opens has no room for explanations."""
    explained = [option for option in field.options if option.explanation]
    if not explained or _expanded(field):
        return []
    return labelled_rows((Fact(label=each.label, text=(each.explanation,)) for each in explained), zone)
