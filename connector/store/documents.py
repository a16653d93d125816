"""Documents, lines, postings, shelves and allocations as rows: written together, taken back together."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from sqlalchemy import delete, update
from sqlmodel import col, select

from connector.domain.document import Document, Share
from connector.domain.facts import BucketKey
from connector.errors import Broken
from connector.store.database import Transaction
from connector.store.plans import FeedPlace, PeriodPlan, PlannedDocument, PlannedPosting
from connector.store.tables import (
    AllocationRow,
    AttemptRow,
    DocumentRow,
    LineRow,
    PeriodRow,
    PostingRow,
    ShelfRow,
)

SET_ASIDE = ("detached", "undone")  # shelves that a person's decision made: no run takes them back
UNDOES = "undoes"  # the state of a document that takes others back: it stays whatever the source says
BOOKS_RATE = "the books"  # where a rate comes from that nobody named
_BUILDER_VERSION = 1


def write_documents(
    tx: Transaction, place: FeedPlace, plan: PeriodPlan, period: PeriodRow, buckets: dict[BucketKey, int]
) -> None:
    for planned in plan.documents:
        row = _document_row(tx, place, period, planned)
        tx.add(row)
        tx.flush()
        for n, line in enumerate(planned.document.lines):
            tx.add(
                LineRow(
                    document_id=row.id or 0,
                    n=n,
                    role=line.role,
                    account=line.account,
                    number=line.number,
                    amount_minor=line.amount,
                    tax_code=line.tax_code,
                    tax_minor=line.tax,
                    tracking=json.dumps(dict(line.tracking)),
                    text=line.text,
                )
            )
            _allocate(tx, buckets, line.shares, AllocationRow(bucket_id=0, amount_minor=0, movement_count=0,
                                                              document_id=row.id, line_n=n))  # fmt: skip
        for n, posting in enumerate(planned.postings):
            tx.add(_posting_row(place, row.id or 0, n, posting))
    tx.flush()


def write_shelves(tx: Transaction, plan: PeriodPlan, period: PeriodRow, buckets: dict[BucketKey, int]) -> None:
    for held in plan.held:
        shelf = ShelfRow(
            period_id=period.id or 0,
            business_key=held.key,
            state="held",
            code=held.code,
            detail=held.reason,
            currency=held.currency,
            difference_minor=held.difference,
            amount_minor=held.amount,
            waits_for=json.dumps(held.waits_for),
        )
        shelve(tx, shelf, held.shares, buckets)
    for ignored in plan.ignored:
        shelf = ShelfRow(
            period_id=period.id or 0,
            business_key=ignored.key,
            state="ignored",
            code="no_money",
            detail=ignored.reason,
            currency=ignored.currency,
        )
        shelve(tx, shelf, ignored.shares, buckets)


def keep_rate(tx: Transaction, document_id: int, rate: str) -> None:
    """The rate of the books themselves, on a document that named none."""
    unrated = (col(DocumentRow.id) == document_id, col(DocumentRow.rate) == "")
    tx.exec(update(DocumentRow).where(*unrated).values(rate=rate, rate_source=BOOKS_RATE))


def shelve(tx: Transaction, shelf: ShelfRow, shares: Iterable[Share], buckets: dict[BucketKey, int]) -> None:
    tx.add(shelf)
    tx.flush()
    _allocate(tx, buckets, shares, AllocationRow(bucket_id=0, amount_minor=0, movement_count=0, shelf_id=shelf.id))


def _allocate(tx: Transaction, buckets: dict[BucketKey, int], shares: Iterable[Share], home: AllocationRow) -> None:
    for share in shares:
        tx.add(
            AllocationRow(
                bucket_id=buckets[share.bucket],
                document_id=home.document_id,
                line_n=home.line_n,
                shelf_id=home.shelf_id,
                amount_minor=share.amount,
                movement_count=share.count,
            )
        )


def _document_row(tx: Transaction, place: FeedPlace, period: PeriodRow, planned: PlannedDocument) -> DocumentRow:
    document = planned.document
    if not document.period:
        raise Broken(f"{document.key} names no period")
    return DocumentRow(
        feed_id=place.feed_id,
        period_id=period.id or 0,
        business_key=document.key,
        version=document.version,
        mark=document.mark,
        kind=document.kind,
        date=document.date,
        currency=document.currency,
        rate=document.rate,
        rate_source=document.rate_source,
        narration=document.narration,
        source_ref=document.source_ref,
        location=document.location,
        map_version=planned.map_version or place.map_version,
        builder_version=_BUILDER_VERSION,
        adjusts=_first_version(tx, place, document) if document.version > 1 else None,
        prior_period=document.prior_period,
        family=document.family,
    )


def _first_version(tx: Transaction, place: FeedPlace, document: Document) -> int | None:
    wanted = select(DocumentRow.id).where(
        DocumentRow.feed_id == place.feed_id, DocumentRow.business_key == document.key, DocumentRow.version == 1
    )
    return tx.exec(wanted).first()


def _posting_row(place: FeedPlace, document_id: int, n: int, posting: PlannedPosting) -> PostingRow:
    return PostingRow(
        document_id=document_id,
        connection_id=place.target_connection_id,
        part=posting.part,
        n=n,
        target_kind=posting.target_kind,
        day=posting.day,
        payload=posting.payload,
        digest=posting.digest,
        key=posting.key,
        mark=posting.mark,
    )


def forget_open_parts(tx: Transaction, periods: Sequence[PeriodRow], frozen: set[int]) -> None:
    """Takes back what is not on its way: documents other than the frozen ones, and shelves that nobody decided."""
    ids = [period.id for period in periods]
    documents = list(
        tx.exec(
            select(DocumentRow.id).where(col(DocumentRow.period_id).in_(ids)).where(col(DocumentRow.id).not_in(frozen))
        )
    )
    shelves = list(
        tx.exec(select(ShelfRow.id).where(col(ShelfRow.period_id).in_(ids), col(ShelfRow.code).not_in(SET_ASIDE)))
    )
    postings = list(tx.exec(select(PostingRow.id).where(col(PostingRow.document_id).in_(documents))))
    tx.exec(delete(AllocationRow).where(col(AllocationRow.document_id).in_(documents)))
    tx.exec(delete(AllocationRow).where(col(AllocationRow.shelf_id).in_(shelves)))
    tx.exec(delete(AttemptRow).where(col(AttemptRow.posting_id).in_(postings)))
    tx.exec(delete(PostingRow).where(col(PostingRow.id).in_(postings)))
    tx.exec(delete(LineRow).where(col(LineRow.document_id).in_(documents)))
    tx.exec(delete(DocumentRow).where(col(DocumentRow.id).in_(documents)))
    tx.exec(delete(ShelfRow).where(col(ShelfRow.id).in_(shelves)))
    tx.flush()
