"""What the courier asks of a platform's sender, and what each way of failing means."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from core.cards.model import Card


class Rate(NamedTuple):
    """At most `most` messages in any `seconds` on end."""

    most: int
    seconds: float


class SendingFailed(Exception):
    """The base of what a sender raises. `why` holds a platform's code, never anybody's words."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class TryLater(SendingFailed):
    """The platform asks for patience, or can't be reached: nothing was sent as far as is known.

    `after` seconds, where the platform says; None leaves it to the courier's growing pauses.
    """

    def __init__(self, why: str, after: float | None = None) -> None:
        super().__init__(why)
        self.after = after


class Unreachable(SendingFailed):
    """This room or person can't be reached this way any more (left, archived, blocked): use another."""


class MessageGone(SendingFailed):
    """The message to be updated was deleted: post a new one."""


class Rejected(SendingFailed):
    """The platform won't take this message, however often it is sent: a defect of ours, to be looked into."""


class Sender(Protocol):
    """Sends to one platform. `place` is "slack:T0001/C0001" (a room) or "slack:T0001/U0001" (a person)."""

    @property
    def platform(self) -> str:
        """The part of a place before the colon."""
        ...

    def lane(self, place: str) -> str:
        """The queue this place is sent through: places in one lane share a pause the platform asks for."""
        ...

    def rates(self, place: str) -> tuple[Rate, ...]:
        """How often this place may be sent to. All of them hold at once; none means as often as one likes."""
        ...

    def lane_rates(self, lane: str) -> tuple[Rate, ...]:
        """How often all places of a lane together may be sent to, likewise."""
        ...

    async def post(self, place: str, card: Card, thread: str = "") -> str:
        """Sends a new message, in the thread of message `thread` if given; returns the platform's id for it.

        Raises TryLater, Unreachable, MessageGone (the thread's message is no more) or Rejected.
        """
        ...

    async def update(self, place: str, message: str, card: Card) -> None:
        """Puts `card` in the place of what `message` showed. Raises as `post` does."""
        ...
