from __future__ import annotations

from datetime import timedelta

import pytest

from storage import remembered
from storage.database import Database
from storage.failures import DatabaseFailed
from storage.remembered import Draft
from tests.storage.made import MONDAY

HOUR = timedelta(hours=1)


def save(database: Database, form_id: str, words: str, hours: int = 0) -> None:
    draft = Draft(form_id, "p-amira", "raise", {"account": (words,)}, MONDAY + hours * HOUR)
    database.write_now(lambda transaction: remembered.save_draft(transaction, draft))


def remember(database: Database, key: str, answer: str, hours: int = 0) -> None:
    moment = MONDAY + hours * HOUR
    database.write_now(lambda transaction: remembered.remember(transaction, key, answer, moment))


def recall(database: Database, key: str) -> str | None:
    return database.read_now(lambda reader: remembered.recall(reader, key))


def latest(database: Database, kind: str = "raise") -> str | None:
    found = database.read_now(lambda reader: remembered.latest_draft(reader, "p-amira", kind))
    return found.values["account"][0] if found else None


def test_an_answer_is_remembered_under_what_names_its_delivery(database: Database) -> None:
    def key(*parts: str) -> str:
        return database.read_now(lambda reader: remembered.delivery_key(reader, *parts))

    first = key("slack", "T1", "C1", "17.1")
    assert key("slack", "T1", "C1", "17.2") != first
    assert key("slack", "T1C1", "", "17.1") != first
    assert recall(database, first) is None
    remember(database, first, '{"a":1}')
    assert recall(database, first) == '{"a":1}'


def test_nothing_typed_in_a_form_is_lost(database: Database) -> None:
    save(database, "f1", "first words")
    save(database, "f1", "more words", hours=1)
    draft = database.read_now(lambda reader: remembered.draft(reader, "f1"))
    assert draft == Draft("f1", "p-amira", "raise", {"account": ("more words",)}, MONDAY + HOUR)
    assert database.read_now(lambda reader: remembered.draft(reader, "f2")) is None


def test_a_person_finds_their_latest_draft_until_it_is_forgotten(database: Database) -> None:
    save(database, "f2", "newer", hours=1)
    save(database, "f1", "older")
    assert latest(database) == "newer"
    assert latest(database, "note") is None
    database.write_now(lambda transaction: remembered.forget_draft(transaction, "f2", "p-amira"))
    assert latest(database) == "older"


def test_a_draft_is_changed_and_forgotten_by_whose_it_is_alone(database: Database) -> None:
    save(database, "f1", "hers")
    with pytest.raises(DatabaseFailed):
        database.write_now(lambda t: remembered.save_draft(t, Draft("f1", "p-kai", "raise", {}, MONDAY)))
    database.write_now(lambda transaction: remembered.forget_draft(transaction, "f1", "p-kai"))
    assert latest(database) == "hers"


def test_what_is_old_is_purged(database: Database) -> None:
    save(database, "f1", "older")
    save(database, "f2", "newer", hours=2)
    remember(database, "k1", "{}")
    remember(database, "k2", "{}", hours=2)
    database.write_now(lambda transaction: remembered.purge(transaction, MONDAY + HOUR, MONDAY + HOUR))
    assert database.read_now(lambda reader: remembered.draft(reader, "f1")) is None
    assert latest(database) == "newer"
    assert [recall(database, "k1"), recall(database, "k2")] == [None, "{}"]
