"""Cases in which people have talked for a while."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete

from benchmarks.board import Board
from core.commands import AddNote
from core.decisions import decide
from core.decisions.deciding import Context
from core.escalation import fold
from core.events import Recorded
from storage import event_store
from storage.database import Transaction
from storage.tables import outbox


def talked(board: Board, transaction: Transaction, streams: Sequence[str], events: int, at: datetime) -> None:
    """Notes, decided as they would be and added at once, until each case has so many events; whoever was to
    be told of anything has been.
    """
    cases, directory = board.cases, board.cases.directory.current(transaction)
    for stream in streams:
        state = cases.load(transaction, stream)
        actor = cases.entries(transaction, stream)[0].actor
        context = Context(at, actor, cases.pathways.current, directory, lambda: "", lambda agency: "")
        before, added = state.version, list[Recorded]()
        while state.version < events:
            entries = decide(state, AddNote("Phoned the ward again, and nobody could say"), context)
            state, added = fold(entries, state), [*added, *entries]
        event_store.append(transaction, stream, before, added)
    transaction.connection.execute(delete(outbox))
