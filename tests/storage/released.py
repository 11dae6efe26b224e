"""What a release left in a database, kept as a file, so that every later one shows that it still reads it.

`python -m tests.storage.released` writes one for the schema of now. Run it when a schema is released, and
never again for the same one.
"""

from __future__ import annotations

import asyncio
import base64
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from sqlalchemy import LargeBinary, MetaData, Table, func, insert, select

from storage.database import Database, Reader, Transaction
from storage.schema import newest
from tests.bot.made import house

FOLDER = Path(__file__).parent / "releases"
MADE_BY_MIGRATING = frozenset({"alembic_version"})


def dumped(database: Database) -> dict[str, list[dict[str, Any]]]:
    """All rows by table; bytes as {"base64": ...}."""

    def work(reader: Reader) -> dict[str, list[dict[str, Any]]]:
        found = MetaData()
        found.reflect(reader.connection)
        return {
            table.name: [_plain(dict(row)) for row in reader.connection.execute(select(table)).mappings()]
            for table in found.sorted_tables
            if table.name not in MADE_BY_MIGRATING
        }

    return database.read_now(work)


def load(transaction: Transaction, rows: dict[str, list[dict[str, Any]]]) -> None:
    """Into tables as that release had them, empty or with what migrating puts there."""
    found = MetaData()
    found.reflect(transaction.connection)
    for table in reversed(found.sorted_tables):
        if table.name not in MADE_BY_MIGRATING:
            transaction.connection.execute(table.delete())
    for table in found.sorted_tables:
        if rows.get(table.name):
            bytes_in = {column.name for column in table.columns if isinstance(column.type, LargeBinary)}
            given = [_read(row, bytes_in) for row in rows[table.name]]
            transaction.connection.execute(insert(table), given)
            _count_on(transaction, table)


def _count_on(transaction: Transaction, table: Table) -> None:
    """PostgreSQL counts numbers given out, not those that are there."""
    if "id" in table.c and transaction.connection.dialect.name == "postgresql":
        sequence = func.pg_get_serial_sequence(table.name, "id")
        transaction.connection.execute(select(func.setval(sequence, func.max(table.c.id))))


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {
        name: {"base64": base64.b64encode(value).decode()} if isinstance(value, bytes) else value
        for name, value in row.items()
    }


def _read(row: dict[str, Any], bytes_in: set[str]) -> dict[str, Any]:
    return {
        name: base64.b64decode(value["base64"]) if name in bytes_in and value is not None else value
        for name, value in row.items()
    }


async def _lived_in(path: Path) -> dict[str, list[dict[str, Any]]]:
    made = house(f"sqlite:///{path}")
    await made.courier.start()
    case = await made.agreed_to_take_part()
    await made.note(case, "Phoned the ward")
    await made.raised("ben")
    await made.sent()
    await made.courier.stop()
    rows = dumped(made.database)
    made.database.close()
    return rows


if __name__ == "__main__":
    file = FOLDER / f"{newest()}.json"
    if file.exists():
        sys.exit(f"{file.name} is there already: what was released doesn't change.")
    with tempfile.TemporaryDirectory() as folder:
        rows = asyncio.run(_lived_in(Path(folder) / "escalate.db"))
    file.write_text(json.dumps(rows, indent=0) + "\n")
