"""Seals that know their whole place, what is sealed with its case's key, and closed cases that fall due.

Until now the seal of a draft didn't hold whose it is, that of a card's message not which message, and that of
the page's cards not which card: they are sealed anew. Drafts of a case go under its key, so that they can't
be read once it is destroyed.

Revision ID: 0005
Revises: 0004
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from alembic import op

from storage.sealing import place

if TYPE_CHECKING:
    from storage.database import Transaction

revision = "0005"
down_revision = "0004"

CARRIED_CASE = "carried:case"
"""Where a draft kept the case that its form was about."""


def upgrade() -> None:
    for table in ("deliveries", "drafts"):
        op.add_column(table, sa.Column("stream_id", sa.String, nullable=False, server_default=""))
    op.drop_index("escalations_due", "escalations")
    op.create_index("escalations_due", "escalations", ["next_due_at", "set_back_until", "stream_id"])
    config = op.get_context().config
    assert config is not None
    transaction: Transaction = config.attributes["transaction"]
    _reseal_drafts(transaction)
    _reseal_messages(transaction)
    _reseal_page_messages(transaction)


def _rows(transaction: Transaction, query: str) -> list[Any]:
    return list(transaction.connection.execute(sa.text(query)))


def _change(transaction: Transaction, statement: str, rows: Iterable[dict[str, Any]]) -> None:
    changed = list(rows)
    if changed:
        transaction.connection.execute(sa.text(statement), changed)


def _reseal_drafts(transaction: Transaction) -> None:
    changed = []
    for form, person, kind, sealed in _rows(
        transaction, 'SELECT form_id, person, kind, "values" FROM drafts'
    ):
        plain = transaction.board.open(f"drafts/{form}", sealed)
        stream = next(iter(json.loads(plain).get(CARRIED_CASE, ())), "")
        anew = transaction.key_for(stream).seal(place("drafts", form, person, kind), plain)
        changed.append({"form": form, "stream": stream, "sealed": anew})
    _change(
        transaction,
        'UPDATE drafts SET stream_id = :stream, "values" = :sealed WHERE form_id = :form',
        changed,
    )


def _reseal_messages(transaction: Transaction) -> None:
    changed = []
    for stream, hashed, subject, sealed in _rows(
        transaction, "SELECT stream_id, place, subject, message FROM messages"
    ):
        plain = transaction.board.open(f"messages/{stream}/{hashed}", sealed)
        anew = transaction.board.seal(place("messages", stream, hashed, subject), plain)
        changed.append({"stream": stream, "hashed": hashed, "about": subject, "sealed": anew})
    _change(
        transaction,
        "UPDATE messages SET message = :sealed"
        " WHERE stream_id = :stream AND place = :hashed AND subject = :about",
        changed,
    )


def _reseal_page_messages(transaction: Transaction) -> None:
    changed = []
    for number, hashed, sealed in _rows(transaction, "SELECT id, place, card FROM page_messages"):
        plain = transaction.board.open(f"page_messages/{hashed}", sealed)
        anew = transaction.board.seal(place("page_messages", number, hashed), plain)
        changed.append({"number": number, "sealed": anew})
    _change(transaction, "UPDATE page_messages SET card = :sealed WHERE id = :number", changed)
