"""when a version of an account map was decided"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from connector.store.types import UTCDateTime

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    op.add_column("account_map_version", sa.Column("decided_at", UTCDateTime(), nullable=True))
