"""Several servers on one database: who sends through which lane. One directory a board.

What waits already has no lane; whoever takes it finds out where it belongs.

Revision ID: 0004
Revises: 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

UNSENT = sa.text("sent_at IS NULL")
DIRECTORY = sa.text("kind = 'directory'")


def upgrade() -> None:
    lanes = op.create_table(
        "lanes",
        sa.Column("lane", sa.String, primary_key=True),
        sa.Column("holder", sa.String, nullable=False),
        sa.Column("until", sa.BigInteger, nullable=False),
    )
    op.bulk_insert(lanes, [{"lane": "", "holder": "", "until": 0}])
    for name in ("lane", "holder"):
        op.add_column("outbox", sa.Column(name, sa.String, nullable=False, server_default=""))
    op.drop_index("outbox_next", "outbox")
    op.create_index(
        "outbox_next",
        "outbox",
        ["lane", "state", "next_try_at"],
        sqlite_where=UNSENT,
        postgresql_where=UNSENT,
    )
    op.create_index(
        "streams_one_directory",
        "streams",
        ["kind"],
        unique=True,
        sqlite_where=DIRECTORY,
        postgresql_where=DIRECTORY,
    )
