"""The first schema.

Revision ID: 0001
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    _streams()
    _events()
    _escalations()
    _participants()
    _outbox()
    _messages()
    _deliveries()
    _drafts()
    _counters()
    _pathways()
    _settings()
    _page_messages()


def _where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def _streams() -> None:
    op.create_table(
        "streams",
        sa.Column("stream_id", sa.String, primary_key=True),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary),
        sa.Column("key_id", sa.String, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("head", sa.LargeBinary, nullable=False),
    )
    op.create_index("streams_by_kind", "streams", ["kind"])


def _events() -> None:
    op.create_table(
        "events",
        sa.Column("stream_id", sa.String, sa.ForeignKey("streams.stream_id"), primary_key=True),
        sa.Column("sequence", sa.Integer, primary_key=True),
        sa.Column("header", sa.Text, nullable=False),
        sa.Column("body", sa.LargeBinary),
        sa.Column("body_digest", sa.LargeBinary, nullable=False),
        sa.Column("hash", sa.LargeBinary, nullable=False),
    )


def _escalations() -> None:
    op.create_table(
        "escalations",
        sa.Column("stream_id", sa.String, sa.ForeignKey("streams.stream_id"), primary_key=True),
        sa.Column("reference", sa.String, nullable=False, unique=True),
        sa.Column("status", sa.String, nullable=False),
        sa.Column("stage", sa.String, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("raised_at", sa.BigInteger, nullable=False),
        sa.Column("next_due_at", sa.BigInteger),
        sa.Column("window_ends_at", sa.BigInteger),
        sa.Column("set_back_until", sa.BigInteger),
        sa.Column("failures", sa.Integer, nullable=False),
    )
    op.create_index(
        "escalations_due", "escalations", ["status", "next_due_at", "set_back_until", "stream_id"]
    )
    op.create_index(
        "escalations_set_back", "escalations", ["set_back_until"], **_where("set_back_until IS NOT NULL")
    )


def _participants() -> None:
    op.create_table(
        "participants",
        sa.Column("stream_id", sa.String, sa.ForeignKey("escalations.stream_id"), primary_key=True),
        sa.Column("person", sa.String, primary_key=True),
        sa.Column("side", sa.String, nullable=False),
    )
    op.create_index("participants_by_person", "participants", ["person"])


def _outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("stream_id", sa.String, sa.ForeignKey("streams.stream_id"), nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("topic", sa.String, nullable=False),
        sa.Column("sequence", sa.Integer, nullable=False),
        sa.Column("side", sa.String, nullable=False),
        sa.Column("person", sa.String, nullable=False),
        sa.Column("object", sa.String, nullable=False),
        sa.Column("key", sa.String, nullable=False),
        sa.Column("not_before", sa.BigInteger, nullable=False),
        sa.Column("next_try_at", sa.BigInteger, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("why", sa.String, nullable=False),
        sa.Column("sent_at", sa.BigInteger),
        sa.Column("place", sa.LargeBinary),
        sa.Column("message", sa.LargeBinary),
        sa.UniqueConstraint("stream_id", "key", name="outbox_once"),
    )
    unsent = _where("sent_at IS NULL")
    op.create_index("outbox_next", "outbox", ["state", "next_try_at"], **unsent)
    op.create_index("outbox_in_order", "outbox", ["stream_id", "state", "side", "person"], **unsent)
    op.create_index("outbox_by_person", "outbox", ["person", "state", "next_try_at"], **unsent)


def _messages() -> None:
    op.create_table(
        "messages",
        sa.Column("stream_id", sa.String, sa.ForeignKey("streams.stream_id"), primary_key=True),
        sa.Column("place", sa.String, primary_key=True),
        sa.Column("subject", sa.String, primary_key=True),
        sa.Column("message", sa.LargeBinary, nullable=False),
        sa.Column("drawn", sa.String, nullable=False),
    )


def _deliveries() -> None:
    op.create_table(
        "deliveries",
        sa.Column("key", sa.String, primary_key=True),
        sa.Column("answer", sa.LargeBinary, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
    )
    op.create_index("deliveries_by_age", "deliveries", ["at"])


def _drafts() -> None:
    op.create_table(
        "drafts",
        sa.Column("form_id", sa.String, primary_key=True),
        sa.Column("person", sa.String, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("values", sa.LargeBinary, nullable=False),
        sa.Column("saved_at", sa.BigInteger, nullable=False),
    )
    op.create_index("drafts_by_person", "drafts", ["person", "kind", "saved_at"])
    op.create_index("drafts_by_age", "drafts", ["saved_at"])


def _counters() -> None:
    op.create_table(
        "counters",
        sa.Column("name", sa.String, primary_key=True),
        sa.Column("value", sa.Integer, nullable=False),
    )


def _pathways() -> None:
    op.create_table(
        "pathways",
        sa.Column("hash", sa.String, primary_key=True),
        sa.Column("text", sa.Text, nullable=False),
    )


def _settings() -> None:
    op.create_table(
        "settings",
        sa.Column("name", sa.String, primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
    )


def _page_messages() -> None:
    op.create_table(
        "page_messages",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("place", sa.String, nullable=False),
        sa.Column("thread", sa.Integer),
        sa.Column("card", sa.LargeBinary, nullable=False),
        sa.Column("posted_at", sa.BigInteger, nullable=False),
        sa.Column("updated_at", sa.BigInteger, nullable=False),
        sa.Column("deleted", sa.Boolean, nullable=False),
    )
    op.create_index("page_messages_by_place", "page_messages", ["place", "id"])
