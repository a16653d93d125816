"""The outbox: postings claimed under a lease with a fence, and what came of them. The third hand-over.

Intent, payload, digest, key and mark lie here before the first byte goes out; a claim is committed before it is sent;
the receipt and the new state commit together, and only for whoever still holds the fence.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, update
from sqlmodel import col, select

from connector.store.database import Transaction
from connector.store.tables import AllocationRow, AttemptRow, DocumentRow, PostingRow

LEASE = timedelta(minutes=10)
DONE = ("posted", "verified", "superseded", "voided")


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """One record on its way: all that a station needs to send it, look it up and confirm it."""

    id: int
    document_id: int
    connection_id: int
    part: str
    target_kind: str
    day: str
    payload: bytes
    digest: str
    key: str
    mark: str
    epoch: int
    state: str
    fence: int
    attempts: int
    last_sent_at: datetime | None
    target_id: str
    target_version: str
    reason: str


def claim(tx: Transaction, connection_id: int, *, owner: str, now: datetime, limit: int) -> list[Posting]:
    """Takes planned postings in order, under a lease; a part is taken only when the parts before it are in the books
    or taken with it. Committed before any byte is sent."""
    taken: list[Posting] = []
    blocked: set[int] = set()
    for row in _open_rows(tx, connection_id):
        waits = row.state != "planned" or (row.not_before is not None and row.not_before > now)
        if waits or row.document_id in blocked or len(taken) >= limit:
            blocked.add(row.document_id)
            continue
        _lease(tx, row, owner, now)
        taken.append(_posting(row))
    return taken


def resend(tx: Transaction, posting: Posting, *, owner: str, now: datetime) -> Posting | None:
    """Takes one unknown posting again, with the same key, after a look-up found nothing; None where it was taken."""
    row = tx.get_one(PostingRow, posting.id)
    if row.state != "unknown" or row.fence != posting.fence:
        return None
    _lease(tx, row, owner, now)
    return _posting(row)


def abandoned(tx: Transaction, connection_id: int, *, now: datetime, alone: bool) -> int:
    """Postings whose sender is gone become unknown: their lease ran out, or nobody else is alive (`alone`)."""
    gone = (
        update(PostingRow)
        .where(col(PostingRow.connection_id) == connection_id, col(PostingRow.state) == "sending")
        .values(state="unknown", reason="The sender stopped before the answer was kept.", fence=PostingRow.fence + 1)
    )
    if not alone:
        gone = gone.where(col(PostingRow.lease_until) < now)
    return tx.exec(gone).rowcount


def unknown(tx: Transaction, connection_id: int) -> list[Posting]:
    """Postings that the books may or may not hold, in order."""
    rows = tx.exec(
        select(PostingRow)
        .where(PostingRow.connection_id == connection_id, PostingRow.state == "unknown")
        .order_by(col(PostingRow.document_id), col(PostingRow.n))
    )
    return [_posting(row) for row in rows]


def rejected(tx: Transaction, connection_id: int) -> list[Posting]:
    """Postings that the books refused, in order."""
    rows = tx.exec(
        select(PostingRow)
        .where(PostingRow.connection_id == connection_id, PostingRow.state == "rejected")
        .order_by(col(PostingRow.document_id), col(PostingRow.n))
    )
    return [_posting(row) for row in rows]


def plan_again(tx: Transaction, posting: Posting, key: str) -> None:
    """A refused posting is planned once more, under a new key: some books answer an old key with the old refusal."""
    row = tx.get_one(PostingRow, posting.id)
    row.state, row.key, row.epoch, row.fence = "planned", key, row.epoch + 1, row.fence + 1
    row.reason, row.not_before = "", None
    tx.add(row)


def confirm(tx: Transaction, posting: Posting, *, target_id: str, version: str, trace_id: str) -> bool:
    """The receipt and the state in one go, under the fence; False where another has taken over meanwhile."""
    _outcome(tx, posting, "posted", trace_id)
    return _move(tx, posting, state="posted", target_id=target_id, target_version=version, receipt=trace_id, reason="")


def verify(tx: Transaction, posting: Posting, differences: list[str]) -> bool:
    """What reading back said: equal is verified; anything else is drifted, with the differences as the reason."""
    state = "drifted" if differences else "verified"
    return _move(tx, posting, state=state, reason=" ".join(differences))


def settle_as(tx: Transaction, posting: Posting, state: str, reason: str, not_before: datetime | None = None) -> bool:
    """Any other end of an attempt: unknown, rejected, or planned again after a while."""
    _outcome(tx, posting, f"{state}: {reason}", "")
    return _move(tx, posting, state=state, reason=reason, not_before=not_before)


def posted(tx: Transaction, connection_id: int) -> list[Posting]:
    """Postings that are in the books but were not read back yet."""
    rows = tx.exec(select(PostingRow).where(PostingRow.connection_id == connection_id, PostingRow.state == "posted"))
    return [_posting(row) for row in rows]


def postings_of(tx: Transaction, document_id: int) -> list[Posting]:
    rows = tx.exec(select(PostingRow).where(PostingRow.document_id == document_id).order_by(col(PostingRow.n)))
    return [_posting(row) for row in rows]


def unsettled(tx: Transaction, feed_id: int) -> list[tuple[str, Posting, int]]:
    """What the books refused, may or may not hold, or hold in doubt: business key, posting, count of movements."""
    movements = (
        select(func.coalesce(func.sum(AllocationRow.movement_count), 0))
        .where(col(AllocationRow.document_id) == col(DocumentRow.id))
        .correlate(DocumentRow)
        .scalar_subquery()
    )
    rows = tx.exec(
        select(DocumentRow.business_key, PostingRow, movements)
        .join(PostingRow, col(PostingRow.document_id) == col(DocumentRow.id))
        .where(DocumentRow.feed_id == feed_id, col(PostingRow.state).in_(("rejected", "unknown")))
        .order_by(col(DocumentRow.date), col(DocumentRow.id), col(PostingRow.n))
    )
    return [(key, _posting(row), int(count)) for key, row, count in rows]


def attempts_of(tx: Transaction, posting_id: int) -> list[tuple[int, datetime, str, str]]:
    """Each attempt: number, when, what came of it, the books' trace id."""
    rows = tx.exec(select(AttemptRow).where(AttemptRow.posting_id == posting_id).order_by(col(AttemptRow.n)))
    return [(row.n, row.sent_at, row.outcome, row.trace_id) for row in rows]


def counts(tx: Transaction, feed_id: int) -> dict[str, int]:
    """How many postings of a feed are in which state."""
    rows = tx.exec(
        select(PostingRow.state, func.count())
        .join(DocumentRow, col(DocumentRow.id) == col(PostingRow.document_id))
        .where(DocumentRow.feed_id == feed_id)
        .group_by(col(PostingRow.state))
    )
    return {state: int(count) for state, count in rows}


def _open_rows(tx: Transaction, connection_id: int) -> list[PostingRow]:
    rows = tx.exec(
        select(PostingRow)
        .where(PostingRow.connection_id == connection_id, col(PostingRow.state).not_in((*DONE, "drifted")))
        .join(DocumentRow, col(DocumentRow.id) == col(PostingRow.document_id))
        .order_by(col(DocumentRow.date), col(PostingRow.document_id), col(PostingRow.n))
    )
    return list(rows)


def _lease(tx: Transaction, row: PostingRow, owner: str, now: datetime) -> None:
    row.state, row.lease_owner, row.lease_until = "sending", owner, now + LEASE
    row.fence, row.attempts, row.last_sent_at = row.fence + 1, row.attempts + 1, now
    tx.add(row)
    tx.add(AttemptRow(posting_id=row.id or 0, n=row.attempts, sent_at=now))
    tx.flush()


def _outcome(tx: Transaction, posting: Posting, outcome: str, trace_id: str) -> None:
    row = tx.get(AttemptRow, (posting.id, posting.attempts))
    if row is not None:
        row.outcome, row.trace_id = outcome, trace_id
        tx.add(row)


def _move(tx: Transaction, posting: Posting, **values: object) -> bool:
    mine = (
        update(PostingRow)
        .where(col(PostingRow.id) == posting.id, col(PostingRow.fence) == posting.fence)
        .values(lease_owner="", lease_until=None, **values)
    )
    return tx.exec(mine).rowcount == 1


def _posting(row: PostingRow) -> Posting:
    return Posting(
        id=row.id or 0,
        document_id=row.document_id,
        connection_id=row.connection_id,
        part=row.part,
        target_kind=row.target_kind,
        day=row.day,
        payload=row.payload,
        digest=row.digest,
        key=row.key,
        mark=row.mark,
        epoch=row.epoch,
        state=row.state,
        fence=row.fence,
        attempts=row.attempts,
        last_sent_at=row.last_sent_at,
        target_id=row.target_id or "",
        target_version=row.target_version,
        reason=row.reason,
    )
