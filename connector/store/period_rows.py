"""What the report of a period reads: documents by their dates, payouts, findings, bank lines and decisions, as rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func
from sqlmodel import col, select

from connector.domain.facts import Fact
from connector.errors import Unreadable
from connector.store.bank_tables import BankLineRow, MatchGroupRow
from connector.store.database import Transaction
from connector.store.facts import fact_of_row
from connector.store.feeds import Feed, feeds
from connector.store.outbox import GONE, IN_BOOKS
from connector.store.tables import (
    AccountMapRow,
    ClearingProofRow,
    ConnectionFindingRow,
    DocumentRow,
    FactRow,
    FindingCommentRow,
    FindingRow,
    LineRow,
    OrganisationRow,
    PeriodRow,
    PostingRow,
    ShelfRow,
)

Days = tuple[date, date]
"""The first and the last day, both included."""


def organisation_named(tx: Transaction, name: str) -> list[Feed]:
    """The feeds of an organisation; raises Unreadable where there is none of that name, naming those there are."""
    known = list(tx.exec(select(OrganisationRow.name).order_by(OrganisationRow.name)))
    if name not in known:
        raise Unreadable(f"There is no organisation {name!r}; there are: {', '.join(known) or 'none yet'}.")
    return [each for each in feeds(tx) if each.organisation == name]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dated:
    """A document with how its records stand: posted, verified or changed in the books; or, where it is not there, the
    state that keeps it away, and why."""

    row: DocumentRow
    period: str
    state: str
    in_books: bool
    reason: str
    drift: str


def documents_dated(tx: Transaction, feed_id: int, days: Days) -> list[Dated]:
    """The documents of a feed with a date in the period that are in the books or on their way, in order."""
    rows = tx.exec(
        select(DocumentRow, PeriodRow.name)
        .join(PeriodRow, col(PeriodRow.id) == col(DocumentRow.period_id))
        .where(DocumentRow.feed_id == feed_id, DocumentRow.date >= days[0], DocumentRow.date <= days[1])
        .order_by(col(DocumentRow.date), col(DocumentRow.id))
    ).all()
    postings = postings_by_document(tx, [row.id or 0 for row, _ in rows])
    found = []
    for row, period in rows:
        of = [each for each in postings.get(row.id or 0, []) if each.state not in GONE]
        if of:
            found.append(_dated(row, period, of))
    return found


def _dated(row: DocumentRow, period: str, of: Sequence[PostingRow]) -> Dated:
    away = [each for each in of if each.state not in IN_BOOKS]
    drift = "; ".join(each.drift for each in of if each.drift)
    words = {"planned": "to be posted", "sending": "being sent"}
    if len(away) == len(of):
        state = words.get(away[0].state, away[0].state)
        return Dated(row=row, period=period, state=state, in_books=False, reason=away[0].reason, drift=drift)
    changed = any(each.state == "drifted" for each in of)
    state = (
        "changed in the books" if changed else "posted" if any(each.state == "posted" for each in of) else "verified"
    )
    reason = "; ".join(each.reason for each in of if each.reason)
    return Dated(row=row, period=period, state=state, in_books=True, reason=reason, drift=drift)


def postings_by_document(tx: Transaction, ids: Sequence[int]) -> dict[int, list[PostingRow]]:
    """The postings of some documents, in order."""
    found: dict[int, list[PostingRow]] = {}
    for some in _portions(ids):
        rows = tx.exec(select(PostingRow).where(col(PostingRow.document_id).in_(some)).order_by(col(PostingRow.id)))
        for row in rows:
            found.setdefault(row.document_id, []).append(row)
    return found


def lines_by_document(tx: Transaction, ids: Sequence[int]) -> dict[int, list[LineRow]]:
    """The lines of some documents, in order."""
    found: dict[int, list[LineRow]] = {}
    for some in _portions(ids):
        rows = tx.exec(
            select(LineRow).where(col(LineRow.document_id).in_(some)).order_by(col(LineRow.document_id), col(LineRow.n))
        )
        for row in rows:
            found.setdefault(row.document_id, []).append(row)
    return found


def payout_facts(tx: Transaction, connection_id: int) -> list[Fact]:
    """Payouts, their entries and settlements, in the order they came."""
    rows = tx.exec(
        select(FactRow)
        .where(FactRow.connection_id == connection_id, col(FactRow.is_current).is_(True))
        .where(col(FactRow.kind).in_(("Payout", "PayoutEntry", "Settlement")))
        .order_by(col(FactRow.id))
    )
    return [fact_of_row(row) for row in rows]


def last_days(tx: Transaction, connection_id: int) -> dict[str, date]:
    """The last day of each period of a source, by the period's name."""
    rows = tx.exec(
        select(FactRow.period_name, func.max(FactRow.business_day))
        .where(FactRow.connection_id == connection_id, col(FactRow.is_current).is_(True))
        .group_by(col(FactRow.period_name))
    )
    return dict(rows.all())


def journalized_periods(tx: Transaction, feed_id: int) -> set[str]:
    """The names of the periods of which documents were made, or found to be needless."""
    return set(tx.exec(select(PeriodRow.name).where(PeriodRow.feed_id == feed_id)))


def shelved(tx: Transaction, feed_id: int) -> list[tuple[str, ShelfRow]]:
    """What waits or was set aside, with the name of its period; what holds no money is left out."""
    rows = tx.exec(
        select(PeriodRow.name, ShelfRow)
        .join(PeriodRow, col(PeriodRow.id) == col(ShelfRow.period_id))
        .where(PeriodRow.feed_id == feed_id, col(ShelfRow.code).not_in(("no_money", "day_open")))
        .order_by(col(ShelfRow.id))
    )
    return list(rows)


def every_finding(tx: Transaction, feed_id: int) -> list[tuple[FindingRow, list[FindingCommentRow]]]:
    """Each finding that there ever was about a feed, with what people said about it."""
    rows = tx.exec(select(FindingRow).where(FindingRow.feed_id == feed_id).order_by(col(FindingRow.id))).all()
    said: dict[int, list[FindingCommentRow]] = {}
    mine = select(FindingRow.id).where(FindingRow.feed_id == feed_id)
    comments = tx.exec(
        select(FindingCommentRow)
        .where(col(FindingCommentRow.finding_row_id).in_(mine))
        .order_by(col(FindingCommentRow.id))
    )
    for comment in comments:
        said.setdefault(comment.finding_row_id, []).append(comment)
    return [(row, said.get(row.id or 0, [])) for row in rows]


def every_connection_finding(tx: Transaction, ids: Iterable[int]) -> list[ConnectionFindingRow]:
    return list(
        tx.exec(
            select(ConnectionFindingRow)
            .where(col(ConnectionFindingRow.connection_id).in_(list(ids)))
            .order_by(col(ConnectionFindingRow.id))
        )
    )


def bank_rows(tx: Transaction, connection_id: int) -> list[BankLineRow]:
    """Every bank line of some books that has a day and an amount, in the order of time."""
    return list(
        tx.exec(
            select(BankLineRow)
            .where(BankLineRow.connection_id == connection_id)
            .where(col(BankLineRow.date).is_not(None), col(BankLineRow.amount_minor).is_not(None))
            .order_by(col(BankLineRow.date), col(BankLineRow.id))
        )
    )


def decided_matches(tx: Transaction, feed_id: int) -> dict[int, MatchGroupRow]:
    """The rows of a feed's matches, for when each was proposed, accepted and undone."""
    rows = tx.exec(select(MatchGroupRow).where(MatchGroupRow.feed_id == feed_id))
    return {row.id or 0: row for row in rows}


def map_rows(tx: Transaction, feed_id: int) -> list[AccountMapRow]:
    """Every version of a feed's map, oldest first."""
    return list(
        tx.exec(select(AccountMapRow).where(AccountMapRow.feed_id == feed_id).order_by(col(AccountMapRow.number)))
    )


def proof_rows(tx: Transaction, feed_id: int) -> dict[str, ClearingProofRow]:
    """The newest proofs of a feed's clearing accounts beside the books, by account."""
    rows = tx.exec(select(ClearingProofRow).where(ClearingProofRow.feed_id == feed_id))
    return {row.account: row for row in rows}


def is_within(at: datetime | None, days: Days) -> bool:
    return at is not None and days[0] <= at.date() <= days[1]


def _portions(ids: Sequence[int], size: int = 500) -> Iterable[Sequence[int]]:
    return (ids[start : start + size] for start in range(0, len(ids), size))
