"""Attempts to renew a token: committed before the refresh token is sent, ended when it is known what came of it."""

from __future__ import annotations

from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import delete
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from connector.store.database import Transaction
from connector.store.tables import RefreshAttemptRow
from connector.transport.oauth import Grant

KEPT = timedelta(days=30)


def used_name(grant: Grant) -> str:
    """The name of a refresh token where the token itself may not stand."""
    return sha256(grant.refresh_token.encode()).hexdigest()


def begin_attempt(tx: Transaction, connection_id: int, grant: Grant, now: datetime) -> int:
    """An attempt with this grant's refresh token; its number. What ended long ago is forgotten on the way."""
    old = delete(RefreshAttemptRow).where(
        col(RefreshAttemptRow.connection_id) == connection_id, col(RefreshAttemptRow.ended_at) < now - KEPT
    )
    tx.exec(old)
    row = RefreshAttemptRow(connection_id=connection_id, token_sha256=used_name(grant), started_at=now)
    tx.add(row)
    tx.flush()
    return row.id or 0


def end_attempt(tx: Transaction, attempt: int, outcome: str, now: datetime) -> None:
    row = tx.get(RefreshAttemptRow, attempt)
    if row is not None:
        row.ended_at, row.outcome = now, outcome
        tx.add(row)


def end_attempts(tx: Transaction, connection_id: int, outcome: str, now: datetime) -> None:
    """Ends every attempt of a connection that has no end yet."""
    for row in tx.exec(_open().where(RefreshAttemptRow.connection_id == connection_id)):
        row.ended_at, row.outcome = now, outcome
        tx.add(row)


def open_since(tx: Transaction, connection_id: int, grant: Grant) -> datetime | None:
    """When this grant's refresh token was first sent with no end; None where it was not."""
    mine = RefreshAttemptRow.connection_id == connection_id, RefreshAttemptRow.token_sha256 == used_name(grant)
    first = tx.exec(_open().where(*mine).order_by(col(RefreshAttemptRow.started_at))).first()
    return first.started_at if first else None


def open_attempts(tx: Transaction) -> list[RefreshAttemptRow]:
    """The attempts of all connections that have no end."""
    return list(tx.exec(_open()))


def _open() -> SelectOfScalar[RefreshAttemptRow]:
    return select(RefreshAttemptRow).where(col(RefreshAttemptRow.ended_at).is_(None))
