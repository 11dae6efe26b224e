"""Where each person and room of a platform is reached, as the platform told: sealed, found by keyed hash."""

from __future__ import annotations

from typing import Any

from sqlalchemy import bindparam, delete, insert, select, update

from storage.database import Reader, Transaction
from storage.tables import conversation_references as table

GET = select(table.c.reference).where(table.c.place == bindparam("hashed"))
_values: dict[str, Any] = {"group": bindparam("together"), "reference": bindparam("sealed")}
CHANGE = update(table).where(table.c.place == bindparam("hashed")).values(_values)
ADD = insert(table).values({"place": bindparam("hashed"), **_values})
FORGET = delete(table).where(table.c.place == bindparam("hashed"))
FORGET_GROUP = delete(table).where(table.c.group == bindparam("together"))


def get(reader: Reader, place: str) -> str | None:
    """The reference as it was given to `put`."""
    hashed = _hashed(reader, place)
    sealed = reader.connection.execute(GET, {"hashed": hashed}).scalar_one_or_none()
    return None if sealed is None else reader.board.open(f"references/{hashed}", sealed).decode()


def put(transaction: Transaction, place: str, reference: str, group: str = "") -> None:
    """In the place of what was kept. `group`: what it is forgotten with (a team), or ""."""
    hashed = _hashed(transaction, place)
    sealed = transaction.board.seal(f"references/{hashed}", reference.encode())
    row = {"hashed": hashed, "together": _group(transaction, group), "sealed": sealed}
    transaction.put(CHANGE, ADD, row)


def forget(transaction: Transaction, place: str) -> None:
    transaction.connection.execute(FORGET, {"hashed": _hashed(transaction, place)})


def forget_group(transaction: Transaction, group: str) -> None:
    """All that were put with this group; nothing for ""."""
    if group:
        transaction.connection.execute(FORGET_GROUP, {"together": _group(transaction, group)})


def _hashed(reader: Reader, place: str) -> str:
    return reader.board.look_up("place", place)


def _group(reader: Reader, group: str) -> str:
    return reader.board.look_up("group", group) if group else ""
