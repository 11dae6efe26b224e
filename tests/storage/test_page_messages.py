from __future__ import annotations

from datetime import timedelta

from storage import board, page_messages
from storage.database import Database
from tests.storage.made import MONDAY

ROOM, BEN = "web:page/room", "web:page/ben"


def post(database: Database, place: str, card: str, thread: int | None = None) -> int:
    return database.write_now(
        lambda transaction: page_messages.post(transaction, place, card, MONDAY, thread)
    )


def seen(database: Database, *places: str) -> list[tuple[int, str, int | None, str]]:
    found = database.read_now(lambda reader: page_messages.of(reader, places))
    return [(each.id, each.place, each.thread, each.card_json) for each in found]


def test_messages_are_seen_where_they_were_posted_oldest_first(database: Database) -> None:
    first = post(database, ROOM, '{"a":1}')
    second = post(database, BEN, '{"b":1}')
    third = post(database, ROOM, '{"c":1}', thread=first)
    assert seen(database, ROOM) == [(first, ROOM, None, '{"a":1}'), (third, ROOM, first, '{"c":1}')]
    assert [each[0] for each in seen(database, BEN, ROOM)] == [first, second, third]
    assert seen(database) == []


def test_an_updated_card_shows_its_latest_state(database: Database) -> None:
    number = post(database, ROOM, '{"a":1}')
    later = MONDAY + timedelta(minutes=1)
    assert database.write_now(
        lambda transaction: page_messages.update_card(transaction, number, '{"a":2}', later)
    )
    [message] = database.read_now(lambda reader: page_messages.of(reader, [ROOM]))
    assert (message.card_json, message.posted_at, message.updated_at) == ('{"a":2}', MONDAY, later)


def test_a_deleted_message_is_gone_and_cannot_be_updated(database: Database) -> None:
    number = post(database, ROOM, "{}")
    assert database.read_now(lambda reader: page_messages.exists(reader, number))
    database.write_now(lambda transaction: page_messages.remove(transaction, number, MONDAY))
    assert not database.read_now(lambda reader: page_messages.exists(reader, number))
    assert seen(database, ROOM) == []
    assert not database.write_now(
        lambda transaction: page_messages.update_card(transaction, number, "{}", MONDAY)
    )


def test_every_change_moves_the_version(database: Database) -> None:
    versions = [database.read_now(page_messages.version)]
    number = post(database, ROOM, "{}")
    versions.append(database.read_now(page_messages.version))
    database.write_now(lambda transaction: page_messages.update_card(transaction, number, "{}", MONDAY))
    versions.append(database.read_now(page_messages.version))
    database.write_now(lambda transaction: page_messages.remove(transaction, number, MONDAY))
    versions.append(database.read_now(page_messages.version))
    assert versions == sorted(set(versions))


def test_a_pathway_is_found_by_the_hash_of_its_text(database: Database) -> None:
    digest = database.write_now(lambda transaction: board.keep_pathway(transaction, "name: A\n"))
    again = database.write_now(lambda transaction: board.keep_pathway(transaction, "name: A\n"))
    assert digest == again
    assert database.read_now(lambda reader: board.pathway(reader, digest)) == "name: A\n"
    assert database.read_now(lambda reader: board.pathway(reader, "other")) is None
