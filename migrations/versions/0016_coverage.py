"""what is held says how much waits, and for which decisions"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.add_column("shelf", sa.Column("amount_minor", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("shelf", sa.Column("waits_for", sa.String(), nullable=False, server_default="[]"))
