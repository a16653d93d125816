"""events that providers told, by name"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from connector.store.types import UTCDateTime

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "webhook_event",
        sa.Column("provider", sa.String(), primary_key=True),
        sa.Column("event_id", sa.String(), primary_key=True),
        sa.Column("heard_at", UTCDateTime(), nullable=False),
    )
    op.create_index("ix_webhook_event_heard_at", "webhook_event", ["heard_at"])
