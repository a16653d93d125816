"""Which documents have the rows behind them on their record in the books, and which wait for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, select

from connector.store.database import Transaction
from connector.store.outbox import Posting, read_posting
from connector.store.tables import AttachmentRow, DocumentRow, FeedRow, PostingRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Attached:
    """What became of a file: the books' id of it, or why they refused it."""

    posting_id: int
    name: str
    target_id: str = ""
    reason: str = ""


def waiting_for_rows(tx: Transaction, connection_id: int, limit: int) -> list[tuple[int, Posting]]:
    """The first records, each with its feed, of documents that are in the books as they were sent and whose feed wants
    the rows behind them there; oldest first."""
    done = select(AttachmentRow.posting_id)
    rows = tx.exec(
        select(DocumentRow.feed_id, PostingRow)
        .join(DocumentRow, col(DocumentRow.id) == col(PostingRow.document_id))
        .join(FeedRow, col(FeedRow.id) == col(DocumentRow.feed_id))
        .where(PostingRow.connection_id == connection_id, PostingRow.part == "", PostingRow.state == "verified")
        .where(FeedRow.attach == "rows", col(PostingRow.id).not_in(done))
        .order_by(col(PostingRow.id))
        .limit(limit)
    )
    return [(feed_id, read_posting(row)) for feed_id, row in rows]


def keep_attached(tx: Transaction, attached: Attached, now: datetime) -> None:
    """Where another has kept it meanwhile, that stays."""
    if tx.get(AttachmentRow, attached.posting_id) is None:
        tx.add(
            AttachmentRow(
                posting_id=attached.posting_id,
                state="refused" if attached.reason else "attached",
                name=attached.name,
                target_id=attached.target_id,
                reason=attached.reason,
                at=now,
            )
        )


def refused_files(tx: Transaction, connection_id: int) -> list[tuple[str, str]]:
    """The marks of documents whose file was refused, and why."""
    rows = tx.exec(
        select(PostingRow.mark, AttachmentRow.reason)
        .join(PostingRow, col(PostingRow.id) == col(AttachmentRow.posting_id))
        .where(PostingRow.connection_id == connection_id, AttachmentRow.state == "refused")
        .order_by(col(PostingRow.id))
    )
    return list(rows)


def file_of(tx: Transaction, posting_id: int) -> Attached | None:
    """What became of the file of a posting; None where none was put there."""
    row = tx.get(AttachmentRow, posting_id)
    return Attached(posting_id=posting_id, name=row.name, target_id=row.target_id, reason=row.reason) if row else None
