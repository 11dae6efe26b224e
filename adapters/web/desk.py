"""What lies before one person and nobody else: the form they have open, and what they were told privately.

A chat platform's own app holds this on the person's device. The page works without JavaScript, so it is held
here, in memory alone: it holds what people typed, and is gone with the process.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, replace
from datetime import datetime

from core.cards.model import Card, Field, Form

MOST_DESKS = 200
MOST_ANSWERS = 3


@dataclass(frozen=True, slots=True)
class OpenForm:
    """A form as drawn. `token` is its delivery; `in_room` whether it was opened from the channel.

    `kept`: how often what was typed into it was kept by the way.
    """

    form: Form
    token: str
    in_room: bool
    aside: bool = False
    kept: int = 0


@dataclass(frozen=True, slots=True)
class PrivateAnswer:
    """A card told to one person. `id` is the delivery it answers."""

    id: str
    card: Card
    at: datetime


class Desk:
    """One person's. The newest private answer stands first."""

    def __init__(self) -> None:
        self.form: OpenForm | None = None
        self.answers: tuple[PrivateAnswer, ...] = ()
        self.clock_words = ""
        self.seen = ""

    def open(self, form: Form, token: str, *, in_room: bool) -> None:
        """Lays a form before the person, in the place of any other."""
        self.clock_words = ""
        self.form = OpenForm(form, token, in_room)

    def tell(self, card: Card, delivery: str, now: datetime, *, answered: str = "") -> None:
        """Lays down a card, in the place of one with the same words or delivery. Form `answered` is done."""
        self.clock_words = ""
        if self.form and self.form.token == answered:
            self.form = None
        others = tuple(kept for kept in self.answers if kept.id != delivery and kept.card != card)
        self.answers = (PrivateAnswer(delivery, card, now), *others)[:MOST_ANSWERS]

    def put_aside(self, token: str, values: dict[str, tuple[str, ...]]) -> bool:
        """Closes the form drawn with `token`. One to be filled in stays within reach, with what was typed.

        False if it isn't the form that lies here and something was typed: that would be lost.
        """
        if not self.form or self.form.token != token:
            return not any(values.values())
        if self.form.form.submit:
            self.form = replace(self.form, form=filled_in(self.form.form, values), aside=True)
        else:
            self.form = None
        return True

    def keep(self, token: str, values: dict[str, tuple[str, ...]]) -> None:
        """Keeps what was typed into the form drawn with `token`, which stays as it lies: open or aside."""
        if self.form and self.form.token == token and self.form.form.submit:
            filled, kept = filled_in(self.form.form, values), self.form.kept + 1
            self.form = replace(self.form, form=filled, kept=kept)

    def carry_on(self) -> None:
        """Opens the form that was put aside."""
        if self.form:
            self.form = replace(self.form, aside=False)

    def throw_away(self) -> None:
        """Drops the form with what was typed."""
        self.form = None

    def look(self, message: str) -> None:
        """The direct messages were looked at, up to the one with this id."""
        self.seen = message

    def dismiss(self, answer: str) -> None:
        """Takes a private answer away."""
        self.answers = tuple(kept for kept in self.answers if kept.id != answer)


class Desks:
    """The desks of those who used the page most recently."""

    def __init__(self) -> None:
        self._desks: OrderedDict[str, Desk] = OrderedDict()

    def put_away(self, case: str) -> None:
        """Drops what is only read of this case; what somebody is filling in stays, with what they typed."""
        for desk in self._desks.values():
            if desk.form and not desk.form.form.submit and desk.form.form.carry.get("case") == case:
                desk.form = None

    def of(self, account: str) -> Desk:
        desk = self._desks.setdefault(account, Desk())
        self._desks.move_to_end(account)
        while len(self._desks) > MOST_DESKS:
            self._desks.popitem(last=False)
        return desk


def filled_in(form: Form, values: dict[str, tuple[str, ...]]) -> Form:
    """The same form holding `values` in its fields. A field that isn't among them is empty."""
    parts = tuple(
        part.model_copy(update={"value": values.get(part.id, ())}) if isinstance(part, Field) else part
        for part in form.parts
    )
    return form.model_copy(update={"parts": parts})
