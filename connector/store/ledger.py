"""The journal read: documents, shelves, lines by account, and the invariant that nothing is lost."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import cast

from sqlalchemy import ColumnElement, func
from sqlmodel import col, or_, select
from sqlmodel.sql.expression import SelectOfScalar

from connector.domain.document import Document, Family, Kind, Line, Role, Share
from connector.errors import Unreadable
from connector.store.buckets import key_of
from connector.store.database import Transaction
from connector.store.tables import (
    AllocationRow,
    BucketRow,
    DocumentRow,
    LineRow,
    PeriodRow,
    PostingRow,
    ShelfRow,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountLine:
    """One line of a document on an account, with the buckets it is made of."""

    account: str
    role: str
    currency: str
    day: date
    mark: str
    narration: str
    amount: int
    shares: tuple[Share, ...]


def account_lines(tx: Transaction, feed_id: int, roles: Sequence[str]) -> list[AccountLine]:
    """Lines of the given roles on documents that are in the books, in the order of their dates."""
    posted = col(DocumentRow.feed_id) == feed_id, col(DocumentRow.id).in_(_in_the_books())
    shares = _shares(tx, *posted)
    rows = tx.exec(
        select(DocumentRow, LineRow)
        .join(LineRow, col(LineRow.document_id) == col(DocumentRow.id))
        .where(*posted, col(LineRow.role).in_(roles), LineRow.amount_minor != 0)
        .order_by(col(DocumentRow.date), col(DocumentRow.id), col(LineRow.n))
    )
    return [
        AccountLine(
            account=line.account,
            role=line.role,
            currency=document.currency,
            day=document.date,
            mark=document.mark,
            narration=document.narration,
            amount=line.amount_minor,
            shares=shares.get((document.id or 0, line.n), ()),
        )
        for document, line in rows
    ]


def lines_of_document(tx: Transaction, document_id: int) -> list[LineRow]:
    return list(tx.exec(select(LineRow).where(LineRow.document_id == document_id).order_by(col(LineRow.n))))


def find_document(tx: Transaction, name: str) -> DocumentRow:
    """The document of that mark, business key, or id in the books; raises Unreadable where there is none, or several
    (two companies may both have a document 1)."""
    posted = select(PostingRow.document_id).where(or_(PostingRow.target_id == name, PostingRow.mark == name))
    rows = tx.exec(
        select(DocumentRow).where(
            or_(DocumentRow.mark == name, DocumentRow.business_key == name, col(DocumentRow.id).in_(posted))
        )
    ).all()
    if not rows:
        raise Unreadable(f"No document has the mark, key or id {name!r}; connector status lists them.")
    if len(rows) > 1:
        raise Unreadable(
            f"{name!r} names {len(rows)} documents: say which by its mark, {' or '.join(r.mark for r in rows)}."
        )
    return rows[0]


def read_document(tx: Transaction, row: DocumentRow) -> Document:
    """A document as it was journalized; raises Broken where its rows do not balance."""
    shares = _shares(tx, col(DocumentRow.id) == row.id)
    lines = [
        Line(
            role=cast(Role, line.role),
            account=line.account,
            number=line.number,
            amount=line.amount_minor,
            tax_code=line.tax_code,
            tax=line.tax_minor,
            tracking=tuple(sorted(json.loads(line.tracking).items())),
            text=line.text,
            shares=shares.get((row.id or 0, line.n), ()),
        )
        for line in lines_of_document(tx, row.id or 0)
    ]
    return Document(
        key=row.business_key,
        mark=row.mark,
        date=row.date,
        currency=row.currency,
        kind=cast(Kind, row.kind),
        narration=row.narration,
        source_ref=row.source_ref,
        lines=tuple(lines),
        location=row.location,
        rate=row.rate,
        rate_source=row.rate_source,
        version=row.version,
        period=period_of(tx, row),
        prior_period=row.prior_period,
        family=cast(Family, row.family),
    )


def _shares(tx: Transaction, *wanted: ColumnElement[bool]) -> dict[tuple[int, int], tuple[Share, ...]]:
    """By document and line: the buckets that make it, with what each gives."""
    rows = tx.exec(
        select(AllocationRow, BucketRow)
        .join(BucketRow, col(BucketRow.id) == col(AllocationRow.bucket_id))
        .join(DocumentRow, col(DocumentRow.id) == col(AllocationRow.document_id))
        .where(*wanted)
        .order_by(col(BucketRow.id))
    )
    found: dict[tuple[int, int], list[Share]] = {}
    for given, bucket in rows:
        share = Share(bucket=key_of(bucket), amount=given.amount_minor, count=given.movement_count)
        found.setdefault((given.document_id or 0, given.line_n or 0), []).append(share)
    return {line: tuple(shares) for line, shares in found.items()}


def period_of(tx: Transaction, row: DocumentRow) -> str:
    """The name of what a document is made of."""
    return tx.get_one(PeriodRow, row.period_id).name


def place_of(tx: Transaction, allocation: AllocationRow) -> str:
    """Where an allocation's money lives, in words: a document's line, or a shelf."""
    if allocation.document_id is None:
        shelf = tx.get_one(ShelfRow, allocation.shelf_id)
        return f"{shelf.state}: {shelf.business_key}"
    document = tx.get_one(DocumentRow, allocation.document_id)
    line = lines_of_document(tx, allocation.document_id)[allocation.line_n or 0]
    return f"{document.mark}  {line.account}"


def document_of(tx: Transaction, document_id: int) -> DocumentRow:
    return tx.get_one(DocumentRow, document_id)


def homes_of_period(tx: Transaction, feed_id: int, period: str) -> list[tuple[BucketRow, AllocationRow]]:
    """Every bucket of a period with the places its money lives in: the way from a record to its lines."""
    rows = tx.exec(
        select(BucketRow, AllocationRow)
        .join(AllocationRow, col(AllocationRow.bucket_id) == col(BucketRow.id))
        .join(PeriodRow, col(PeriodRow.id) == col(BucketRow.period_id))
        .where(PeriodRow.feed_id == feed_id, PeriodRow.name == period)
        .order_by(col(BucketRow.id))
    )
    return list(rows)


def documents_of(tx: Transaction, feed_id: int) -> list[DocumentRow]:
    rows = tx.exec(
        select(DocumentRow).where(DocumentRow.feed_id == feed_id).order_by(col(DocumentRow.date), col(DocumentRow.id))
    )
    return list(rows)


def shelves_of(tx: Transaction, feed_id: int) -> list[tuple[ShelfRow, int]]:
    """What is on a shelf, each with its count of movements."""
    rows = tx.exec(
        select(ShelfRow, func.coalesce(func.sum(AllocationRow.movement_count), 0))
        .join(PeriodRow, col(PeriodRow.id) == col(ShelfRow.period_id))
        .outerjoin(AllocationRow, col(AllocationRow.shelf_id) == col(ShelfRow.id))
        .where(PeriodRow.feed_id == feed_id)
        .group_by(col(ShelfRow.id))
        .order_by(col(ShelfRow.id))
    )
    return [(shelf, int(count)) for shelf, count in rows]


def held_count(tx: Transaction, feed_id: int) -> int:
    """How many documents of a feed are held, for whatever reason."""
    rows = select(func.count()).select_from(ShelfRow).join(PeriodRow, col(PeriodRow.id) == col(ShelfRow.period_id))
    return tx.exec(rows.where(PeriodRow.feed_id == feed_id, ShelfRow.state == "held")).one()


def unconserved(tx: Transaction, feed_id: int) -> list[str]:
    """Invariant I1 at bucket grain: names of buckets whose money is not in exactly one place; none when all is well."""
    rows = tx.exec(
        select(
            BucketRow,
            func.coalesce(func.sum(AllocationRow.amount_minor), 0),
            func.coalesce(func.sum(AllocationRow.movement_count), 0),
        )
        .join(PeriodRow, col(PeriodRow.id) == col(BucketRow.period_id))
        .outerjoin(AllocationRow, col(AllocationRow.bucket_id) == col(BucketRow.id))
        .where(PeriodRow.feed_id == feed_id)
        .group_by(col(BucketRow.id))
    )
    return [
        f"{bucket.kind} {bucket.code}"
        for bucket, placed, counted in rows
        if (bucket.amount_minor, bucket.movement_count) != (int(placed), int(counted))
    ]


def _in_the_books() -> SelectOfScalar[int]:
    return select(PostingRow.document_id).where(col(PostingRow.state).in_(("posted", "verified", "drifted")))
