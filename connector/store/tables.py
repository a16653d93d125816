"""The tables. Money is integer minor units (BIGINT), times are UTC, states are words of the house."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, Index, LargeBinary, UniqueConstraint
from sqlmodel import Field, SQLModel

from connector.store.bank_tables import BankLineRow as BankLineRow  # all of its tables register themselves
from connector.store.close_tables import SignOffRow as SignOffRow  # all of its tables register themselves
from connector.store.connection_tables import (
    AccountMapRow as AccountMapRow,
)
from connector.store.connection_tables import (
    BookSnapshotRow as BookSnapshotRow,
)
from connector.store.connection_tables import (
    BudgetRow as BudgetRow,
)
from connector.store.connection_tables import (
    ConnectionFindingRow as ConnectionFindingRow,
)
from connector.store.connection_tables import (
    ConnectionRow as ConnectionRow,
)
from connector.store.connection_tables import (
    ConsentRow as ConsentRow,
)
from connector.store.connection_tables import (
    CredentialRow as CredentialRow,
)
from connector.store.connection_tables import (
    FeedRow as FeedRow,
)
from connector.store.connection_tables import (
    LocationRow as LocationRow,
)
from connector.store.connection_tables import (
    OpeningItemRow as OpeningItemRow,
)
from connector.store.connection_tables import (
    OrganisationRow as OrganisationRow,
)
from connector.store.connection_tables import (
    PolicySetRow as PolicySetRow,
)
from connector.store.connection_tables import (
    QuarantineRow as QuarantineRow,
)
from connector.store.connection_tables import (
    RefreshAttemptRow as RefreshAttemptRow,
)
from connector.store.connection_tables import (
    SetupAnswerRow as SetupAnswerRow,
)
from connector.store.evidence_tables import (
    AttachmentRow as AttachmentRow,
)
from connector.store.evidence_tables import (
    ClearingProofRow as ClearingProofRow,
)
from connector.store.item_tables import InvoiceItemRow as InvoiceItemRow  # all of its tables register themselves
from connector.store.people_tables import (
    FindingCommentRow as FindingCommentRow,
)
from connector.store.people_tables import (
    MembershipRow as MembershipRow,
)
from connector.store.people_tables import (
    NoticeRow as NoticeRow,
)
from connector.store.people_tables import (
    PersonRow as PersonRow,
)
from connector.store.product_tables import ProductsApartRow as ProductsApartRow
from connector.store.schedule_tables import (
    BackfillRow as BackfillRow,
)
from connector.store.schedule_tables import (
    BackfillStreamRow as BackfillStreamRow,
)
from connector.store.schedule_tables import (
    LeaseRow as LeaseRow,
)
from connector.store.schedule_tables import (
    RunRow as RunRow,
)
from connector.store.schedule_tables import (
    RunStageRow as RunStageRow,
)
from connector.store.schedule_tables import (
    ScheduleRow as ScheduleRow,
)
from connector.store.schedule_tables import (
    StreamDueRow as StreamDueRow,
)
from connector.store.schedule_tables import (
    WebhookEventRow as WebhookEventRow,
)
from connector.store.types import UTCDateTime
from connector.store.worker_tables import WorkerRow as WorkerRow

POSTING_STATES = ("planned", "sending", "unknown", "posted", "verified", "rejected", "superseded", "voided", "drifted")
SHELF_STATES = ("held", "parked", "ignored")


def _one_of(column: str, words: tuple[str, ...], name: str) -> CheckConstraint:
    return CheckConstraint(f"{column} in ({', '.join(repr(word) for word in words)})", name=name)


class CursorRow(SQLModel, table=True):
    """How far a stream has been read; moves only together with the records it passed. `answer` is the digest of the
    last answer that held nothing new."""

    __tablename__ = "cursor"
    connection_id: int = Field(foreign_key="connection.id", primary_key=True)
    location: str = Field(default="", primary_key=True)
    stream: str = Field(primary_key=True)
    position: str
    swept_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    answer: str = ""
    moves: int = Field(default=0, sa_type=BigInteger)


class PageRow(SQLModel, table=True):
    """Bytes as received: an answer or a file. The body lies in chunks, so that a large file is never held whole."""

    __tablename__ = "page"
    __table_args__ = (UniqueConstraint("connection_id", "stream", "sha256"),)
    id: int | None = Field(default=None, primary_key=True)
    connection_id: int = Field(foreign_key="connection.id")
    stream: str
    fetched_at: datetime = Field(sa_type=UTCDateTime)
    sha256: str
    codec: str = "zlib"
    size: int = Field(default=0, sa_type=BigInteger)


class PageChunkRow(SQLModel, table=True):
    """One piece of a page's compressed body."""

    __tablename__ = "page_chunk"
    page_id: int = Field(foreign_key="page.id", primary_key=True)
    n: int = Field(primary_key=True)
    body: bytes = Field(sa_type=LargeBinary)


class RecordRow(SQLModel, table=True):
    """One item as received, by version. `body` is empty where the page is the record (a settlement file)."""

    __tablename__ = "record"
    __table_args__ = (UniqueConstraint("connection_id", "stream", "source_id", "version"),)
    id: int | None = Field(default=None, primary_key=True)
    connection_id: int = Field(foreign_key="connection.id")
    stream: str
    source_id: str
    version: int
    digest: str
    page_id: int = Field(foreign_key="page.id")
    ordinal: int = 0
    is_current: bool = True
    tombstone: bool = False


class FactRow(SQLModel, table=True):
    """One record translated; its buckets and vector packed."""

    __tablename__ = "fact"
    __table_args__ = (
        Index("ix_fact_period", "connection_id", "period_name"),
        Index("ix_fact_newest", "connection_id", "id"),
    )
    id: int | None = Field(default=None, primary_key=True)
    connection_id: int = Field(foreign_key="connection.id")
    record_id: int = Field(foreign_key="record.id", unique=True)
    stream: str
    source_id: str
    period_name: str
    translate_version: int = 1
    location: str = ""
    kind: str
    occurred_at: datetime = Field(sa_type=UTCDateTime)
    business_day: date
    currency: str
    movement_count: int = Field(sa_type=BigInteger)
    about: bytes = Field(sa_type=LargeBinary)
    buckets: bytes = Field(sa_type=LargeBinary)
    vector: bytes = Field(sa_type=LargeBinary)
    problems: bytes = Field(sa_type=LargeBinary)
    is_current: bool = True


class PeriodRow(SQLModel, table=True):
    """A day, payout or settlement of a feed. A change at the source makes a new version that holds the difference."""

    __tablename__ = "period"
    __table_args__ = (UniqueConstraint("feed_id", "name", "version"),)
    id: int | None = Field(default=None, primary_key=True)
    feed_id: int = Field(foreign_key="feed.id")
    name: str
    version: int = 1
    digest: str = ""


class BucketRow(SQLModel, table=True):
    """What a period version sums under one key: the grain at which conservation is checked."""

    __tablename__ = "bucket"
    __table_args__ = (Index("ix_bucket_period", "period_id"),)
    id: int | None = Field(default=None, primary_key=True)
    period_id: int = Field(foreign_key="period.id")
    kind: str
    code: str
    parent: str = ""
    tax_code: str = ""
    location: str = ""
    channel: str = ""
    part: str
    currency: str
    amount_minor: int = Field(sa_type=BigInteger)
    movement_count: int = Field(sa_type=BigInteger)


class DocumentRow(SQLModel, table=True):
    """A balanced entry for the books."""

    __tablename__ = "document"
    __table_args__ = (UniqueConstraint("feed_id", "business_key", "version"),)
    id: int | None = Field(default=None, primary_key=True)
    feed_id: int = Field(foreign_key="feed.id")
    period_id: int = Field(foreign_key="period.id")
    business_key: str
    version: int = 1
    mark: str
    kind: str
    date: date
    currency: str
    rate: str = ""
    rate_source: str = ""
    narration: str
    source_ref: str
    location: str = ""
    map_version: int = 0
    builder_version: int = 1
    adjusts: int | None = Field(default=None, foreign_key="document.id")
    prior_period: bool = False
    family: str = ""
    state: str = "journalized"


class LineRow(SQLModel, table=True):
    """A part of a document; amount debit positive, gross."""

    __tablename__ = "line"
    document_id: int = Field(foreign_key="document.id", primary_key=True)
    n: int = Field(primary_key=True)
    role: str
    account: str
    number: str = ""
    amount_minor: int = Field(sa_type=BigInteger)
    tax_code: str = ""
    tax_minor: int = Field(default=0, sa_type=BigInteger)
    tracking: str = "{}"
    text: str = ""


class ShelfRow(SQLModel, table=True):
    """A visible place for what is in no document: held, parked or ignored, with its reason."""

    __tablename__ = "shelf"
    __table_args__ = (_one_of("state", SHELF_STATES, "ck_shelf_state"),)
    id: int | None = Field(default=None, primary_key=True)
    period_id: int = Field(foreign_key="period.id", index=True)
    business_key: str
    state: str
    code: str
    detail: str
    currency: str
    difference_minor: int = Field(default=0, sa_type=BigInteger)
    amount_minor: int = Field(default=0, sa_type=BigInteger)
    waits_for: str = "[]"


class AllocationRow(SQLModel, table=True):
    """Where a bucket's money lives: on one line of one document, or on a shelf."""

    __tablename__ = "allocation"
    __table_args__ = (Index("ix_allocation_line", "document_id", "line_n"), Index("ix_allocation_shelf", "shelf_id"))
    id: int | None = Field(default=None, primary_key=True)
    bucket_id: int = Field(foreign_key="bucket.id", index=True)
    document_id: int | None = Field(default=None, foreign_key="document.id")
    line_n: int | None = None
    shelf_id: int | None = Field(default=None, foreign_key="shelf.id")
    amount_minor: int = Field(sa_type=BigInteger)
    movement_count: int = Field(sa_type=BigInteger)


class PostingRow(SQLModel, table=True):
    """An outbox item: one record of a document on its way. Named, keyed and marked before it is tried."""

    __tablename__ = "posting"
    __table_args__ = (
        UniqueConstraint("document_id", "part"),
        UniqueConstraint("connection_id", "key"),
        UniqueConstraint("connection_id", "target_kind", "target_id"),
        _one_of("state", POSTING_STATES, "ck_posting_state"),
        Index("ix_posting_open", "connection_id", "state"),
    )
    id: int | None = Field(default=None, primary_key=True)
    document_id: int = Field(foreign_key="document.id")
    connection_id: int = Field(foreign_key="connection.id")
    part: str = ""
    n: int = 0
    target_kind: str
    day: str
    payload: bytes = Field(sa_type=LargeBinary)
    digest: str
    key: str
    mark: str
    epoch: int = 0
    state: str = "planned"
    not_before: datetime | None = Field(default=None, sa_type=UTCDateTime)
    lease_owner: str = ""
    lease_until: datetime | None = Field(default=None, sa_type=UTCDateTime)
    fence: int = 0
    attempts: int = 0
    negatives: int = 0
    looked_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    drift: str = ""
    last_sent_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    target_id: str | None = None
    target_version: str = ""
    receipt: str = ""
    rate: str = ""
    reason: str = ""


class AttemptRow(SQLModel, table=True):
    """One sending of a posting and what came of it."""

    __tablename__ = "attempt"
    posting_id: int = Field(foreign_key="posting.id", primary_key=True)
    n: int = Field(primary_key=True)
    sent_at: datetime = Field(sa_type=UTCDateTime)
    outcome: str = ""
    trace_id: str = ""


class FindingRow(SQLModel, table=True):
    """What a station saw; closes by itself when the cause is gone. `blocked` is a JSON list of period names."""

    __tablename__ = "finding"
    __table_args__ = (UniqueConstraint("feed_id", "finding_id"),)
    id: int | None = Field(default=None, primary_key=True)
    feed_id: int = Field(foreign_key="feed.id")
    finding_id: str
    code: str
    severity: str
    subject: str
    message: str
    fix: str = ""
    amount_minor: int = Field(default=0, sa_type=BigInteger)
    movements: int = Field(default=0, sa_type=BigInteger)
    currency: str = ""
    blocked: str = "[]"
    station: str = "journalize"
    proposal: str = ""
    first_seen: datetime = Field(sa_type=UTCDateTime)
    closed_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    muted_until: datetime | None = Field(default=None, sa_type=UTCDateTime)
    muted_because: str = ""
    muted_by: str = ""
    assignee_id: int | None = Field(default=None, foreign_key="person.id")
    episode: int = 1
