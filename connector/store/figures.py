"""Figures for whoever watches the whole installation: counts and ages, no names of merchants."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import col

from connector.errors import RetryLater
from connector.store.database import Database, Transaction
from connector.store.tables import (
    ConnectionFindingRow,
    ConnectionRow,
    FindingRow,
    PostingRow,
    RunRow,
    ScheduleRow,
    ShelfRow,
    StreamDueRow,
)

Counts = dict[tuple[str, ...], int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Counts by what names them: postings by state, shelves by state and code, findings by code and severity, runs by
    kind and state, connections by provider and state. The oldest moments are None where nothing waits."""

    postings: Counts
    shelves: Counts
    findings: Counts
    runs: Counts
    connections: Counts
    oldest_schedule: datetime | None
    oldest_stream: datetime | None


def figures(tx: Transaction, now: datetime) -> Figures:
    """As things stand."""
    due = select(func.min(ScheduleRow.next_run_at)).where(col(ScheduleRow.next_run_at) <= now)
    findings = _counted(tx, FindingRow.code, FindingRow.severity, where=col(FindingRow.closed_at).is_(None))
    about = ConnectionFindingRow
    for name, count in _counted(tx, about.code, about.severity, where=col(about.closed_at).is_(None)).items():
        findings[name] = findings.get(name, 0) + count
    return Figures(
        postings=_counted(tx, PostingRow.state),
        shelves=_counted(tx, ShelfRow.state, ShelfRow.code),
        findings=findings,
        runs=_counted(tx, RunRow.kind, RunRow.state),
        connections=_counted(tx, ConnectionRow.provider, ConnectionRow.state),
        oldest_schedule=tx.connection().execute(due).scalar(),
        oldest_stream=tx.connection().execute(select(func.min(StreamDueRow.due_since))).scalar(),
    )


def is_reachable(database: Database) -> bool:
    """Whether the database answers."""
    try:
        with database.transaction() as tx:
            tx.connection().execute(select(1))
    except (SQLAlchemyError, RetryLater):
        return False
    return True


def _counted(tx: Transaction, *columns: str, where: object = None) -> Counts:
    wanted = select(*columns, func.count()).group_by(*columns)  # type: ignore[call-overload]
    rows = tx.connection().execute(wanted if where is None else wanted.where(where))
    return {tuple(str(part) for part in row[:-1]): int(row[-1]) for row in rows}
