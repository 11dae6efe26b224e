from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import text

from storage import escalations
from storage.auditor import Overdue, overdue_counts
from storage.database import Database, Reader
from tests.storage.conftest import on_sqlite
from tests.storage.made import MONDAY, case, row

HOUR = timedelta(hours=1)


def make(database: Database, reference: str, **changes: Any) -> str:
    return database.write_now(lambda transaction: case(transaction, reference, **changes))


def take_part(database: Database, stream_id: str, **sides: str) -> None:
    database.write_now(
        lambda transaction: escalations.replace_participants(transaction, stream_id, sides.items())
    )


def test_what_is_due_comes_longest_overdue_first(database: Database) -> None:
    later = make(database, "HF-2026-0001", next_due_at=MONDAY)
    first = make(database, "HF-2026-0002", next_due_at=MONDAY - HOUR)
    make(database, "HF-2026-0003", next_due_at=MONDAY + HOUR)
    make(database, "HF-2026-0004", status="closed", next_due_at=None)
    assert database.read_now(lambda reader: escalations.due(reader, MONDAY, 10)) == [first, later]
    assert database.read_now(lambda reader: escalations.due(reader, MONDAY, 1)) == [first]


def test_one_that_fails_is_left_alone_until_its_pause_is_over_and_holds_back_no_other(
    database: Database,
) -> None:
    failing, other = make(database, "HF-2026-0001"), make(database, "HF-2026-0002", next_due_at=MONDAY + HOUR)
    until = MONDAY + 2 * HOUR
    database.write_now(lambda transaction: escalations.set_back(transaction, failing, until, 3))
    assert database.read_now(lambda reader: escalations.due(reader, MONDAY + HOUR, 10)) == [other]
    assert database.read_now(escalations.earliest_due) == MONDAY + HOUR
    assert database.read_now(lambda reader: escalations.due(reader, until, 10)) == [failing, other]
    assert database.read_now(lambda reader: escalations.failures(reader, failing)) == 3
    database.write_now(
        lambda transaction: escalations.save_escalation(transaction, row(failing, "HF-2026-0001"))
    )
    assert database.read_now(lambda reader: escalations.failures(reader, failing)) == 0
    assert database.read_now(lambda reader: escalations.due(reader, MONDAY, 10)) == [failing]


def test_the_next_moment_is_the_end_of_a_pause_where_nothing_else_is_due(database: Database) -> None:
    assert database.read_now(escalations.earliest_due) is None
    failing = make(database, "HF-2026-0001")
    assert database.read_now(escalations.earliest_due) == MONDAY
    database.write_now(lambda transaction: escalations.set_back(transaction, failing, MONDAY + HOUR, 1))
    assert database.read_now(escalations.earliest_due) == MONDAY + HOUR


@on_sqlite
def test_an_empty_sweep_reads_the_index_alone(database: Database) -> None:
    def plan(reader: Reader) -> str:
        query = escalations.DUE.params(now=MONDAY, most=10)
        written = query.compile(reader.connection, compile_kwargs={"literal_binds": True})
        steps = reader.connection.execute(text(f"EXPLAIN QUERY PLAN {written}"))
        return "\n".join(step[-1] for step in steps)

    assert database.read_now(plan) == (
        "SEARCH escalations USING COVERING INDEX escalations_due (next_due_at<?)"
    )


def test_a_row_comes_back_as_it_was_saved(database: Database) -> None:
    stream_id = make(database, "HF-2026-0001")
    changed = row(stream_id, "HF-2026-0001", stage="stage-2", version=7, window_ends_at=None)
    database.write_now(lambda transaction: escalations.save_escalation(transaction, changed))
    assert database.read_now(lambda reader: escalations.escalation(reader, stream_id)) == changed
    assert database.read_now(lambda reader: escalations.escalation(reader, "nowhere")) is None


def test_a_list_holds_the_persons_own_the_most_urgent_first(database: Database) -> None:
    unhurried = make(database, "HF-2026-0001", window_ends_at=None)
    late = make(database, "HF-2026-0002", window_ends_at=MONDAY - HOUR)
    closed = make(database, "HF-2026-0003", status="closed")
    make(database, "HF-2026-0004")
    for stream_id in (unhurried, late, closed):
        take_part(database, stream_id, amira="s1", ben="s2")

    def references(person: str | None = None, **asked: Any) -> list[str]:
        rows = database.read_now(lambda reader: escalations.list_escalations(reader, person, **asked))
        return [each.reference for each in rows]

    assert references("amira") == ["HF-2026-0002", "HF-2026-0001"]
    assert references("amira", only_open=False) == ["HF-2026-0002", "HF-2026-0003", "HF-2026-0001"]
    assert references(overdue_at=MONDAY) == ["HF-2026-0002"]
    assert references(limit=2) == ["HF-2026-0002", "HF-2026-0004"]
    assert references("nobody") == []


def test_people_who_left_or_changed_sides_are_listed_so(database: Database) -> None:
    stream_id = make(database, "HF-2026-0001")
    take_part(database, stream_id, amira="s1", ben="s2")
    take_part(database, stream_id, ben="s1", chi="s2")

    def count(person: str) -> int:
        return len(database.read_now(lambda reader: escalations.list_escalations(reader, person)))

    assert [count(person) for person in ("amira", "ben", "chi")] == [0, 1, 1]


def test_the_auditor_counts_what_was_left_lying_and_what_keeps_failing(database: Database) -> None:
    failing = make(database, "HF-2026-0001", next_due_at=MONDAY - HOUR)
    make(database, "HF-2026-0002", next_due_at=MONDAY - HOUR)
    make(database, "HF-2026-0003", next_due_at=MONDAY)
    database.write_now(lambda transaction: escalations.set_back(transaction, failing, MONDAY + HOUR, 1))
    assert database.read_now(lambda reader: overdue_counts(reader, MONDAY, 5)) == Overdue(2, 0, 1)
