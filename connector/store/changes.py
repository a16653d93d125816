"""Decisions about documents in the books, and when the books were last looked at."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import exists
from sqlmodel import col, delete, or_, select

from connector.domain.document import Share
from connector.store.buckets import new_bucket_rows, sums
from connector.store.database import Transaction
from connector.store.documents import UNDOES, shelve, write_documents
from connector.store.plans import FeedPlace, PeriodPlan, PlannedDocument
from connector.store.tables import (
    AllocationRow,
    BucketRow,
    ConnectionRow,
    CursorRow,
    DocumentRow,
    PeriodRow,
    PostingRow,
    ShelfRow,
)

_LOOK = "changes in the books"


def last_look(tx: Transaction, connection_id: int) -> datetime | None:
    """When the changes of a target were last read."""
    row = tx.get(CursorRow, (connection_id, "", _LOOK))
    return datetime.fromisoformat(row.position) if row else None


def keep_look(tx: Transaction, connection_id: int, now: datetime) -> None:
    row = tx.get(CursorRow, (connection_id, "", _LOOK)) or CursorRow(
        connection_id=connection_id, location="", stream=_LOOK, position=""
    )
    row.position, row.swept_at = now.isoformat(), now
    tx.add(row)


def to_look_at(tx: Transaction, before: datetime, *, since: datetime, furthest: datetime) -> list[int]:
    """Active targets that were last looked at before a moment: those into which something was sent since another, and
    all that were not looked at since the furthest. The longest ago first."""
    sent = select(PostingRow.id).where(
        col(PostingRow.connection_id) == col(CursorRow.connection_id), col(PostingRow.last_sent_at) >= since
    )
    wanted = (
        select(CursorRow.connection_id)
        .join(ConnectionRow, col(ConnectionRow.id) == col(CursorRow.connection_id))
        .where(CursorRow.stream == _LOOK, col(CursorRow.swept_at) < before, ConnectionRow.state == "active")
        .where(or_(col(CursorRow.swept_at) < furthest, exists(sent)))
        .order_by(col(CursorRow.swept_at))
    )
    return list(tx.exec(wanted))


def set_aside(tx: Transaction, document_id: int, *, state: str, code: str, detail: str) -> None:
    """Moves the movements of a document to a shelf that no run takes back."""
    document = tx.get_one(DocumentRow, document_id)
    shelf = ShelfRow(
        period_id=document.period_id,
        business_key=document.business_key,
        state=state,
        code=code,
        detail=detail,
        currency=document.currency,
    )
    tx.add(shelf)
    tx.flush()
    for allocation in tx.exec(select(AllocationRow).where(AllocationRow.document_id == document_id)):
        allocation.document_id, allocation.line_n, allocation.shelf_id = None, None, shelf.id
        tx.add(allocation)
    tx.flush()


def reverse(tx: Transaction, place: FeedPlace, planned: PlannedDocument, shares: Sequence[Share], detail: str) -> None:
    """Stores a document that takes others back, and parks the movements it frees: two versions of their period."""
    document = planned.document
    wanted = select(PeriodRow).where(PeriodRow.feed_id == place.feed_id, PeriodRow.name == document.period)
    newest = tx.exec(wanted.order_by(col(PeriodRow.version).desc())).first()
    version, digest = (newest.version, newest.digest) if newest else (0, "")
    freed = [Share(bucket=share.bucket, amount=-share.amount, count=-share.count) for share in shares]
    back = PeriodRow(feed_id=place.feed_id, name=document.period, version=version + 1, digest=digest)
    parked = PeriodRow(feed_id=place.feed_id, name=document.period, version=version + 2, digest=digest)
    for row in (back, parked):
        tx.add(row)
    tx.flush()
    plan = PeriodPlan(name=document.period, documents=(planned,), held=(), ignored=())
    write_documents(tx, place, plan, back, new_bucket_rows(tx, back, sums(freed)))
    for written in tx.exec(select(DocumentRow).where(DocumentRow.period_id == back.id)):
        written.state = UNDOES
        tx.add(written)
    shelf = ShelfRow(
        period_id=parked.id or 0,
        business_key=document.key,
        state="parked",
        code="undone",
        detail=detail,
        currency=document.currency,
    )
    shelve(tx, shelf, shares, new_bucket_rows(tx, parked, sums(shares)))


def free(tx: Transaction, document_id: int) -> None:
    """Gives the movements of a document back to its period, which is made anew at the next journalizing."""
    document = tx.get_one(DocumentRow, document_id)
    buckets = list(tx.exec(select(AllocationRow.bucket_id).where(AllocationRow.document_id == document_id)))
    tx.exec(delete(AllocationRow).where(col(AllocationRow.document_id) == document_id))
    for bucket in tx.exec(select(BucketRow).where(col(BucketRow.id).in_(buckets))):
        left = list(tx.exec(select(AllocationRow).where(AllocationRow.bucket_id == bucket.id)))
        bucket.amount_minor = sum(each.amount_minor for each in left)
        bucket.movement_count = sum(each.movement_count for each in left)
        tx.add(bucket)
    feed_periods = select(PeriodRow).where(PeriodRow.id == document.period_id)
    name = tx.exec(feed_periods).one().name
    for period in tx.exec(select(PeriodRow).where(PeriodRow.feed_id == document.feed_id, PeriodRow.name == name)):
        period.digest = ""
        tx.add(period)
    tx.flush()
