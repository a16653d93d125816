"""people: persons, memberships, what they say about findings, and what they were told"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from connector.store.types import UTCDateTime

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.create_table(
        "person",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("name", sa.String(), nullable=False, unique=True),
        *[sa.Column(name, sa.String(), nullable=False) for name in ("email", "webhook", "webhook_secret")],
        sa.Column("at_once", sa.Boolean(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("digested_at", UTCDateTime(timezone=True), nullable=True),
    )
    op.create_table(
        "membership",
        sa.Column("person_id", sa.Integer(), sa.ForeignKey("person.id"), primary_key=True),
        sa.Column("organisation_id", sa.Integer(), sa.ForeignKey("organisation.id"), primary_key=True),
        sa.Column("role", sa.String(), nullable=False),
    )
    _about_findings()
    _notices()


def _about_findings() -> None:
    with op.batch_alter_table("finding") as table:
        table.add_column(sa.Column("assignee_id", sa.Integer(), nullable=True))
        table.add_column(sa.Column("muted_by", sa.String(), nullable=False, server_default=""))
        table.add_column(sa.Column("episode", sa.Integer(), nullable=False, server_default="1"))
        table.create_foreign_key("fk_finding_assignee", "person", ["assignee_id"], ["id"])
    op.create_table(
        "finding_comment",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("finding_row_id", sa.Integer(), sa.ForeignKey("finding.id"), nullable=False),
        sa.Column("said_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
    )
    op.create_index("ix_finding_comment_finding_row_id", "finding_comment", ["finding_row_id"])


def _notices() -> None:
    op.create_table(
        "notice",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("person_id", sa.Integer(), sa.ForeignKey("person.id"), nullable=False),
        sa.Column("finding_row_id", sa.Integer(), sa.ForeignKey("finding.id"), nullable=False),
        sa.Column("episode", sa.Integer(), nullable=False),
        *[sa.Column(name, sa.String(), nullable=False) for name in ("way", "kind", "batch", "reason")],
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("made_at", UTCDateTime(timezone=True), nullable=False),
        *[
            sa.Column(name, UTCDateTime(timezone=True), nullable=True)
            for name in ("not_before", "sent_at", "given_up_at")
        ],
        sa.UniqueConstraint("person_id", "finding_row_id", "episode", "way"),
    )
    op.create_index("ix_notice_open", "notice", ["sent_at", "not_before"])
