"""The tables of invoice items: what is owed line by line, what was paid, and which paid which."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from connector.store.types import UTCDateTime


class InvoiceItemRow(SQLModel, table=True):
    """One line of an invoice of a customer's account, kept with the connection that it comes from; a credit line is
    negative. `origin` is where it was last read: "records", or the name of a file."""

    __tablename__ = "invoice_item"
    __table_args__ = (UniqueConstraint("connection_id", "account", "currency", "invoice", "line"),)
    id: int | None = Field(default=None, primary_key=True)
    connection_id: int = Field(foreign_key="connection.id")
    account: str
    currency: str
    invoice: str
    line: int
    invoiced_on: date
    amount_minor: int = Field(sa_type=BigInteger)
    origin: str
    kept_at: datetime = Field(sa_type=UTCDateTime)


class ItemPaymentRow(SQLModel, table=True):
    """One payment on a customer's account; money paid back is negative. `reconcile` is what an administrator chose
    when recording it, `recorded_by` who that was."""

    __tablename__ = "item_payment"
    __table_args__ = (
        UniqueConstraint("connection_id", "account", "currency", "payment"),
        CheckConstraint("kind in ('purchase', 'instalment', 'client', 'administrator')", name="ck_item_payment_kind"),
    )
    id: int | None = Field(default=None, primary_key=True)
    connection_id: int = Field(foreign_key="connection.id")
    account: str
    currency: str
    payment: str
    paid_on: date
    amount_minor: int = Field(sa_type=BigInteger)
    kind: str
    invoice: str = ""
    reconcile: bool = False
    recorded_by: str = ""
    origin: str
    kept_at: datetime = Field(sa_type=UTCDateTime)


class ItemLinkRow(SQLModel, table=True):
    """So much of a payment, or of a credit line, settles so much of an item. One that is undone stays, with who and
    why; `how` is automatic, tool or hand."""

    __tablename__ = "item_link"
    __table_args__ = (
        CheckConstraint("amount_minor > 0", name="ck_item_link_amount"),
        CheckConstraint("how in ('automatic', 'tool', 'hand')", name="ck_item_link_how"),
        CheckConstraint("(payment_id is null) <> (credit_id is null)", name="ck_item_link_payer"),
        Index("ix_item_link_item", "item_id"),
        Index("ix_item_link_payment", "payment_id"),
    )
    id: int | None = Field(default=None, primary_key=True)
    item_id: int = Field(foreign_key="invoice_item.id")
    payment_id: int | None = Field(default=None, foreign_key="item_payment.id")
    credit_id: int | None = Field(default=None, foreign_key="invoice_item.id")
    amount_minor: int = Field(sa_type=BigInteger)
    how: str
    made_by: str
    made_at: datetime = Field(sa_type=UTCDateTime)
    undone_by: str = ""
    undone_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    reason: str = ""
