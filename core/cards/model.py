"""Cards and forms as data: what people see, before any platform has drawn it.

A *card* is a message. It stays on the platform for ever, so it has no part that could hold what somebody
typed. A *form* is drawn for one person and kept by no platform, so it may quote people's words and ask.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict
from pydantic import Field as Constrained


class Model(BaseModel):
    """Frozen, and closed to unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Moment(Model):
    """A moment (UTC) that each reader sees in their own time zone.

    `style`: "day" is "Mon 30 Nov", "time" is "17:00", "day_time" is "Mon 30 Nov, 17:00".
    """

    kind: Literal["moment"] = "moment"
    at: datetime
    style: Literal["day", "time", "day_time"] = "day_time"


class Day(Model):
    """A calendar day, the same in every zone."""

    kind: Literal["day"] = "day"
    on: date


class Say(Model):
    """Words that can be said to the bot ("list"), written as one says them on each platform."""

    kind: Literal["say"] = "say"
    words: str


Piece: TypeAlias = str | Moment | Day | Say
Text: TypeAlias = tuple[Piece, ...]
"""Plain text with moments in it. Nothing in it is markup: adapters escape every string."""


class Line(Model):
    """One paragraph. `strong` marks the line that must be read first; `quiet` one that may be skipped."""

    kind: Literal["line"] = "line"
    text: Text
    weight: Literal["plain", "strong", "quiet"] = "plain"


class Heading(Model):
    kind: Literal["heading"] = "heading"
    text: str


class Banner(Model):
    """What must be seen before everything else: risk of immediate harm (P10).

    The words carry it, not a colour.
    """

    kind: Literal["banner"] = "banner"
    text: str


class Fact(Model):
    label: str
    text: Text


class Facts(Model):
    """Labels and values, in order."""

    kind: Literal["facts"] = "facts"
    rows: tuple[Fact, ...]


class Progress(Model):
    """How far along: stage `at` of `of`; `words` says the same for those who don't see the picture."""

    kind: Literal["progress"] = "progress"
    at: int
    of: int
    words: Text


class Button(Model):
    """A thing to press: a verb, the escalation, and the object it is about (this proposal, this action).

    Never who may press it: that is decided again on each press. `confirm` is asked where it can't be undone.
    `personal`: for some only; a platform that can show a card to each as it is for them shows it to those.
    """

    label: str
    verb: str
    escalation: str = ""
    object: str = ""
    style: Literal["plain", "primary", "danger"] = "plain"
    confirm: str = ""
    personal: bool = False

    @property
    def value(self) -> str:
        """What a platform carries and gives back: verb, escalation and object, joined by colons."""
        return f"{self.verb}:{self.escalation}:{self.object}"


class Buttons(Model):
    kind: Literal["buttons"] = "buttons"
    buttons: tuple[Button, ...]


class Quote(Model):
    """What somebody typed, exactly as typed. Forms only."""

    kind: Literal["quote"] = "quote"
    words: str


class Option(Model):
    value: str
    label: str
    explanation: str = ""


class Field(Model):
    """Something to fill in.

    `value` is what it holds when drawn: for "choices" several values, for others at most one (a day as
    YYYY-MM-DD). `error` stands beside the field.
    """

    kind: Literal["field"] = "field"
    id: str
    label: str
    entry: Literal["short", "long", "choice", "choices", "day"]
    hint: str = ""
    options: tuple[Option, ...] = ()
    optional: bool = False
    value: tuple[str, ...] = ()
    error: str = ""
    max_length: int = 3000


CardPart: TypeAlias = Annotated[
    Line | Heading | Banner | Facts | Progress | Buttons, Constrained(discriminator="kind")
]
FormPart: TypeAlias = Annotated[
    Line | Heading | Banner | Facts | Progress | Buttons | Quote | Field, Constrained(discriminator="kind")
]


class Card(Model):
    """A message.

    `summary` is what a notification or a locked phone shows: the reference and what is asked, no more.
    `personal_for`: accounts that the personal buttons are for; one that can presses `as_it_is_for_me` for
    them when they look, and shows them what that answers.
    """

    summary: str
    parts: tuple[CardPart, ...]
    personal_for: tuple[str, ...] = ()
    as_it_is_for_me: Button | None = None

    def buttons(self) -> tuple[Button, ...]:
        return tuple(button for part in self.parts if isinstance(part, Buttons) for button in part.buttons)

    def without_personal(self) -> Card:
        """As it is for everybody: what the personal buttons do is behind the others too."""
        return self.model_copy(update={"parts": tuple(filter(None, map(_without_personal, self.parts)))})


def _without_personal(part: CardPart) -> CardPart | None:
    if not isinstance(part, Buttons):
        return part
    left = tuple(button for button in part.buttons if not button.personal)
    return Buttons(buttons=left) if left else None


class Form(Model):
    """What one person sees in private: to read (`submit` empty) or to fill in.

    `carry` comes back with the answers: keys and ids only, never words, for platforms keep it. `form_id` in
    it makes a form that is sent twice one form.
    """

    kind: str
    title: str
    parts: tuple[FormPart, ...]
    submit: str = ""
    carry: dict[str, str] = {}

    def fields(self) -> tuple[Field, ...]:
        return tuple(part for part in self.parts if isinstance(part, Field))

    def buttons(self) -> tuple[Button, ...]:
        return tuple(button for part in self.parts if isinstance(part, Buttons) for button in part.buttons)


def text(*pieces: Piece) -> Text:
    """`text("by ", Moment(at=...))`."""
    return pieces


def line(*pieces: Piece) -> Line:
    return Line(text=pieces)


def strong(*pieces: Piece) -> Line:
    return Line(text=pieces, weight="strong")


def quiet(*pieces: Piece) -> Line:
    return Line(text=pieces, weight="quiet")
