"""Runs: what each job did, station by station, in plain words, and what to do next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, cast

from sqlalchemy import func, or_
from sqlmodel import col, select

from connector.errors import Unreadable
from connector.store.database import Transaction
from connector.store.tables import FeedRow, RunRow, RunStageRow

RunKind = Literal["pull", "sync", "backfill"]
RunState = Literal["running", "good", "held", "later", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRun:
    """A job that begins: its deterministic id, what it is about, and what made it start ("schedule", "news" from a
    provider, "person")."""

    job_id: str
    kind: RunKind
    slot: str = ""
    feed_id: int | None = None
    connection_id: int | None = None
    cause: str = "schedule"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """What a station did. `state` is "held" where something waits for a person, "later" where the other side asked to
    be left alone, "failed" where the station stopped: `error` and `next_step` say why and what to do, in plain words.
    """

    station: str
    started_at: datetime
    ended_at: datetime
    state: RunState = "good"
    calls: int = 0
    records_seen: int = 0
    records_new: int = 0
    documents: int = 0
    posted: int = 0
    held: int = 0
    error: str = ""
    next_step: str = ""
    attempt: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A job as it stands: "running", "good", "held" (done, and something waits for a person), "later" (goes on by
    itself), or "failed"."""

    id: int
    job_id: str
    kind: RunKind
    slot: str
    feed_id: int | None
    connection_id: int | None
    cause: str
    attempt: int
    state: RunState
    started_at: datetime
    ended_at: datetime | None
    summary: str
    next_step: str
    stages: tuple[Stage, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a run came out: in one sentence, with the next step where a person has to take one."""

    state: RunState
    summary: str
    next_step: str = ""


def begin_run(tx: Transaction, new: NewRun, now: datetime) -> int:
    """The run of a job, which begins, or is taken up again after it was cut off: its number."""
    row = tx.exec(select(RunRow).where(RunRow.job_id == new.job_id)).first()
    if row is None:
        row = RunRow(
            job_id=new.job_id,
            kind=new.kind,
            slot=new.slot,
            feed_id=new.feed_id,
            connection_id=new.connection_id,
            cause=new.cause,
            started_at=now,
        )
    else:
        row.attempt, row.state, row.ended_at, row.summary, row.next_step = row.attempt + 1, "running", None, "", ""
    tx.add(row)
    tx.flush()
    return row.id or 0


def add_stage(tx: Transaction, run_id: int, stage: Stage) -> None:
    """Adds what a station did to its run."""
    last = tx.exec(select(func.max(RunStageRow.n)).where(RunStageRow.run_id == run_id)).one() or 0
    row = RunStageRow(run_id=run_id, n=last + 1, station=stage.station, started_at=stage.started_at,
                      ended_at=stage.ended_at)  # fmt: skip
    row.attempt, row.state = tx.get_one(RunRow, run_id).attempt, stage.state
    row.calls, row.records_seen, row.records_new = stage.calls, stage.records_seen, stage.records_new
    row.documents, row.posted, row.held = stage.documents, stage.posted, stage.held
    row.error, row.next_step = stage.error, stage.next_step
    tx.add(row)
    tx.flush()


def end_run(tx: Transaction, run_id: int, ended: Ended, now: datetime) -> None:
    """Closes a run; said again, the last word counts."""
    row = tx.get_one(RunRow, run_id)
    row.state, row.summary, row.next_step, row.ended_at = ended.state, ended.summary, ended.next_step, now
    tx.add(row)


def run_of(tx: Transaction, run_id: int) -> Run:
    """A run with its stages; raises Unreadable where there is none of that number."""
    row = tx.get(RunRow, run_id)
    if row is None:
        raise Unreadable(f"There is no run {run_id}; connector runs lists them.")
    stages = tx.exec(select(RunStageRow).where(RunStageRow.run_id == run_id).order_by(col(RunStageRow.n)))
    return _run(row, tuple(_stage(each) for each in stages))


def runs(
    tx: Transaction, feed_id: int | None = None, *, states: Sequence[RunState] = (), before: int = 0, limit: int = 50
) -> list[Run]:
    """The newest runs, without their stages: of one feed, in some states, with numbers below `before`, if named."""
    wanted = select(RunRow)
    if feed_id is not None:
        wanted = wanted.where(RunRow.feed_id == feed_id)
    if states:
        wanted = wanted.where(col(RunRow.state).in_(states))
    if before:
        wanted = wanted.where(col(RunRow.id) < before)
    return [_run(row) for row in tx.exec(wanted.order_by(col(RunRow.id).desc()).limit(limit))]


def last_good(tx: Transaction, connection_id: int) -> datetime | None:
    """When a run last came to its end at a connection, its own or one of a feed that it is part of."""
    sides = (col(FeedRow.source_connection_id), col(FeedRow.target_connection_id))
    feeds = select(FeedRow.id).where(or_(*(side == connection_id for side in sides)))
    mine = or_(col(RunRow.connection_id) == connection_id, col(RunRow.feed_id).in_(feeds))
    done = col(RunRow.state).in_(("good", "held"))
    newest = select(RunRow.ended_at).where(mine, done).order_by(col(RunRow.ended_at).desc()).limit(1)
    return tx.exec(newest).first()


def _run(row: RunRow, stages: tuple[Stage, ...] = ()) -> Run:
    return Run(
        id=row.id or 0,
        job_id=row.job_id,
        kind=cast(RunKind, row.kind),
        slot=row.slot,
        feed_id=row.feed_id,
        connection_id=row.connection_id,
        cause=row.cause,
        attempt=row.attempt,
        state=cast(RunState, row.state),
        started_at=row.started_at,
        ended_at=row.ended_at,
        summary=row.summary,
        next_step=row.next_step,
        stages=stages,
    )


def _stage(row: RunStageRow) -> Stage:
    return Stage(
        station=row.station,
        started_at=row.started_at,
        ended_at=row.ended_at,
        state=cast(RunState, row.state),
        calls=row.calls,
        records_seen=row.records_seen,
        records_new=row.records_new,
        documents=row.documents,
        posted=row.posted,
        held=row.held,
        error=row.error,
        next_step=row.next_step,
        attempt=row.attempt,
    )
