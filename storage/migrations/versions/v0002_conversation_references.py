"""Where each person and room of a platform is reached, for platforms that don't let the bot look it up.

Revision ID: 0002
Revises: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "conversation_references",
        sa.Column("place", sa.String, primary_key=True),
        sa.Column("group", sa.String, nullable=False),
        sa.Column("reference", sa.LargeBinary, nullable=False),
    )
    op.create_index("conversation_references_by_group", "conversation_references", ["group"])
