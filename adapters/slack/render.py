"""Cards and forms as Slack's messages and modals, within its limits. Nothing typed becomes markup."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any, Final
from zoneinfo import ZoneInfo

from adapters.slack import limits
from adapters.slack.fields import field_blocks
from adapters.slack.fitting import within
from adapters.slack.text import (
    BLANK,
    Block,
    cut,
    escape,
    labelled_rows,
    plain,
    quiet_blocks,
    rich_blocks,
    rich_elements,
    written,
)
from core.cards.model import (
    Banner,
    Button,
    Buttons,
    Card,
    CardPart,
    Facts,
    Field,
    Form,
    FormPart,
    Heading,
    Line,
    Progress,
    Quote,
)

LONDON: Final = ZoneInfo("Europe/London")
APP_NAME: Final = "Escalate"
MORE_IN_CARD: Final = "… There is more. Open the case to read it."
MORE_IN_FORM: Final = "… There is more: open the next page."


def message(card: Card, zone: ZoneInfo = LONDON) -> Block:
    """`{"text", "blocks"}` for chat.postMessage and its like. `zone`: of dates where Slack can't write a
    reader's own.
    """
    blocks = _Drawing(card.parts, zone).blocks() or rich_blocks(rich_elements((card.summary,), zone))
    return {
        "text": escape(cut(card.summary.strip() or BLANK, limits.MESSAGE_TEXT)),
        "blocks": within(blocks, limits.MESSAGE_BLOCKS, limits.MESSAGE_BLOCK_TEXT, MORE_IN_CARD, zone),
    }


def view(form: Form, zone: ZoneInfo = LONDON) -> Block:
    """A modal. Raises ValueError where `carry` or an option's value is longer than Slack keeps."""
    parts: tuple[FormPart, ...] = form.parts
    if len(escape(form.title)) > limits.VIEW_TITLE:
        parts = (Heading(text=form.title), *parts)
    blocks = _Drawing(parts, zone, form).blocks() or rich_blocks(rich_elements((form.title,), zone))
    drawn = _modal(form.title, within(blocks, limits.VIEW_BLOCKS, None, MORE_IN_FORM, zone))
    drawn["private_metadata"] = _carried(form)
    drawn["callback_id"] = form.kind[: limits.CALLBACK_ID]
    if form.submit or form.fields():
        drawn["submit"] = plain(form.submit or "Send", limits.VIEW_TITLE)
        drawn["close"] = plain("Cancel", limits.VIEW_TITLE)
    return drawn


def closing_view(card: Card, zone: ZoneInfo = LONDON, *, last: bool = True) -> Block:
    """A card told inside a modal. `last`: closing it closes what lies beneath as well, for that is done."""
    blocks = _Drawing(card.parts, zone).blocks() or rich_blocks(rich_elements((card.summary,), zone))
    drawn = _modal(APP_NAME, within(blocks, limits.VIEW_BLOCKS, None, MORE_IN_CARD, zone))
    return {**drawn, "callback_id": "told", "clear_on_close": last}


def sentence_view(words: str) -> Block:
    """A modal that says one thing; what was typed beneath it stays."""
    return {**_modal(APP_NAME, rich_blocks(rich_elements((words,), LONDON))), "callback_id": "told"}


def _modal(title: str, blocks: list[Block]) -> Block:
    return {
        "type": "modal",
        "title": plain(title, limits.VIEW_TITLE),
        "close": plain("Close", limits.VIEW_TITLE),
        "blocks": blocks,
    }


def _carried(form: Form) -> str:
    metadata = json.dumps({"kind": form.kind, "carry": form.carry}, separators=(",", ":"), ensure_ascii=False)
    if len(metadata) > limits.PRIVATE_METADATA:
        raise ValueError(f"a form carries {len(metadata)} characters; Slack keeps {limits.PRIVATE_METADATA}")
    return metadata


class _Drawing:
    """Draws the parts of one card or form; it counts the buttons, whose ids must differ."""

    def __init__(
        self, parts: Iterable[CardPart | FormPart], zone: ZoneInfo, form: Form | None = None
    ) -> None:
        self.parts = sorted(parts, key=lambda part: not isinstance(part, Banner))
        self.zone = zone
        self.form = form  # cards have none, nor fields
        self.pressed = 0
        self.nearest = ""  # the last line drawn: what a button of a label that recurs is about
        self.labels = Counter(
            button.label for part in self.parts if isinstance(part, Buttons) for button in part.buttons
        )

    def blocks(self) -> list[Block]:
        return [block for part in self.parts for block in self._part(part)]

    def _part(self, part: CardPart | FormPart) -> list[Block]:
        draw: dict[type, Callable[[Any], list[Block]]] = {
            Banner: lambda banner: self._paragraph(f"▲ {banner.text}"),
            Heading: self._heading,
            Line: self._line,
            Facts: self._facts,
            Progress: self._progress,
            Buttons: self._buttons,
            Quote: self._quote,
            Field: self._field,
        }
        return draw[type(part)](part)

    def _paragraph(self, words: str) -> list[Block]:
        return rich_blocks(rich_elements((words,), self.zone, bold=True))

    def _heading(self, heading: Heading) -> list[Block]:
        self.nearest = heading.text
        if len(escape(heading.text)) > limits.HEADER_TEXT:
            return self._paragraph(heading.text)
        return [{"type": "header", "text": plain(heading.text, limits.HEADER_TEXT)}]

    def _line(self, line: Line) -> list[Block]:
        self.nearest = written(line.text, self.zone)
        if line.weight == "quiet":
            return quiet_blocks(line.text, self.zone)
        return rich_blocks(rich_elements(line.text, self.zone, bold=line.weight == "strong"))

    def _facts(self, facts: Facts) -> list[Block]:
        return rich_blocks(labelled_rows(facts.rows, self.zone))

    def _progress(self, progress: Progress) -> list[Block]:
        stages = "──".join("●" if stage <= progress.at else "○" for stage in range(1, progress.of + 1))
        return rich_blocks(rich_elements((f"{stages}   ", *progress.words), self.zone))

    def _quote(self, quote: Quote) -> list[Block]:
        return rich_blocks(rich_elements((quote.words,), self.zone), "rich_text_quote")

    def _field(self, field: Field) -> list[Block]:
        return field_blocks(self.form, field, self.zone) if self.form else []

    def _buttons(self, row: Buttons) -> list[Block]:
        rows = range(0, len(row.buttons), limits.ACTIONS_ELEMENTS)
        return [self._row(row.buttons[start : start + limits.ACTIONS_ELEMENTS]) for start in rows]

    def _row(self, buttons: tuple[Button, ...]) -> Block:
        elements = [self._button(button) for button in buttons]
        return {"type": "actions", "block_id": f"buttons:{self.pressed}", "elements": elements}

    def _button(self, button: Button) -> Block:
        if len(button.value) > limits.BUTTON_VALUE:
            raise ValueError(
                f"a button's value is {len(button.value)} characters; Slack takes {limits.BUTTON_VALUE}"
            )
        self.pressed += 1
        drawn: Block = {
            "type": "button",
            "action_id": f"press:{self.pressed}:{button.verb}"[: limits.ACTION_ID],
            "text": plain(button.label, limits.BUTTON_TEXT),
            "value": button.value,
            "accessibility_label": cut(self._said(button), limits.ACCESSIBILITY_LABEL),
        }
        if button.style != "plain":
            drawn["style"] = button.style
        if button.confirm:
            drawn["confirm"] = _confirmation(button)
        return drawn

    def _said(self, button: Button) -> str:
        """Two buttons called "Open" are told apart by what stands above each."""
        recurs = self.labels[button.label] > 1 and self.nearest
        return (f"{button.label}: {self.nearest}" if recurs else button.label).strip() or BLANK


def _confirmation(button: Button) -> Block:
    asked: Block = {
        "title": plain(button.label, limits.CONFIRM_TITLE),
        "text": plain(button.confirm, limits.CONFIRM_TEXT),
        "confirm": plain(button.label, limits.CONFIRM_BUTTON),
        "deny": plain("Not now", limits.CONFIRM_BUTTON),
    }
    return {**asked, "style": "danger"} if button.style == "danger" else asked
