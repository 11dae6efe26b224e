"""What has not arrived, as people look at it, and sending again what failed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest

from core.notices import Notice
from storage import outbox, outbox_list
from storage.database import Database
from tests.storage.made import MONDAY, case, notice

HOUR = timedelta(hours=1)
ALL = (outbox.FAILED, outbox.SENDING, outbox.WAITING)


@pytest.fixture
def stream_id(database: Database) -> str:
    """Six notices: one arrived, one is overtaken, two failed, one is being sent, one waits."""
    made = database.write_now(lambda transaction: case(transaction, "HF-2026-0001", next_due_at=None))
    queue(database, made, *(notice(key, side=key) for key in "abcde"), notice("f", side="", person="ben"))
    taken = database.write_now(lambda t: outbox.take(t, MONDAY, 5))
    arrived, overtaken, first, second, _ = [each.id for each in taken]
    database.write_now(lambda t: outbox.sent(t, [arrived], "slack:T1/C1", "17.1", MONDAY))
    database.write_now(lambda t: outbox.dropped(t, [overtaken], "overtaken"))
    database.write_now(lambda t: outbox.failed(t, [first, second], "channel_not_found"))
    return made


def queue(database: Database, stream_id: str, *notices: Notice) -> None:
    database.write_now(lambda transaction: outbox.enqueue(transaction, stream_id, notices))


def listed(database: Database, states: Sequence[str] = ALL, most: int = 100) -> list[tuple[str, str]]:
    found = database.read_now(lambda reader: outbox_list.listed(reader, states, most))
    return [(each.to, each.state) for each in found]


def test_what_has_not_arrived_is_listed_with_what_failed_first(database: Database, stream_id: str) -> None:
    assert listed(database) == [("c", "failed"), ("d", "failed"), ("e", "sending"), ("ben", "waiting")]
    assert listed(database, [outbox.FAILED]) == [("c", "failed"), ("d", "failed")]
    assert listed(database, most=1) == [("c", "failed")]


def test_a_line_says_of_which_case_it_is_since_when_and_why(database: Database, stream_id: str) -> None:
    first, *_ = database.read_now(lambda reader: outbox_list.listed(reader, ALL, 1))
    assert (first.reference, first.stream_id) == ("HF-2026-0001", stream_id)
    assert (first.since, first.attempts, first.why) == (MONDAY, 1, "channel_not_found")
    assert not first.to_person


def test_numbers_find_what_is_still_owed_and_nothing_else(database: Database, stream_id: str) -> None:
    owed = database.read_now(lambda reader: outbox_list.of_numbers(reader, range(1, 2000)))
    assert {each.to for each in owed} == {"c", "d", "e", "ben"}


def test_a_case_tells_what_failed_and_what_is_owed_for_long(database: Database, stream_id: str) -> None:
    def told(hours: int) -> list[tuple[str, bool]]:
        since = MONDAY + hours * HOUR
        found = database.read_now(lambda reader: outbox_list.unsent_of(reader, stream_id, since))
        return [(each.person or each.side, each.failed) for each in found]

    assert told(-1) == [("c", True), ("d", True)]
    assert told(1) == [("c", True), ("d", True), ("e", False), ("ben", False)]


def test_what_failed_is_sent_again_as_if_never_tried(database: Database, stream_id: str) -> None:
    later = MONDAY + HOUR
    assert database.write_now(lambda t: outbox_list.send_again(t, stream_id, "c", (), later)) == 1
    assert listed(database, [outbox.FAILED]) == [("d", "failed")]
    assert {each.side: each.attempts for each in database.write_now(lambda t: outbox.take(t, later, 10))} == {
        "c": 1,
        "": 1,
    }


def test_only_the_numbers_that_were_chosen_are_sent_again(database: Database, stream_id: str) -> None:
    both = database.read_now(lambda reader: outbox_list.listed(reader, [outbox.FAILED], 10))

    def again(*numbers: int) -> int:
        return database.write_now(lambda t: outbox_list.send_again(t, stream_id, "c", numbers, MONDAY))

    assert again(both[1].id) == 0, "that one is for somebody else"
    assert again(both[0].id, both[1].id) == 1
    assert again(both[0].id) == 0, "it waits already"
