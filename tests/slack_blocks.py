"""Read Slack's blocks as a person does: by the words on a button and the label of a field.

What Slack's own client would not let a person do is refused here too (an option that is not offered, a
required field left empty, too many characters), since the stand-in lets all of it through.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Json = dict[str, Any]

SINGLE_CHOICES = ("static_select", "radio_buttons")
MANY_CHOICES = ("checkboxes", "multi_static_select")
PEOPLE_AND_PLACES = {
    "users_select": "selected_user",
    "multi_users_select": "selected_users",
    "conversations_select": "selected_conversation",
    "channels_select": "selected_channel",
}
DATES = {
    "datepicker": "selected_date",
    "timepicker": "selected_time",
    "datetimepicker": "selected_date_time",
}


class CannotDo(AssertionError):
    """A person could not do this in Slack; the sentence says what stands there instead."""


def words(blocks: Sequence[Json]) -> str:
    """All the text that a person reads in blocks, one piece a line, as sent (mrkdwn is not resolved)."""
    return "\n".join(_texts(list(blocks)))


def _texts(part: Any) -> Iterator[str]:
    if isinstance(part, list):
        for piece in part:
            yield from _texts(piece)
    elif isinstance(part, dict):
        if part.get("type") in ("plain_text", "mrkdwn", "text") and isinstance(part.get("text"), str):
            yield part["text"]
        for key, piece in part.items():
            if key != "confirm":
                yield from _texts(piece)


def pressable(blocks: Sequence[Json]) -> list[tuple[str, Json]]:
    """Each element outside an input that can be pressed or chosen from, with its block_id."""
    found: list[tuple[str, Json]] = []
    for block in blocks:
        elements = block.get("elements", []) if block["type"] == "actions" else []
        if block["type"] == "section" and block.get("accessory", {}).get("type") != "image":
            elements = [block["accessory"]] if "accessory" in block else []
        found += [(block.get("block_id", ""), element) for element in elements]
    return found


def buttons(blocks: Sequence[Json]) -> list[str]:
    """The words on each button, in order."""
    return [element["text"]["text"] for _, element in pressable(blocks) if element["type"] == "button"]


def action_for(blocks: Sequence[Json], name: str, choice: str | None = None) -> Json:
    """The action that Slack sends when the element called `name` is pressed.

    `name` is a button's words or any element's action_id; `choice` the words or value of an option, for a
    select, radio buttons or an overflow. Raises CannotDo when it does not stand there.
    """
    for block_id, element in pressable(blocks):
        label = element.get("text", {}).get("text")
        if name not in (label, element.get("action_id")):
            continue
        action: Json = {"type": element["type"], "action_id": element["action_id"], "block_id": block_id}
        if element["type"] == "button":
            return action | {"text": element["text"]} | _only(element, "value")
        return action | {"selected_option": _option(element, choice)}
    there = [element.get("text", {}).get("text") or element["action_id"] for _, element in pressable(blocks)]
    raise CannotDo(f"nothing here is called {name!r}; there is {there}")


def values_for(view: Json, typed: Mapping[str, Any], *, lenient: bool = False) -> Json:
    """`state.values` as Slack sends it for a view whose fields were filled in.

    Keys of `typed` are a field's label, block_id or action_id. A value is text (also for numbers and dates,
    as Slack's client writes them), an option's words or value, or a list of these. Fields that aren't named
    keep what they were opened with. `lenient` leaves out what Slack's client would check.
    """
    left = dict(typed)
    values: Json = {}
    for block in view["blocks"]:
        if block["type"] != "input":
            continue
        element, names = block["element"], (block["label"]["text"], block["block_id"])
        name = next((key for key in (*names, element["action_id"]) if key in left), None)
        given = left.pop(name) if name is not None else None
        state = _state(element, given, untouched=name is None)
        if not lenient:
            _check(block, state)
        values[block["block_id"]] = {element["action_id"]: state}
    if left:
        labels = [block["label"]["text"] for block in view["blocks"] if block["type"] == "input"]
        raise CannotDo(f"no field is called {sorted(left)}; there is {labels}")
    return values


def _state(element: Json, given: Any, *, untouched: bool) -> Json:
    kind = element["type"]
    if kind in SINGLE_CHOICES:
        chosen = element.get("initial_option") if untouched else given and _option(element, given)
        return {"type": kind, "selected_option": chosen or None}
    if kind in MANY_CHOICES:
        many = element.get("initial_options", []) if untouched else [_option(element, one) for one in given]
        return {"type": kind, "selected_options": many}
    key = PEOPLE_AND_PLACES.get(kind) or DATES.get(kind) or "value"
    initial = (
        element.get(key.replace("selected", "initial")) if key != "value" else element.get("initial_value")
    )
    value = initial if untouched else given
    return {"type": kind, key: value or ([] if key == "selected_users" else None)}


def _option(element: Json, choice: str | None) -> Json:
    groups = element.get("option_groups", [])
    options: list[Json] = element.get("options", []) + [one for group in groups for one in group["options"]]
    for option in options:
        if choice in (option["text"]["text"], option["value"]):
            return option
    raise CannotDo(f"{choice!r} is not offered; there is {[option['text']['text'] for option in options]}")


def _check(block: Json, state: Json) -> None:
    label = block["label"]["text"]
    value = next(given for key, given in state.items() if key != "type")
    if not value and not block.get("optional"):
        raise CannotDo(f"{label!r} has to be filled in")
    longest = block["element"].get("max_length", 3000)
    if state["type"] == "plain_text_input" and len(value or "") > longest:
        raise CannotDo(f"{label!r} takes {longest} characters")


def _only(source: Json, *keys: str) -> Json:
    return {key: source[key] for key in keys if key in source}
