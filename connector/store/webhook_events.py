"""Which events of providers were heard: by name, for thirty days, so that one delivered again is no news."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import delete, func
from sqlmodel import col, select

from connector.store.database import Transaction, insert_missing
from connector.store.tables import ConnectionRow, WebhookEventRow

KEPT = timedelta(days=30)


def first_heard(tx: Transaction, provider: str, event_id: str, now: datetime) -> bool:
    """Remembers an event; False where it was heard before."""
    named = (WebhookEventRow.provider == provider, WebhookEventRow.event_id == event_id)
    if tx.exec(select(WebhookEventRow).where(*named)).first() is not None:
        return False
    insert_missing(tx, WebhookEventRow, {"provider": provider, "event_id": event_id, "heard_at": now})
    return True


def forget_events(tx: Transaction, now: datetime) -> None:
    """Forgets what was heard more than thirty days ago."""
    tx.exec(delete(WebhookEventRow).where(col(WebhookEventRow.heard_at) < now - KEPT))


def last_heard(tx: Transaction, provider: str) -> datetime | None:
    """When the newest event of a provider was heard; None where none ever was."""
    return tx.exec(select(func.max(WebhookEventRow.heard_at)).where(WebhookEventRow.provider == provider)).one()


def accounts(tx: Transaction, provider: str, external_ids: Iterable[str]) -> dict[str, list[int]]:
    """The connections that speak for some accounts of a provider and are in use, of every organisation."""
    wanted = select(ConnectionRow.external_id, ConnectionRow.id).where(
        ConnectionRow.provider == provider,
        col(ConnectionRow.external_id).in_(set(external_ids)),
        ConnectionRow.state == "active",
    )
    found: dict[str, list[int]] = {}
    for external_id, number in tx.exec(wanted):
        found.setdefault(external_id, []).append(number or 0)
    return found
