"""Holds what we send to Teams to the Adaptive Card schema and to Teams' own rules, which are stricter.

`judge_card`, `judge_message` and `judge_dialog` raise AssertionError that names the rule; they return
nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from jsonschema import Draft6Validator
from jsonschema.exceptions import best_match

from adapters.teams import limits

Node = dict[str, Any]
ADAPTIVE_CARD = "application/vnd.microsoft.card.adaptive"
ELEMENTS = {"TextBlock", "RichTextBlock", "TextRun", "Container", "ActionSet", "Image", "Input.Choice"}
INPUTS = {"Input.Text", "Input.ChoiceSet", "Input.Date"}
ACTIONS = {"Action.Execute", "Action.Submit", "Action.ShowCard", "Action.OpenUrl"}
ROOT = {"$schema", "type", "version", "fallbackText", "body", "actions", "refresh", "msteams"}
SIZES = {"small", "medium", "large"}
OUR_FUNCTION = re.compile(
    r"\{\{DATE\(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ,SHORT\)\}\}|\{\{TIME\(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\)\}\}"
)
OUR_LABEL = re.compile(r"^\*\*[^*]+:\*\* ")
ESCAPED = re.compile(r"\\[!-/:-@\[-`{-~]")
MARKUP = re.compile(r"[\\`*_\[\]<>~#|{}]|^\s*(?:[-+]|\d+[.)]) |&\w+;|&#|://|\n")


def judge_card(content: Node, *, most: int = limits.MESSAGE_BYTES) -> None:
    """An Adaptive Card, whole: as an attachment holds it, or an answer to a press. `most`: bytes."""
    assert content.get("type") == "AdaptiveCard", "the root is an AdaptiveCard"
    unknown = set(content) - ROOT
    assert not unknown, f"properties that we don't use: {sorted(unknown)}"
    version = content.get("version", "")
    assert re.fullmatch(r"1\.\d", version), "a version"
    assert version <= limits.CARD_VERSION, f"version {version} is later than Teams shows"
    fallback = content.get("fallbackText")
    assert isinstance(fallback, str), "a fallbackText"
    assert fallback.strip(), "a fallbackText that says something"
    assert len(fallback.encode()) <= limits.FALLBACK_TEXT, "fallbackText is too long"
    _msteams(content.get("msteams", {}))
    _schema(content)
    assert content["body"], "a body that shows something"
    length = len(json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode())
    assert length <= most, f"{length} bytes of card, {most} at most"
    for node in _dicts({key: content.get(key) for key in ("body", "actions")}):
        _judge_node(node)
    _action_row(content.get("actions", []))
    _unique([node["id"] for node in _dicts(content) if "id" in node], "id")
    if "refresh" in content:
        _refresh(content["refresh"])


def judge_message(activity: Node) -> None:
    """What is sent to a conversation, or takes the place of what was."""
    assert activity.get("type") == "message", "a card goes as a message"
    summary = activity.get("summary")
    assert isinstance(summary, str), "a summary for the notification"
    assert summary.strip(), "a summary that says something"
    assert len(summary) <= limits.SUMMARY, f"a summary of {len(summary)} characters"
    assert "\n" not in summary, "a summary is one line"
    assert "text" not in activity, "words beside a card are shown twice"
    [card] = activity["attachments"]
    content = _content(card)
    judge_card(content)
    for node in _dicts(content):
        _in_message(node)


def judge_dialog(task: Node) -> None:
    """The taskInfo of a dialog."""
    title = task.get("title", "")
    assert title.strip(), "a dialog has a title"
    assert len(title) <= limits.DIALOG_TITLE, f"a title of {len(title)} characters"
    assert task.get("width") in SIZES, "a dialog's width is small, medium or large"
    assert task.get("height") in SIZES, "a dialog's height is small, medium or large"
    assert "url" not in task, "a dialog holds a card, no page"
    content = _content(task["card"])
    judge_card(content, most=limits.DIALOG_BYTES)
    assert "refresh" not in content, "nothing refreshes in a dialog"
    nodes = list(_dicts(content))
    for node in nodes:
        _in_dialog(node)
    if any(node.get("type") in INPUTS for node in nodes):
        sends = [node for node in nodes if "submit" in _data(node)]
        assert sends, "a dialog with inputs has a button that sends them"


def _content(attachment: Node) -> Node:
    assert attachment.get("contentType") == ADAPTIVE_CARD, "an attachment is an Adaptive Card"
    content = attachment["content"]
    assert isinstance(content, dict), "an attachment has content"
    return content


@cache
def _validator() -> Draft6Validator:
    found = find_spec("adaptive_cards")
    assert found is not None
    assert found.submodule_search_locations
    schemas = Path(found.submodule_search_locations[0]) / "schemas"
    return Draft6Validator(json.loads((schemas / f"schema-{limits.CARD_VERSION}.json").read_text("utf-8")))


def _schema(content: Node) -> None:
    """Two things of Teams' own are taken out first: `msteams` at the root, and lists that can be searched."""
    plain = _without_search({key: part for key, part in content.items() if key != "msteams"})
    error = best_match(_validator().iter_errors(plain))
    assert error is None, f"schema: {error.json_path}: {error.message[:300]}"


def _without_search(node: Any) -> Any:
    if isinstance(node, list):
        return [_without_search(each) for each in node]
    if not isinstance(node, dict):
        return node
    plain = {key: _without_search(each) for key, each in node.items()}
    searched = node.get("type") == "Input.ChoiceSet" and node.get("style") == "filtered"
    return {**plain, "style": "compact"} if searched else plain


def _msteams(settings: Node) -> None:
    assert set(settings) <= {"width"}, "of Teams' own settings only the width is used"
    assert settings.get("width", "Full") == "Full", "a width is Full"


def _judge_node(node: Node) -> None:
    kind = node.get("type", "")
    if kind in ACTIONS:
        _action(node)
    elif kind in INPUTS:
        _input(node)
    elif kind == "AdaptiveCard":
        assert node.get("body"), "a card that a button shows has a body"
        _action_row(node.get("actions", []))
    elif kind:
        assert kind in ELEMENTS, f"no {kind} of ours"
        if kind in DRAWN:
            DRAWN[kind](node)
    assert "speak" not in node, "nothing is spoken that isn't shown"


def _text_block(block: Node) -> None:
    words = block["text"]
    assert words.strip(), "a TextBlock is empty"
    assert block.get("wrap") is True, "a TextBlock that doesn't wrap is cut on a phone"
    bare = OUR_LABEL.sub("", OUR_FUNCTION.sub("", words))
    assert not MARKUP.search(bare), "a TextBlock holds what Markdown could take for markup"


def _rich_text(block: Node) -> None:
    assert block["inlines"], "a RichTextBlock is empty"
    assert all(isinstance(run, dict) for run in block["inlines"]), "a run is an object"
    words = "".join(run["text"] for run in block["inlines"])
    assert words.strip(), "a RichTextBlock shows nothing"


def _text_run(run: Node) -> None:
    assert "{{" not in run["text"], "a TextRun holds what could be a function"
    assert "selectAction" not in run, "words aren't links"


def _container(container: Node) -> None:
    assert container["items"], "a Container is empty"


def _image(image: Node) -> None:
    assert image.get("altText", "").strip(), "an image has altText"
    _address(image["url"])


def _address(url: str) -> None:
    assert urlsplit(url).scheme in {"https", "http"}, "addresses are http or https"


def _action_row(actions: list[Node]) -> None:
    assert len(actions) <= limits.ACTIONS, f"{len(actions)} actions in a row"


def _action_set(row: Node) -> None:
    assert row["actions"], "an ActionSet is empty"
    _action_row(row["actions"])


def _action(action: Node) -> None:
    title = action.get("title", "")
    assert title.strip(), "a button has words on it"
    assert len(title) <= limits.BUTTON_TITLE, f"a button of {len(title)} characters"
    assert len(action.get("tooltip", "-")) <= limits.TOOLTIP, "a tooltip is too long"
    assert action.get("tooltip", "-").strip(), "a tooltip is empty"
    assert action.get("style", "positive") in {"positive", "destructive"}, (
        "a style is positive or destructive"
    )
    _carried(action)
    match action["type"]:
        case "Action.Execute":
            _execute(action)
            older = action.get("fallback")
            assert isinstance(older, dict), "older clients need a fallback"
            assert older.get("type") == "Action.Submit", "a fallback is an Action.Submit"
            assert older.get("data") == action["data"], "a fallback carries the same"
        case "Action.ShowCard":
            kinds = {node.get("type") for node in _dicts(action.get("card", {}))}
            assert "Action.ShowCard" not in kinds, "a card that a button shows doesn't show another"
            assert kinds & {"Action.Execute", "Action.Submit"}, "a card that a button shows has a button"
        case "Action.OpenUrl":
            _address(action["url"])


def _carried(action: Node) -> None:
    if action["type"] in {"Action.Execute", "Action.Submit"}:
        data = action.get("data")
        assert isinstance(data, dict), "a button carries an object"
        assert {"press", "submit"} & set(data), "a button says what it is pressed for"
        length = len(json.dumps(data, ensure_ascii=False).encode())
        assert length <= limits.DATA_BYTES, f"a button carries {length} bytes"
    if "msteams" in _data(action):
        assert action["type"] == "Action.Submit", "only Action.Submit opens a dialog"
        assert action["data"]["msteams"] == {"type": "task/fetch"}, "a button asks Teams for a dialog only"


def _execute(action: Node) -> None:
    assert action.get("verb"), "Action.Execute has a verb"
    assert action["data"].get("action") == action["verb"], "data.action repeats the verb, for phones"


def _refresh(refresh: Node) -> None:
    action = refresh.get("action", {})
    assert action.get("type") == "Action.Execute", "a card refreshes by Action.Execute"
    assert isinstance(action.get("data"), dict), "a refresh carries an object"
    _execute(action)
    people = refresh.get("userIds", [])
    assert 0 < len(people) <= limits.REFRESH_USERS, f"{len(people)} people to refresh for"
    _unique(people, "userIds")


def _input(field: Node) -> None:
    assert field.get("id"), "an input has an id"
    assert field.get("label", "").strip(), "an input has a label"
    assert "{{" not in field["label"], "a label holds what could be a function"
    assert not field.get("isRequired"), "the server looks at the answers"
    assert field.get("errorMessage", "").strip(), "an input has an errorMessage"
    KINDS[field["type"]](field)


def _text_input(field: Node) -> None:
    longest = field.get("maxLength", 0)
    assert longest > 0, "an input of text has a maxLength"
    assert len(field.get("value", "")) <= longest, "a value is longer than maxLength"


def _choices(field: Node) -> None:
    options = field["choices"]
    assert options, "an input offers something to choose"
    assert all(option["title"].strip() and option["value"] for option in options), "a choice is empty"
    assert all("{{" not in option["title"] for option in options), "a choice holds what could be a function"
    values = [option["value"] for option in options]
    _unique(values, "choice")
    several = field.get("isMultiSelect", False)
    assert not several or not any("," in value for value in values), "a value of several has a comma"
    chosen = field["value"].split(",") if several and field.get("value") else [field.get("value", values[0])]
    assert set(chosen) <= set(values), "a value is not among the choices"
    expanded = field.get("style") == "expanded"
    for option in options if expanded or several else []:
        bare = ESCAPED.sub("", option["title"])
        assert not MARKUP.search(bare), "a choice holds what Markdown could take for markup"
    assert not expanded or len(options) <= limits.EXPANDED_OPTIONS, f"{len(options)} choices all open"
    assert not (several and field.get("style") == "filtered"), "a list to search takes one choice"
    assert field.get("wrap") is True, "a choice that doesn't wrap is cut on a phone"


def _date(field: Node) -> None:
    day = field.get("value", "2026-01-01")
    assert date.fromisoformat(day).isoformat() == day, "a day is YYYY-MM-DD"


def _in_message(node: Node) -> None:
    assert node.get("type") not in INPUTS, "a message holds no input: it would keep what was typed"
    assert "submit" not in _data(node), "a message sends no form"
    if node.get("type") == "Action.Submit":
        assert "msteams" in _data(node), "Action.Submit opens dialogs; what does something is Action.Execute"


def _in_dialog(node: Node) -> None:
    assert node.get("type") != "Action.Execute", "Action.Execute does nothing in a dialog"
    data = _data(node)
    assert "msteams" not in data, "a dialog opens no dialog"
    if "submit" in data:
        carry = data.get("carry")
        assert isinstance(carry, dict), "a form carries an object"
        assert all(isinstance(word, str) for word in carry.values()), "a form carries words"


def _data(node: Node) -> Node:
    data = node.get("data")
    return data if isinstance(data, dict) else {}


def _unique(names: list[str], what: str) -> None:
    twice = {name for name in names if names.count(name) > 1}
    assert not twice, f"{what} used twice: {sorted(twice)}"


def _dicts(node: Any) -> Iterator[Node]:
    """Each part of a card, but not what its buttons carry."""
    if isinstance(node, list):
        for each in node:
            yield from _dicts(each)
    elif isinstance(node, dict):
        yield node
        for key, each in node.items():
            if key not in {"data", "msteams", "fallback"}:
                yield from _dicts(each)


DRAWN = {
    "TextBlock": _text_block,
    "RichTextBlock": _rich_text,
    "TextRun": _text_run,
    "Container": _container,
    "Image": _image,
    "ActionSet": _action_set,
}
KINDS = {"Input.Text": _text_input, "Input.ChoiceSet": _choices, "Input.Date": _date}
