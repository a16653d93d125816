"""quarantine: connections of a restored database, until they are released"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from connector.store.types import UTCDateTime

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_table(
        "quarantine",
        sa.Column("connection_id", sa.Integer(), sa.ForeignKey("connection.id"), primary_key=True),
        sa.Column("since", UTCDateTime(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("released_at", UTCDateTime(), nullable=True),
    )
