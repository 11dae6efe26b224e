from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import make_url

from storage import outbox, remembered
from storage.database import Database, Transaction
from storage.failures import DatabaseFailed

AT = datetime(2026, 11, 23, 12, tzinfo=UTC)


def test_what_the_driver_refuses_is_the_database_that_failed(database: Database) -> None:
    def twice(transaction: Transaction) -> None:
        for _ in range(2):
            remembered.remember(transaction, "the same key", "{}", AT)

    with pytest.raises(DatabaseFailed, match=r"(?i)unique"):
        database.write_now(twice)
    assert database.read_now(lambda reader: remembered.recall(reader, "the same key")) is None


def test_a_driver_that_takes_parameters_by_name_is_given_them_by_name() -> None:
    ran: list[tuple[str, Any]] = []
    cursor = SimpleNamespace(execute=lambda words, given: ran.append((words, given)), rowcount=1)
    connection: Any = SimpleNamespace(
        dialect=make_url("postgresql+psycopg:///").get_dialect()(),
        connection=SimpleNamespace(cursor=lambda: cursor),
    )
    values = dict.fromkeys(("stream_id", "kind", "topic", "side", "person", "object", "key"), "x")
    assert outbox.ENQUEUE.change(connection, {**values, "sequence": 7, "not_before": AT}) == 1
    words, given = ran[0]
    assert "%(stream_id)s" in words
    assert (given["sequence"], given["state_1"]) == (7, outbox.WAITING)
    assert given["not_before"] == AT.timestamp() * 1_000_000
