"""What a person sees on any platform, and what they can do there: what every driver has to offer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

ROOM, DIRECT, FORM, PRIVATE = "room", "direct", "form", "private"
Typed = Mapping[str, str | Sequence[str]]
"""By a field's label: words, a day as 2026-11-30, an option's words, or several options'."""


@dataclass(frozen=True)
class Button:
    """`value`: verb, escalation and object, as it carries them. `handle`: where the driver presses."""

    label: str
    value: str
    handle: Any = field(compare=False, repr=False)

    @property
    def verb(self) -> str:
        return self.value.partition(":")[0]


@dataclass(frozen=True)
class Message:
    """`words`: a line for each paragraph. `replies`: what stands in its thread, oldest first."""

    words: str
    buttons: tuple[Button, ...] = ()
    replies: tuple[str, ...] = ()

    def labels(self) -> list[str]:
        return [button.label for button in self.buttons]


@dataclass(frozen=True)
class Field:
    label: str
    value: tuple[str, ...]
    options: tuple[str, ...] = ()
    error: str = ""


@dataclass(frozen=True)
class Form:
    title: str
    words: str
    fields: tuple[Field, ...] = ()
    buttons: tuple[Button, ...] = ()

    def labels(self) -> list[str]:
        return [button.label for button in self.buttons]

    def field(self, label: str) -> Field:
        found = [each for each in self.fields if each.label == label]
        assert found, f"no field is called {label!r}; there is {[each.label for each in self.fields]}"
        return found[0]

    def errors(self) -> dict[str, str]:
        return {each.label: each.error for each in self.fields if each.error}


@dataclass(frozen=True)
class Sight:
    """All that lies before one person. `private`: the answer to what they did last, if it was one."""

    room: tuple[Message, ...]
    direct: tuple[Message, ...]
    form: Form | None
    private: Message | None

    def places(self) -> dict[str, tuple[Message | Form, ...]]:
        return {
            ROOM: self.room,
            DIRECT: self.direct,
            FORM: (self.form,) if self.form else (),
            PRIVATE: (self.private,) if self.private else (),
        }


class Surface(Protocol):
    """A driver. Every verb returns when the bot has answered; `look` when all that is due has arrived."""

    name: str
    shows_each_their_own: bool
    """Whether a card in a room has a button that is for some only before those alone."""

    async def look(self, person: str) -> Sight: ...

    async def say(self, person: str, words: str) -> None:
        """Type `/escalate WORDS` in the channel of the person's agency, with no form in the way."""
        ...

    async def press(self, person: str, place: str, button: Button) -> None:
        """Whatever form is in the way of it is closed first."""
        ...

    async def press_unseen(self, person: str, value: str) -> None:
        """Press, in the room, a button with this value that the person was never shown."""
        ...

    async def fill(self, person: str, typed: Typed) -> None:
        """Fill in fields of the open form, and send it."""
        ...

    async def close(self, person: str) -> None:
        """Close the open form, if there is one, without sending it."""
        ...


@dataclass
class Buttons:
    """Which buttons were seen and pressed: (place, verb, label)."""

    seen: set[tuple[str, str, str]] = field(default_factory=set)
    pressed: set[str] = field(default_factory=set)

    def see(self, sight: Sight) -> None:
        for place, shown in sight.places().items():
            self.seen |= {(place, button.verb, button.label) for each in shown for button in each.buttons}
