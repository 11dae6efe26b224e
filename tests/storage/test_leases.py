"""Lanes, and the servers that hold them."""

from __future__ import annotations

from storage import leases, outbox
from storage.database import Database, Transaction
from tests.storage.made import MONDAY, case, notice

SLACK, TEAMS = "slack:T1", "teams"


def queue(database: Database, *keys: str, lane: str = SLACK) -> None:
    def work(transaction: Transaction) -> None:
        stream_id = case(transaction, f"HF-2026-{lane}-{keys}")
        notices = [notice(key, side="", person=key) for key in keys]
        outbox.enqueue(transaction, stream_id, notices, lambda _: lane)

    database.write_now(work)


def hold(database: Database, holder: str, lane: str = SLACK, seconds: float = 60) -> bool:
    return database.write_now(lambda transaction: leases.hold(transaction, lane, holder, seconds))


def free(database: Database) -> list[str]:
    return database.read_now(lambda reader: leases.free(reader, 60))


def take(database: Database, holder: str, *lanes: str) -> list[str]:
    taken = database.write_now(lambda t: outbox.take(t, MONDAY, 50, lanes or (SLACK,), holder))
    return [each.person for each in taken]


def test_a_lane_is_free_while_it_has_something_to_send_and_nobody_holds_it(database: Database) -> None:
    queue(database, "a")
    queue(database, "b", lane=TEAMS)
    assert free(database) == [SLACK, TEAMS]
    assert hold(database, "first")
    assert free(database) == [TEAMS]
    assert take(database, "first", SLACK) == ["a"]
    assert take(database, "second", TEAMS) == ["b"]


def test_one_server_holds_a_lane_until_its_lease_has_run_out(database: Database) -> None:
    queue(database, "a")
    assert hold(database, "first")
    assert not hold(database, "second")
    assert hold(database, "first", seconds=-1), "it may renew its own, here to one that has run out"
    assert hold(database, "second")
    assert not hold(database, "first")


def test_a_lease_from_before_the_clock_was_put_back_is_waited_for_by_nobody(database: Database) -> None:
    queue(database, "a")
    assert hold(database, "first", seconds=86_400)
    assert free(database) == [SLACK]
    assert hold(database, "second")
    assert free(database) == []


def test_what_another_was_sending_waits_again_for_whoever_takes_over(database: Database) -> None:
    queue(database, "a", "b")
    hold(database, "first", seconds=-1)
    assert take(database, "first") == ["a", "b"]
    hold(database, "second")
    assert database.write_now(lambda t: leases.take_over(t, SLACK, "second")) == 2
    assert take(database, "second") == ["a", "b"]
    database.write_now(lambda t: outbox.try_again(t, [1, 2], MONDAY, "late", "first"))
    assert take(database, "third") == [], "the first one has no say any more"


def test_a_lane_that_was_let_go_is_free_at_once(database: Database) -> None:
    queue(database, "a")
    hold(database, "first")
    database.write_now(lambda transaction: leases.let_go(transaction, SLACK, "second"))
    assert free(database) == []
    database.write_now(lambda transaction: leases.let_go(transaction, SLACK, "first"))
    assert free(database) == [SLACK]


def test_what_a_server_took_without_knowing_it_waits_again(database: Database) -> None:
    queue(database, "a", "b")
    taken = database.write_now(lambda t: outbox.take(t, MONDAY, 50, [SLACK], "first"))
    assert database.write_now(lambda t: leases.give_back(t, "first", [taken[0].id])) == 1
    assert take(database, "first") == ["b"]
    assert database.write_now(lambda t: leases.give_back(t, "second", [])) == 0


def test_a_notice_may_be_moved_to_the_lane_it_belongs_to(database: Database) -> None:
    queue(database, "a", lane="")
    [taken] = database.write_now(lambda t: outbox.take(t, MONDAY, 50, [""], "first"))
    database.write_now(lambda t: outbox.move(t, [taken.id], TEAMS, "first"))
    assert take(database, "first", "") == []
    assert take(database, "second", TEAMS) == ["a"]
