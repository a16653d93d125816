"""policies that every plan of an organisation must pass, and what a finding's fix would do by itself"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from connector.store.types import UTCDateTime

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.create_table(
        "policy_set",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("organisation_id", sa.Integer(), sa.ForeignKey("organisation.id"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("author", sa.String(), nullable=False, server_default=""),
        sa.Column("decided_at", UTCDateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("organisation_id", "number"),
    )
    op.add_column("finding", sa.Column("proposal", sa.String(), nullable=False, server_default=""))
