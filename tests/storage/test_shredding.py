"""A destroyed key is gone: from the database, from memory, and from the files."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Column, select

from core.events import Actor, RecordDestroyed, Recorded
from storage import event_store, outbox, remembered, shredding
from storage.database import Database, Reader, StreamDestroyed, Transaction
from storage.engine import clear_traces
from storage.remembered import Draft
from storage.sealing import Sealing
from storage.tables import drafts, messages
from storage.tables import outbox as outbox_table
from storage.verify import verify
from tests.storage.conftest import KEY, on_sqlite
from tests.storage.made import AMIRA, MONDAY, case, note, notice

ROOM = "slack:T0001/C0001"
OPERATOR = Actor(person="operator", name="The operator")
END = RecordDestroyed(reference="HF-2026-0001", raised_at=MONDAY, closed_at=MONDAY, stage="Stage 1")


def ended(sequence: int) -> Recorded:
    return Recorded(sequence, datetime(2034, 11, 30, tzinfo=UTC), "stage-1", OPERATOR, "all", END)


def lived(transaction: Transaction) -> str:
    """A case with something in every table that holds anything of a case."""
    stream = case(transaction, "HF-2026-0001")
    draft = Draft("f1", AMIRA.person, "propose", {"words": ("half",)}, MONDAY, stream)
    remembered.save_draft(transaction, draft)
    remembered.save_draft(transaction, Draft("f2", AMIRA.person, "raise", {}, MONDAY))
    remembered.remember(transaction, "k1", '"answered"', MONDAY, stream)
    outbox.enqueue(transaction, stream, [notice("a"), notice("b"), notice("c", side="s2")])
    first, *_ = outbox.take(transaction, MONDAY, 10)
    outbox.sent(transaction, [first.id], ROOM, "m1", MONDAY)
    outbox.remember_card(transaction, stream, ROOM, "m1", "drawn")
    return stream


def destroy(database: Database, stream: str) -> bytes:
    def work(transaction: Transaction) -> bytes:
        wrapped = shredding.wrapped_key(transaction, stream)
        event_store.append(transaction, stream, 1, [ended(2)])
        shredding.destroy(transaction, stream)
        return wrapped

    return database.write_now(work)


def test_nothing_of_the_case_stays_but_its_sealed_record_and_that_it_was_destroyed(
    database: Database,
) -> None:
    stream = database.write_now(lived)
    destroy(database, stream)

    def work(transaction: Transaction) -> None:
        with pytest.raises(StreamDestroyed):
            event_store.events(transaction, stream)
        with pytest.raises(StreamDestroyed):
            event_store.append(transaction, stream, 2, [note(3)])
        assert event_store.remains(transaction, stream) == [ended(2)]
        assert event_store.actors(transaction, stream) == {AMIRA.person, "operator"}
        assert remembered.recall(transaction, "k1") is None
        assert transaction.connection.execute(select(drafts.c.form_id)).scalars().all() == ["f2"]
        assert transaction.connection.execute(select(messages)).all() == []
        kept = select(outbox_table.c.place, outbox_table.c.message, outbox_table.c.state)
        rows = transaction.connection.execute(kept.order_by(outbox_table.c.id)).all()
        assert [tuple(row) for row in rows] == [
            (None, None, state) for state in ("sent", "dropped", "dropped")
        ]
        [checked] = verify(transaction, stream)
        assert (checked.events, checked.problem) == (2, "")

    database.write_now(work)


def test_what_was_on_its_way_leaves_no_new_trace_when_it_arrives(database: Database) -> None:
    stream, late = database.write_now(lived), 3
    destroy(database, stream)

    def arrives(transaction: Transaction) -> None:
        outbox.sent(transaction, [late], ROOM, "m3", MONDAY)
        outbox.remember_card(transaction, stream, ROOM, "m3", "drawn")
        assert outbox.card_of(transaction, stream, ROOM) is None
        one = select(outbox_table.c.place, outbox_table.c.state).where(outbox_table.c.id == late)
        assert tuple(transaction.connection.execute(one).one()) == (None, "dropped")

    database.write_now(arrives)


def test_another_process_that_has_the_key_in_memory_does_not_serve_it(database: Database, url: str) -> None:
    stream = database.write_now(lived)
    other = Database(url, Sealing([KEY]))
    assert len(other.read_now(lambda reader: event_store.events(reader, stream))) == 1
    destroy(database, stream)
    for work in (
        lambda transaction: event_store.events(transaction, stream),
        lambda transaction: event_store.append(transaction, stream, 2, [note(3)]),
        lambda transaction: transaction.key(stream),
    ):
        with pytest.raises(StreamDestroyed):
            other.write_now(work)
    other.close()


def test_a_key_that_nobody_said_was_destroyed_is_not_taken_for_a_destroyed_record(database: Database) -> None:
    stream = database.write_now(lived)
    database.write_now(lambda transaction: shredding.destroy(transaction, stream))
    with pytest.raises(StreamDestroyed, match="doesn't say why"):
        database.read_now(lambda reader: event_store.remains(reader, stream))


def test_its_traces_can_be_cleared(database: Database, url: str) -> None:
    stream = database.write_now(lived)
    assert clear_traces(url, destroy(database, stream))
    assert clear_traces(url, b"")
    assert database.read_now(lambda reader: event_store.version(reader, stream)) == 2


def in_files(folder: Path, secret: bytes) -> bool:
    return any(secret in path.read_bytes() for path in folder.glob("escalate.db*"))


@on_sqlite
def test_the_wrapped_key_stands_nowhere_in_the_file_or_its_log(
    database: Database, url: str, tmp_path: Path
) -> None:
    others = [database.write_now(partial(case, reference=f"HF-2026-{n:04}")) for n in range(2, 200)]
    stream = database.write_now(lived)
    for n in range(2, 40):
        more = partial(event_store.append, stream_id=others[0], expected_version=n - 1, recorded=[note(n)])
        database.write_now(more)
    sealed = [*values(database, drafts.c["values"], stream), *values(database, messages.c.message, stream)]
    assert len(sealed) == 2
    wrapped = destroy(database, stream)
    assert in_files(tmp_path, wrapped), "the write-ahead log still has it"
    assert clear_traces(url, wrapped)
    for gone in (wrapped, *sealed):
        assert not in_files(tmp_path, gone)
    kept = database.read_now(lambda reader: shredding.wrapped_key(reader, others[5]))
    assert in_files(tmp_path, kept), "the search finds what is there"


def values(database: Database, column: Column[bytes], stream: str) -> list[bytes]:
    query = select(column).where(column.table.c.stream_id == stream)
    return database.read_now(lambda reader: list(reader.connection.execute(query).scalars()))


@on_sqlite
def test_while_somebody_reads_for_long_it_says_that_the_traces_are_still_there(
    database: Database, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.sqlite.BUSY_MILLISECONDS", 1)
    stream = database.write_now(lived)

    def while_reading(reader: Reader) -> bool:
        event_store.version(reader, stream)  # from here on it sees one moment
        return clear_traces(url, destroy(database, stream))

    assert not database.read_now(while_reading)
    assert clear_traces(url, b"")
