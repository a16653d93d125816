"""The tables of reconciling: bank lines as first read, and what was proposed and decided about them."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from connector.store.types import UTCDateTime


class BankLineRow(SQLModel, table=True):
    """One line of a bank account, kept once; `connection_id` is the books' that hold the account.

    It stands as it was first read. `edited` is what a later file says of it instead, as JSON, empty if none does."""

    __tablename__ = "bank_line"
    __table_args__ = (
        UniqueConstraint("connection_id", "account", "key"),
        CheckConstraint("state in ('open', 'matched', 'ignored')", name="ck_bank_line_state"),
        Index("ix_bank_line_open", "connection_id", "state"),
    )
    id: int | None = Field(default=None, primary_key=True)
    connection_id: int = Field(foreign_key="connection.id")
    account: str
    key: str
    date: date | None
    amount_minor: int | None = Field(default=None, sa_type=BigInteger)
    currency: str
    text: str = ""
    counterparty: str = ""
    reference: str = ""
    bank_id: str = ""
    raw: str = ""
    edited: str = ""
    first_seen: datetime = Field(sa_type=UTCDateTime)
    state: str = "open"
    reason: str = ""
    ignored_by: str = ""


class MatchGroupRow(SQLModel, table=True):
    """Bank lines and ledger items that belong together, and why. An undone one stays as it was.

    Bank lines = what of the items they settle − `fee_minor` + `residual_minor` + `exchange_minor`, in `currency`.
    `evidence` is a JSON list of [fact, value, detail]; `digest` names lines and items. `fee_model` says where the fee
    is known from, `write_off_account` and `write_off_tax` where the residual goes, `period` names the document in the
    books that the match made, empty where it made none; `made_by` is who put it together, empty if evidence did."""

    __tablename__ = "match_group"
    __table_args__ = (
        CheckConstraint("state in ('proposed', 'accepted', 'undone')", name="ck_match_group_state"),
        Index("ix_match_group_feed", "feed_id", "state"),
    )
    id: int | None = Field(default=None, primary_key=True)
    feed_id: int = Field(foreign_key="feed.id")
    state: str = "proposed"
    confidence: str
    rung: int
    evidence: str
    currency: str
    residual_minor: int = Field(default=0, sa_type=BigInteger)
    exchange_minor: int = Field(default=0, sa_type=BigInteger)
    fee_minor: int = Field(default=0, sa_type=BigInteger)
    fee_model: str = ""
    write_off_account: str = ""
    write_off_tax: str = ""
    period: str = ""
    digest: str
    made_by: str = ""
    proposed_at: datetime = Field(sa_type=UTCDateTime)
    accepted_by: str = ""
    accepted_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    undone_by: str = ""
    undone_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    reason: str = ""


class MatchLinkRow(SQLModel, table=True):
    """One bank line or one ledger item in a group. `item` is the mark of a document with a bank line, "payout|id"
    where no document has one, "takings|account|period" for takings that wait on a clearing account, or
    "account|name|tax" for what is coded; `amount_minor` is what the group takes of it in `currency`, `whole_minor` all
    there is, `settled_minor` the same money in the group's currency, and `reference` what the source calls it."""

    __tablename__ = "match_link"
    __table_args__ = (Index("ix_match_link_line", "bank_line_id"), Index("ix_match_link_item", "item"))
    id: int | None = Field(default=None, primary_key=True)
    group_id: int = Field(foreign_key="match_group.id", index=True)
    bank_line_id: int | None = Field(default=None, foreign_key="bank_line.id")
    item: str = ""
    currency: str
    amount_minor: int = Field(sa_type=BigInteger)
    whole_minor: int = Field(sa_type=BigInteger)
    settled_minor: int = Field(sa_type=BigInteger)
    reference: str = ""


class MatchRuleRow(SQLModel, table=True):
    """A rule of the owner for matching the deposits of a feed. `body` is JSON, in the sections of a rules file; one
    that is retired stays, with who retired it."""

    __tablename__ = "match_rule"
    __table_args__ = (Index("ix_match_rule_feed", "feed_id"),)
    id: int | None = Field(default=None, primary_key=True)
    feed_id: int = Field(foreign_key="feed.id")
    body: str
    made_by: str
    made_at: datetime = Field(sa_type=UTCDateTime)
    retired_by: str = ""
    retired_at: datetime | None = Field(default=None, sa_type=UTCDateTime)


class AcquirerBatchRow(SQLModel, table=True):
    """A batch of card takings as the acquirer's own table tells it: what was taken, what is kept, what is paid out.

    `account` is the clearing account on which the takings wait."""

    __tablename__ = "acquirer_batch"
    __table_args__ = (UniqueConstraint("feed_id", "account", "date", "reference"),)
    id: int | None = Field(default=None, primary_key=True)
    feed_id: int = Field(foreign_key="feed.id")
    account: str
    date: date
    reference: str
    currency: str
    gross_minor: int = Field(sa_type=BigInteger)
    fee_minor: int = Field(sa_type=BigInteger)
    origin: str
    kept_at: datetime = Field(sa_type=UTCDateTime)
