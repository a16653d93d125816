"""The tables of what runs by itself: when a feed is due, what runs did, which streams have news, and who ticks."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from connector.store.types import UTCDateTime


def _one_of(column: str, words: tuple[str, ...], name: str) -> CheckConstraint:
    return CheckConstraint(f"{column} in ({', '.join(repr(word) for word in words)})", name=name)


SCHEDULE_KINDS = ("daily", "hourly", "closure", "settlement", "cron")
RUN_KINDS = ("pull", "sync", "backfill")
RUN_STATES = ("running", "good", "held", "later", "failed")
BACKFILL_STATES = ("open", "done")


class ScheduleRow(SQLModel, table=True):
    """When a feed runs by itself. `next_run_at` is claimed by compare-and-set and empty while nothing is due (paused);
    `hour` is empty where the source's quiet delay decides; `gap_seconds` is the longest time between two runs;
    `seen` tells of everything that a feed's journal depends on, as it was when there was nothing to do;
    `wakes_at` is when something that waits for its time may go on, `looked_over_at` when its calendar was looked over,
    `audited_at` when its audit was last asked for, `last_read_at` when its source was last read to its end.
    """

    __tablename__ = "schedule"
    __table_args__ = (
        Index("ix_schedule_due", "next_run_at"),
        Index("ix_schedule_looked_over", "looked_over_at"),
        Index("ix_schedule_audited", "audited_at"),
        _one_of("kind", SCHEDULE_KINDS, "ck_schedule_kind"),
    )
    id: int | None = Field(default=None, primary_key=True)
    feed_id: int = Field(foreign_key="feed.id", unique=True)
    kind: str = "daily"
    cron: str = ""
    hour: int | None = None
    zone: str = "UTC"
    starts_on: date | None = None
    gap_seconds: int = 0
    next_run_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    last_slot: str = ""
    last_good_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    last_read_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    seen: str = ""
    wakes_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    looked_over_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    audited_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    enabled_at: datetime = Field(sa_type=UTCDateTime)
    paused_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    paused_because: str = ""


class RunRow(SQLModel, table=True):
    """One job, from its start to what came of it, in plain words. A job that is taken up again is the same run."""

    __tablename__ = "run"
    __table_args__ = (
        Index("ix_run_feed", "feed_id", "id"),
        Index("ix_run_connection", "connection_id", "id"),
        _one_of("kind", RUN_KINDS, "ck_run_kind"),
        _one_of("state", RUN_STATES, "ck_run_state"),
    )
    id: int | None = Field(default=None, primary_key=True)
    job_id: str = Field(unique=True)
    kind: str
    feed_id: int | None = Field(default=None, foreign_key="feed.id")
    connection_id: int | None = Field(default=None, foreign_key="connection.id")
    slot: str = ""
    cause: str = "schedule"
    attempt: int = 1
    state: str = "running"
    started_at: datetime = Field(sa_type=UTCDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    summary: str = ""
    next_step: str = ""


class RunStageRow(SQLModel, table=True):
    """What one station did in a run: calls made, records seen and new, documents, what was posted and what waits."""

    __tablename__ = "run_stage"
    __table_args__ = (_one_of("state", RUN_STATES, "ck_run_stage_state"),)
    run_id: int = Field(foreign_key="run.id", primary_key=True)
    n: int = Field(primary_key=True)
    attempt: int = 1
    station: str
    state: str = "good"
    started_at: datetime = Field(sa_type=UTCDateTime)
    ended_at: datetime = Field(sa_type=UTCDateTime)
    calls: int = Field(default=0, sa_type=BigInteger)
    records_seen: int = Field(default=0, sa_type=BigInteger)
    records_new: int = Field(default=0, sa_type=BigInteger)
    documents: int = Field(default=0, sa_type=BigInteger)
    posted: int = Field(default=0, sa_type=BigInteger)
    held: int = Field(default=0, sa_type=BigInteger)
    error: str = ""
    next_step: str = ""


class StreamDueRow(SQLModel, table=True):
    """A provider said that a stream has news; only that it is due is believed."""

    __tablename__ = "stream_due"
    connection_id: int = Field(foreign_key="connection.id", primary_key=True)
    stream: str = Field(primary_key=True)
    due_since: datetime = Field(sa_type=UTCDateTime)


class WebhookEventRow(SQLModel, table=True):
    """An event that a provider told, by its name; kept thirty days, so that one told again is no news."""

    __tablename__ = "webhook_event"
    provider: str = Field(primary_key=True)
    event_id: str = Field(primary_key=True)
    heard_at: datetime = Field(sa_type=UTCDateTime, index=True)


class LeaseRow(SQLModel, table=True):
    """Which process does the work of which there should be one: ticking, sweeping, tidying. Saves work; nothing that
    must be right rests on it."""

    __tablename__ = "lease"
    name: str = Field(primary_key=True)
    holder: str
    until: datetime = Field(sa_type=UTCDateTime)


class BackfillRow(SQLModel, table=True):
    """A past stretch of a source that is being read."""

    __tablename__ = "backfill"
    __table_args__ = (
        UniqueConstraint("connection_id", "from_date"),
        _one_of("state", BACKFILL_STATES, "ck_backfill_state"),
    )
    id: int | None = Field(default=None, primary_key=True)
    connection_id: int = Field(foreign_key="connection.id")
    from_date: date
    state: str = "open"
    started_at: datetime = Field(sa_type=UTCDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UTCDateTime)


class BackfillStreamRow(SQLModel, table=True):
    """How far a backfill has read one stream of one location; moves only together with the records it passed."""

    __tablename__ = "backfill_stream"
    backfill_id: int = Field(foreign_key="backfill.id", primary_key=True)
    stream: str = Field(primary_key=True)
    location: str = Field(default="", primary_key=True)
    position: str
    pages: int = Field(default=0, sa_type=BigInteger)
    records_new: int = Field(default=0, sa_type=BigInteger)
    is_done: bool = False
