from __future__ import annotations

from pathlib import Path

from storage import event_store, outbox, page_messages, remembered
from storage.database import Database, Transaction
from tests.storage.conftest import on_sqlite
from tests.storage.made import AMIRA, MONDAY, case, note, notice

TYPED = "Mrs Inventedadult wishes to stay"
ROOM = "web:page/room-of-amira"


def everything(transaction: Transaction) -> None:
    stream_id = case(transaction, "HF-2026-0001")
    event_store.append(transaction, stream_id, 1, [note(2, TYPED)])
    remembered.save_draft(transaction, "f1", AMIRA.person, "raise", {"account": (TYPED,)}, MONDAY)
    key = remembered.delivery_key(transaction, AMIRA.account, "delivery")
    remembered.remember(transaction, key, f'"{TYPED}"', MONDAY)
    outbox.enqueue(transaction, stream_id, [notice("a", side="", person=AMIRA.person)])
    [taken] = outbox.take(transaction, MONDAY, 1)
    outbox.sent(transaction, [taken.id], AMIRA.account, f"message-in-{AMIRA.account}", MONDAY)
    outbox.remember_card(transaction, stream_id, AMIRA.account, f"message-in-{AMIRA.account}", "drawn")
    page_messages.post(transaction, ROOM, f'"{AMIRA.name}"', MONDAY)


@on_sqlite
def test_nothing_typed_no_name_and_no_account_is_readable_in_the_files(
    database: Database, tmp_path: Path
) -> None:
    database.write_now(everything)
    files = b"".join(path.read_bytes() for path in tmp_path.glob("escalate.db*"))
    assert b"HF-2026-0001" in files, "the search finds what is meant to be readable"
    assert AMIRA.person.encode() in files
    for secret in (TYPED, "Inventedadult", AMIRA.name, AMIRA.account, "UAMIRA01", AMIRA.agency_name, ROOM):
        assert secret.encode() not in files
        assert secret.encode("utf-16-le") not in files
