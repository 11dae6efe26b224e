"""Finds the case in whose thread somebody stands, by the message that the thread hangs on.

Cards sent before have no hash until they are drawn anew.

Revision ID: 0003
Revises: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("messages", sa.Column("found_by", sa.String, nullable=False, server_default=""))
    op.create_index("messages_by_message", "messages", ["found_by"])
