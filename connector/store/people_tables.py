"""The tables of people: who they are, what they may do where, what they said about findings, what they were told."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from connector.store.types import UTCDateTime


class PersonRow(SQLModel, table=True):
    """Somebody who works here, and how notices arrive."""

    __tablename__ = "person"
    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True)
    email: str = ""
    webhook: str = ""
    webhook_secret: str = ""
    at_once: bool = True
    digest: str = "off"
    digested_at: datetime | None = Field(default=None, sa_type=UTCDateTime)


class MembershipRow(SQLModel, table=True):
    """What a person is in an organisation."""

    __tablename__ = "membership"
    person_id: int = Field(foreign_key="person.id", primary_key=True)
    organisation_id: int = Field(foreign_key="organisation.id", primary_key=True)
    role: str


class FindingCommentRow(SQLModel, table=True):
    """What somebody said about a finding, or did to it; never rewritten."""

    __tablename__ = "finding_comment"
    id: int | None = Field(default=None, primary_key=True)
    finding_row_id: int = Field(foreign_key="finding.id", index=True)
    said_at: datetime = Field(sa_type=UTCDateTime)
    author: str = ""
    text: str


class NoticeRow(SQLModel, table=True):
    """One finding, of a feed or of a connection, to be told to one person on one way, once: committed before anything
    is sent. A finding that opened again is another `episode`."""

    __tablename__ = "notice"
    __table_args__ = (
        UniqueConstraint("person_id", "finding_row_id", "episode", "way"),
        UniqueConstraint("person_id", "connection_finding_id", "episode", "way", name="uq_notice_connection_finding"),
        Index("ix_notice_open", "sent_at", "not_before"),
    )
    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id")
    finding_row_id: int | None = Field(default=None, foreign_key="finding.id")
    connection_finding_id: int | None = Field(default=None, foreign_key="connection_finding.id")
    episode: int = 1
    way: str
    kind: str
    batch: str
    made_at: datetime = Field(sa_type=UTCDateTime)
    not_before: datetime | None = Field(default=None, sa_type=UTCDateTime)
    attempts: int = 0
    sent_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    given_up_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    reason: str = ""
