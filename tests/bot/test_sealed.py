"""What stands in the database after a whole journey: everything sealed in its own place, nothing in clear."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import Column, LargeBinary, select, update

from core.directory import DIRECTORY_CHANGE
from storage import event_store, outbox, page_messages, references, remembered
from storage.database import Reader, Transaction
from storage.sealing import SealBroken
from storage.tables import metadata
from tests.bot.lived import EMAIL, PAGE_ROOM, TEAMS_ROOM, TYPED, lived
from tests.bot.made import AMIRA, BEN, KAI, ROOMS, House

NOT_SEALED = {("events", "body_digest"), ("events", "hash"), ("streams", "head")}
"""Hashes, which `verify` checks without keys."""


class Undone(Exception):
    """Ends a transaction of which nothing stays."""


@dataclass(frozen=True)
class Place:
    """A sealed value in its row. `read` opens what stands there now, as the program does."""

    column: Column[Any]
    row: dict[str, Any]
    sealed: bytes
    read: Callable[[Reader], object]

    def put(self, transaction: Transaction, sealed: bytes) -> None:
        keys = " AND ".join(f"{name} = ?" for name in self.row)
        statement = f'UPDATE {self.column.table.name} SET "{self.column.name}" = ? WHERE {keys}'  # noqa: S608
        transaction.connection.connection.cursor().execute(statement, (sealed, *self.row.values()))


def sealed_columns() -> list[Column[Any]]:
    columns = [column for table in metadata.tables.values() for column in table.columns]
    binary = [column for column in columns if isinstance(column.type, LargeBinary)]
    return [column for column in binary if (column.table.name, column.name) not in NOT_SEALED]


def places(reader: Reader) -> list[Place]:
    found = []
    for column in sealed_columns():
        table = column.table
        keys = [key.name for key in table.primary_key]
        for row in reader.connection.execute(select(table).where(column.is_not(None))).mappings():
            at = {name: row[name] for name in keys}
            read = READS[table.name, column.name](dict(row))
            found.append(Place(column, at, bytes(row[column.name]), read))
    return found


def _event(row: dict[str, Any]) -> Callable[[Reader], object]:
    """The first one that is read after its predecessor."""
    stream, after, kind = row["stream_id"], row["sequence"] - 1, json.loads(row["header"])["type"]
    if kind in ("AgencyRecorded", "PersonRecorded", "BoardRecorded"):
        return lambda reader: event_store.stored(reader, stream, DIRECTORY_CHANGE, after)
    return lambda reader: event_store.events(reader, stream, after)


def _of_outbox(column: str) -> Callable[[dict[str, Any]], Callable[[Reader], object]]:
    table = metadata.tables["outbox"]

    def make(row: dict[str, Any]) -> Callable[[Reader], object]:
        query = select(table.c[column]).where(table.c.id == row["id"])
        place = f"outbox/{row['id']}/{column}"
        return lambda reader: reader.board.open(place, reader.connection.execute(query).scalar_one())

    return make


READS: dict[tuple[str, str], Callable[[dict[str, Any]], Callable[[Reader], object]]] = {
    ("streams", "wrapped_key"): lambda row: lambda reader: reader.key(row["stream_id"]),
    ("events", "body"): _event,
    ("outbox", "place"): _of_outbox("place"),
    ("outbox", "message"): _of_outbox("message"),
    ("messages", "message"): lambda row: lambda reader: _card(reader, row),
    ("deliveries", "answer"): lambda row: lambda reader: remembered.recall(reader, row["key"]),
    ("drafts", "values"): lambda row: lambda reader: remembered.draft(reader, row["form_id"]),
    ("conversation_references", "reference"): lambda row: lambda reader: _reference(reader, row),
    ("page_messages", "card"): lambda row: lambda reader: page_messages.of(reader, [PAGE_ROOM]),
}
"""How the program reads each sealed column, for a row."""


def _card(reader: Reader, row: dict[str, Any]) -> object:
    for place in (*ROOMS, AMIRA.account, BEN.account, KAI.account):
        if reader.board.look_up("place", place) == row["place"]:
            return outbox.card_of(reader, row["stream_id"], place, row["subject"])
    raise AssertionError("a message in a place that the test doesn't know")


def _reference(reader: Reader, row: dict[str, Any]) -> object:
    for number in range(2):
        if reader.board.look_up("place", f"{TEAMS_ROOM}-{number}") == row["place"]:
            return references.get(reader, f"{TEAMS_ROOM}-{number}")
    raise AssertionError("a reference of a place that the test doesn't know")


async def test_no_sealed_value_opens_in_the_place_of_any_other(board: House) -> None:
    await lived(board)
    tried: dict[str, int] = {}

    def swap(transaction: Transaction) -> None:
        every = places(transaction)
        for place in every:
            place.read(transaction)
            for other in every:
                if other is not place:
                    place.put(transaction, other.sealed)
                    with pytest.raises(SealBroken):
                        place.read(transaction)
            place.put(transaction, place.sealed)
            place.read(transaction)
            name = f"{place.column.table.name}.{place.column.name}"
            tried[name] = tried.get(name, 0) + 1
        raise Undone

    with pytest.raises(Undone):
        board.database.write_now(swap)
    assert tried.keys() == {f"{table}.{column}" for table, column in READS}
    assert min(tried.values()) >= 2, tried


async def test_a_draft_given_to_somebody_else_or_taken_for_another_form_does_not_open(board: House) -> None:
    await lived(board)
    drafts = metadata.tables["drafts"]

    def change(transaction: Transaction) -> None:
        rows = transaction.connection.execute(select(drafts)).mappings().all()
        assert {bool(row["stream_id"]) for row in rows} == {True, False}
        for row in rows:
            mine = drafts.c.form_id == row["form_id"]
            for column, value in (("person", "p-other"), ("kind", "view")):
                transaction.connection.execute(update(drafts).where(mine).values({column: value}))
                with pytest.raises(SealBroken):
                    remembered.draft(transaction, row["form_id"])
                was = {column: row[column]}
                transaction.connection.execute(update(drafts).where(mine).values(was))
            assert remembered.draft(transaction, row["form_id"])
        raise Undone

    with pytest.raises(Undone):
        board.database.write_now(change)


async def test_no_column_that_can_be_read_holds_an_account_a_place_an_address_a_name_or_words(
    board: House,
) -> None:
    await lived(board)

    def readable(reader: Reader) -> dict[str, str]:
        found: dict[str, str] = {}
        for table in metadata.tables.values():
            for row in reader.connection.execute(select(table)).mappings():
                for column, value in row.items():
                    if not isinstance(value, bytes):
                        name = f"{table.name}.{column}"
                        found[name] = found.get(name, "") + f" {value}"
        return found

    columns = board.database.read_now(readable)
    assert "HF-" in columns["escalations.reference"], "the search finds what is meant to be readable"
    of_people = ["Invented", "UAMIRA", "UBEN", "UKAI", "UTAM", "northmoor.example"]
    of_places = ["C0001", "C0002", "room-northmoor", "conversation", "slack-1", "smba.example"]
    for name, words in columns.items():
        if name != "pathways.text":  # the board's own file
            for secret in (TYPED, EMAIL, "@", *of_people, *of_places):
                assert secret not in words, f"{name} has {secret!r}"
