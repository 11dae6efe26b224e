"""Every release's database is brought to today's schema, with what is in it, on both kinds of database."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.board import DirectoryBook
from core.escalation import fold
from storage import event_store, schema
from storage.database import Database, Reader, Transaction
from storage.sealing import Sealing
from storage.verify import verify
from tests.bot.made import AMIRA, KEY, house
from tests.storage.released import FOLDER, load

RELEASES = sorted(FOLDER.glob("*.json"))


def bring_in(url: str, release: Path) -> None:
    """A database as that release left it."""
    database = Database(url, Sealing([KEY]))

    def work(transaction: Transaction) -> None:
        schema.upgrade(transaction, release.stem)
        load(transaction, json.loads(release.read_text()))

    database.write_now(work)
    assert not schema.schema_is_current(database) or release.stem == schema.newest()
    schema.migrate(database)
    database.close()


@pytest.mark.parametrize("release", RELEASES, ids=lambda path: path.stem)
async def test_what_a_release_left_is_read_and_gone_on_with(url: str, release: Path) -> None:
    bring_in(url, release)
    board = house(url)
    try:
        checked = board.database.read_now(lambda reader: list(verify(reader)))
        assert {each.problem for each in checked} == {""}
        assert len(checked) == 3, "two cases and the directory"

        def read(reader: Reader) -> dict[str, int]:
            assert DirectoryBook().current(reader).by_file_id("amira")
            streams = event_store.streams_of(reader, "escalation")
            states = [fold(event_store.events(reader, stream), id=stream) for stream in streams]
            return {state.reference: state.version for state in states}

        before = board.database.read_now(read)
        for reference in before:
            await board.bot.say(AMIRA, f"note {reference} Phoned the ward again")
        after = board.database.read_now(read)
        assert after == {reference: version + 1 for reference, version in before.items()}
        await board.courier.start()
        await board.sent()
        assert board.slack.sent
    finally:
        await board.courier.stop()
        board.database.close()
