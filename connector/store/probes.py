"""Asked before anything is done: what of an answer is known, and what a feed's journal depends on.

Each question is one plain statement on an index."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Executable, func
from sqlmodel import col, select

from connector.store.bank_tables import MatchGroupRow, MatchLinkRow
from connector.store.database import Transaction
from connector.store.tables import (
    AccountMapRow,
    BookSnapshotRow,
    FactRow,
    FeedRow,
    PageRow,
    PostingRow,
    ProductsApartRow,
    RecordRow,
    ScheduleRow,
)


def known_pages(tx: Transaction, connection_id: int, pages: Sequence[tuple[str, str]]) -> set[tuple[str, str]]:
    """Those of some pages (stream, SHA-256 of the bytes) that are stored already."""
    streams, digests = sorted({stream for stream, _ in pages}), [digest for _, digest in pages]
    rows = tx.connection().execute(
        select(col(PageRow.stream), col(PageRow.sha256)).where(
            col(PageRow.connection_id) == connection_id,
            col(PageRow.stream).in_(streams),
            col(PageRow.sha256).in_(digests),
        )
    )
    return {(stream, digest) for stream, digest in rows} & set(pages)


def known_records(tx: Transaction, connection_id: int, stream: str, ids: Sequence[str]) -> dict[str, str]:
    """The digests of the current versions of some records, by their ids."""
    found: dict[str, str] = {}
    for start in range(0, len(ids), 500):
        rows = tx.connection().execute(
            select(col(RecordRow.source_id), col(RecordRow.digest)).where(
                col(RecordRow.connection_id) == connection_id,
                col(RecordRow.stream) == stream,
                col(RecordRow.source_id).in_(ids[start : start + 500]),
                col(RecordRow.is_current).is_(True),
            )
        )
        found.update((name, digest) for name, digest in rows)
    return found


def newest_fact(tx: Transaction, connection_id: int) -> str:
    """Changes whenever anything of the connection was translated: the highest number of a fact, and, where products
    are told apart, how often facts were read anew for that."""
    newest = select(func.max(FactRow.id)).where(col(FactRow.connection_id) == connection_id).scalar_subquery()
    anew = select(ProductsApartRow.number).where(col(ProductsApartRow.connection_id) == connection_id).scalar_subquery()
    fact, number = tx.connection().execute(select(newest, anew)).one()
    return f"{fact or 0}.{number}" if number else f"{fact or 0}"


def map_number(tx: Transaction, feed_id: int) -> int:
    """The number of the account map in force; 0 where nothing was decided yet."""
    return _number(tx, select(func.max(AccountMapRow.number)).where(col(AccountMapRow.feed_id) == feed_id))


def newest_map(tx: Transaction, source_id: int) -> int:
    """The newest version of a map of any feed of a source, as one number; 0 where nothing was decided yet."""
    of_source = select(FeedRow.id).where(col(FeedRow.source_connection_id) == source_id)
    return _number(tx, select(func.max(AccountMapRow.id)).where(col(AccountMapRow.feed_id).in_(of_source)))


def reading_number(tx: Transaction, connection_id: int) -> int:
    """The number of the newest reading of the books; 0 where they never were read."""
    newest = select(BookSnapshotRow.id).where(col(BookSnapshotRow.connection_id) == connection_id)
    return _number(tx, newest.order_by(col(BookSnapshotRow.read_at).desc(), col(BookSnapshotRow.id).desc()).limit(1))


def other_sources(tx: Transaction, target_id: int, source_id: int) -> list[int]:
    """The sources that flow into the same books besides one."""
    others = select(FeedRow.source_connection_id).where(
        col(FeedRow.target_connection_id) == target_id, col(FeedRow.source_connection_id) != source_id
    )
    return sorted({number for (number,) in tx.connection().execute(others)})


def exchanges(tx: Transaction, feed_id: int) -> str:
    """Changes whenever a match across currencies is accepted or undone; empty where there is none."""
    across = (
        select(func.count(), func.max(MatchGroupRow.id))
        .join(MatchLinkRow, col(MatchLinkRow.group_id) == col(MatchGroupRow.id))
        .where(col(MatchGroupRow.feed_id) == feed_id, col(MatchGroupRow.state) == "accepted")
        .where(col(MatchLinkRow.item) != "", col(MatchLinkRow.currency) != col(MatchGroupRow.currency))
    )
    count, newest = tx.connection().execute(across).one()
    return f"{count} {newest}" if count else ""


def has_open_postings(tx: Transaction, connection_id: int) -> bool:
    """Whether anything waits to be sent to the books, or to be looked up there."""
    waiting = select(PostingRow.id).where(
        col(PostingRow.connection_id) == connection_id, col(PostingRow.state).in_(("planned", "sending", "unknown"))
    )
    return bool(_number(tx, waiting.limit(1)))


def wakes(tx: Transaction, feed_id: int, now: datetime) -> bool:
    """Whether the moment has come at which something of the feed that waited for its time may go on."""
    asked = select(ScheduleRow.id).where(col(ScheduleRow.feed_id) == feed_id, col(ScheduleRow.wakes_at) <= now)
    return bool(_number(tx, asked))


def set_waking(tx: Transaction, feed_id: int, at: datetime | None) -> None:
    """When something of the feed that waits for its time may go on; None where nothing does."""
    row = tx.exec(select(ScheduleRow).where(col(ScheduleRow.feed_id) == feed_id)).first()
    if row is not None:
        row.wakes_at = at
        tx.add(row)


def _number(tx: Transaction, asked: Executable) -> int:
    return tx.connection().execute(asked).scalar() or 0
