from __future__ import annotations

from pathlib import Path

from sqlalchemy import select

from storage import event_store, outbox, page_messages, remembered
from storage.database import Database, Reader, Transaction
from storage.remembered import Draft
from storage.tables import metadata
from tests.storage.conftest import on_sqlite
from tests.storage.made import AMIRA, MONDAY, case, note, notice

TYPED = "Mrs Inventedadult wishes to stay"
ROOM = "web:page/room-of-amira"


def everything(transaction: Transaction) -> None:
    stream_id = case(transaction, "HF-2026-0001")
    event_store.append(transaction, stream_id, 1, [note(2, TYPED)])
    remembered.save_draft(transaction, Draft("f1", AMIRA.person, "raise", {"account": (TYPED,)}, MONDAY))
    key = remembered.delivery_key(transaction, AMIRA.account, "delivery")
    remembered.remember(transaction, key, f'"{TYPED}"', MONDAY)
    outbox.enqueue(transaction, stream_id, [notice("a", side="", person=AMIRA.person)])
    [taken] = outbox.take(transaction, MONDAY, 1)
    outbox.sent(transaction, [taken.id], AMIRA.account, f"message-in-{AMIRA.account}", MONDAY)
    outbox.remember_card(transaction, stream_id, AMIRA.account, f"message-in-{AMIRA.account}", "drawn")
    page_messages.post(transaction, ROOM, f'"{AMIRA.name}"', MONDAY)


SECRETS = (TYPED, "Inventedadult", AMIRA.name, AMIRA.account, "UAMIRA01", AMIRA.agency_name, ROOM)


def test_nothing_typed_no_name_and_no_account_is_readable_in_what_a_dump_would_hold(
    database: Database,
) -> None:
    """Every row of every table, its bytes as they are and as a dump writes them."""
    database.write_now(everything)

    def dumped(reader: Reader) -> str:
        rows = [row for table in metadata.sorted_tables for row in reader.connection.execute(select(table))]
        return "\n".join(_written(value) for row in rows for value in row)

    text = database.read_now(dumped).casefold()
    assert "hf-2026-0001" in text, "the search finds what is meant to be readable"
    for secret in SECRETS:
        assert secret.casefold() not in text
        assert secret.encode().hex() not in text


def _written(value: object) -> str:
    return f"{value.hex()} {value.decode('latin-1')}" if isinstance(value, bytes) else str(value)


@on_sqlite
def test_nothing_typed_no_name_and_no_account_is_readable_in_the_files(
    database: Database, tmp_path: Path
) -> None:
    database.write_now(everything)
    files = b"".join(path.read_bytes() for path in tmp_path.glob("escalate.db*"))
    assert b"HF-2026-0001" in files, "the search finds what is meant to be readable"
    assert AMIRA.person.encode() in files
    for secret in SECRETS:
        assert secret.encode() not in files
        assert secret.encode("utf-16-le") not in files
