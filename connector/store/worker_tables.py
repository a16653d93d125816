"""The table of the workers."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field, SQLModel

from connector.store.types import UTCDateTime


class WorkerRow(SQLModel, table=True):
    """A process that works, or worked: by its heartbeat others know whether what it has in hand is theirs to take."""

    __tablename__ = "worker"
    id: str = Field(primary_key=True)
    started_at: datetime = Field(sa_type=UTCDateTime)
    beat_at: datetime = Field(sa_type=UTCDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
