from __future__ import annotations

from collections.abc import Iterator

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect

from storage.database import Database, Reader
from storage.schema import migrate, schema_is_current
from storage.sealing import Sealing
from storage.tables import metadata
from tests.storage.conftest import KEY


@pytest.fixture
def empty(url: str) -> Iterator[Database]:
    opened = Database(url, Sealing([KEY]))
    yield opened
    opened.close()


def test_the_migrated_schema_is_the_one_the_code_is_written_for(database: Database) -> None:
    def differences(reader: Reader) -> list[object]:
        context = MigrationContext.configure(reader.connection, opts={"compare_type": True})
        return list(compare_metadata(context, metadata))

    def keys(reader: Reader) -> dict[str, list[str]]:
        found = inspect(reader.connection)
        return {name: found.get_pk_constraint(name)["constrained_columns"] for name in metadata.tables}

    assert database.read_now(differences) == []
    assert database.read_now(keys) == {
        name: [column.name for column in table.primary_key] for name, table in metadata.tables.items()
    }


def test_an_empty_database_is_not_current_until_it_is_migrated(empty: Database) -> None:
    assert not schema_is_current(empty)
    migrate(empty)
    assert schema_is_current(empty)
    migrate(empty)
    assert schema_is_current(empty)
