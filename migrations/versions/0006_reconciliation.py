"""reconciliation: bank lines, and what they were matched with"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from connector.store.types import UTCDateTime

revision = "0006"
down_revision = "0005"

_AMOUNTS = ("amount_minor", "whole_minor", "settled_minor")


def upgrade() -> None:
    _bank_lines()
    _groups()
    _links()


def _bank_lines() -> None:
    op.create_table(
        "bank_line",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("connection_id", sa.Integer(), sa.ForeignKey("connection.id"), nullable=False),
        *_texts("account", "key"),
        sa.Column("date", sa.Date(), nullable=True),
        sa.Column("amount_minor", sa.BigInteger(), nullable=True),
        *_texts("currency", "text", "counterparty", "reference", "bank_id", "raw", "edited"),
        sa.Column("first_seen", UTCDateTime(), nullable=False),
        *_texts("state", "reason", "ignored_by"),
        sa.UniqueConstraint("connection_id", "account", "key"),
        sa.CheckConstraint("state in ('open', 'matched', 'ignored')", name="ck_bank_line_state"),
    )
    op.create_index("ix_bank_line_open", "bank_line", ["connection_id", "state"])


def _groups() -> None:
    op.create_table(
        "match_group",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("feed_id", sa.Integer(), sa.ForeignKey("feed.id"), nullable=False),
        *_texts("state", "confidence"),
        sa.Column("rung", sa.Integer(), nullable=False),
        *_texts("evidence", "currency"),
        sa.Column("residual_minor", sa.BigInteger(), nullable=False),
        sa.Column("exchange_minor", sa.BigInteger(), nullable=False),
        *_texts("digest"),
        sa.Column("proposed_at", UTCDateTime(), nullable=False),
        *_texts("accepted_by"),
        sa.Column("accepted_at", UTCDateTime(), nullable=True),
        *_texts("undone_by"),
        sa.Column("undone_at", UTCDateTime(), nullable=True),
        *_texts("reason"),
        sa.CheckConstraint("state in ('proposed', 'accepted', 'undone')", name="ck_match_group_state"),
    )
    op.create_index("ix_match_group_feed", "match_group", ["feed_id", "state"])


def _links() -> None:
    op.create_table(
        "match_link",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("group_id", sa.Integer(), sa.ForeignKey("match_group.id"), nullable=False),
        sa.Column("bank_line_id", sa.Integer(), sa.ForeignKey("bank_line.id"), nullable=True),
        *_texts("item", "currency"),
        *(
            sa.Column(name, sa.BigInteger(), nullable=False)
            for name in ("amount_minor", "whole_minor", "settled_minor")
        ),
    )
    op.create_index("ix_match_link_group_id", "match_link", ["group_id"])
    op.create_index("ix_match_link_line", "match_link", ["bank_line_id"])
    op.create_index("ix_match_link_item", "match_link", ["item"])


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.String(), nullable=False) for name in names]
