"""rates: where the rate of a document comes from, and at which the books converted each record"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    op.add_column("document", sa.Column("rate_source", sa.String(), nullable=False, server_default=""))
    op.add_column("posting", sa.Column("rate", sa.String(), nullable=False, server_default=""))
