from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

import pytest

from core.notices import Notice
from storage import outbox
from storage.auditor import Overdue, overdue_counts
from storage.database import Database
from storage.outbox import LiveCard, QueuedNotice
from tests.storage.made import MONDAY, case, notice

HOUR = timedelta(hours=1)


@pytest.fixture
def stream_id(database: Database) -> str:
    return database.write_now(lambda transaction: case(transaction, "HF-2026-0001", next_due_at=None))


def queue(database: Database, stream_id: str, *notices: Notice) -> None:
    database.write_now(lambda transaction: outbox.enqueue(transaction, stream_id, notices))


def take(database: Database, now: datetime = MONDAY, limit: int = 10) -> list[QueuedNotice]:
    return database.write_now(lambda transaction: outbox.take(transaction, now, limit))


def keys(taken: Iterable[QueuedNotice]) -> list[str]:
    return [each.object for each in taken]


def sent(database: Database, taken: Iterable[QueuedNotice]) -> None:
    ids = [each.id for each in taken]
    database.write_now(lambda transaction: outbox.sent(transaction, ids, "slack:T1/C1", "17.1", MONDAY))


def decision(key: str, **changes: object) -> Notice:
    return notice(key, object=key, **changes)


def test_a_notice_is_taken_once_as_it_was_queued(database: Database, stream_id: str) -> None:
    queue(database, stream_id, notice("a", topic="raised", sequence=3, side="", person="p-ben", object="o"))
    [taken] = take(database)
    assert taken == QueuedNotice(
        taken.id, stream_id, "decision", "raised", 3, "", "p-ben", "o", not_before=MONDAY, attempts=1
    )
    assert take(database) == []


def test_nothing_is_queued_twice_even_after_it_was_sent(database: Database, stream_id: str) -> None:
    queue(database, stream_id, decision("a"), decision("a"))
    sent(database, take(database))
    queue(database, stream_id, decision("a"))
    assert take(database) == []


def test_the_same_key_in_another_escalation_is_another_notice(database: Database, stream_id: str) -> None:
    other = database.write_now(lambda transaction: case(transaction, "HF-2026-0002"))
    queue(database, stream_id, decision("a"))
    queue(database, other, decision("a"))
    assert [each.stream_id for each in take(database)] == [stream_id, other]


def test_ten_changes_of_a_card_are_one_update_a_room(database: Database, stream_id: str) -> None:
    cards = [notice(f"card-{n}", kind="card") for n in range(10)]
    queue(database, stream_id, *cards, notice("card-other", kind="card", side="s2"))
    taken = take(database)
    assert [(each.kind, each.side) for each in taken] == [("card", "s1"), ("card", "s2")]
    queue(database, stream_id, notice("card-late", kind="card", side="s1"))
    assert take(database) == [], "it waits for the one on its way"
    sent(database, taken)
    assert len(take(database)) == 1


def test_a_room_hears_of_things_in_order_after_its_card(database: Database, stream_id: str) -> None:
    queue(
        database, stream_id, notice("card", kind="card", object="card"), decision("first"), decision("second")
    )
    heard = []
    while taken := take(database):
        heard += keys(taken)
        sent(database, taken)
    assert heard == ["card", "first", "second"]


def test_one_that_waits_for_its_next_try_holds_back_what_follows_there_and_nothing_else(
    database: Database, stream_id: str
) -> None:
    queue(database, stream_id, decision("first"), decision("second"), decision("elsewhere", side="s2"))
    queue(database, stream_id, decision("person", side="", person="p-ben"))
    first, *others = take(database)
    assert keys(others) == ["elsewhere", "person"]
    later = MONDAY + HOUR
    database.write_now(lambda transaction: outbox.try_again(transaction, [first.id], later, "ratelimited"))
    sent(database, others)
    assert take(database) == []
    assert database.read_now(outbox.next_try) == later
    [again] = take(database, later)
    assert (again.object, again.attempts) == ("first", 2)
    database.write_now(lambda transaction: outbox.failed(transaction, [again.id], "channel_gone"))
    assert keys(take(database, later)) == ["second"]


def test_a_notice_waits_for_its_moment(database: Database, stream_id: str) -> None:
    assert database.read_now(outbox.next_try) is None
    queue(database, stream_id, decision("a", not_before=MONDAY + HOUR))
    assert take(database) == []
    assert database.read_now(outbox.next_try) == MONDAY + HOUR
    assert keys(take(database, MONDAY + HOUR)) == ["a"]
    assert database.read_now(outbox.next_try) is None


def test_several_reminders_for_one_person_can_be_taken_together(database: Database, stream_id: str) -> None:
    other = database.write_now(lambda transaction: case(transaction, "HF-2026-0002"))
    for_ben = {"kind": "reminder", "side": "", "person": "p-ben"}
    queue(
        database,
        stream_id,
        decision("one", **for_ben),
        decision("later", **for_ben, not_before=MONDAY + HOUR),
    )
    queue(database, other, decision("two", **for_ben), decision("chi", **(for_ben | {"person": "p-chi"})))
    assert keys(take(database, limit=1)) == ["one"]
    rest = database.write_now(lambda transaction: outbox.reminders_for(transaction, "p-ben", MONDAY))
    assert keys(rest) == ["two"]
    assert keys(take(database)) == ["chi"]


def test_reminders_hold_nothing_back(database: Database, stream_id: str) -> None:
    queue(
        database, stream_id, decision("r1", kind="reminder"), decision("d1"), decision("r2", kind="reminder")
    )
    assert keys(take(database)) == ["r1", "d1", "r2"]


def test_the_counts_tell_what_waits_and_what_was_given_up(database: Database, stream_id: str) -> None:
    queue(database, stream_id, *(decision(key, side=key) for key in "abcde"))
    a, b, c = take(database, limit=3)
    sent(database, [a])
    database.write_now(lambda transaction: outbox.failed(transaction, [b.id], "gone"))
    database.write_now(lambda transaction: outbox.dropped(transaction, [c.id], "overtaken"))
    take(database, limit=1)
    assert database.read_now(outbox.counts) == {"waiting": 1, "sending": 1, "failed": 1}
    later = MONDAY + HOUR
    assert database.read_now(lambda reader: overdue_counts(reader, later, 5)) == Overdue(0, 2, 0), (
        "one that was taken and never sent is late as well"
    )
    assert database.read_now(lambda reader: overdue_counts(reader, MONDAY, 5)) == Overdue(0, 0, 0)


def test_each_rooms_live_card_is_remembered(database: Database, stream_id: str) -> None:
    def remember(place: str, message: str, drawn: str) -> None:
        database.write_now(
            lambda transaction: outbox.remember_card(transaction, stream_id, place, message, drawn)
        )

    def card_of(place: str) -> LiveCard | None:
        return database.read_now(lambda reader: outbox.card_of(reader, stream_id, place))

    assert card_of("slack:T1/C1") is None
    remember("slack:T1/C1", "17.1", "h1")
    remember("slack:T1/C2", "17.2", "h1")
    remember("slack:T1/C1", "17.1", "h2")
    assert card_of("slack:T1/C1") == LiveCard("17.1", "h2")
    assert card_of("slack:T1/C2") == LiveCard("17.2", "h1")


def test_a_direct_message_stands_beside_the_live_card_of_its_place(
    database: Database, stream_id: str
) -> None:
    place = "slack:T1/U1"

    def remember(message: str, subject: str) -> None:
        database.write_now(
            lambda transaction: outbox.remember_card(transaction, stream_id, place, message, "h", subject)
        )

    def card_of(subject: str) -> LiveCard | None:
        return database.read_now(lambda reader: outbox.card_of(reader, stream_id, place, subject))

    remember("1", "")
    remember("2", "invitation/")
    assert card_of("") == LiveCard("1", "h")
    assert card_of("invitation/") == LiveCard("2", "h")
    assert card_of("proposed/p1") is None
