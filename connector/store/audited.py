"""What the audit reads beside facts and maps: older readings of the books, and our lines in them by account and day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import msgspec
from sqlalchemy import ColumnElement, SQLColumnExpression, case, func
from sqlalchemy import select as columns
from sqlmodel import col, select

from connector.domain.books import Books
from connector.store.database import Transaction
from connector.store.tables import BookSnapshotRow, DocumentRow, LineRow, PostingRow

READINGS = 10  # back; older ones tell of accounts that nobody maps to any more


@dataclass(frozen=True, slots=True, kw_only=True)
class DayOnAccount:
    """What documents in the books put on an account on one day, debits and credits both positive."""

    account: str
    role: str
    day: date
    currency: str
    tax_code: str
    debit: int
    credit: int
    lines: int


def earlier_books(tx: Transaction, connection_id: int) -> list[Books]:
    """The books as they were read before the newest reading, newest first."""
    rows = tx.exec(
        select(BookSnapshotRow)
        .where(BookSnapshotRow.connection_id == connection_id, BookSnapshotRow.kind == "books")
        .order_by(col(BookSnapshotRow.read_at).desc(), col(BookSnapshotRow.id).desc())
        .offset(1)
        .limit(READINGS)
    )
    return [msgspec.json.decode(row.body, type=Books) for row in rows]


def days_on_accounts(tx: Transaction, feed_id: int) -> list[DayOnAccount]:
    """The lines of a feed's documents that are in the books, summed by account, role, day, currency and tax code."""
    in_books = select(PostingRow.document_id).where(col(PostingRow.state).in_(("posted", "verified", "drifted")))
    amount = col(LineRow.amount_minor)
    of = (
        col(LineRow.account),
        col(LineRow.role),
        col(DocumentRow.date),
        col(DocumentRow.currency),
        col(LineRow.tax_code),
    )
    wanted = (
        columns(*of, _sum(amount > 0, amount), _sum(amount < 0, -amount), func.count())
        .join(DocumentRow, col(DocumentRow.id) == col(LineRow.document_id))
        .where(col(DocumentRow.feed_id) == feed_id, amount != 0, col(DocumentRow.id).in_(in_books))
        .group_by(*of)
        .order_by(col(DocumentRow.date), col(LineRow.account), col(LineRow.role))
    )
    rows = tx.connection().execute(wanted)
    return [
        DayOnAccount(
            account=account,
            role=role,
            day=day,
            currency=currency,
            tax_code=tax_code,
            debit=int(debit),
            credit=int(credit),
            lines=int(lines),
        )
        for account, role, day, currency, tax_code, debit, credit, lines in rows
    ]


def _sum(where: ColumnElement[bool], amount: SQLColumnExpression[int]) -> ColumnElement[int]:
    return func.sum(case((where, amount), else_=0))
