"""reading: when the source of a feed was last read to its end"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from connector.store.types import UTCDateTime

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    op.add_column("schedule", sa.Column("last_read_at", UTCDateTime(), nullable=True))
