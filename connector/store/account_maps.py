"""Versions of the account map of a feed, and the books as last read."""

from __future__ import annotations

import hashlib
from datetime import datetime

import msgspec
from sqlmodel import col, select

from connector.domain.account_map import AccountMap
from connector.domain.books import Books
from connector.domain.map_file import read_map
from connector.store.database import Transaction
from connector.store.tables import AccountMapRow, BookSnapshotRow


def keep_map(tx: Transaction, feed_id: int, text: str, *, author: str = "", reason: str = "") -> int:
    """A new version of the map, if it differs from the newest; gives the number in force. Raises Unreadable."""
    read_map(text)
    digest = hashlib.sha256(text.encode()).hexdigest()
    newest = _newest(tx, feed_id)
    if newest and newest.digest == digest:
        return newest.number
    number = newest.number + 1 if newest else 1
    tx.add(AccountMapRow(feed_id=feed_id, number=number, body=text, digest=digest, author=author, reason=reason))
    return number


def account_map(tx: Transaction, feed_id: int) -> AccountMap:
    """The map in force; empty where nothing was decided yet."""
    row = _newest(tx, feed_id)
    return read_map(row.body, number=row.number) if row else AccountMap()


def keep_books(tx: Transaction, connection_id: int, books: Books, now: datetime) -> None:
    """Remembers the books as read; a reading equal to the newest only moves its time."""
    body = msgspec.json.encode(books).decode()
    newest = _snapshot(tx, connection_id)
    if newest and newest.body == body:
        newest.read_at = now
        tx.add(newest)
        return
    tx.add(BookSnapshotRow(connection_id=connection_id, kind="books", read_at=now, body=body))


def books(tx: Transaction, connection_id: int) -> tuple[Books, datetime, int] | None:
    """The books as last read, when, and the number of the reading; None where they never were."""
    row = _snapshot(tx, connection_id)
    return (msgspec.json.decode(row.body, type=Books), row.read_at, row.id or 0) if row else None


def _newest(tx: Transaction, feed_id: int) -> AccountMapRow | None:
    wanted = select(AccountMapRow).where(AccountMapRow.feed_id == feed_id).order_by(col(AccountMapRow.number).desc())
    return tx.exec(wanted.limit(1)).first()


def _snapshot(tx: Transaction, connection_id: int) -> BookSnapshotRow | None:
    wanted = (
        select(BookSnapshotRow)
        .where(BookSnapshotRow.connection_id == connection_id)
        .order_by(col(BookSnapshotRow.read_at).desc(), col(BookSnapshotRow.id).desc())
    )
    return tx.exec(wanted.limit(1)).first()
