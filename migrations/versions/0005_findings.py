"""findings: which station saw them, what they block, and why they are muted"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    for name, value in (("currency", ""), ("blocked", "[]"), ("station", "journalize"), ("muted_because", "")):
        op.add_column("finding", sa.Column(name, sa.String(), nullable=False, server_default=value))
