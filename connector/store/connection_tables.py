"""The tables of connections: whose books, which consents, their tokens, places, feeds and account maps."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from connector.store.types import UTCDateTime


class OrganisationRow(SQLModel, table=True):
    """One merchant's books; every row belongs to one."""

    __tablename__ = "organisation"
    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True)
    currency: str = ""
    locale: str = ""
    tax_filed_until: date | None = None
    paused_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    paused_because: str = ""


class ConnectionRow(SQLModel, table=True):
    """Consent to one source or target account."""

    __tablename__ = "connection"
    __table_args__ = (UniqueConstraint("organisation_id", "side", "provider", "external_id"),)
    id: int | None = Field(default=None, primary_key=True)
    organisation_id: int = Field(foreign_key="organisation.id")
    name: str = Field(unique=True)
    side: str
    provider: str
    external_id: str
    title: str = ""
    base_url: str = ""
    scopes: str = ""
    country: str = ""
    currency: str = ""
    state: str = "active"


class CredentialRow(SQLModel, table=True):
    """The sealed token pair of a connection; one refresh at a time by lease and fence. `refused_version` is the last
    version whose access token the provider no longer took; 0 for none. `granted_at` is when the owner agreed."""

    __tablename__ = "credential"
    connection_id: int = Field(foreign_key="connection.id", primary_key=True)
    version: int = 1
    sealed: str
    expires_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    lease_until: datetime | None = Field(default=None, sa_type=UTCDateTime)
    fence: int = 0
    refused_version: int = 0
    granted_at: datetime | None = Field(default=None, sa_type=UTCDateTime)


class ConsentRow(SQLModel, table=True):
    """A consent under way in a browser: its state and session as hashes, all else sealed. Used once, soon gone."""

    __tablename__ = "consent"
    id: int | None = Field(default=None, primary_key=True)
    state_sha256: str = Field(unique=True)
    session_sha256: str
    provider: str
    sealed: str
    expires_at: datetime = Field(sa_type=UTCDateTime, index=True)
    answered_at: datetime | None = Field(default=None, sa_type=UTCDateTime)


class RefreshAttemptRow(SQLModel, table=True):
    """One sending of a refresh token, committed before it; without an end nobody knows what came of it."""

    __tablename__ = "refresh_attempt"
    id: int | None = Field(default=None, primary_key=True)
    connection_id: int = Field(foreign_key="connection.id", index=True)
    token_sha256: str
    started_at: datetime = Field(sa_type=UTCDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    outcome: str = ""


class ConnectionFindingRow(SQLModel, table=True):
    """What is to know or to mend about a connection as a whole; closes when the cause is gone."""

    __tablename__ = "connection_finding"
    __table_args__ = (UniqueConstraint("connection_id", "code", "subject"),)
    id: int | None = Field(default=None, primary_key=True)
    connection_id: int = Field(foreign_key="connection.id")
    code: str
    subject: str
    severity: str
    message: str
    fix: str = ""
    first_seen: datetime = Field(sa_type=UTCDateTime)
    closed_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    episode: int = 1


class QuarantineRow(SQLModel, table=True):
    """A connection of a restored database: nothing goes to it until it is released, and later only after a look."""

    __tablename__ = "quarantine"
    connection_id: int = Field(foreign_key="connection.id", primary_key=True)
    since: datetime = Field(sa_type=UTCDateTime)
    reason: str
    released_at: datetime | None = Field(default=None, sa_type=UTCDateTime)


class LocationRow(SQLModel, table=True):
    """A place that sells."""

    __tablename__ = "location"
    __table_args__ = (UniqueConstraint("connection_id", "source_id"),)
    id: int | None = Field(default=None, primary_key=True)
    connection_id: int = Field(foreign_key="connection.id")
    source_id: str
    name: str
    zone: str
    currency: str = ""
    closes_at: int = 0


class FeedRow(SQLModel, table=True):
    """One source flowing into one target under one account map."""

    __tablename__ = "feed"
    __table_args__ = (Index("ix_feed_source", "source_connection_id"), Index("ix_feed_target", "target_connection_id"))
    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True)
    organisation_id: int = Field(foreign_key="organisation.id")
    source_connection_id: int = Field(foreign_key="connection.id")
    target_connection_id: int = Field(foreign_key="connection.id")
    grain: str = "day"
    style: str = "clearing"
    role: str = "sales and payouts"
    document_kind: str = ""
    starts_on: date | None = None
    policy: str = "hold"
    amends: str = "adjust"
    late: str = "first open day"
    deposits: str = ""
    payout_kind: str = ""
    certain: str = ""
    attach: str = "none"
    journalized: str = ""
    state: str = "active"


class SetupAnswerRow(SQLModel, table=True):
    """What the owner answered when a feed was set up."""

    __tablename__ = "setup_answer"
    feed_id: int = Field(foreign_key="feed.id", primary_key=True)
    question: str = Field(primary_key=True)
    answer: str
    author: str = ""
    answered_at: datetime = Field(sa_type=UTCDateTime)


class OpeningItemRow(SQLModel, table=True):
    """One thing that was open at the cut-over of a feed; positive as is usual for its account."""

    __tablename__ = "opening_item"
    __table_args__ = (UniqueConstraint("feed_id", "slot", "name", "currency"),)
    id: int | None = Field(default=None, primary_key=True)
    feed_id: int = Field(foreign_key="feed.id")
    slot: str
    name: str
    amount_minor: int = Field(sa_type=BigInteger)
    currency: str


class AccountMapRow(SQLModel, table=True):
    """One version of the bookkeeper's decisions for a feed; `decided_at` is empty where nobody noted it."""

    __tablename__ = "account_map_version"
    __table_args__ = (UniqueConstraint("feed_id", "number"),)
    id: int | None = Field(default=None, primary_key=True)
    feed_id: int = Field(foreign_key="feed.id")
    number: int
    valid_from: date | None = None
    author: str = ""
    reason: str = ""
    body: str
    digest: str
    decided_at: datetime | None = Field(default=None, sa_type=UTCDateTime)


class PolicySetRow(SQLModel, table=True):
    """One version of the rules that every plan of an organisation must pass."""

    __tablename__ = "policy_set"
    __table_args__ = (UniqueConstraint("organisation_id", "number"),)
    id: int | None = Field(default=None, primary_key=True)
    organisation_id: int = Field(foreign_key="organisation.id")
    number: int
    body: str
    digest: str
    author: str = ""
    decided_at: datetime = Field(sa_type=UTCDateTime)


class BookSnapshotRow(SQLModel, table=True):
    """The books as read: chart, taxes, locks."""

    __tablename__ = "book_snapshot"
    __table_args__ = (Index("ix_book_snapshot_newest", "connection_id", "kind", "read_at"),)
    id: int | None = Field(default=None, primary_key=True)
    connection_id: int = Field(foreign_key="connection.id")
    kind: str
    read_at: datetime = Field(sa_type=UTCDateTime)
    body: str


class BudgetRow(SQLModel, table=True):
    """How far a limit on calls is used up: a moment in microseconds since 1970, shared by all processes. A limit whose
    calls are remembered one by one has as many slots."""

    __tablename__ = "budget"
    key: str = Field(primary_key=True)
    slot: int = Field(default=0, primary_key=True)
    tat: int = Field(default=0, sa_type=BigInteger)
