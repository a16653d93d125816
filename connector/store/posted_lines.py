"""Lines of documents that are in the books, with what reconciling asks of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func
from sqlmodel import col, select

from connector.store.database import Transaction
from connector.store.outbox import IN_BOOKS
from connector.store.tables import (
    AllocationRow,
    BucketRow,
    DocumentRow,
    LineRow,
    PeriodRow,
    PostingRow,
    RecordRow,
    ShelfRow,
)

ACCEPTED = "accepted"  # a drift that somebody took as the truth


@dataclass(frozen=True, slots=True, kw_only=True)
class PostedLine:
    """One line of a document in the books: debit positive, in minor units, made of so many `movements`. `drift` names
    how the books differ from what was sent (the words of domain.drift, or ACCEPTED), empty where they do not."""

    mark: str
    period: str
    kind: str
    day: date
    narration: str
    source_ref: str
    role: str
    account: str
    currency: str
    amount: int
    number: str = ""
    text: str = ""
    movements: int = 0
    drift: str = ""

    @property
    def is_gone(self) -> bool:
        return "gone" in self.drift.split()


def posted_lines(tx: Transaction, feed_id: int, roles: Sequence[str]) -> list[PostedLine]:
    """Lines of the given roles on documents in the books, in the order of their dates; lines of nothing are left out.

    Of a document that is gone from the books the lines are given too, with that drift."""
    drifts = _drifts(tx, feed_id)
    movements = (
        select(func.coalesce(func.sum(AllocationRow.movement_count), 0))
        .where(AllocationRow.document_id == LineRow.document_id, AllocationRow.line_n == LineRow.n)
        .scalar_subquery()
    )
    rows = tx.exec(
        select(DocumentRow, LineRow, PeriodRow.name, movements)
        .join(LineRow, col(LineRow.document_id) == col(DocumentRow.id))
        .join(PeriodRow, col(PeriodRow.id) == col(DocumentRow.period_id))
        .where(DocumentRow.feed_id == feed_id, col(LineRow.role).in_(roles), LineRow.amount_minor != 0)
        .order_by(col(DocumentRow.date), col(DocumentRow.id), col(LineRow.n))
    )
    return [
        PostedLine(
            mark=document.mark,
            period=period,
            kind=document.kind,
            day=document.date,
            narration=document.narration,
            source_ref=document.source_ref,
            role=line.role,
            account=line.account,
            currency=document.currency,
            amount=line.amount_minor,
            number=line.number,
            text=line.text,
            movements=int(count),
            drift=drifts[document.id or 0],
        )
        for document, line, period, count in rows
        if (document.id or 0) in drifts
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """The account on which movements of a kind, code and place stood in a period."""

    period: str
    kind: str
    code: str
    location: str
    account: str


def homes(tx: Transaction, feed_id: int) -> list[Home]:
    """Where documents placed movements, the newest document last."""
    rows = tx.exec(
        select(AllocationRow, BucketRow, LineRow.account, PeriodRow.name)
        .join(BucketRow, col(BucketRow.id) == col(AllocationRow.bucket_id))
        .join(
            LineRow,
            (col(LineRow.document_id) == col(AllocationRow.document_id))
            & (col(LineRow.n) == col(AllocationRow.line_n)),
        )
        .join(PeriodRow, col(PeriodRow.id) == col(BucketRow.period_id))
        .where(PeriodRow.feed_id == feed_id)
        .order_by(col(AllocationRow.document_id))
    )
    return [
        Home(period=period, kind=bucket.kind, code=bucket.code, location=bucket.location, account=account)
        for _, bucket, account, period in rows
    ]


def waiting_periods(tx: Transaction, feed_id: int) -> list[tuple[str, str]]:
    """Periods of which something is held, parked or ignored, with the reason."""
    rows = tx.exec(
        select(PeriodRow.name, ShelfRow.detail)
        .join(ShelfRow, col(ShelfRow.period_id) == col(PeriodRow.id))
        .where(PeriodRow.feed_id == feed_id)
        .order_by(col(ShelfRow.id))
    )
    return list(rows)


def changed_records(tx: Transaction, connection_id: int) -> set[tuple[str, str]]:
    """Stream and id of the records that the source changed after they were first read."""
    rows = tx.exec(
        select(RecordRow.stream, RecordRow.source_id)
        .where(RecordRow.connection_id == connection_id, RecordRow.version > 1)
        .where(col(RecordRow.is_current).is_(True))
    )
    return set(rows)


def _drifts(tx: Transaction, feed_id: int) -> dict[int, str]:
    """The documents of a feed that are in the books, with the drift of their records."""
    rows = tx.exec(
        select(PostingRow.document_id, PostingRow.state, PostingRow.drift)
        .join(DocumentRow, col(DocumentRow.id) == col(PostingRow.document_id))
        .where(DocumentRow.feed_id == feed_id, col(PostingRow.state).in_(IN_BOOKS))
    )
    found: dict[int, str] = {}
    for document_id, state, drift in rows:
        told = drift if state == "drifted" else ACCEPTED if drift.startswith(ACCEPTED) else ""
        found[document_id] = f"{found.get(document_id, '')} {told}".strip()
    return found
