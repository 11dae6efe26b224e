"""A process that writes is killed without warning, a few times; nothing it said it had written is missing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from storage import event_store, outbox
from storage.database import Database, Transaction
from storage.sealing import Sealing
from storage.verify import verify
from tests.storage.conftest import KEY
from tests.storage.made import case, note, notice

ROUNDS = 5
ROOT = Path(__file__).parents[2]


def add(transaction: Transaction, stream_id: str) -> int:
    number = event_store.version(transaction, stream_id) + 1
    event_store.append(transaction, stream_id, number - 1, [note(number)])
    outbox.enqueue(transaction, stream_id, [notice(f"n{number}", sequence=number)])
    return number


def write_until_killed(url: str, stream_id: str) -> None:
    database = Database(url, Sealing([KEY]))
    while True:
        print(database.write_now(lambda transaction: add(transaction, stream_id)), flush=True)  # noqa: T201


def acknowledged_before_kill(url: str, stream_id: str, lines: int) -> int:
    """Kills the writer at work, once it has acknowledged `lines` writes; returns the last it acknowledged."""
    command = [sys.executable, "-m", "tests.storage.test_kill", url, stream_id]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        said = [child.stdout.readline() for _ in range(lines)]
        child.kill()
        said += child.stdout.readlines()
    return max(int(line) for line in said if line.endswith("\n"))


def test_nothing_acknowledged_is_lost_to_a_kill(database: Database, url: str) -> None:
    stream_id = database.write_now(lambda transaction: case(transaction, "HF-2026-0001"))
    after = 0
    for lines in range(3, 3 + ROUNDS):
        before = database.read_now(lambda reader: event_store.version(reader, stream_id))
        last = acknowledged_before_kill(url, stream_id, lines)
        after = database.read_now(lambda reader: event_store.version(reader, stream_id))
        assert after >= last >= before
        assert after - last <= 1, "at most the one write that was under way"
    [checked] = database.read_now(lambda reader: list(verify(reader)))
    assert (checked.problem, checked.events) == ("", after)
    assert database.read_now(outbox.counts)["waiting"] == after - 1


if __name__ == "__main__":
    write_until_killed(*sys.argv[1:])
