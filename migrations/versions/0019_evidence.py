"""proofs of clearing accounts, and the rows behind a document as a file on its record"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from connector.store.types import UTCDateTime

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    op.create_table(
        "clearing_proof",
        sa.Column("feed_id", sa.Integer(), sa.ForeignKey("feed.id"), primary_key=True),
        sa.Column("account", sa.String(), primary_key=True),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("proved_at", UTCDateTime(), nullable=False),
        sa.Column("by_documents_minor", sa.BigInteger(), nullable=False),
        sa.Column("in_books_minor", sa.BigInteger(), nullable=True),
        sa.Column("explained_minor", sa.BigInteger(), nullable=False),
        sa.Column("unexplained_minor", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "attachment",
        sa.Column("posting_id", sa.Integer(), sa.ForeignKey("posting.id"), primary_key=True),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("state", "name", "target_id", "reason")),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("state in ('attached', 'refused')", name="ck_attachment_state"),
    )
    op.add_column("feed", sa.Column("attach", sa.String(), nullable=False, server_default="none"))
