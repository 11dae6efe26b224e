"""Each way of tampering is done to the stored rows, with the database's own means."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from core.events import EntryDestroyed, NoteAdded, Recorded
from storage import event_store
from storage.database import Database, StreamDestroyed, Transaction
from storage.verify import Checked, verify
from tests.storage.made import AMIRA, MONDAY, case, notes


@pytest.fixture
def stream_id(database: Database) -> str:
    def work(transaction: Transaction) -> str:
        made = case(transaction, "HF-2026-0001")
        event_store.append(transaction, made, 1, notes(2, 4))
        return made

    return database.write_now(work)


def tamper(database: Database, statement: str) -> None:
    def work(transaction: Transaction) -> None:
        zero = {"zero": b"\0"} if ":zero" in statement else {}
        assert transaction.connection.execute(text(statement), zero).rowcount > 0

    database.write_now(work)


def checked(database: Database, stream_id: str | None = None) -> list[Checked]:
    return database.read_now(lambda reader: list(verify(reader, stream_id)))


def test_an_untouched_record_holds(database: Database, stream_id: str) -> None:
    other = database.write_now(lambda transaction: event_store.new_stream(transaction, "directory"))
    assert sorted(checked(database), key=lambda each: each.kind) == [
        Checked(other, "directory", "", 0),
        Checked(stream_id, "escalation", "HF-2026-0001", 4),
    ]
    assert checked(database, stream_id) == [Checked(stream_id, "escalation", "HF-2026-0001", 4)]


def test_it_still_holds_after_a_body_and_then_the_key_was_destroyed(
    database: Database, stream_id: str
) -> None:
    remains = NoteAdded(words="Destroyed")
    agreed = EntryDestroyed(
        entry=2, because="it was", asked_by="p", asked_by_name="P", author=None, remains=remains
    )

    def destroy(transaction: Transaction) -> None:
        happened = Recorded(5, MONDAY, "stage-1", AMIRA, "all", agreed)
        event_store.append(transaction, stream_id, 4, [happened])
        event_store.destroy(transaction, stream_id, 2)

    database.write_now(destroy)
    whole = [Checked(stream_id, "escalation", "HF-2026-0001", 5)]
    assert checked(database) == whole
    events = database.read_now(lambda reader: event_store.events(reader, stream_id))
    assert (events[1].actor, events[1].event) == (None, remains)
    tamper(database, "UPDATE streams SET wrapped_key = NULL WHERE kind = 'escalation'")
    assert checked(database) == whole
    with pytest.raises(StreamDestroyed):
        database.read_now(lambda reader: event_store.events(reader, stream_id))


def test_a_body_that_is_gone_is_not_read_as_anything(database: Database, stream_id: str) -> None:
    tamper(database, "UPDATE events SET body = NULL WHERE sequence = 2")
    with pytest.raises(event_store.BodyDestroyed):
        database.read_now(lambda reader: event_store.events(reader, stream_id))
    with pytest.raises(event_store.BodyDestroyed):
        database.write_now(lambda transaction: event_store.destroy(transaction, stream_id, 2))


@pytest.mark.parametrize(
    ("statement", "held", "problem"),
    [
        ("DELETE FROM events WHERE sequence = 2", 1, "event 2 is missing: the next one is numbered 3"),
        ("DELETE FROM events WHERE sequence = 4", 3, "should have 4 events, and the last one found is 3"),
        ("DELETE FROM events", 0, "should have 4 events"),
        (
            "UPDATE events SET body = NULL WHERE sequence = 2",
            1,
            "event 2: its body is gone, and no event says",
        ),
        ("UPDATE events SET body = :zero WHERE sequence = 3", 2, "event 3: its sealed body was changed"),
        (
            "UPDATE events SET body_digest = :zero, body = NULL WHERE sequence = 3",
            2,
            "event 3: it doesn't follow",
        ),
        ("UPDATE events SET hash = :zero WHERE sequence = 3", 2, "event 3: it doesn't follow"),
        (
            "UPDATE events SET header = replace(header, 'p-amira', 'p-other') WHERE sequence = 2",
            1,
            "event 2: it doesn't follow",
        ),
        (
            "UPDATE events SET header = replace(header, '4,', '5,') WHERE sequence = 4",
            3,
            "event 4: its header belongs to another place",
        ),
        ("UPDATE events SET sequence = 5 WHERE sequence = 4", 3, "event 4 is missing"),
        ("UPDATE streams SET head = :zero WHERE kind = 'escalation'", 4, "event 4 isn't the one"),
        ("UPDATE streams SET version = 3 WHERE kind = 'escalation'", 4, "should have 3 events"),
        ("UPDATE escalations SET version = 5", 4, "its row was made from event 5, and the last one is 4"),
    ],
)
def test_a_break_is_named_where_it_is(
    database: Database, stream_id: str, statement: str, held: int, problem: str
) -> None:
    intact = database.write_now(lambda transaction: event_store.new_stream(transaction, "directory"))
    tamper(database, statement)
    [broken] = checked(database, stream_id)
    assert (broken.events, broken.reference) == (held, "HF-2026-0001")
    assert problem in broken.problem
    assert Checked(intact, "directory", "", 0) in checked(database)


def test_a_case_without_the_row_by_which_it_is_found_is_named(database: Database, stream_id: str) -> None:
    tamper(database, "DELETE FROM escalations")
    [broken] = checked(database)
    assert (broken.stream_id, broken.events) == (stream_id, 4)
    assert "its row is missing" in broken.problem


def test_events_whose_stream_was_taken_away_are_found(database: Database, stream_id: str) -> None:
    def work(transaction: Transaction) -> None:
        transaction.make_stream("gone", "board")
        transaction.connection.execute(text("UPDATE events SET stream_id = 'gone'"))

    database.write_now(work)
    problems = {each.stream_id: each.problem for each in checked(database)}
    assert "header belongs to another place" in problems["gone"]
    assert "should have 4 events" in problems[stream_id]


def test_a_changed_header_keeps_its_body_shut(database: Database, stream_id: str) -> None:
    tamper(
        database, "UPDATE events SET header = replace(header, '\"all\"', '\"side:s1\"') WHERE sequence = 2"
    )
    with pytest.raises(Exception, match="was changed"):
        database.read_now(lambda reader: event_store.events(reader, stream_id))
