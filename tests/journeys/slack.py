"""Slack, driven through a running stand-in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from adapters.slack.text import escape, unescape
from tests.journeys.people import People
from tests.journeys.process import Bot
from tests.journeys.surface import FORM, Button, Field, Form, Message, Sight, Typed
from tests.slack_blocks import Json, action_for, pressable, values_for
from tests.slack_shown import shown
from tests.stand_in import SlackStandIn

TOLD = "told"  # what a modal is called in which a card is told


class SlackSurface:
    """Everybody whose account is in Slack.

    The stand-in has one stack of forms for the whole workspace, where Slack has one for each person: so the
    form that each person had last is kept here, with what they typed in it when it was refused.
    """

    name = "slack"
    shows_each_their_own = False

    def __init__(self, bot: Bot, slack: SlackStandIn, people: People) -> None:
        self._bot = bot
        self.slack = slack
        self._people = people
        self._forms: dict[str, Json] = {}
        self._typed: dict[str, dict[str, Any]] = {}
        self._errors: dict[str, dict[str, str]] = {}
        self._before: dict[str, tuple[int, int]] = {}  # private messages and calls before the last doing

    async def look(self, person: str) -> Sight:
        await self._bot.settled()
        await self.slack._settle()
        view = self._forms.get(person)
        told = view if view and view["callback_id"] == TOLD else None
        form = view if view and view["callback_id"] != TOLD else None
        private = self._ephemerals(person)[self._before.get(person, (0, 0))[0] :]
        answer = (
            _message(told["blocks"])
            if told
            else _message(private[-1]["blocks"], private[-1])
            if private
            else None
        )
        return Sight(
            room=tuple(self._posts(self._room(person))),
            direct=tuple(self._posts(self.slack.direct_channel(self._user(person)) or "")),
            form=self._form(person, form) if form else None,
            private=answer,
        )

    async def say(self, person: str, words: str) -> None:
        await self.close(person)
        self._begin(person)
        # Slack escapes what follows a command, which the stand-in does not.
        await self.slack.command(self._user(person), self._room(person), escape(words))
        self._keep_form(person)

    async def press(self, person: str, place: str, button: Button) -> None:
        user = self._user(person)
        if place != FORM and button.handle[0] is not None:
            await self.close(person)
        self._begin(person)
        self._typed.pop(person, None)
        if place == FORM:
            view = self._forms[person]
            action = action_for(view["blocks"], button.handle[1])
            await self.slack._act(user, view, "view", action, values_for(view, {}, lenient=True))
        elif button.handle[0] is None:  # a card told in a modal
            await self.slack.press_in_form(user, button.handle[1])
        else:
            await self.slack.press(user, *button.handle)
        self._keep_form(person)

    async def press_unseen(self, person: str, value: str) -> None:
        await self.close(person)
        self._begin(person)
        room = self._room(person)
        action = {"type": "button", "action_id": "press:1:unseen", "block_id": "buttons:0", "value": value}
        [card, *_] = self.slack.messages(room)
        await self.slack.interact(self._user(person), room, card["ts"], action)
        self._keep_form(person)

    async def fill(self, person: str, typed: Typed) -> None:
        self._begin(person)
        everything = {**self._typed.get(person, {}), **typed}
        view = self.slack.form_of(self._user(person))
        answer = await self.slack.submit(self._user(person), _as_slack_names(view, everything))
        labels = {block["block_id"]: _label(block) for block in view["blocks"] if block["type"] == "input"}
        self._errors[person] = {labels[block]: words for block, words in answer.errors.items()}
        self._typed[person] = everything if answer.errors else {}
        self._keep_form(person)

    async def close(self, person: str) -> None:
        self._typed.pop(person, None)
        self._forms.pop(person, None)
        if self.slack.view is not None and self.slack._form_owner == self._user(person):
            await self.slack.close_form(self._user(person))

    def _begin(self, person: str) -> None:
        self._before[person] = (len(self._ephemerals(person)), len(self.slack.sent))
        self._errors.pop(person, None)

    def _keep_form(self, person: str) -> None:
        """What they have before them now. An update that was for their form may have fallen on another's."""
        held = self._forms.get(person, {}).get("id")
        for method, sent in reversed(self.slack.sent[self._before[person][1] :]):
            if method == "views.update" and sent["view_id"] == held:
                top = self.slack.view
                landed = top is not None and top["blocks"] == sent["view"]["blocks"]
                self._forms[person] = top if top and landed else {**sent["view"], "id": held}
                return
        if self.slack.view is None:
            self._forms.pop(person, None)
        elif self.slack._form_owner == self._user(person):
            self._forms[person] = self.slack.view

    def _posts(self, channel: str) -> list[Message]:
        whole = [one for one in self.slack.messages(channel) if one.get("thread_ts", one["ts"]) == one["ts"]]
        return [
            _message(
                one["blocks"],
                one,
                [shown(reply["blocks"]) for reply in self.slack.thread(channel, one["ts"])],
            )
            for one in whole
        ]

    def _ephemerals(self, person: str) -> list[Json]:
        user = self._user(person)
        places = [self._room(person), self.slack.direct_channel(user) or ""]
        found = [one for place in places for one in self.slack.ephemerals(place, user)]
        return sorted(found, key=lambda one: str(one["ts"]))

    def _form(self, person: str, view: Json) -> Form:
        fields, words = [], []
        for block in view["blocks"]:
            if block["type"] == "input":
                fields.append(self._field(person, block))
            elif fields and shown(block).startswith("▲ ") and not fields[-1].error:
                fields[-1] = Field(fields[-1].label, fields[-1].value, fields[-1].options, shown(block)[2:])
            words.append(shown(block))
        title = unescape(view["title"]["text"])
        return Form(title, "\n".join([title, *words]), tuple(fields), _buttons(view["blocks"], None))

    def _field(self, person: str, block: Json) -> Field:
        label, element = _label(block), block["element"]
        given = self._typed.get(person, {}).get(label)
        value = [given] if isinstance(given, str) else given if given is not None else _initial(element)
        options = tuple(unescape(one["text"]["text"]) for one in element.get("options", []))
        return Field(label, tuple(value), options, self._errors.get(person, {}).get(label, ""))

    def _user(self, person: str) -> str:
        return self._people.users[person]

    def _room(self, person: str) -> str:
        return self._people.rooms[self._people.agency_of(person)]


def _label(block: Json) -> str:
    return unescape(block["label"]["text"])


def _initial(element: Json) -> list[str]:
    if "initial_option" in element:
        return [unescape(element["initial_option"]["text"]["text"])]
    if "initial_options" in element:
        return [unescape(one["text"]["text"]) for one in element["initial_options"]]
    value = element.get("initial_value") or element.get("initial_date")
    return [value] if value else []


def _as_slack_names(view: Json, typed: Typed) -> dict[str, Any]:
    """By block, and options by their value, for what a person reads is escaped in what is sent."""
    blocks = {_label(block): block for block in view["blocks"] if block["type"] == "input"}
    found: dict[str, Any] = {}
    for label, value in typed.items():
        assert label in blocks, f"no field is called {label!r}; there is {list(blocks)}"
        element = blocks[label]["element"]
        options = {unescape(one["text"]["text"]): one["value"] for one in element.get("options", [])}
        if "options" not in element:
            found[blocks[label]["block_id"]] = value
        elif isinstance(value, str) and element["type"] in ("static_select", "radio_buttons"):
            found[blocks[label]["block_id"]] = options.get(value, value)
        else:
            many: Sequence[str] = [value] if isinstance(value, str) else value
            found[blocks[label]["block_id"]] = [options.get(one, one) for one in many]
    return found


def _buttons(blocks: Sequence[Json], message: Json | None) -> tuple[Button, ...]:
    return tuple(
        Button(
            unescape(element["text"]["text"]),
            element["value"],
            (message, element["action_id"]),
        )
        for _, element in pressable(blocks)
        if element["type"] == "button"
    )


def _message(blocks: Sequence[Json], message: Json | None = None, replies: Sequence[str] = ()) -> Message:
    return Message(shown(list(blocks)), _buttons(blocks, message), tuple(replies))
