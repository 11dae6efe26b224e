"""Holds what we send to Slack to Slack's rules. The stand-in is generous where Slack is strict, so every test
asks here.

`judge_message` and `judge_view` raise AssertionError that names the rule; they return nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date
from typing import Any

from adapters.slack import limits

Payload = dict[str, Any]
OUR_DATE = re.compile(r"<!date\^\d+\^[{}a-z_, ]+\|[A-Za-z0-9:, ]+>")
BLOCK_KINDS_IN_MESSAGES = {"section", "header", "context", "actions", "rich_text"}
BLOCK_KINDS_IN_VIEWS = BLOCK_KINDS_IN_MESSAGES | {"input"}


def judge_message(payload: Payload) -> None:
    """What goes to chat.postMessage, chat.update, chat.postEphemeral, a response_url, or a command's
    acknowledgement.
    """
    text = payload.get("text")
    assert isinstance(text, str), "a message needs top-level text"
    assert text.strip(), "a message needs top-level text that says something"
    assert len(text) <= limits.MESSAGE_TEXT, f"top-level text has {len(text)} characters"
    _escaped(text, "top-level text")
    for setting in ("unfurl_links", "unfurl_media"):
        assert not payload.get(setting), f"{setting} is on"
    blocks = payload.get("blocks", [])
    assert len(blocks) <= limits.MESSAGE_BLOCKS, f"{len(blocks)} blocks in a message"
    total = sum(len(words) for words in _strings(blocks))
    assert total <= limits.MESSAGE_BLOCK_TEXT, f"the blocks hold {total} characters"
    _judge_blocks(blocks, BLOCK_KINDS_IN_MESSAGES)


def judge_view(view: Payload) -> None:
    """A modal for views.open, views.push, views.update or a response_action."""
    assert view.get("type") == "modal", "a view is a modal"
    for name in ("title", "submit", "close"):
        if name in view:
            _plain(view[name], limits.VIEW_TITLE, name)
    assert "title" in view, "a modal needs a title"
    blocks = view.get("blocks", [])
    assert 0 < len(blocks) <= limits.VIEW_BLOCKS, f"{len(blocks)} blocks in a view"
    if any(block["type"] == "input" for block in blocks):
        assert "submit" in view, "a view with inputs needs a submit button"
    metadata = view.get("private_metadata", "")
    assert len(metadata) <= limits.PRIVATE_METADATA, f"private_metadata has {len(metadata)} characters"
    assert len(view.get("callback_id", "")) <= limits.CALLBACK_ID, "callback_id is too long"
    assert len(json.dumps(view)) < 250_000, "the view is larger than Slack takes"
    _judge_blocks(blocks, BLOCK_KINDS_IN_VIEWS)


def judge_acknowledgement(body: Payload) -> None:
    """What an interaction is answered with: a message, a view, or errors beside fields."""
    if "view" in body:
        assert body.get("response_action") in {"update", "push"}, "a view needs its response_action"
        judge_view(body["view"])
    elif body.get("response_action") == "errors":
        assert body.get("errors"), "errors name at least one block"
        assert all(isinstance(words, str) and words for words in body["errors"].values()), (
            "an error has words"
        )
    elif "text" in body:
        assert body.get("response_type") == "ephemeral", "an answer is for the one who asked"
        judge_message(body)


def judge(kind: str, thing: Payload) -> None:
    """For the stand-in, which tells its judges of each "message", "view" and "home" that it is sent."""
    if kind == "message":
        judge_message(thing)
    elif kind == "view":
        judge_view(thing)


def _judge_blocks(blocks: list[Payload], kinds: set[str]) -> None:
    for block in blocks:
        assert block["type"] in kinds, f"no block {block['type']} here"
        assert len(block.get("block_id", "")) <= limits.BLOCK_ID, "block_id is too long"
        JUDGES[block["type"]](block)
    _unique([block["block_id"] for block in blocks if "block_id" in block], "block_id")
    _unique([each["action_id"] for each in _dicts(blocks) if "action_id" in each], "action_id")


def _section(block: Payload) -> None:
    assert "text" in block or "fields" in block, "a section needs text or fields"
    if "text" in block:
        _text(block["text"], limits.SECTION_TEXT, "section")
    fields = block.get("fields", [])
    assert len(fields) <= limits.SECTION_FIELDS, f"{len(fields)} fields in a section"
    for field in fields:
        _text(field, limits.SECTION_FIELD_TEXT, "field")


def _header(block: Payload) -> None:
    _plain(block["text"], limits.HEADER_TEXT, "header")


def _context(block: Payload) -> None:
    assert 0 < len(block["elements"]) <= limits.CONTEXT_ELEMENTS, "a context has 1 to 10 elements"
    for element in block["elements"]:
        _text(element, limits.CONTEXT_TEXT, "context")


def _actions(block: Payload) -> None:
    assert 0 < len(block["elements"]) <= limits.ACTIONS_ELEMENTS, "actions have 1 to 25 elements"
    for element in block["elements"]:
        assert element["type"] == "button", "only buttons stand in our actions"
        _button(element)


def _button(button: Payload) -> None:
    _plain(button["text"], limits.BUTTON_TEXT, "button")
    assert 0 < len(button["action_id"]) <= limits.ACTION_ID, "action_id has 1 to 255 characters"
    assert len(button.get("value", "")) <= limits.BUTTON_VALUE, "a button's value is too long"
    assert button.get("style", "primary") in {"primary", "danger"}, "a style is primary or danger"
    label = button.get("accessibility_label", "")
    assert 0 < len(label) <= limits.ACCESSIBILITY_LABEL, "a button has a label for screen readers, 75 at most"
    if confirm := button.get("confirm"):
        _plain(confirm["title"], limits.CONFIRM_TITLE, "confirm title")
        _text(confirm["text"], limits.CONFIRM_TEXT, "confirm text")
        _plain(confirm["confirm"], limits.CONFIRM_BUTTON, "confirm button")
        _plain(confirm["deny"], limits.CONFIRM_BUTTON, "deny button")


def _rich_text(block: Payload) -> None:
    assert block["elements"], "rich text has elements"
    for part in block["elements"]:
        assert part["type"] in {"rich_text_section", "rich_text_quote"}, f"no {part['type']} of ours"
        assert part["elements"], "a rich text section has elements"
        for element in part["elements"]:
            _rich_element(element)
    total = sum(len(words) for words in _strings([block]))
    assert total <= limits.RICH_TEXT, f"rich text of {total} characters"


def _rich_element(element: Payload) -> None:
    if element["type"] == "text":
        assert element["text"], "a text element has text"
        return
    assert element["type"] == "date", f"no rich text element {element['type']} of ours"
    assert type(element["timestamp"]) is int, "a date's timestamp is whole seconds"
    assert "{" in element["format"], "a date has a token"
    assert element["fallback"], "a date has a fallback"


def _input(block: Payload) -> None:
    _plain(block["label"], limits.INPUT_LABEL, "label")
    if "hint" in block:
        _plain(block["hint"], limits.INPUT_HINT, "hint")
    element = block["element"]
    assert 0 < len(element["action_id"]) <= limits.ACTION_ID, "action_id has 1 to 255 characters"
    INPUTS[element["type"]](element)


def _text_input(element: Payload) -> None:
    longest = element.get("max_length", limits.INPUT_LENGTH)
    assert 0 < longest <= limits.INPUT_LENGTH, "max_length is 1 to 3000"
    assert len(element.get("initial_value", "")) <= longest, "initial_value is longer than max_length"


def _boxes(element: Payload) -> None:
    assert 0 < len(element["options"]) <= limits.BOXES, (
        f"{len(element['options'])} radio buttons or checkboxes"
    )
    _options(element, element["options"])


def _select(element: Payload) -> None:
    assert ("options" in element) != ("option_groups" in element), "options or option_groups"
    groups = element.get("option_groups")
    lists = [element["options"]] if groups is None else [group["options"] for group in groups]
    assert 0 < len(lists) <= limits.OPTION_GROUPS, f"{len(lists)} groups of options"
    for options in lists:
        assert 0 < len(options) <= limits.OPTIONS, f"{len(options)} options in a select"
    for group in groups or []:
        _plain(group["label"], limits.OPTION_GROUP_LABEL, "group label")
    _options(element, [option for options in lists for option in options])


def _options(element: Payload, options: list[Payload]) -> None:
    for option in options:
        _text(option["text"], limits.OPTION_TEXT, "option")
        assert 0 < len(option["value"]) <= limits.OPTION_VALUE, "an option's value has 1 to 75 characters"
        if "description" in option:
            _text(option["description"], limits.OPTION_TEXT, "description")
    _unique([option["value"] for option in options], "option value")
    initial = (
        [element["initial_option"]] if "initial_option" in element else element.get("initial_options", [])
    )
    assert all(each in options for each in initial), "an initial option is not among the options"
    assert "initial_options" not in element or initial, "initial_options is empty"


def _datepicker(element: Payload) -> None:
    day = element.get("initial_date", "2026-01-01")
    assert date.fromisoformat(day).isoformat() == day, "initial_date is YYYY-MM-DD"


def _text(text: Payload, longest: int, what: str) -> None:
    if text["type"] == "plain_text":
        _plain(text, longest, what)
        return
    assert text["type"] == "mrkdwn", f"{what} is plain_text or mrkdwn"
    assert 0 < len(text["text"]) <= longest, f"{what} has {len(text['text'])} characters"
    assert OUR_DATE.fullmatch(text["text"]), f"{what}: mrkdwn holds only our own dates"


def _plain(text: Payload, longest: int, what: str) -> None:
    assert text["type"] == "plain_text", f"{what} is plain_text"
    assert text["text"].strip(), f"{what} is empty"
    assert len(text["text"]) <= longest, f"{what} has {len(text['text'])} characters, {longest} at most"
    assert text.get("emoji") is False, f"{what} would turn :words: into emoji"
    _escaped(text["text"], what)


def _escaped(words: str, what: str) -> None:
    bare = words.replace("&amp;", "").replace("&lt;", "").replace("&gt;", "")
    assert not set(bare) & set("&<>"), f"{what} has a bare & < or >"


def _unique(names: list[str], what: str) -> None:
    twice = {name for name in names if names.count(name) > 1}
    assert not twice, f"{what} used twice: {sorted(twice)}"


def _dicts(node: Any) -> Iterator[Payload]:
    if isinstance(node, dict):
        yield node
        node = list(node.values())
    if isinstance(node, list):
        for each in node:
            yield from _dicts(each)


def _strings(blocks: list[Payload]) -> Iterator[str]:
    for each in _dicts(blocks):
        yield from (each[key] for key in ("text", "fallback") if isinstance(each.get(key), str))


JUDGES = {
    "section": _section,
    "header": _header,
    "context": _context,
    "actions": _actions,
    "rich_text": _rich_text,
    "input": _input,
}
INPUTS = {
    "plain_text_input": _text_input,
    "radio_buttons": _boxes,
    "checkboxes": _boxes,
    "static_select": _select,
    "multi_static_select": _select,
    "datepicker": _datepicker,
}
