"""schedules: when feeds run, what runs did, which streams are due, and how far backfills have read"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from connector.store.types import UTCDateTime

revision = "0007"
down_revision = "0006"

_RUN_STATES = "state in ('running', 'good', 'held', 'later', 'failed')"


def upgrade() -> None:
    op.add_column("organisation", _moment("paused_at", nullable=True))
    op.add_column("organisation", sa.Column("paused_because", sa.String(), nullable=False, server_default=""))
    _schedules()
    _runs()
    _marks_and_leases()
    _backfills()


def _schedules() -> None:
    op.create_table(
        "schedule",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("feed_id", sa.Integer(), sa.ForeignKey("feed.id"), nullable=False, unique=True),
        *_texts("kind", "cron"),
        sa.Column("hour", sa.Integer(), nullable=True),
        *_texts("zone"),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("gap_seconds", sa.Integer(), nullable=False),
        _moment("next_run_at", nullable=True),
        *_texts("last_slot"),
        _moment("last_good_at", nullable=True),
        _moment("enabled_at"),
        _moment("paused_at", nullable=True),
        *_texts("paused_because"),
        sa.CheckConstraint("kind in ('daily', 'hourly', 'closure', 'settlement', 'cron')", name="ck_schedule_kind"),
    )
    op.create_index("ix_schedule_due", "schedule", ["next_run_at"])


def _runs() -> None:
    """The first table of runs was never written to."""
    op.drop_table("run")
    op.create_table(
        "run",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("job_id", sa.String(), nullable=False, unique=True),
        *_texts("kind"),
        sa.Column("feed_id", sa.Integer(), sa.ForeignKey("feed.id"), nullable=True),
        sa.Column("connection_id", sa.Integer(), sa.ForeignKey("connection.id"), nullable=True),
        *_texts("slot", "cause"),
        sa.Column("attempt", sa.Integer(), nullable=False),
        *_texts("state"),
        _moment("started_at"),
        _moment("ended_at", nullable=True),
        *_texts("summary", "next_step"),
        sa.CheckConstraint("kind in ('pull', 'sync', 'backfill')", name="ck_run_kind"),
        sa.CheckConstraint(_RUN_STATES, name="ck_run_state"),
    )
    op.create_index("ix_run_feed", "run", ["feed_id", "id"])
    op.create_index("ix_run_connection", "run", ["connection_id", "id"])
    op.create_table(
        "run_stage",
        sa.Column("run_id", sa.Integer(), sa.ForeignKey("run.id"), primary_key=True),
        sa.Column("n", sa.Integer(), primary_key=True),
        sa.Column("attempt", sa.Integer(), nullable=False),
        *_texts("station", "state"),
        _moment("started_at"),
        _moment("ended_at"),
        *_counts("calls", "records_seen", "records_new", "documents", "posted", "held"),
        *_texts("error", "next_step"),
        sa.CheckConstraint(_RUN_STATES, name="ck_run_stage_state"),
    )


def _marks_and_leases() -> None:
    op.create_table(
        "stream_due",
        sa.Column("connection_id", sa.Integer(), sa.ForeignKey("connection.id"), primary_key=True),
        sa.Column("stream", sa.String(), primary_key=True),
        _moment("due_since"),
    )
    op.create_table(
        "lease", sa.Column("name", sa.String(), primary_key=True), *_texts("holder"), _moment("until")
    )  # fmt: skip


def _backfills() -> None:
    op.create_table(
        "backfill",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("connection_id", sa.Integer(), sa.ForeignKey("connection.id"), nullable=False),
        sa.Column("from_date", sa.Date(), nullable=False),
        *_texts("state"),
        _moment("started_at"),
        _moment("ended_at", nullable=True),
        sa.UniqueConstraint("connection_id", "from_date"),
        sa.CheckConstraint("state in ('open', 'done')", name="ck_backfill_state"),
    )
    op.create_table(
        "backfill_stream",
        sa.Column("backfill_id", sa.Integer(), sa.ForeignKey("backfill.id"), primary_key=True),
        sa.Column("stream", sa.String(), primary_key=True),
        sa.Column("location", sa.String(), primary_key=True),
        *_texts("position"),
        *_counts("pages", "records_new"),
        sa.Column("is_done", sa.Boolean(), nullable=False),
    )


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.String(), nullable=False) for name in names]


def _counts(*names: str) -> list[sa.Column[int]]:
    return [sa.Column(name, sa.BigInteger(), nullable=False) for name in names]


def _moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, UTCDateTime(), nullable=nullable)
