"""invoice items: what is owed, what was paid, which paid which, and who may say so"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from connector.store.types import UTCDateTime

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.create_table(
        "invoice_item",
        *_head("account", "currency", "invoice"),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("invoiced_on", sa.Date(), nullable=False),
        *_tail(),
        sa.UniqueConstraint("connection_id", "account", "currency", "invoice", "line"),
    )
    op.create_table(
        "item_payment",
        *_head("account", "currency", "payment"),
        sa.Column("paid_on", sa.Date(), nullable=False),
        *_texts("kind", "invoice", "recorded_by"),
        sa.Column("reconcile", sa.Boolean(), nullable=False),
        *_tail(),
        sa.UniqueConstraint("connection_id", "account", "currency", "payment"),
        sa.CheckConstraint(
            "kind in ('purchase', 'instalment', 'client', 'administrator')", name="ck_item_payment_kind"
        ),
    )
    _links()
    op.create_table(
        "item_permission",
        sa.Column("connection_id", sa.Integer(), sa.ForeignKey("connection.id"), primary_key=True),
        sa.Column("person", sa.String(), primary_key=True),
        *_texts("granted_by"),
        sa.Column("granted_at", UTCDateTime(), nullable=False),
    )


def _links() -> None:
    op.create_table(
        "item_link",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("item_id", sa.Integer(), sa.ForeignKey("invoice_item.id"), nullable=False),
        sa.Column("payment_id", sa.Integer(), sa.ForeignKey("item_payment.id"), nullable=True),
        sa.Column("credit_id", sa.Integer(), sa.ForeignKey("invoice_item.id"), nullable=True),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        *_texts("how", "made_by"),
        sa.Column("made_at", UTCDateTime(), nullable=False),
        *_texts("undone_by", "reason"),
        sa.Column("undone_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint("amount_minor > 0", name="ck_item_link_amount"),
        sa.CheckConstraint("how in ('automatic', 'tool', 'hand')", name="ck_item_link_how"),
        sa.CheckConstraint("(payment_id is null) <> (credit_id is null)", name="ck_item_link_payer"),
    )
    op.create_index("ix_item_link_item", "item_link", ["item_id"])
    op.create_index("ix_item_link_payment", "item_link", ["payment_id"])


def _head(*names: str) -> tuple[sa.Column[Any], ...]:
    number = sa.Column("id", sa.Integer(), primary_key=True)
    return (
        number,
        sa.Column("connection_id", sa.Integer(), sa.ForeignKey("connection.id"), nullable=False),
        *_texts(*names),
    )


def _tail() -> tuple[sa.Column[Any], ...]:
    amount = sa.Column("amount_minor", sa.BigInteger(), nullable=False)
    return amount, *_texts("origin"), sa.Column("kept_at", UTCDateTime(), nullable=False)


def _texts(*names: str) -> tuple[sa.Column[Any], ...]:
    return tuple(sa.Column(name, sa.String(), nullable=False) for name in names)
