"""The tables. What people typed, names, accounts and addresses stand only in sealed columns (LargeBinary)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


class Moment(TypeDecorator[datetime]):
    """An aware datetime, stored as microseconds since 1970 in UTC: exact and ordered in every database."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        return None if value is None else (value - EPOCH) // MICROSECOND

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        return None if value is None else EPOCH + value * MICROSECOND


metadata = MetaData()


def where(condition: str) -> dict[str, Any]:
    """An index of some rows only; a query that uses it says the condition too."""
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


streams = Table(
    "streams",
    metadata,
    Column("stream_id", String, primary_key=True),
    Column("kind", String, nullable=False),
    Column("wrapped_key", LargeBinary),  # null once the key was destroyed
    Column("key_id", String, nullable=False),
    Column("version", Integer, nullable=False),
    Column("head", LargeBinary, nullable=False),
    Index("streams_by_kind", "kind"),
    Index("streams_one_directory", "kind", unique=True, **where("kind = 'directory'")),
)

events = Table(
    "events",
    metadata,
    Column("stream_id", String, ForeignKey("streams.stream_id"), primary_key=True),
    Column("sequence", Integer, primary_key=True),
    Column("header", Text, nullable=False),  # exactly as hashed
    Column("body", LargeBinary),  # sealed; null once it was destroyed
    Column("body_digest", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
)

escalations = Table(
    "escalations",
    metadata,
    Column("stream_id", String, ForeignKey("streams.stream_id"), primary_key=True),
    Column("reference", String, nullable=False, unique=True),
    Column("status", String, nullable=False),
    Column("stage", String, nullable=False),
    Column("version", Integer, nullable=False),
    Column("raised_at", Moment, nullable=False),
    Column("next_due_at", Moment),
    Column("window_ends_at", Moment),
    Column("set_back_until", Moment),
    Column("failures", Integer, nullable=False),
    Index("escalations_due", "next_due_at", "set_back_until", "stream_id"),
    Index("escalations_set_back", "set_back_until", **where("set_back_until IS NOT NULL")),
)

participants = Table(
    "participants",
    metadata,
    Column("stream_id", String, ForeignKey("escalations.stream_id"), primary_key=True),
    Column("person", String, primary_key=True),
    Column("side", String, nullable=False),
    Index("participants_by_person", "person"),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("stream_id", String, ForeignKey("streams.stream_id"), nullable=False),
    Column("kind", String, nullable=False),
    Column("topic", String, nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("side", String, nullable=False),
    Column("person", String, nullable=False),
    Column("object", String, nullable=False),
    Column("key", String, nullable=False),
    Column("not_before", Moment, nullable=False),
    Column("next_try_at", Moment, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("state", String, nullable=False),
    Column("why", String, nullable=False),  # a platform's code, never words
    Column("lane", String, nullable=False, server_default=""),  # what it is sent through
    Column("holder", String, nullable=False, server_default=""),  # the server that last took it
    Column("sent_at", Moment),
    Column("place", LargeBinary),  # sealed: it may hold an account
    Column("message", LargeBinary),  # sealed likewise
    UniqueConstraint("stream_id", "key", name="outbox_once"),
    # What was sent stands in none of these: they stay as small as what waits, and as quick to write.
    Index("outbox_next", "lane", "state", "next_try_at", **where("sent_at IS NULL")),
    Index("outbox_in_order", "stream_id", "state", "side", "person", **where("sent_at IS NULL")),
    Index("outbox_by_person", "person", "state", "next_try_at", **where("sent_at IS NULL")),
)

lanes = Table(
    "lanes",
    metadata,
    Column("lane", String, primary_key=True),
    Column("holder", String, nullable=False),  # a running server
    Column("until", BigInteger, nullable=False),  # microseconds since 1970, by the database's own clock
)

messages = Table(
    "messages",
    metadata,
    Column("stream_id", String, ForeignKey("streams.stream_id"), primary_key=True),
    Column("place", String, primary_key=True),  # keyed hash
    Column("subject", String, primary_key=True),  # "": the case's card; else which direct message
    Column("message", LargeBinary, nullable=False),  # sealed
    Column("drawn", String, nullable=False),
    Column("found_by", String, nullable=False, server_default=""),  # keyed hash of place and message
    Index("messages_by_message", "found_by"),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("key", String, primary_key=True),  # keyed hash
    Column("stream_id", String, nullable=False, server_default=""),  # the case whose key seals it, or ""
    Column("answer", LargeBinary, nullable=False),  # sealed
    Column("at", Moment, nullable=False),
    Index("deliveries_by_age", "at"),
)

drafts = Table(
    "drafts",
    metadata,
    Column("form_id", String, primary_key=True),
    Column("stream_id", String, nullable=False, server_default=""),  # the case whose key seals it, or ""
    Column("person", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("values", LargeBinary, nullable=False),  # sealed
    Column("saved_at", Moment, nullable=False),
    Index("drafts_by_person", "person", "kind", "saved_at"),
    Index("drafts_by_age", "saved_at"),
)

counters = Table(
    "counters",
    metadata,
    Column("name", String, primary_key=True),
    Column("value", Integer, nullable=False),
)

pathways = Table(
    "pathways",
    metadata,
    Column("hash", String, primary_key=True),
    Column("text", Text, nullable=False),
)

settings = Table(
    "settings",
    metadata,
    Column("name", String, primary_key=True),
    Column("value", Text, nullable=False),
)

conversation_references = Table(
    "conversation_references",
    metadata,
    Column("place", String, primary_key=True),  # keyed hash
    Column("group", String, nullable=False),  # keyed hash: forgotten together, as a team's rooms are
    Column("reference", LargeBinary, nullable=False),  # sealed
    Index("conversation_references_by_group", "group"),
)

page_messages = Table(
    "page_messages",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("place", String, nullable=False),  # keyed hash
    Column("thread", Integer),
    Column("card", LargeBinary, nullable=False),  # sealed
    Column("posted_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    Column("deleted", Boolean, nullable=False),
    Index("page_messages_by_place", "place", "id"),
)
