"""The judge itself: what is good passes, and a bad card of each sort doesn't."""

from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

import pytest

from adapters.teams import render
from core.cards.model import Button, Buttons, Card, Fact, Facts, Field, Form, Moment, Option, line, text
from tests.teams_judge import judge_card, judge_dialog, judge_message

DUE = Moment(at=datetime(2026, 11, 30, 17, 0, tzinfo=UTC))
OPEN = Button(label="Open", verb="open", escalation="e1")
DONE = Button(label="Done", verb="action_done", escalation="e1")
CARD = Card(
    summary="HF-2026-0042: an answer is asked for",
    parts=(
        line("What is due ", DUE),
        line("words"),
        Facts(rows=(Fact(label="Due", text=text(DUE)),)),
        Buttons(buttons=(OPEN, DONE)),
    ),
)
MESSAGE = render.message(CARD)
CONTENT = render.card_content(CARD, refresh_for=("29:a", "29:b"), refresh=OPEN)
OPTIONS = (Option(value="a", label="A"), Option(value="b", label="B"))
DIALOG = render.dialog(
    Form(
        kind="tell",
        title="Tell it",
        submit="Send",
        carry={"case": "e1"},
        parts=(
            Field(id="why", label="Why?", entry="long", value=("because",), max_length=10),
            Field(id="which", label="Which?", entry="choices", options=OPTIONS, value=("a",)),
            Field(id="day", label="When?", entry="day", value=("2026-11-30",)),
            Buttons(buttons=(Button(label="Agree", verb="agree", confirm="Sure?"),)),
        ),
    )
)
BODY = ["card", "content", "body"]
TEXT = [*BODY, 0, "items", 0]
CHOICE = [*BODY, 1, "items", 0]
EXECUTE = ["body", 3, "actions", 1]
EXECUTE_DATA = MESSAGE["attachments"][0]["content"]["body"][3]["actions"][1]["data"]
GONE = object()


def changed(payload: dict[str, Any], *path: Any, to: Any) -> dict[str, Any]:
    """A copy with one thing changed; GONE takes it away."""
    copy: Any = deepcopy(payload)
    node = copy
    for step in path[:-1]:
        node = node[step]
    if to is GONE:
        del node[path[-1]]
    else:
        node[path[-1]] = to
    return dict(copy)


def submit(**data: Any) -> dict[str, Any]:
    return {"type": "Action.Submit", "title": "Go", "data": data}


def test_what_is_good_passes() -> None:
    judge_card(CONTENT)
    judge_message(MESSAGE)
    judge_dialog(DIALOG)


@pytest.mark.parametrize(
    ("path", "to", "rule"),
    [
        (["type"], "Card", "root is an AdaptiveCard"),
        (["version"], GONE, "a version"),
        (["version"], "1.6", "later than Teams shows"),
        (["fallbackText"], GONE, "a fallbackText"),
        (["fallbackText"], "  ", "that says something"),
        (["fallbackText"], "x" * 2_001, "fallbackText is too long"),
        (["speak"], "words", "properties that we don't use"),
        (["body"], [], "a body that shows something"),
        (["body", 0], {"type": "Carousel"}, "schema"),
        (["body", 0], {"type": "FactSet", "facts": [{"title": "a", "value": "b"}]}, "no FactSet of ours"),
        (["body", 0, "targetWidth"], "wide", "schema"),
        (["body", 0, "text"], " ", "TextBlock is empty"),
        (["body", 0, "wrap"], GONE, "cut on a phone"),
        (["body", 0, "text"], "*bold*", "could take for markup"),
        (["body", 0, "text"], "[x](y)", "could take for markup"),
        (["body", 0, "text"], "<at>Ben</at>", "could take for markup"),
        (["body", 0, "text"], "1. one", "could take for markup"),
        (["body", 0, "text"], "- one", "could take for markup"),
        (["body", 0, "text"], "{{DATE(2026-11-30,SHORT)}}", "could take for markup"),
        (["body", 0, "text"], "see https://example.org", "could take for markup"),
        (["body", 1, "inlines"], [], "RichTextBlock is empty"),
        (["body", 1, "inlines"], ["words"], "a run is an object"),
        (["body", 1, "inlines", 0, "text"], " ", "RichTextBlock shows nothing"),
        (["body", 1, "inlines", 0, "text"], "{{DATE(2026-11-30T17:00:00Z,SHORT)}}", "could be a function"),
        (["body", 0], {"type": "Container", "items": []}, "a Container is empty"),
        (["body", 0], {"type": "Image", "url": "https://example.org/a.png"}, "altText"),
        (["body", 0], {"type": "Image", "url": "file:///a.png", "altText": "a"}, "http or https"),
        (["body", 3, "actions"], [], "an ActionSet is empty"),
        (["body", 3, "actions"], CONTENT["body"][3]["actions"] * 4, "8 actions in a row"),
        (["actions"], [submit(press="a::")] * 7, "7 actions in a row"),
        ([*EXECUTE, "title"], GONE, "words on it"),
        ([*EXECUTE, "title"], "x" * 76, "a button of 76"),
        ([*EXECUTE, "tooltip"], "x" * 151, "tooltip is too long"),
        ([*EXECUTE, "style"], "default", "positive or destructive"),
        ([*EXECUTE, "verb"], GONE, "has a verb"),
        ([*EXECUTE, "data", "action"], "other", "repeats the verb"),
        ([*EXECUTE, "data", "action"], GONE, "repeats the verb"),
        ([*EXECUTE, "data"], GONE, "carries an object"),
        ([*EXECUTE, "data"], "words", "carries an object"),
        ([*EXECUTE, "data"], {"action": "action_done"}, "what it is pressed for"),
        ([*EXECUTE, "data", "press"], "x" * 5_000, "a button carries"),
        ([*EXECUTE, "data", "msteams"], {"type": "task/fetch"}, "only Action.Submit opens"),
        ([*EXECUTE, "fallback"], GONE, "older clients need a fallback"),
        ([*EXECUTE, "fallback"], "drop", "older clients need a fallback"),
        ([*EXECUTE, "fallback", "data"], {"press": "x"}, "carries the same"),
        (["body", 3, "actions", 0, "data", "msteams"], {"type": "imBack"}, "asks Teams for a dialog only"),
        (["actions"], [{"type": "Action.OpenUrl", "title": "x", "url": "javascript:1"}], "http or https"),
        (["actions"], [{"type": "Action.ToggleVisibility", "title": "x", "targetElements": []}], "no Action"),
        (["body", 0, "id"], "twice", None),
        (["msteams"], {"width": "Full", "entities": []}, "only the width"),
        (["msteams"], {"width": "Wide"}, "a width is Full"),
        (["refresh", "action", "verb"], GONE, "has a verb"),
        (["refresh", "action"], submit(press="a::"), "schema"),
        (["refresh", "userIds"], [], "0 people to refresh for"),
        (["refresh", "userIds"], ["29:a", "29:a"], "userIds used twice"),
        (["refresh", "userIds"], [f"29:{n}" for n in range(61)], "61 people to refresh for"),
        (["body", 1, "inlines", 0, "text"], "x" * 28_000, "bytes of card"),
    ],
)
def test_a_card_that_teams_would_refuse_or_garble_does_not_pass(
    path: list[Any], to: Any, rule: str | None
) -> None:
    bad = changed(CONTENT, *path, to=to)
    if rule is None:
        bad["body"][1]["id"] = to
        rule = "id used twice"
    with pytest.raises(AssertionError, match=rule):
        judge_card(bad)


@pytest.mark.parametrize(
    ("path", "to", "rule"),
    [
        (["type"], "event", "goes as a message"),
        (["summary"], GONE, "a summary"),
        (["summary"], " ", "that says something"),
        (["summary"], "x" * 201, "a summary of 201"),
        (["summary"], "a\nb", "one line"),
        (["text"], "words", "shown twice"),
        (["attachments", 0, "contentType"], "application/json", "is an Adaptive Card"),
        (["attachments", 0, "content", "body", 0], DIALOG["card"]["content"]["body"][0], "holds no input"),
        (["attachments", 0, "content", "actions"], [submit(submit="tell", carry={})], "sends no form"),
        (["attachments", 0, "content", "actions"], [submit(press="agree::")], "is Action.Execute"),
    ],
)
def test_a_message_that_teams_would_refuse_or_garble_does_not_pass(
    path: list[Any], to: Any, rule: str
) -> None:
    with pytest.raises(AssertionError, match=rule):
        judge_message(changed(MESSAGE, *path, to=to))


@pytest.mark.parametrize(
    ("path", "to", "rule"),
    [
        (["title"], "", "has a title"),
        (["title"], "x" * 65, "a title of 65"),
        (["width"], "wide", "width is small"),
        (["height"], GONE, "height is small"),
        (["url"], "https://example.org", "no page"),
        (["card", "content", "refresh"], CONTENT["refresh"], "nothing refreshes"),
        (["card", "content", "actions"], GONE, "a button that sends them"),
        (["card", "content", "actions", 0, "data", "carry"], GONE, "carries an object"),
        (["card", "content", "actions", 0, "data", "carry"], {"a": 1}, "carries words"),
        (["card", "content", "actions", 0, "data", "msteams"], {"type": "task/fetch"}, "opens no dialog"),
        ([*BODY, 3, "actions", 0], CONTENT["body"][3]["actions"][1], "does nothing in a dialog"),
        ([*BODY, 3, "actions", 0, "card", "actions"], [], "shows has a button"),
        ([*BODY, 3, "actions", 0, "card", "body"], [], "shows has a body"),
        ([*TEXT, "label"], GONE, "has a label"),
        ([*TEXT, "label"], "  ", "has a label"),
        ([*TEXT, "label"], "{{TIME(2026-11-30T17:00:00Z)}}", "could be a function"),
        ([*TEXT, "id"], "", "has an id"),
        ([*TEXT, "id"], "field_which", "id used twice"),
        ([*TEXT, "isRequired"], True, "the server looks"),
        ([*TEXT, "errorMessage"], GONE, "errorMessage"),
        ([*TEXT, "maxLength"], GONE, "has a maxLength"),
        ([*TEXT, "value"], "more than ten", "longer than maxLength"),
        ([*CHOICE, "choices"], [], "something to choose"),
        ([*CHOICE, "choices", 0, "title"], " ", "a choice is empty"),
        ([*CHOICE, "choices", 0, "title"], "*A*", "take for markup"),
        ([*CHOICE, "choices", 0, "value"], "b", "choice used twice"),
        ([*CHOICE, "choices", 0, "value"], "a,b", "has a comma"),
        ([*CHOICE, "value"], "a,c", "not among the choices"),
        ([*CHOICE, "style"], "filtered", "takes one choice"),
        ([*CHOICE, "style"], "open", "schema"),
        ([*CHOICE, "wrap"], GONE, "cut on a phone"),
        ([*CHOICE, "choices"], [{"title": n, "value": n} for n in "abcdefghijk"], "11 choices all open"),
        ([*BODY, 2, "items", 0, "value"], "20261130", "YYYY-MM-DD"),
    ],
)
def test_a_dialog_that_teams_would_refuse_or_garble_does_not_pass(
    path: list[Any], to: Any, rule: str
) -> None:
    with pytest.raises(AssertionError, match=rule):
        judge_dialog(changed(DIALOG, *path, to=to))
