"""notices also tell what is to be mended about a connection; feeds are audited in turn"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from connector.store.types import UTCDateTime

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    op.add_column("connection_finding", sa.Column("episode", sa.Integer(), nullable=False, server_default="1"))
    with op.batch_alter_table("notice") as notice:
        notice.alter_column("finding_row_id", existing_type=sa.Integer(), nullable=True)
        notice.add_column(sa.Column("connection_finding_id", sa.Integer(), nullable=True))
        notice.create_foreign_key(
            "fk_notice_connection_finding", "connection_finding", ["connection_finding_id"], ["id"]
        )
        notice.create_unique_constraint(
            "uq_notice_connection_finding", ["person_id", "connection_finding_id", "episode", "way"]
        )
    op.add_column("schedule", sa.Column("audited_at", UTCDateTime(), nullable=True))
    op.execute("update schedule set audited_at = enabled_at")
    op.execute("update schedule set looked_over_at = enabled_at where looked_over_at is null")
    op.create_index("ix_schedule_audited", "schedule", ["audited_at"])
