"""Cards and forms as Teams' Adaptive Cards and dialogs, within its limits. Nothing typed becomes markup.

What is drawn here has to be sent as JSON in UTF-8: the sizes are kept for that.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any, Final
from zoneinfo import ZoneInfo

from adapters.teams import limits
from adapters.teams.fields import field_container
from adapters.teams.fitting import size, within
from adapters.teams.text import (
    BLANK,
    NO_BREAK,
    QUIET,
    STRONG,
    Block,
    blocks,
    cut,
    escape,
    heading,
    labelled_rows,
    one_line,
    rich_blocks,
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
from core.verbs import VERBS, Opens, Resumes

LONDON: Final = ZoneInfo("Europe/London")
APP_NAME: Final = "Escalate"
ADAPTIVE_CARD: Final = "application/vnd.microsoft.card.adaptive"
SCHEMA: Final = "http://adaptivecards.io/schemas/adaptive-card.json"
MORE_IN_CARD: Final = "… There is more. Open the case to read it."
MORE_IN_FORM: Final = "… There is more: open the next page."
UPDATE_TEAMS: Final = "Update Teams to use the buttons here."
STYLES: Final = {"primary": "positive", "danger": "destructive"}


def message(card: Card, zone: ZoneInfo = LONDON, refresh_for: tuple[str, ...] = ()) -> Block:
    """An activity that posts the card, or takes the place of one posted. `zone`: of dates where Teams can't
    write a reader's own. `refresh_for`: the ids in Teams of those who see it as it is for them.
    """
    refresh = card.as_it_is_for_me if refresh_for else None
    return {
        "type": "message",
        "summary": cut(one_line(card.summary) or APP_NAME, limits.SUMMARY),
        "attachments": [attachment(card_content(card, zone, refresh_for, refresh))],
    }


def card_content(
    card: Card, zone: ZoneInfo = LONDON, refresh_for: tuple[str, ...] = (), refresh: Button | None = None
) -> Block:
    """The Adaptive Card. `refresh` is pressed by itself for the people of `refresh_for` (their ids in Teams,
    60 at most), whose answer is a card for them alone. Raises ValueError for more people.
    """
    parts = _Drawing(card.parts, zone).body() or rich_blocks([(card.summary, {})])
    body = within(parts, _room(limits.MESSAGE_BYTES), MORE_IN_CARD, all_buttons=False)
    drawn = _adaptive_card(body, _fallback(card.summary, card.parts, zone))
    if refresh is not None:
        if len(refresh_for) > limits.REFRESH_USERS:
            raise ValueError(f"{len(refresh_for)} people to refresh for; Teams takes {limits.REFRESH_USERS}")
        drawn["refresh"] = {"action": _executed(refresh, fallback=False), "userIds": list(refresh_for)}
    return drawn


def attachment(content: Block) -> Block:
    """An Adaptive Card as activities and dialogs hold it."""
    return {"contentType": ADAPTIVE_CARD, "content": content}


def dialog(form: Form, zone: ZoneInfo = LONDON) -> Block:
    """A dialog's taskInfo, to open it or to take the place of the one that was sent."""
    parts: tuple[FormPart, ...] = form.parts
    if len(form.title) > limits.DIALOG_TITLE:
        parts = (Heading(text=form.title), *parts)
    drawing = _Drawing(parts, zone, in_dialog=True)
    body = drawing.body() or rich_blocks([(form.title, {})])
    submit = [_submit(form)] if form.submit or form.fields() else []
    body = within(body, _room(limits.DIALOG_BYTES) - size(submit), MORE_IN_FORM, all_buttons=True)
    content = _adaptive_card(body, _fallback(form.title, (), zone))
    if submit:
        content["actions"] = submit
    return _task(form.title, content, tall=len(parts) > 4 or bool(form.fields()))


def told(card: Card, zone: ZoneInfo = LONDON) -> Block:
    """A card as the last thing a dialog says: its taskInfo. Buttons on it go on in the same dialog."""
    body = _Drawing(card.parts, zone, in_dialog=True).body() or rich_blocks([(card.summary, {})])
    body = within(body, _room(limits.DIALOG_BYTES), MORE_IN_CARD, all_buttons=False)
    return _task(APP_NAME, _adaptive_card(body, _fallback(card.summary, (), zone)), tall=len(card.parts) > 4)


def _task(title: str, content: Block, *, tall: bool) -> Block:
    return {
        "title": cut(one_line(title) or APP_NAME, limits.DIALOG_TITLE),
        "width": "medium",
        "height": "large" if tall else "small",
        "card": attachment(content),
    }


def _adaptive_card(body: list[Block], fallback: str) -> Block:
    return {
        "$schema": SCHEMA,
        "type": "AdaptiveCard",
        "version": limits.CARD_VERSION,
        "fallbackText": fallback,
        "body": body,
    }


def _room(bytes: int) -> int:
    """What is left for a body beside the longest fallback text and what stands around it."""
    return bytes - limits.FALLBACK_TEXT - 1_500


def _fallback(first: str, parts: Iterable[CardPart], zone: ZoneInfo) -> str:
    """What clients show that can't show cards of this version: the words alone, dangers first."""
    lines = [part.text for part in parts if isinstance(part, Banner)]
    lines = [f"▲ {line}" for line in lines] + [first]
    lines += [written(part.text, zone) for part in parts if isinstance(part, Line)]
    kept, room = [], limits.FALLBACK_TEXT - len(UPDATE_TEAMS.encode())
    for line in (escape(each) for each in lines if each.strip()):
        room -= len(line.encode()) + 4
        if room < 0:
            break
        kept.append(line)
    return "\n\n".join([*kept, UPDATE_TEAMS])


def _submit(form: Form) -> Block:
    return {
        "type": "Action.Submit",
        "title": _title(form.submit or "Send"),
        "style": "positive",
        "data": {"submit": form.kind, "carry": dict(form.carry), **_several(form)},
    }


def _several(form: Form) -> Block:
    """Which fields take several choices, for those come back joined with commas."""
    named = [field.id for field in form.fields() if field.entry == "choices"]
    return {"several": ",".join(named)} if named else {}


def _title(label: str) -> str:
    return cut(one_line(label) or BLANK, limits.BUTTON_TITLE)


def _executed(button: Button, *, fallback: bool = True, stays: bool = False) -> Block:
    """A press that does something. Older clients send the same as a message instead.

    `stays`: the card is about other things too, and its answer isn't shown in its place.
    """
    data: Block = {"action": button.verb, "press": button.value, **({"stays": True} if stays else {})}
    drawn: Block = {
        "type": "Action.Execute",
        "title": _title(button.label),
        "verb": button.verb,
        "data": data,
    }
    if fallback:
        drawn["fallback"] = {"type": "Action.Submit", "title": _title(button.label), "data": data}
    return drawn


def _opening(button: Button) -> Block:
    data = {"msteams": {"type": "task/fetch"}, "action": button.verb, "press": button.value}
    return {"type": "Action.Submit", "title": _title(button.label), "data": data}


def _pressed_in_dialog(button: Button) -> Block:
    return {"type": "Action.Submit", "title": _title(button.label), "data": {"press": button.value}}


class _Drawing:
    """Draws the parts of one card or form."""

    def __init__(
        self, parts: Iterable[CardPart | FormPart], zone: ZoneInfo, *, in_dialog: bool = False
    ) -> None:
        self.parts = sorted(parts, key=lambda part: not isinstance(part, Banner))
        self.zone = zone
        self.in_dialog = in_dialog
        self.nearest = ""  # the last line drawn: what a button of a label that recurs is about
        rows = [part for part in self.parts if isinstance(part, Buttons)]
        self.about_several = len(rows) > 1
        self.labels = Counter(button.label for row in rows for button in row.buttons)

    def body(self) -> list[Block]:
        """The parts in order. What follows a row of buttons is about something else, and stands apart."""
        drawn: list[Block] = []
        for block in (block for part in self.parts for block in self._part(part)):
            new = drawn and drawn[-1]["type"] == "ActionSet" and block["type"] != "ActionSet"
            drawn.append({**block, "separator": True, "spacing": "Large"} if new else block)
        return drawn

    def _part(self, part: CardPart | FormPart) -> list[Block]:
        draw: dict[type, Callable[[Any], list[Block]]] = {
            Banner: self._banner,
            Heading: self._heading,
            Line: self._line,
            Facts: lambda facts: labelled_rows(facts.rows, self.zone),
            Progress: self._progress,
            Buttons: self._buttons,
            Quote: self._quote,
            Field: lambda field: [field_container(field, self.zone)],
        }
        return draw[type(part)](part)

    def _banner(self, banner: Banner) -> list[Block]:
        """The sign and the words carry it; the ground is for those who see its colour."""
        sign = "" if banner.text.startswith("▲") else "▲ "
        items = rich_blocks([(f"{sign}{banner.text}", STRONG)])
        return [{"type": "Container", "style": "attention", "items": items}]

    def _heading(self, part: Heading) -> list[Block]:
        self.nearest = part.text
        return heading(part.text)

    def _line(self, line: Line) -> list[Block]:
        self.nearest = written(line.text, self.zone)
        return blocks(line.text, self.zone, {"strong": STRONG, "quiet": QUIET}.get(line.weight))

    def _progress(self, progress: Progress) -> list[Block]:
        stages = "──".join("●" if stage <= progress.at else "○" for stage in range(1, progress.of + 1))
        return blocks((f"{stages}{NO_BREAK}{NO_BREAK} ", *progress.words), self.zone)

    def _quote(self, quote: Quote) -> list[Block]:
        return [{"type": "Container", "style": "emphasis", "items": rich_blocks([(quote.words, {})])}]

    def _buttons(self, row: Buttons) -> list[Block]:
        starts = range(0, len(row.buttons), limits.ACTIONS)
        return [self._row(row.buttons[start : start + limits.ACTIONS]) for start in starts]

    def _row(self, buttons: tuple[Button, ...]) -> Block:
        return {"type": "ActionSet", "actions": [self._asked_first(button) for button in buttons]}

    def _asked_first(self, button: Button) -> Block:
        """What can't be undone unfolds into the question and a button of the same name.

        A card shown by a button works alike in messages and dialogs, on phones too, says to screen readers
        that it has opened, and needs nothing from the server.
        """
        if not button.confirm:
            return self._button(button)
        unfolded = {
            "type": "AdaptiveCard",
            "body": rich_blocks([(button.confirm, {})]),
            "actions": [self._button(button)],
        }
        drawn: Block = {"type": "Action.ShowCard", "title": _title(button.label), "card": unfolded}
        return self._described(drawn, button)

    def _button(self, button: Button) -> Block:
        opens = isinstance(VERBS.get(button.verb), Opens | Resumes)
        if self.in_dialog:
            return self._described(_pressed_in_dialog(button), button)
        drawn = _opening(button) if opens else _executed(button, stays=self.about_several)
        return self._described(drawn, button)

    def _described(self, drawn: Block, button: Button) -> Block:
        """Two buttons called "Open" are told apart by what stands above each."""
        if button.style != "plain":
            drawn["style"] = STYLES[button.style]
        if self.labels[button.label] > 1 and self.nearest:
            drawn["tooltip"] = cut(one_line(f"{button.label}: {self.nearest}"), limits.TOOLTIP)
        return drawn
