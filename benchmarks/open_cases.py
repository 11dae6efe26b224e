"""Open cases by the hundred thousand: only the rows that sweeps read, each with a bare stream, none due."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from storage.database import Transaction
from storage.tables import EPOCH, MICROSECOND

NUMBERS = "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < :many)"
STREAMS = f"""
    INSERT INTO streams (stream_id, kind, wrapped_key, key_id, version, head)
    {NUMBERS} SELECT 'bare-' || n, 'escalation', :nothing, '', 0, :nothing FROM numbers
"""
CASES = f"""
    INSERT INTO escalations
    (stream_id, reference, status, stage, version, raised_at, next_due_at, window_ends_at, failures)
    {NUMBERS}
    SELECT 'bare-' || n, 'BARE-' || n, 'open', 'stage-1', 1, :now, :due + 1000000 * CAST(n AS BIGINT),
    :ends, 0
    FROM numbers
"""


def add_bare(transaction: Transaction, many: int) -> None:
    """Due from tomorrow on, a second apart."""
    now = datetime.now(UTC)
    moments = {"now": now, "due": now + timedelta(days=1), "ends": now + timedelta(days=7)}
    values = {name: (moment - EPOCH) // MICROSECOND for name, moment in moments.items()}
    transaction.connection.execute(text(STREAMS), {"many": many, "nothing": b""})
    transaction.connection.execute(text(CASES), {"many": many, **values})
    if transaction.connection.dialect.name == "postgresql":  # as its own housekeeping does sooner or later
        transaction.connection.execute(text("ANALYZE streams, escalations"))
