"""The judge itself: a bad payload of each sort doesn't pass."""

from copy import deepcopy
from typing import Any

import pytest

from adapters.slack import render
from core.cards.model import Button, Buttons, Card, Field, Form, Option, line
from tests.slack_judge import judge_acknowledgement, judge_message, judge_view

BUTTONS = Buttons(buttons=(Button(label="Open", verb="open"), Button(label="Done", verb="done")))
MESSAGE = render.message(Card(summary="s", parts=(line("words"), BUTTONS)))
CHOICE = Field(id="f", label="Which?", entry="choice", options=(Option(value="a", label="A"),), value=("a",))
VIEW = render.view(Form(kind="k", title="t", parts=(CHOICE,), submit="Send"))


def changed(payload: dict[str, Any], *path: Any, to: Any) -> dict[str, Any]:
    """A copy with one thing changed; None takes it away."""
    copy: Any = deepcopy(payload)
    node = copy
    for step in path[:-1]:
        node = node[step]
    if to is None:
        del node[path[-1]]
    else:
        node[path[-1]] = to
    return dict(copy)


@pytest.mark.parametrize(
    ("path", "to", "rule"),
    [
        (["text"], None, "top-level text"),
        (["text"], "x" * 4_001, "top-level text has"),
        (["text"], "<!channel>", "bare & < or >"),
        (["unfurl_links"], True, "unfurl_links is on"),
        (["blocks"], MESSAGE["blocks"][:1] * 51, "51 blocks"),
        (["blocks"], MESSAGE["blocks"][1:] * 2, "block_id used twice"),
        (["blocks", 1, "elements", 1, "action_id"], "press:1:open", "action_id used twice"),
        (["blocks", 1, "elements", 0, "value"], "x" * 2_001, "value is too long"),
        (["blocks", 1, "elements", 0, "text", "text"], "x" * 76, "75 at most"),
        (["blocks", 1, "elements", 0, "text", "emoji"], True, "emoji"),
        (["blocks", 1, "elements", 0, "accessibility_label"], None, "screen readers"),
        (["blocks", 0, "elements", 0, "elements", 0, "text"], "x" * 9_600, "the blocks hold"),
        (["blocks", 0], {"type": "input"}, "no block input here"),
    ],
)
def test_a_message_that_slack_would_refuse_does_not_pass(path: list[Any], to: Any, rule: str) -> None:
    judge_message(MESSAGE)
    with pytest.raises(AssertionError, match=rule):
        judge_message(changed(MESSAGE, *path, to=to))


@pytest.mark.parametrize(
    ("path", "to", "rule"),
    [
        (["title", "text"], "x" * 25, "24 at most"),
        (["submit"], None, "submit"),
        (["blocks"], [], "0 blocks"),
        (["private_metadata"], "x" * 3_001, "private_metadata"),
        (["blocks", 0, "element", "options"], [], "0 radio buttons"),
        (["blocks", 0, "element", "initial_option", "value"], "b", "not among the options"),
        (["blocks", 0, "element", "options", 0, "text", "text"], "x" * 76, "75 at most"),
    ],
)
def test_a_view_that_slack_would_refuse_does_not_pass(path: list[Any], to: Any, rule: str) -> None:
    judge_view(VIEW)
    with pytest.raises(AssertionError, match=rule):
        judge_view(changed(VIEW, *path, to=to))


def test_an_answer_that_everybody_would_see_does_not_pass() -> None:
    with pytest.raises(AssertionError, match="for the one who asked"):
        judge_acknowledgement({"text": "words"})
