"""The tables of what was looked at beside the documents: proofs of clearing accounts, files put on records."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint
from sqlmodel import Field, SQLModel

from connector.store.types import UTCDateTime

ATTACHMENT_STATES = ("attached", "refused")


class ClearingProofRow(SQLModel, table=True):
    """A clearing account as it was last proved: its balance by our documents, in the books (empty where they did not
    say, or where several feeds share it), and what of it is explained by name and what is not. Debit positive."""

    __tablename__ = "clearing_proof"
    feed_id: int = Field(foreign_key="feed.id", primary_key=True)
    account: str = Field(primary_key=True)
    currency: str
    proved_at: datetime = Field(sa_type=UTCDateTime)
    by_documents_minor: int = Field(sa_type=BigInteger)
    in_books_minor: int | None = Field(default=None, sa_type=BigInteger)
    explained_minor: int = Field(sa_type=BigInteger)
    unexplained_minor: int = Field(sa_type=BigInteger)


class AttachmentRow(SQLModel, table=True):
    """The file with the rows behind a document: on its record in the books, or refused there and why."""

    __tablename__ = "attachment"
    __table_args__ = (CheckConstraint("state in ('attached', 'refused')", name="ck_attachment_state"),)
    posting_id: int = Field(foreign_key="posting.id", primary_key=True)
    state: str
    name: str
    target_id: str = ""
    reason: str = ""
    at: datetime = Field(sa_type=UTCDateTime)
