from __future__ import annotations

import pytest
from pydantic import TypeAdapter

from core.events import EVENT, EntryDestroyed, Event, NoteAdded, Recorded
from storage import event_store
from storage.database import Database, StreamUnknown, Transaction
from storage.engine import clear_traces
from tests.storage.made import AMIRA, MONDAY, case, note, notes


def a_stream(database: Database, events: int = 0) -> str:
    def work(transaction: Transaction) -> str:
        stream_id = event_store.new_stream(transaction, "escalation")
        event_store.append(transaction, stream_id, 0, notes(1, events))
        return stream_id

    return database.write_now(work)


def test_events_come_back_as_they_were_added_with_who_did_them(database: Database) -> None:
    by_a_deadline = Recorded(2, MONDAY, "stage-2", None, "side:s1", NoteAdded(words="line one\nline two"))
    stream_id = a_stream(database)
    added = [note(1), by_a_deadline]
    database.write_now(lambda transaction: event_store.append(transaction, stream_id, 0, added))
    assert database.read_now(lambda reader: event_store.events(reader, stream_id)) == added
    assert database.read_now(lambda reader: event_store.events(reader, stream_id, after=1)) == [by_a_deadline]
    assert database.read_now(lambda reader: event_store.version(reader, stream_id)) == 2


def test_a_stream_may_hold_events_of_another_kind(database: Database) -> None:
    kind: TypeAdapter[Event] = EVENT
    stream_id = a_stream(database, events=1)
    [stored] = database.read_now(lambda reader: event_store.stored(reader, stream_id, kind))
    assert (stored.actor, stored.event) == (AMIRA, NoteAdded(words="Note 1"))


def test_a_lost_race_is_told_and_adds_nothing(database: Database) -> None:
    stream_id = a_stream(database, events=2)
    with pytest.raises(event_store.VersionConflict):
        database.write_now(
            lambda transaction: event_store.append(transaction, stream_id, 1, [note(2, "too late")])
        )
    assert database.read_now(lambda reader: event_store.events(reader, stream_id)) == notes(1, 2)


def test_nothing_is_added_to_an_unknown_stream_or_out_of_turn(database: Database) -> None:
    stream_id = a_stream(database)
    with pytest.raises(StreamUnknown):
        database.write_now(lambda transaction: event_store.append(transaction, "nowhere", 0, [note(1)]))
    with pytest.raises(ValueError, match="event 1 is numbered 2"):
        database.write_now(lambda transaction: event_store.append(transaction, stream_id, 0, [note(2)]))
    assert database.read_now(lambda reader: event_store.version(reader, stream_id)) == 0
    assert database.read_now(lambda reader: event_store.events(reader, "nowhere")) == []


def test_a_case_is_found_by_its_reference(database: Database) -> None:
    stream_id = database.write_now(lambda transaction: case(transaction, "HF-2026-0001"))
    assert database.read_now(lambda reader: event_store.stream_of(reader, "HF-2026-0001")) == stream_id
    assert database.read_now(lambda reader: event_store.stream_of(reader, "HF-2026-0002")) is None
    assert database.read_now(lambda reader: event_store.streams_of(reader, "escalation")) == [stream_id]
    assert database.read_now(lambda reader: event_store.streams_of(reader, "directory")) == []


def test_numbers_count_on_for_each_year_and_a_rolled_back_one_is_used_again(database: Database) -> None:
    def number(name: str) -> int:
        return database.write_now(lambda transaction: event_store.next_number(transaction, name))

    def number_and_fail(transaction: Transaction) -> None:
        event_store.next_number(transaction, "HF-2026")
        raise LookupError

    assert [number("HF-2026"), number("HF-2026"), number("HF-2027")] == [1, 2, 1]
    with pytest.raises(LookupError):
        database.write_now(number_and_fail)
    assert number("HF-2026") == 3


def test_a_body_is_taken_away_for_good_on_both_databases(database: Database, url: str) -> None:
    stream_id = a_stream(database, events=3)
    remains = EntryDestroyed(
        entry=2,
        because="it was",
        asked_by="p",
        asked_by_name="P",
        author=AMIRA,
        remains=NoteAdded(words="Gone"),
    )

    def destroy(transaction: Transaction) -> bytes:
        event_store.append(transaction, stream_id, 3, [Recorded(4, MONDAY, "stage-1", AMIRA, "all", remains)])
        return event_store.destroy(transaction, stream_id, 2)

    body = database.write_now(destroy)
    assert clear_traces(url, body, "events")
    read = database.read_now(lambda reader: event_store.events(reader, stream_id))
    assert [entry.event for entry in read] == [
        NoteAdded(words="Note 1"),
        NoteAdded(words="Gone"),
        NoteAdded(words="Note 3"),
        remains,
    ]
    assert (read[1].sequence, read[1].actor, read[1].at) == (2, AMIRA, MONDAY)
    assert database.read_now(lambda reader: event_store.events(reader, stream_id, after=2)) == read[2:]
