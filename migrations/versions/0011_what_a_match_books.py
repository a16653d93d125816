"""what a match books: fees, write-offs and its document; rules of matching; an acquirer's batches"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from connector.store.types import UTCDateTime

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    _matches()
    _rules()
    _batches()


def _matches() -> None:
    op.add_column("match_group", sa.Column("fee_minor", sa.BigInteger(), nullable=False, server_default="0"))
    for name in ("fee_model", "write_off_account", "write_off_tax", "period", "made_by"):
        op.add_column("match_group", _text(name, server_default=""))
    op.add_column("match_link", _text("reference", server_default=""))
    op.add_column("feed", _text("certain", server_default=""))


def _rules() -> None:
    op.create_table(
        "match_rule",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("feed_id", sa.Integer(), sa.ForeignKey("feed.id"), nullable=False),
        _text("body"),
        _text("made_by"),
        sa.Column("made_at", UTCDateTime(), nullable=False),
        _text("retired_by"),
        sa.Column("retired_at", UTCDateTime(), nullable=True),
    )
    op.create_index("ix_match_rule_feed", "match_rule", ["feed_id"])


def _batches() -> None:
    op.create_table(
        "acquirer_batch",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("feed_id", sa.Integer(), sa.ForeignKey("feed.id"), nullable=False),
        _text("account"),
        sa.Column("date", sa.Date(), nullable=False),
        _text("reference"),
        _text("currency"),
        sa.Column("gross_minor", sa.BigInteger(), nullable=False),
        sa.Column("fee_minor", sa.BigInteger(), nullable=False),
        _text("origin"),
        sa.Column("kept_at", UTCDateTime(), nullable=False),
        sa.UniqueConstraint("feed_id", "account", "date", "reference"),
    )


def _text(name: str, server_default: str | None = None) -> sa.Column[str]:
    return sa.Column(name, sa.String(), nullable=False, server_default=server_default)
