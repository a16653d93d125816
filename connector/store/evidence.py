"""What proves the report of a period: records as received by their hashes, documents with what was sent for them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_
from sqlmodel import col, select

from connector.domain.facts import Fact
from connector.errors import Unreadable
from connector.store.database import Transaction
from connector.store.facts import fact_of_row
from connector.store.outbox import GONE
from connector.store.period_rows import Days, lines_by_document, postings_by_document
from connector.store.tables import DocumentRow, FactRow, LineRow, PageRow, PostingRow, RecordRow

MOST_RECORDS = 200_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A record with the hash of its bytes and of the page that it came with."""

    fact: Fact
    period: str
    version: int
    sha256: str
    page_sha256: str
    fetched_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """A document with its lines and everything that was sent for it."""

    row: DocumentRow
    lines: Sequence[LineRow]
    postings: Sequence[PostingRow]


def records_received(tx: Transaction, connection_id: int, days: Days) -> list[Received]:
    """The current records of a source with a business day in the period; raises Unreadable for too many."""
    rows = tx.exec(
        select(FactRow, RecordRow, PageRow)
        .join(RecordRow, col(RecordRow.id) == col(FactRow.record_id))
        .join(PageRow, col(PageRow.id) == col(RecordRow.page_id))
        .where(FactRow.connection_id == connection_id, col(FactRow.is_current).is_(True))
        .where(FactRow.business_day >= days[0], FactRow.business_day <= days[1])
        .order_by(col(FactRow.stream), col(FactRow.source_id))
        .limit(MOST_RECORDS + 1)
    ).all()
    if len(rows) > MOST_RECORDS:
        raise Unreadable(f"A pack holds at most {MOST_RECORDS:,} records of a source: ask for a shorter period.")
    return [
        Received(
            fact=fact_of_row(fact),
            period=fact.period_name,
            version=record.version,
            sha256=record.digest,
            page_sha256=page.sha256,
            fetched_at=page.fetched_at,
        )
        for fact, record, page in rows
    ]


def documents_proved(tx: Transaction, feed_id: int, days: Days) -> Iterator[Proof]:
    """The documents of a feed that are in the books or on their way: those of the period by their date, and those that
    correct one of the period and had to be dated later."""
    of_period = select(DocumentRow.id).where(
        DocumentRow.feed_id == feed_id, DocumentRow.date >= days[0], DocumentRow.date <= days[1]
    )
    rows = tx.exec(
        select(DocumentRow)
        .where(DocumentRow.feed_id == feed_id)
        .where(or_(col(DocumentRow.id).in_(of_period), col(DocumentRow.adjusts).in_(of_period)))
        .order_by(col(DocumentRow.date), col(DocumentRow.id))
    ).all()
    ids = [row.id or 0 for row in rows]
    lines, postings = lines_by_document(tx, ids), postings_by_document(tx, ids)
    for row in rows:
        of = postings.get(row.id or 0, [])
        if any(each.state not in GONE for each in of):
            yield Proof(row=row, lines=lines.get(row.id or 0, []), postings=of)
