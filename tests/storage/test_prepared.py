from __future__ import annotations

from datetime import UTC, datetime

import pytest

from storage import remembered
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
