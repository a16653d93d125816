"""who may reconcile invoice items is decided by roles: the table of permissions goes"""

from __future__ import annotations

from alembic import op

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    op.drop_table("item_permission")
