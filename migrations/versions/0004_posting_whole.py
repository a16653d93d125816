"""corrections, drift, look-ups, and the owner's choices for feeds"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from connector.store.types import UTCDateTime

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.add_column("organisation", sa.Column("tax_filed_until", sa.Date(), nullable=True))
    op.add_column("document", sa.Column("prior_period", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("document", sa.Column("family", sa.String(), nullable=False, server_default=""))
    op.add_column("posting", sa.Column("looked_at", UTCDateTime(), nullable=True))
    op.add_column("posting", sa.Column("drift", sa.String(), nullable=False, server_default=""))
    for name, value in (("amends", "adjust"), ("late", "first open day"), ("deposits", ""), ("payout_kind", "")):
        op.add_column("feed", sa.Column(name, sa.String(), nullable=False, server_default=value))
