"""Wrapping all keys with a new one, while others work."""

from __future__ import annotations

from functools import partial
from hashlib import sha256

import pytest

from storage import event_store, keys, shredding
from storage.database import Database, StreamDestroyed
from storage.schema import migrate
from storage.sealing import KeysInvalid, Sealing
from tests.storage.conftest import KEY
from tests.storage.made import case, note

NEW = sha256(b"newer").digest()
BOTH = Sealing([NEW, KEY])
OLD_ID, NEW_ID = Sealing([KEY]).newest, Sealing([NEW]).newest


def cases(database: Database, count: int = 3) -> list[str]:
    made = [database.write_now(partial(case, reference=f"HF-2026-{n:04}")) for n in range(1, count + 1)]
    return sorted(made)


def wrap_all(database: Database, limit: int = 2) -> int:
    """In batches, as the command does; returns how many were wrapped."""
    wrapped, last = 0, ""
    while True:
        batch = database.write_now(partial(keys.wrap_anew, after=last, limit=limit))
        wrapped, last = wrapped + batch.wrapped, batch.last
        assert not batch.unopened
        if not last:
            return wrapped


def test_every_key_is_wrapped_with_the_newest_the_boards_too(database: Database, url: str) -> None:
    streams = cases(database)
    assert database.read_now(keys.counts) == {OLD_ID: 4}
    rotating = Database(url, BOTH)
    assert wrap_all(rotating) == 4
    assert wrap_all(rotating) == 0
    assert rotating.read_now(keys.counts) == {NEW_ID: 4}
    rotating.close()
    later = Database(url, Sealing([NEW]))
    migrate(later)
    for stream in streams:
        assert len(later.read_now(partial(event_store.events, stream_id=stream))) == 1
    later.close()


def test_stopped_half_way_it_goes_on_where_it_was(database: Database, url: str) -> None:
    cases(database)
    rotating = Database(url, BOTH)
    first = rotating.write_now(lambda transaction: keys.wrap_anew(transaction, "", 1))
    assert first.wrapped == 1
    assert rotating.read_now(keys.counts) == {OLD_ID: 3, NEW_ID: 1}
    assert wrap_all(rotating) == 3
    rotating.close()


def test_a_server_that_knows_both_keys_goes_on_working_throughout(database: Database, url: str) -> None:
    [stream] = cases(database, 1)
    server, rotating = Database(url, BOTH), Database(url, BOTH)
    server.write_now(lambda transaction: event_store.append(transaction, stream, 1, [note(2)]))
    wrap_all(rotating)
    server.write_now(lambda transaction: event_store.append(transaction, stream, 2, [note(3)]))
    assert len(server.read_now(lambda reader: event_store.events(reader, stream))) == 3
    new = server.write_now(lambda transaction: case(transaction, "HF-2026-0099"))
    assert rotating.read_now(lambda reader: event_store.version(reader, new)) == 1
    assert server.read_now(keys.counts) == {NEW_ID: 3}
    server.close()
    rotating.close()


def test_a_key_that_is_lacking_is_counted_by_its_fingerprint_and_left_as_it_is(
    database: Database, url: str
) -> None:
    cases(database)
    third = sha256(b"third").digest()
    rotating = Database(url, Sealing([third, NEW]))
    batch = rotating.write_now(lambda transaction: keys.wrap_anew(transaction, "", 10))
    assert (batch.wrapped, dict(batch.unopened)) == (0, {OLD_ID: 4})
    with pytest.raises(KeysInvalid, match=OLD_ID):
        rotating.read_now(lambda reader: reader.board)
    rotating.close()
    assert database.read_now(keys.counts) == {OLD_ID: 4}


def test_a_key_that_was_destroyed_is_not_counted_and_does_not_come_back(database: Database, url: str) -> None:
    stream, *_ = cases(database)
    database.write_now(lambda transaction: shredding.destroy(transaction, stream))
    rotating = Database(url, BOTH)
    assert wrap_all(rotating) == 3
    with pytest.raises(StreamDestroyed):
        rotating.read_now(lambda reader: reader.key(stream))
    rotating.close()
