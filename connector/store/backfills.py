"""Backfills: past stretches of a source that are being read, each stream with a position of its own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import col, select

from connector.store.database import Transaction
from connector.store.tables import BackfillRow, BackfillStreamRow, FeedRow, ScheduleRow


@dataclass(frozen=True, slots=True, kw_only=True)
class BackfillPart:
    """One stream of one place, and how far a backfill has read it."""

    stream: str
    location: str
    position: str
    pages: int
    records_new: int
    is_done: bool


def open_backfill(tx: Transaction, connection_id: int, from_date: date, now: datetime) -> int:
    """The backfill of a source from a day on: a new one, or the one that was begun. One that was ended begins anew."""
    known = select(BackfillRow).where(BackfillRow.connection_id == connection_id, BackfillRow.from_date == from_date)
    row = tx.exec(known).first()
    if row is not None and row.state == "done":
        for part in tx.exec(select(BackfillStreamRow).where(BackfillStreamRow.backfill_id == row.id)):
            tx.delete(part)
        row.state, row.started_at, row.ended_at = "open", now, None
    row = row or BackfillRow(connection_id=connection_id, from_date=from_date, started_at=now)
    tx.add(row)
    tx.flush()
    return row.id or 0


def part_of(tx: Transaction, backfill_id: int, stream: str, location: str, begin: str) -> BackfillPart:
    """How far a stream was read; from `begin` on where it was not read yet."""
    row = tx.get(BackfillStreamRow, (backfill_id, stream, location))
    if row is None:
        row = BackfillStreamRow(backfill_id=backfill_id, stream=stream, location=location, position=begin)
        tx.add(row)
        tx.flush()
    return BackfillPart(
        stream=row.stream,
        location=row.location,
        position=row.position,
        pages=row.pages,
        records_new=row.records_new,
        is_done=row.is_done,
    )


def move_part(tx: Transaction, backfill_id: int, part: BackfillPart, position: str, records_new: int) -> None:
    """A page was kept; only ever called in the transaction that stored its records."""
    row = tx.get_one(BackfillStreamRow, (backfill_id, part.stream, part.location))
    row.position, row.pages, row.records_new = position, row.pages + 1, row.records_new + records_new
    tx.add(row)


def end_part(tx: Transaction, backfill_id: int, part: BackfillPart) -> None:
    """A stream was read to its end."""
    row = tx.get_one(BackfillStreamRow, (backfill_id, part.stream, part.location))
    row.is_done = True
    tx.add(row)


def end_backfill(tx: Transaction, backfill_id: int, now: datetime) -> None:
    row = tx.get_one(BackfillRow, backfill_id)
    row.state, row.ended_at = "done", now
    tx.add(row)


def first_day(tx: Transaction, connection_id: int) -> date | None:
    """The first day that any feed on a source wants; None where one of them wants everything."""
    rows = tx.exec(
        select(FeedRow.id, ScheduleRow)
        .join(ScheduleRow, col(ScheduleRow.feed_id) == col(FeedRow.id), isouter=True)
        .where(FeedRow.source_connection_id == connection_id)
    ).all()
    known = [row.starts_on for _, row in rows if row is not None and row.starts_on is not None]
    return min(known) if known and len(known) == len(rows) else None
