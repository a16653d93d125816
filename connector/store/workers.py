"""Workers: who is alive, by heartbeats in the database's own time, so that clocks of machines may differ."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, text, update
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from connector.store.database import Transaction, insert_missing
from connector.store.tables import LeaseRow, WorkerRow

DEAD_AFTER = timedelta(seconds=30)
KEPT = timedelta(days=7)

_FILE_NOW = text("select strftime('%Y-%m-%dT%H:%M:%f', 'now')")
_SERVER_NOW = text("select clock_timestamp()")


def beat(tx: Transaction, worker: str) -> None:
    """This worker is alive; the first beat makes it known. One that was taken for dead and wakes up is alive again."""
    now = moment(tx)
    alive = update(WorkerRow).where(col(WorkerRow.id) == worker).values(beat_at=now, ended_at=None)
    if tx.exec(alive).rowcount == 0:
        insert_missing(tx, WorkerRow, {"id": worker, "started_at": now, "beat_at": now})


def bury(tx: Transaction, workers: Collection[str]) -> None:
    """These workers are gone for certain: what they had in hand, and their leases, are free at once."""
    tx.exec(update(WorkerRow).where(col(WorkerRow.id).in_(workers)).values(ended_at=moment(tx)))
    free_leases(tx)


def leave(tx: Transaction, worker: str) -> None:
    """The worker stops: what it has not finished is free at once."""
    bury(tx, [worker])
    tx.exec(delete(WorkerRow).where(col(WorkerRow.beat_at) < moment(tx) - KEPT))


def free_leases(tx: Transaction) -> None:
    """What workers that are gone did as the only ones, others may do at once."""
    tx.exec(delete(LeaseRow).where(col(LeaseRow.holder).in_(_gone(tx))))


def living(tx: Transaction) -> list[str]:
    """The workers whose hearts beat."""
    wanted = select(WorkerRow.id).where(col(WorkerRow.ended_at).is_(None), col(WorkerRow.beat_at) >= _last_beat(tx))
    return list(tx.exec(wanted.order_by(WorkerRow.id)))


def dead(tx: Transaction) -> list[str]:
    """The workers that were known and are gone; who never beat is not among them: leases decide about those."""
    return list(tx.exec(_gone(tx).order_by(WorkerRow.id)))


def moment(tx: Transaction) -> datetime:
    """The time by the database's clock."""
    if tx.get_bind().dialect.name == "sqlite":
        said = str(tx.connection().execute(_FILE_NOW).scalar_one())
        return datetime.fromisoformat(said).replace(tzinfo=UTC)
    known: datetime = tx.connection().execute(_SERVER_NOW).scalar_one()
    return known.astimezone(UTC)


def _gone(tx: Transaction) -> SelectOfScalar[str]:
    is_gone = col(WorkerRow.ended_at).is_not(None) | (col(WorkerRow.beat_at) < _last_beat(tx))
    return select(WorkerRow.id).where(is_gone)


def _last_beat(tx: Transaction) -> datetime:
    return moment(tx) - DEAD_AFTER
