"""Postings read: by feed, by document, with their attempts and their states."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func
from sqlmodel import col, select

from connector.store.database import Transaction
from connector.store.outbox import Posting, read_posting
from connector.store.tables import AllocationRow, AttemptRow, DocumentRow, PostingRow


def planned_keys(tx: Transaction, feed_id: int) -> dict[int, list[str]]:
    """What waits to be sent, by document: the keys of its postings in order."""
    rows = tx.exec(
        select(PostingRow.document_id, PostingRow.key)
        .join(DocumentRow, col(DocumentRow.id) == col(PostingRow.document_id))
        .where(DocumentRow.feed_id == feed_id, PostingRow.state == "planned")
        .order_by(col(PostingRow.n))
    )
    found: dict[int, list[str]] = {}
    for document_id, key in rows:
        found.setdefault(document_id, []).append(key)
    return found


def keys_of(tx: Transaction, feed_id: int) -> set[str]:
    """The keys of all postings of a feed, sent or not."""
    rows = tx.exec(
        select(PostingRow.key)
        .join(DocumentRow, col(DocumentRow.id) == col(PostingRow.document_id))
        .where(DocumentRow.feed_id == feed_id)
    )
    return set(rows)


def rejected(tx: Transaction, connection_id: int) -> list[Posting]:
    """Postings that the books refused, in order."""
    rows = tx.exec(
        select(PostingRow)
        .where(PostingRow.connection_id == connection_id, PostingRow.state == "rejected")
        .order_by(col(PostingRow.document_id), col(PostingRow.n))
    )
    return [read_posting(row) for row in rows]


def postings_of(tx: Transaction, document_id: int) -> list[Posting]:
    rows = tx.exec(select(PostingRow).where(PostingRow.document_id == document_id).order_by(col(PostingRow.n)))
    return [read_posting(row) for row in rows]


def unsettled(tx: Transaction, feed_id: int) -> list[tuple[str, Posting, int]]:
    """What the books refused, may or may not hold, or hold in doubt: business key, posting, count of movements."""
    movements = (
        select(func.coalesce(func.sum(AllocationRow.movement_count), 0))
        .where(col(AllocationRow.document_id) == col(DocumentRow.id))
        .correlate(DocumentRow)
        .scalar_subquery()
    )
    rows = tx.exec(
        select(DocumentRow.business_key, PostingRow, movements)
        .join(PostingRow, col(PostingRow.document_id) == col(DocumentRow.id))
        .where(DocumentRow.feed_id == feed_id, col(PostingRow.state).in_(("rejected", "unknown")))
        .order_by(col(DocumentRow.date), col(DocumentRow.id), col(PostingRow.n))
    )
    return [(key, read_posting(row), int(count)) for key, row, count in rows]


def attempts_of(tx: Transaction, posting_id: int) -> list[tuple[int, datetime, str, str]]:
    """Each attempt: number, when, what came of it, the books' trace id."""
    rows = tx.exec(select(AttemptRow).where(AttemptRow.posting_id == posting_id).order_by(col(AttemptRow.n)))
    return [(row.n, row.sent_at, row.outcome, row.trace_id) for row in rows]


def counts(tx: Transaction, feed_id: int) -> dict[str, int]:
    """How many postings of a feed are in which state."""
    rows = tx.exec(
        select(PostingRow.state, func.count())
        .join(DocumentRow, col(DocumentRow.id) == col(PostingRow.document_id))
        .where(DocumentRow.feed_id == feed_id)
        .group_by(col(PostingRow.state))
    )
    return {state: int(count) for state, count in rows}
