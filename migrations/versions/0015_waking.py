"""waking: when something that waits may go on, when a calendar was looked over, the newest fact at a glance"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from connector.store.types import UTCDateTime

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.add_column("schedule", sa.Column("wakes_at", UTCDateTime(), nullable=True))
    op.add_column("schedule", sa.Column("looked_over_at", UTCDateTime(), nullable=True))
    op.create_index("ix_schedule_looked_over", "schedule", ["looked_over_at"])
    op.create_index("ix_fact_newest", "fact", ["connection_id", "id"])
    op.create_index("ix_feed_source", "feed", ["source_connection_id"])
    op.create_index("ix_feed_target", "feed", ["target_connection_id"])
    op.add_column("schedule", sa.Column("seen", sa.String(), nullable=False, server_default=""))
    op.add_column("cursor", sa.Column("answer", sa.String(), nullable=False, server_default=""))
