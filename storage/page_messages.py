"""The messages that the local page shows, as a platform would keep them. Places are hashed, cards sealed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, insert, select, update

from storage import event_store, sealing
from storage.database import Reader, Transaction
from storage.tables import counters, page_messages

CHANGES = "page"
"""The counter of changes, by which the page sees that there is something new."""

POST = insert(page_messages)
PLACE_OF = select(page_messages.c.place).where(
    page_messages.c.id == bindparam("number"), page_messages.c.deleted.is_(False)
)
_one = update(page_messages).where(page_messages.c.id == bindparam("number"))
UPDATE = _one.values(card=bindparam("sealed"), updated_at=bindparam("then"))
DELETE = _one.values(deleted=True, updated_at=bindparam("then"))
OF = (
    select(
        page_messages.c.id,
        page_messages.c.place,
        page_messages.c.thread,
        page_messages.c.card,
        page_messages.c.posted_at,
        page_messages.c.updated_at,
    )
    .where(page_messages.c.place.in_(bindparam("hashed", expanding=True)), page_messages.c.deleted.is_(False))
    .order_by(page_messages.c.id)
)
VERSION = select(counters.c.value).where(counters.c.name == CHANGES)


@dataclass(frozen=True, slots=True)
class PageMessage:
    """`thread`: the message under which it stands, or None. `card_json`: as it was posted or last updated."""

    id: int
    place: str
    thread: int | None
    card_json: str
    posted_at: datetime
    updated_at: datetime


def post(
    transaction: Transaction, place: str, card_json: str, at: datetime, thread: int | None = None
) -> int:
    """Returns the message's id. Ids grow with time."""
    hashed, number = _hashed(transaction, place), event_store.next_number(transaction, CHANGES)
    row = {
        "id": number,  # known before the card is sealed, for the seal holds it
        "place": hashed,
        "thread": thread,
        "card": transaction.board.seal(place_of(number, hashed), card_json.encode()),
        "posted_at": at,
        "updated_at": at,
        "deleted": False,
    }
    transaction.connection.execute(POST, row)
    return number


def update_card(transaction: Transaction, message: int, card_json: str, at: datetime) -> bool:
    """False where there is no such message any more."""
    hashed = transaction.connection.execute(PLACE_OF, {"number": message}).scalar_one_or_none()
    if hashed is None:
        return False
    sealed = transaction.board.seal(place_of(message, hashed), card_json.encode())
    transaction.connection.execute(UPDATE, {"number": message, "sealed": sealed, "then": at})
    event_store.next_number(transaction, CHANGES)
    return True


def remove(transaction: Transaction, message: int, at: datetime) -> None:
    transaction.connection.execute(DELETE, {"number": message, "then": at})
    event_store.next_number(transaction, CHANGES)


def exists(reader: Reader, message: int) -> bool:
    return reader.connection.execute(PLACE_OF, {"number": message}).one_or_none() is not None


def of(reader: Reader, places: Iterable[str]) -> list[PageMessage]:
    """The messages in these places, oldest first."""
    asked = {_hashed(reader, place): place for place in places}
    rows = reader.connection.execute(OF, {"hashed": list(asked)})
    return [
        PageMessage(
            number,
            asked[hashed],
            thread,
            reader.board.open(place_of(number, hashed), card).decode(),
            posted,
            updated,
        )
        for number, hashed, thread, card, posted, updated in rows
    ]


def version(reader: Reader) -> int:
    """Grows with every change to any message."""
    return reader.connection.execute(VERSION).scalar_one_or_none() or 0


def _hashed(reader: Reader, place: str) -> str:
    return reader.board.look_up("place", place)


def place_of(number: int, hashed: str) -> str:
    return sealing.place("page_messages", number, hashed)
