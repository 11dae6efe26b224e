"""What the page asks of the bot: people, the time, and the messages that a chat platform would keep."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from core.cards.model import Card

PLATFORM = "web"
WORKSPACE = "web:page"


def account_of(file_id: str) -> str:
    """The account of a person on this page, and the place of their direct messages: "web:page/amira"."""
    return f"{WORKSPACE}/{file_id}"


def room_of_agency(agency_id: str) -> str:
    """The place of the room that an agency has here: "web:page/room-lbhf-asc"."""
    return f"{WORKSPACE}/room-{agency_id}"


@dataclass(frozen=True, slots=True)
class PagePerson:
    """Somebody whom the page can be seen as. `file_id` is their id in the directory file, as in `/?as=amira`.

    `roles`: in words for people ("line manager"). `time_zone`: an IANA name. `account`: see `account_of`.
    """

    file_id: str
    name: str
    roles: tuple[str, ...]
    agency_id: str
    agency_name: str
    time_zone: str
    account: str


@dataclass(frozen=True, slots=True)
class PageRoom:
    """A channel as somebody sees it: its place ("web:page/room-lbhf-asc") and what it is called."""

    place: str
    label: str


@dataclass(frozen=True, slots=True)
class PageMessage:
    """A card that was posted. `thread`: the id of the message it answers, or empty. Moments are UTC."""

    id: str
    place: str
    thread: str
    card: Card
    posted_at: datetime
    updated_at: datetime


class PageMessages(Protocol):
    """Keeps what was posted, as a chat platform would. It outlives the process."""

    async def post(self, place: str, card_json: str, thread: str = "") -> str:
        """Keeps a message and returns its id. Raises LookupError if `thread` is no message in `place`."""
        ...

    async def update(self, message: str, card_json: str) -> None:
        """Puts a card in the place of another. Raises LookupError if there is no such message."""
        ...

    async def of(self, places: Collection[str]) -> Sequence[PageMessage]:
        """Everything in these places, oldest first."""
        ...

    def changes(self) -> int:
        """A number that grows with each message posted or updated, since the process began."""
        ...

    async def wait(self, since: int) -> int:
        """Returns `changes()` as soon as it differs from `since`. May be cancelled at any time."""
        ...


class World(Protocol):
    """People, rooms and the clock that a newcomer may move forward. It never goes back."""

    async def people(self) -> Sequence[PagePerson]:
        """Everybody in the directory, in the order they are offered in."""
        ...

    async def room_of(self, person: PagePerson) -> PageRoom:
        """The channel this person's agency has on the page."""
        ...

    def now(self) -> datetime:
        """What time it is for the bot: UTC, aware."""
        ...

    async def next_working_day(self) -> str:
        """Moves to the start of the next working day, does what is due, and says in words what happened."""
        ...

    async def next_thing_due(self) -> str:
        """Moves to the next moment at which something is due, does it, and says in words what happened."""
        ...
