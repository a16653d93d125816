"""Connections of a restored database: nothing goes to them until their books were asked what they hold already."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import col, select

from connector.store.database import Transaction
from connector.store.tables import ConnectionRow, QuarantineRow


def quarantine_all(tx: Transaction, reason: str, now: datetime) -> int:
    """Every connection there is, from now on; gives how many."""
    ids = tx.exec(select(ConnectionRow.id)).all()
    for connection_id in ids:
        tx.merge(QuarantineRow(connection_id=connection_id or 0, since=now, reason=reason, released_at=None))
    return len(ids)


def why_quarantined(tx: Transaction, connection_id: int) -> str:
    """The reason why nothing may go to a connection; empty where it may."""
    row = tx.get(QuarantineRow, connection_id)
    return row.reason if row and row.released_at is None else ""


def quarantined(tx: Transaction) -> list[int]:
    """The connections that are waiting to be released."""
    waiting = select(QuarantineRow.connection_id).where(col(QuarantineRow.released_at).is_(None))
    return list(tx.exec(waiting.order_by(col(QuarantineRow.connection_id))))


def release(tx: Transaction, connection_id: int, now: datetime) -> None:
    """Ends the quarantine of a connection; what was restored is remembered."""
    row = tx.get_one(QuarantineRow, connection_id)
    row.released_at = now
    tx.add(row)


def released_at(tx: Transaction, connection_id: int) -> datetime | None:
    """When a restored connection was let go again: until then its books may have taken what this database forgot."""
    row = tx.get(QuarantineRow, connection_id)
    return row.released_at if row else None
