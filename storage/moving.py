"""Moves a board's data into another database: all of it as it is, sealed as it is, so that nothing is read.

Batches are committed with the place they end at, so that a move that was stopped goes on from there. From its
first moment the old database is marked as left, and until its last the new one as unfinished: nothing is
served from either meanwhile, and never from both.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, Select, Table, delete, func, insert, select, tuple_

from storage import board, leases
from storage.database import BOARD, Database, Reader, Transaction
from storage.failures import DatabaseInvalid
from storage.schema import make_tables, standing
from storage.tables import lanes, metadata, settings, streams

BATCH = 2000
LEFT, UNFINISHED = "left", "unfinished"
"""Settings: the first of a database that is moved away from, the second of one that is moved into."""
TABLES: Sequence[Table] = metadata.sorted_tables
"""Each after those that its rows belong to."""

Rows = Sequence[RowMapping]
Told = Callable[[int], object]
"""Is told how many more rows are done."""


class MoveRefused(Exception):
    """Nothing was changed. The message says why, and what to do."""


@dataclass(frozen=True, slots=True)
class _Place:
    """How far it is: the last row copied, by its key. Both empty before the first."""

    move: str
    table: str = ""
    after: tuple[Any, ...] = ()

    @classmethod
    def read(cls, text: str) -> _Place:
        known = json.loads(text)
        return cls(known["move"], known["table"], tuple(known["after"]))

    def text(self) -> str:
        return json.dumps({"move": self.move, "table": self.table, "after": self.after})


def refuse_half_a_board(reader: Reader) -> None:
    """For whoever serves or changes a database. Raises DatabaseInvalid where it was left or is unfinished."""
    if standing(reader) == "none":
        return
    if board.setting(reader, UNFINISHED) is not None:
        raise DatabaseInvalid(
            "DATABASE_URL: a move into this database isn't finished. Run the same again: "
            "python -m bot migrate --from URL"
        )
    if board.setting(reader, LEFT) is not None:
        raise DatabaseInvalid(
            "DATABASE_URL: this board was moved to another database, or is being moved. Name that one. To "
            "stay here, if the move isn't finished: python -m bot migrate --from URL --give-up"
        )


def begin(source: Database, target: Database) -> None:
    """Marks both, or finds them marked by the move that this one goes on with. Raises MoveRefused,
    DatabaseInvalid, KeysInvalid, and DatabaseFailed.
    """
    move, finished = source.read_now(_leaving)
    # The new one is asked first without a mark: one that can't be used mustn't stop the old one.
    target.write_now(lambda transaction: _receive(transaction, move, finished=finished, mark=False))
    source.write_now(lambda transaction: _leave(transaction, move, finished=finished))
    source.write_now(leases.free_all)  # its server is stopped: the new one needn't wait for what it held
    target.write_now(lambda transaction: _receive(transaction, move, finished=finished, mark=True))


def count_rows(reader: Reader) -> int:
    """Of all that is moved."""
    counts = (select(func.count()).select_from(table).where(*_moved(table)) for table in TABLES)
    return sum(reader.connection.execute(count).scalar_one() for count in counts)


def copy_rows(source: Database, target: Database, told: Told, batch: int = BATCH) -> None:
    """What isn't copied yet, in batches of so many rows. Raises DatabaseFailed: begin again then."""
    place = target.read_now(_place)
    names = [table.name for table in TABLES]
    for table in TABLES[names.index(place.table) if place.table else 0 :]:
        after = place.after if table.name == place.table else ()
        while rows := source.read_now(_batch_after(table, after, batch)):
            after = tuple(rows[-1][column.name] for column in table.primary_key)
            target.write_now(_adding(table, rows, _Place(place.move, table.name, after)))
            told(len(rows))
    target.write_now(_go_on_counting)


def digests(reader: Reader, told: Told) -> dict[str, str]:
    """What each table holds, whatever the order of its rows: equal only where all rows are."""
    return {table.name: _digest(reader, table, told) for table in TABLES}


def finish(source: Database, target: Database) -> None:
    """From now on the new database is served, and the old one never again."""
    place = target.read_now(_place)
    source.write_now(lambda transaction: _leave(transaction, place.move, finished=True))
    target.write_now(lambda transaction: board.forget_setting(transaction, UNFINISHED))


def give_up(source: Database) -> None:
    """The old database is served again. Raises MoveRefused where the move is finished, or none was begun."""

    def work(transaction: Transaction) -> None:
        found = board.setting(transaction, LEFT)
        if found is None:
            raise MoveRefused("--from: no move of this database was begun.")
        if json.loads(found)["finished"]:
            raise MoveRefused(
                "--from: this move is finished, and what came after it stands in the other database alone. "
                "Go on there."
            )
        board.forget_setting(transaction, LEFT)

    source.write_now(work)


def _leaving(reader: Reader) -> tuple[str, bool]:
    """The id of the move, and whether it finished already."""
    if standing(reader) != "current":
        raise MoveRefused(
            "--from: that database hasn't the current schema. Run this with DATABASE_URL set to it: "
            "python -m bot migrate"
        )
    if board.setting(reader, UNFINISHED) is not None:
        raise MoveRefused("--from: a move into that database isn't finished.")
    for stream in reader.connection.execute(_one_stream_of_each_key()).scalars().all():
        reader.key(stream)
    found = board.setting(reader, LEFT)
    if found is None:
        return secrets.token_hex(16), False
    known = json.loads(found)
    return known["move"], known["finished"]


def _one_stream_of_each_key() -> Select[str]:
    return (
        select(func.min(streams.c.stream_id))
        .where(streams.c.wrapped_key.is_not(None))
        .group_by(streams.c.key_id)
    )


def _leave(transaction: Transaction, move: str, *, finished: bool) -> None:
    board.set_setting(transaction, LEFT, json.dumps({"move": move, "finished": finished}))


def _receive(transaction: Transaction, move: str, *, finished: bool, mark: bool) -> None:
    found = standing(transaction)
    if found == "none":
        make_tables(transaction)
    elif found != "current":
        raise MoveRefused("DATABASE_URL: this database hasn't the current schema. Name an empty one.")
    begun = board.setting(transaction, UNFINISHED)
    if begun is not None:
        if _Place.read(begun).move != move:
            raise MoveRefused("DATABASE_URL: half of another move is in this database. Name an empty one.")
        return
    if finished:
        raise MoveRefused("--from: that database was moved already, and what came after it isn't in it.")
    if not _is_empty(transaction):
        raise MoveRefused("DATABASE_URL: this database holds a board's data already. Name an empty one.")
    if mark:
        for table in reversed(TABLES):  # the key that `migrate` makes, and free lanes
            transaction.connection.execute(delete(table))
        board.set_setting(transaction, UNFINISHED, _Place(move).text())


def _is_empty(reader: Reader) -> bool:
    """Holds nothing but what `migrate` makes."""
    rows = {table: reader.connection.execute(select(table).limit(2)).all() for table in TABLES}
    rows[streams] = [row for row in rows[streams] if row.stream_id != BOARD]
    rows[lanes] = []
    return not any(rows.values())


def _moved(table: Table) -> list[ColumnElement[bool]]:
    """All rows but the marks of the move itself."""
    return [settings.c.name.not_in((LEFT, UNFINISHED))] if table is settings else []


def _place(reader: Reader) -> _Place:
    found = board.setting(reader, UNFINISHED)
    if found is None:
        raise MoveRefused("DATABASE_URL: no move into this database was begun.")
    return _Place.read(found)


def _batch_after(table: Table, after: tuple[Any, ...], batch: int) -> Callable[[Reader], Rows]:
    key = list(table.primary_key)
    query = select(table).where(*_moved(table)).order_by(*key).limit(batch)
    if after:
        query = query.where(tuple_(*key) > tuple_(*after))
    return lambda reader: reader.connection.execute(query).mappings().all()


def _adding(table: Table, rows: Rows, place: _Place) -> Callable[[Transaction], None]:
    def work(transaction: Transaction) -> None:
        transaction.connection.execute(insert(table), [dict(row) for row in rows])
        board.set_setting(transaction, UNFINISHED, place.text())

    return work


def _go_on_counting(transaction: Transaction) -> None:
    """PostgreSQL numbers rows by a sequence, which knows nothing of rows that came with their number."""
    if transaction.connection.dialect.name != "postgresql":
        return
    for table in TABLES:
        number = table.autoincrement_column
        if number is not None:
            sequence = func.pg_get_serial_sequence(table.name, number.name)
            following = select(func.coalesce(func.max(number), 0) + 1).scalar_subquery()
            transaction.connection.execute(select(func.setval(sequence, following, False)))  # noqa: FBT003


def _digest(reader: Reader, table: Table, told: Told) -> str:
    total, count = 0, 0
    query = select(table).where(*_moved(table))
    for rows in reader.connection.execution_options(yield_per=BATCH).execute(query).partitions():
        for row in rows:
            total += int.from_bytes(hashlib.sha256(repr(tuple(row)).encode()).digest())
        count += len(rows)
        told(len(rows))
    return f"{count}:{total:x}"
