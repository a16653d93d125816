"""The tables of closing a period: the keys that sign packs, and who signed which pack off."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Index, LargeBinary
from sqlmodel import Field, SQLModel

from connector.store.types import UTCDateTime


class PackKeyRow(SQLModel, table=True):
    """The key that signs an organisation's packs (Ed25519): the public part as hex, the private part sealed."""

    __tablename__ = "pack_key"
    organisation_id: int = Field(foreign_key="organisation.id", primary_key=True)
    public_key: str
    sealed: str
    made_at: datetime = Field(sa_type=UTCDateTime)


class SignOffRow(SQLModel, table=True):
    """A period signed off: by whom, when, with which pack. `despite` is why, where something still blocked it."""

    __tablename__ = "sign_off"
    __table_args__ = (Index("ix_sign_off_period", "organisation_id", "first"),)
    id: int | None = Field(default=None, primary_key=True)
    organisation_id: int = Field(foreign_key="organisation.id")
    first: date
    last: date
    signed_by: str
    signed_at: datetime = Field(sa_type=UTCDateTime)
    despite: str = ""
    pack_sha256: str
    report_sha256: str
    pack: bytes = Field(sa_type=LargeBinary)
