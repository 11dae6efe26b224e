"""What passes between a platform and the bot: somebody says, presses or submits; only they are answered.

Adapters turn payloads into these, and answers into their platform's shapes.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Final, Protocol, TypeAlias

from core.cards.model import Card, Form

Answer: TypeAlias = Card | Form
"""A form is opened, or takes the place of the one it answers; a card is told privately, and ends the form."""
LONGEST_NAMES: Final = 1_000
"""Characters of the ids that a button carries, or that say who asks and where: more are none of ours."""
LONGEST_CARRIED: Final = 1_800
"""Of all that a form carries, as JSON: with a place for what its next step adds, every platform takes it."""


def _length(*names: str) -> int:
    """As JSON, which is how platforms carry them."""
    return len(json.dumps(names, ensure_ascii=False))


def storable(words: str) -> str:
    """Without what not every database and encoding takes: NULs, and halves of characters (then U+FFFD)."""
    if words.isascii():
        return words.replace("\x00", "")
    return words.replace("\x00", "").encode("utf-16", "surrogatepass").decode("utf-16", "replace")


@dataclass(frozen=True)
class Asker:
    """Who is asking and where, as the platform vouches for it.

    `account`: "slack:T0001/U0001", "teams:TENANT/OBJECT" or "web:page/PERSON". `room`: the channel asked in,
    likewise ("slack:T0001/C0001"), or empty in a direct message. `delivery`: what the platform calls this one
    delivery, so that one delivered twice counts once; empty where the platform gives none.
    """

    account: str
    room: str = ""
    delivery: str = ""

    def storable(self) -> Asker:
        """With nothing in it that couldn't be kept."""
        return Asker(*map(storable, (self.account, self.room, self.delivery)))

    def plausible(self) -> bool:
        return _length(self.account, self.room) <= LONGEST_NAMES


@dataclass(frozen=True)
class Press:
    """A button pressed, on whatever card or form it stood; or a command of the platform's own that means one.

    `message`: where no case is named, the platform's id of the message in whose thread it was pressed, which
    tells the case. `words`: offered for the form that opens, to be edited before anything of it is kept.
    """

    verb: str
    escalation: str = ""
    object: str = ""
    message: str = ""
    words: str = field(default="", repr=False)

    @classmethod
    def read(cls, value: str) -> Press:
        """From `Button.value`. Anything else gives a verb that nothing answers to, which is told kindly."""
        verb, _, rest = value.partition(":")
        escalation, _, subject = rest.partition(":")
        return cls(verb, escalation, subject)

    def storable(self) -> Press:
        """With nothing in it that couldn't be kept."""
        parts = (self.verb, self.escalation, self.object, self.message, self.words)
        return Press(*map(storable, parts))

    def plausible(self) -> bool:
        """Whether all that it carries could be ours."""
        return _length(self.verb, self.escalation, self.object, self.message) <= LONGEST_NAMES


@dataclass(frozen=True)
class Submission:
    """A form sent: its kind, what it carried, and for each field what was entered (days as YYYY-MM-DD)."""

    kind: str
    carry: dict[str, str] = field(default_factory=dict)
    values: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def storable(self) -> Submission:
        """With nothing in it that couldn't be kept."""
        carry = {storable(key): storable(value) for key, value in self.carry.items()}
        values = {storable(key): tuple(map(storable, entered)) for key, entered in self.values.items()}
        return Submission(storable(self.kind), carry, values)

    def plausible(self) -> bool:
        """Whether all that it carries could be ours."""
        return _length(*self.carry, *self.carry.values()) <= LONGEST_CARRIED


class Conversation(Protocol):
    """The bot, as an adapter sees it. Each answers only once what it did is on disk.

    None of them raises for what people do; what went wrong inside is logged with a code and answered plainly.
    """

    async def say(self, asker: Asker, words: str) -> Answer:
        """`/escalate WORDS`."""
        ...

    async def press(self, asker: Asker, press: Press) -> Answer: ...

    async def submit(self, asker: Asker, submission: Submission) -> Answer: ...
