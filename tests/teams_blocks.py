"""Reading Adaptive Cards as a person does: which buttons there are, which fields, and what is filled in."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

Json = dict[str, Any]
INPUTS = ("Input.Text", "Input.ChoiceSet", "Input.Date", "Input.Toggle", "Input.Number", "Input.Time")


class CannotDo(Exception):
    """A person could not do this: there is no such button, field, choice or dialog."""


def card_of(shown: Json) -> Json:
    """The Adaptive Card in an activity, a dialog's taskInfo or an attachment, or the card itself."""
    if "attachments" in shown:
        shown = shown["attachments"][0]
    shown = shown.get("card", shown)
    content: Json = shown.get("content", shown)
    return content


def walk(part: Any) -> Iterator[Json]:
    """Every object in a card, but not what buttons carry, nor fallbacks."""
    if isinstance(part, list):
        for each in part:
            yield from walk(each)
    elif isinstance(part, dict):
        yield part
        for key, value in part.items():
            if key not in {"data", "fallback", "refresh"}:
                yield from walk(value)


def actions(card: Json) -> list[Json]:
    """All buttons that do something, also those behind one that unfolds."""
    kinds = ("Action.Execute", "Action.Submit", "Action.OpenUrl")
    return [each for each in walk(card_of(card)) if each.get("type") in kinds]


def action_for(card: Json, name: str) -> Json:
    """By its words, its verb or the verb in what it carries."""
    found = actions(card)
    for action in found:
        data = action.get("data") or {}
        if name in {action.get("title"), action.get("verb"), data.get("action")}:
            return action
        if str(data.get("press", "")).partition(":")[0] == name:
            return action
    raise CannotDo(f"no button {name!r}; there are {[action.get('title') for action in found]}")


def submit_button(card: Json) -> Json:
    """The one that sends the form."""
    for action in actions(card):
        if "submit" in (action.get("data") or {}):
            return action
    raise CannotDo("nothing here sends a form")


def inputs(card: Json) -> list[Json]:
    return [each for each in walk(card_of(card)) if each.get("type") in INPUTS]


def values_for(card: Json, typed: Mapping[str, Any], *, lenient: bool = False) -> Json:
    """What a client sends: for each field what is in it, with `typed` put into those named there.

    A field is named by its id, the end of its id, or its label. A choice is named by its title or value; for
    several choices a list is given. `lenient` leaves out names that no field has.
    """
    fields = inputs(card)
    values = {field["id"]: str(field["value"]) for field in fields if field.get("value")}
    for name, value in typed.items():
        field = _named(fields, name)
        if field is None:
            if lenient:
                continue
            raise CannotDo(f"no field {name!r}; there are {[(each['id'], each['label']) for each in fields]}")
        values[field["id"]] = _entered(field, value)
    return values


def _named(fields: list[Json], name: str) -> Json | None:
    for field in fields:
        if name in {field["id"], field["id"].removeprefix("field_"), field.get("label")}:
            return field
    return None


def _entered(field: Json, value: Any) -> str:
    if field["type"] != "Input.ChoiceSet":
        return str(value)
    wanted = value if isinstance(value, list | tuple) else [value]
    return ",".join(_choice(field, str(each)) for each in wanted)


def _choice(field: Json, name: str) -> str:
    for choice in field["choices"]:
        if name in {choice["title"], choice["value"]} or choice["title"].startswith(f"{name}:"):
            return str(choice["value"])
    raise CannotDo(
        f"no choice {name!r} in {field['label']!r}: {[each['title'] for each in field['choices']]}"
    )


def text_of(shown: Json) -> str:
    """All words of a card, in order; or of a message without one."""
    if "attachments" not in shown and "text" in shown and "type" in shown and shown["type"] == "message":
        return str(shown["text"])
    said = []
    for each in walk(card_of(shown)):
        for key in ("text", "title", "label"):
            if isinstance(each.get(key), str):
                said.append(each[key])
    return "\n".join(said)


def size(shown: Json) -> int:
    return len(json.dumps(shown, ensure_ascii=False).encode())
