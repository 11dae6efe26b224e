"""A form's field as Slack's blocks: the words that don't fit beside its options, the input, and its error."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import date
from typing import Final
from zoneinfo import ZoneInfo

from adapters.slack import limits
from adapters.slack.text import (
    Block,
    cut,
    escape,
    labelled_rows,
    plain,
    rich_block,
    rich_blocks,
    rich_elements,
)
from core.cards.model import Fact, Field, Form, Option

RADIOS: Final = 6
"""More than these are quicker read in a list that opens."""


def block_id(form: Form, field: Field) -> str:
    """Slack keeps what was typed wherever an updated view has the same block; another form or step is another
    block.
    """
    return f"{form.kind}/{form.carry.get('step', '')}/{field.id}"[: limits.BLOCK_ID]


def errors(form: Form) -> dict[str, str]:
    """What stands in the way, by block: how Slack is answered so that it keeps the view as typed."""
    return {block_id(form, field): field.error for field in form.fields() if field.error}


def field_blocks(form: Form, field: Field, zone: ZoneInfo) -> list[Block]:
    """At most: the options in full, the input, the error."""
    if field.entry in {"choice", "choices"} and not field.options:
        return [rich_block(rich_elements((f"{field.label}: there is nothing to choose from.",), zone))]
    block: Block = {
        "type": "input",
        "block_id": block_id(form, field),
        "label": plain(field.label, limits.INPUT_LABEL),
        "element": {"action_id": field.id[: limits.ACTION_ID], **_element(field)},
        "optional": field.optional,
    }
    if field.hint:
        block["hint"] = plain(field.hint, limits.INPUT_HINT)
    return [*_options_in_full(field, zone), block, *_error(field, zone)]


def _error(field: Field, zone: ZoneInfo) -> list[Block]:
    return [rich_block(rich_elements((f"▲ {field.error}",), zone, bold=True))] if field.error else []


def _options_in_full(field: Field, zone: ZoneInfo) -> list[Block]:
    """Slack cuts labels and explanations at 75 characters: if one is longer, all are written out above."""
    if _brief(field):
        return []
    rows = (Fact(label=option.label, text=(option.explanation,)) for option in field.options)
    return rich_blocks(labelled_rows(rows, zone))


def _brief(field: Field) -> bool:
    return all(_fits(option.label) and _fits(option.explanation) for option in field.options)


def _fits(words: str) -> bool:
    return len(escape(words)) <= limits.OPTION_TEXT


def _element(field: Field) -> Block:
    match field.entry:
        case "short" | "long":
            return _text_input(field)
        case "day":
            return {"type": "datepicker", **({"initial_date": field.value[0]} if _is_day(field) else {})}
        case "choice":
            return _choice(field)
        case "choices":
            return _choices(field)


def _is_day(field: Field) -> bool:
    """Elsewhere a day can be typed as words; Slack would refuse the whole form for it."""
    with suppress(ValueError, IndexError):
        return date.fromisoformat(field.value[0]).isoformat() == field.value[0]
    return False


def _text_input(field: Field) -> Block:
    longest = max(1, min(field.max_length, limits.INPUT_LENGTH))
    element: Block = {
        "type": "plain_text_input",
        "multiline": field.entry == "long",
        "max_length": longest,
    }
    typed = field.value[0] if field.value else ""
    return {**element, "initial_value": typed[:longest]} if typed else element


def _choice(field: Field) -> Block:
    fits = all(_fits(option.label) for option in field.options)
    kind = "radio_buttons" if len(field.options) <= RADIOS and fits else "static_select"
    chosen = _chosen(field)
    return {
        "type": kind,
        **_option_lists(field, many=kind == "static_select"),
        **({"initial_option": chosen[0]} if chosen else {}),
    }


def _choices(field: Field) -> Block:
    kind = "checkboxes" if len(field.options) <= limits.BOXES else "multi_static_select"
    chosen = _chosen(field)
    return {
        "type": kind,
        **_option_lists(field, many=kind == "multi_static_select"),
        **({"initial_options": chosen} if chosen else {}),
    }


def _option_lists(field: Field, *, many: bool) -> Block:
    """`options`, or `option_groups` where a select has more than fit in one list."""
    options = _options(field)
    if not many or len(options) <= limits.OPTIONS:
        return {"options": options}
    starts = range(0, min(len(options), limits.OPTIONS * limits.OPTION_GROUPS), limits.OPTIONS)
    groups = [slice(start, start + limits.OPTIONS) for start in starts]
    return {"option_groups": [_group(field.options[part], options[part]) for part in groups]}


def _group(members: Sequence[Option], drawn: list[Block]) -> Block:
    half = limits.OPTION_GROUP_LABEL // 2 - 2
    label = f"{cut(members[0].label, half)} … {cut(members[-1].label, half)}"
    return {"label": plain(label, limits.OPTION_GROUP_LABEL), "options": drawn}


def _chosen(field: Field) -> list[Block]:
    """Slack refuses an initial option that is not, to the letter, among the options."""
    return [drawn for drawn in _options(field) if drawn["value"] in field.value]


def _options(field: Field) -> list[Block]:
    """Explanations stand under their options, unless they are all written out above."""
    brief = _brief(field)
    return [_option(option, explained=brief) for option in field.options]


def _option(option: Option, *, explained: bool) -> Block:
    if len(option.value) > limits.OPTION_VALUE:
        raise ValueError(
            f"an option's value has {len(option.value)} characters, {limits.OPTION_VALUE} at most"
        )
    drawn: Block = {"text": plain(option.label, limits.OPTION_TEXT), "value": option.value}
    if option.explanation and explained:
        drawn["description"] = plain(option.explanation, limits.OPTION_TEXT)
    return drawn
