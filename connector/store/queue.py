"""The queue in the store: what is open over all feeds that the transaction may see, and what people do to it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func
from sqlmodel import col, select

from connector.domain.queue import Item
from connector.errors import Unreadable
from connector.store.connection_findings import told_of
from connector.store.database import Transaction
from connector.store.findings import finding_of
from connector.store.persons import person_row
from connector.store.tables import (
    ConnectionFindingRow,
    ConnectionRow,
    FeedRow,
    FindingCommentRow,
    FindingRow,
    OrganisationRow,
    PersonRow,
)

MAX_WORDS = 2_000  # characters of a comment or reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """What somebody said, or did."""

    said_at: datetime
    author: str
    text: str


def queue_items(tx: Transaction) -> list[Item]:
    """Everything that is open, muted or not, about feeds and about connections."""
    return [*_of_feeds(tx), *_of_connections(tx)]


def _of_connections(tx: Transaction) -> list[Item]:
    rows = tx.exec(
        select(ConnectionFindingRow, ConnectionRow.name, OrganisationRow.name)
        .join(ConnectionRow, col(ConnectionRow.id) == col(ConnectionFindingRow.connection_id))
        .join(OrganisationRow, col(OrganisationRow.id) == col(ConnectionRow.organisation_id))
        .where(col(ConnectionFindingRow.closed_at).is_(None))
        .order_by(col(ConnectionFindingRow.id))
    )
    return [
        Item(
            row=row.id or 0,
            organisation=organisation,
            feed=connection,
            feed_id=0,
            finding=told_of(row),
            first_seen=row.first_seen,
        )
        for row, connection, organisation in rows
    ]


def _of_feeds(tx: Transaction) -> list[Item]:
    rows = tx.exec(
        select(FindingRow, FeedRow, OrganisationRow.name)
        .join(FeedRow, col(FeedRow.id) == col(FindingRow.feed_id))
        .join(OrganisationRow, col(OrganisationRow.id) == col(FeedRow.organisation_id))
        .where(col(FindingRow.closed_at).is_(None))
        .order_by(col(FindingRow.id))
    ).all()
    names = {row.id: row.name for row in tx.exec(select(PersonRow))}
    said = _said(tx, [row.id or 0 for row, _, _ in rows])
    return [
        Item(
            row=row.id or 0,
            organisation=organisation,
            feed=feed.name,
            feed_id=row.feed_id,
            finding=finding_of(row),
            first_seen=row.first_seen,
            assignee=names.get(row.assignee_id, ""),
            said=said.get(row.id or 0, 0),
            muted_until=row.muted_until,
            muted_because=row.muted_because,
            muted_by=row.muted_by,
        )
        for row, feed, organisation in rows
    ]


def assign(tx: Transaction, items: Iterable[Item], assignee: str, by: str, now: datetime) -> None:
    """Somebody looks after the findings from now on; an empty name: nobody."""
    person_id = person_row(tx, assignee).id if assignee else None
    for item in items:
        row = _row(tx, item)
        row.assignee_id = person_id
        tx.add(row)
        _say(tx, item, f"assigned to {assignee or 'nobody'}", by, now)


def comment(tx: Transaction, items: Iterable[Item], text: str, by: str, now: datetime) -> None:
    """Says something about the findings; raises Unreadable where nothing is said."""
    words = _words(text, "A comment")
    for item in items:
        _say(tx, item, words, by, now)


def mute(tx: Transaction, items: Iterable[Item], until: datetime, because: str, by: str, now: datetime) -> None:
    """Hides the findings from the queue and from notices until a moment. What they hold stays held."""
    reason = _words(because, "A finding is muted with a reason: it")
    if until <= now:
        raise Unreadable("A finding is muted until a day that is yet to come.")
    for item in items:
        row = _row(tx, item)
        row.muted_until, row.muted_because, row.muted_by = until, reason, by
        tx.add(row)
        _say(tx, item, f"muted until {until.date().isoformat()}: {reason}", by, now)


def unmute(tx: Transaction, items: Iterable[Item], by: str, now: datetime) -> None:
    for item in items:
        row = _row(tx, item)
        row.muted_until, row.muted_because, row.muted_by = None, "", ""
        tx.add(row)
        _say(tx, item, "no longer muted", by, now)


def comments(tx: Transaction, item: Item) -> list[Comment]:
    """What was said and done, oldest first."""
    if item.is_of_connection:
        return []
    wanted = select(FindingCommentRow).where(FindingCommentRow.finding_row_id == item.row)
    rows = tx.exec(wanted.order_by(col(FindingCommentRow.id)))
    return [Comment(said_at=row.said_at, author=row.author, text=row.text) for row in rows]


def _said(tx: Transaction, rows: Sequence[int]) -> dict[int, int]:
    counted = select(FindingCommentRow.finding_row_id, func.count()).group_by(col(FindingCommentRow.finding_row_id))
    known = set(rows)
    return {row: count for row, count in tx.exec(counted) if row in known}


def _row(tx: Transaction, item: Item) -> FindingRow:
    if item.is_of_connection:
        raise Unreadable(
            f"{item.finding.finding_id} is about the connection {item.feed}; it closes by itself once it is mended: "
            f"{item.finding.fix}"
        )
    return tx.get_one(FindingRow, item.row)


def _say(tx: Transaction, item: Item, text: str, by: str, now: datetime) -> None:
    tx.add(FindingCommentRow(finding_row_id=_row(tx, item).id or 0, said_at=now, author=by, text=text))


def _words(text: str, what: str) -> str:
    if not text.strip() or len(text) > MAX_WORDS:
        raise Unreadable(f"{what} has between 1 and {MAX_WORDS:,} characters.")
    return text.strip()
