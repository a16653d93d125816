"""Periods, documents, lines, allocations and shelves: the second hand-over, one transaction with the outbox.

Every signed bucket has exactly one live home: a line of a document, or a shelf. Posted documents are never rewritten;
what changes at the source afterwards becomes a new version of the period that holds the difference.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import delete, exists, func
from sqlmodel import col, or_, select

from connector.domain.document import InBooks, Share
from connector.domain.facts import BY_MATCH
from connector.store.buckets import bucket_rows_of, key_of, new_bucket_rows, sums
from connector.store.database import Transaction
from connector.store.documents import SET_ASIDE, UNDOES, forget_open_parts, write_documents, write_shelves
from connector.store.ledger import read_document
from connector.store.outbox import GONE
from connector.store.plans import FeedPlace, PeriodPlan
from connector.store.tables import AllocationRow, BucketRow, DocumentRow, PeriodRow, PostingRow, ShelfRow


def is_kept(tx: Transaction, feed_id: int, name: str, digest: str) -> bool:
    """Whether a period was stored as this digest says already, and nothing of it waits for an outcome."""
    periods = _periods(tx, feed_id, name)
    return bool(periods) and periods[-1].digest == digest


def in_books(tx: Transaction, feed_id: int, name: str) -> list[InBooks]:
    """The business keys of a period that are on their way or in the books, or that a person set aside, by key."""
    periods = _periods(tx, feed_id, name)
    aside = _set_aside(tx, periods)
    sent: dict[str, list[DocumentRow]] = {}
    for row in _sent(tx, periods):
        sent.setdefault(row.business_key, []).append(row)
    live = {row.id for row in _sent(tx, periods, GONE)}
    return [
        _in_books(tx, name, key, [row for row in sent.get(key, []) if row.id in live], sent.get(key, []), aside)
        for key in sorted({*sent, *aside})
    ]


def _in_books(
    tx: Transaction,
    name: str,
    key: str,
    live: Sequence[DocumentRow],
    sent: Sequence[DocumentRow],
    aside: Mapping[str, tuple[str, tuple[Share, ...]]],
) -> InBooks:
    decided, shares = aside.get(key, ("", ()))
    return InBooks(
        key=key,
        period=name,
        documents=tuple(read_document(tx, row) for row in live),
        last_version=max((row.version for row in sent), default=0),
        map_version=min((row.map_version for row in live), default=0),
        is_settled=not _unsettled(tx, live),
        set_aside=shares,
        set_aside_as=decided,
    )


def keys_in_books(tx: Transaction, feed_id: int) -> frozenset[str]:
    """The business keys of a feed of which something is on its way or in the books."""
    periods = select(PeriodRow.id).where(PeriodRow.feed_id == feed_id)
    sent = select(PostingRow.document_id).where(col(PostingRow.state).not_in(("planned", *GONE)))
    wanted = select(DocumentRow.business_key).where(
        col(DocumentRow.period_id).in_(periods), col(DocumentRow.id).in_(sent)
    )
    return frozenset(tx.exec(wanted))


def keep_period(tx: Transaction, place: FeedPlace, plan: PeriodPlan, digest: str = "") -> str:
    """Stores what a period calls for beside what of it is in the books or set aside: "unchanged", "written", or
    "changed" where the plan corrects or holds a difference of something posted.

    The shares of the plan and of what stays together are all the period's money. `digest` is of what the period calls
    for as a whole, by which the next run sees that nothing is new (default: the plan's own)."""
    periods = _periods(tx, place.feed_id, plan.name)
    digest = digest or plan.digest
    if periods and periods[-1].digest == digest:
        return "unchanged"
    stays = _sent(tx, periods)
    forget_open_parts(tx, periods, {row.id or 0 for row in stays})
    remaining = _shrunk(tx, periods)
    if remaining and not (plan.documents or plan.held or plan.ignored):
        remaining[-1].digest = digest
        tx.add(remaining[-1])
        return "unchanged"
    version = max((period.version for period in remaining), default=0) + 1
    period = PeriodRow(feed_id=place.feed_id, name=plan.name, version=version, digest=digest)
    tx.add(period)
    tx.flush()
    buckets = new_bucket_rows(tx, period, sums(plan.shares))
    write_documents(tx, place, plan, period, buckets)
    write_shelves(tx, plan, period, buckets)
    corrects = any(planned.document.version > 1 for planned in plan.documents)
    keys = {row.business_key for row in stays}
    return "changed" if corrects or any(held.key in keys for held in plan.held) else "written"


def period_names(tx: Transaction, feed_id: int) -> set[str]:
    """Every period that the feed's records ever wrote: one that nothing calls for any more must be looked at as well.

    What a match wrote is no record's: only undoing the match takes it back."""
    of_records = col(PeriodRow.name).not_like(f"{BY_MATCH}%")
    return set(tx.exec(select(PeriodRow.name).where(PeriodRow.feed_id == feed_id, of_records).distinct()))


def _periods(tx: Transaction, feed_id: int, name: str) -> list[PeriodRow]:
    wanted = select(PeriodRow).where(PeriodRow.feed_id == feed_id, PeriodRow.name == name)
    return list(tx.exec(wanted.order_by(col(PeriodRow.version))))


def _sent(tx: Transaction, periods: Sequence[PeriodRow], beside: Sequence[str] = ()) -> list[DocumentRow]:
    """Documents of which a record was sent, oldest version first: they are never rebuilt. `beside` leaves out states
    that say that the books hold them no longer."""
    sent = exists().where(
        col(PostingRow.document_id) == DocumentRow.id,
        col(PostingRow.state).not_in(("planned", "rejected", *beside)),
    )
    rows = tx.exec(
        select(DocumentRow)
        .where(col(DocumentRow.period_id).in_([period.id for period in periods]))
        .where(or_(sent, DocumentRow.state == UNDOES))
        .order_by(col(DocumentRow.version))
    )
    return list(rows)


def _unsettled(tx: Transaction, documents: Sequence[DocumentRow]) -> bool:
    """Whether a record of the documents is not in the books for certain."""
    wanted = select(PostingRow.id).where(
        col(PostingRow.document_id).in_([row.id for row in documents]),
        col(PostingRow.state).in_(("planned", "sending", "unknown", "rejected")),
    )
    return tx.exec(wanted.limit(1)).first() is not None


def _set_aside(tx: Transaction, periods: Sequence[PeriodRow]) -> dict[str, tuple[str, tuple[Share, ...]]]:
    """By business key: what a person decided about its movements, and the movements."""
    rows = tx.exec(
        select(ShelfRow, BucketRow, AllocationRow)
        .join(AllocationRow, col(AllocationRow.shelf_id) == col(ShelfRow.id))
        .join(BucketRow, col(BucketRow.id) == col(AllocationRow.bucket_id))
        .where(col(ShelfRow.period_id).in_([period.id for period in periods]))
        .where(col(ShelfRow.code).in_(SET_ASIDE))
        .order_by(col(AllocationRow.id))
    )
    found: dict[str, tuple[str, tuple[Share, ...]]] = {}
    for shelf, bucket, allocation in rows:
        share = Share(bucket=key_of(bucket), amount=allocation.amount_minor, count=allocation.movement_count)
        found[shelf.business_key] = (shelf.detail, (*found.get(shelf.business_key, ("", ()))[1], share))
    return found


def _shrunk(tx: Transaction, periods: Sequence[PeriodRow]) -> list[PeriodRow]:
    """Brings the buckets of a period's versions down to what is still placed, and forgets versions that hold nothing;
    gives the versions that remain."""
    remaining = []
    for period in periods:
        placed = _placed(tx, period)
        rows = [_brought_down(tx, bucket, placed.get(bucket.id or 0)) for bucket in bucket_rows_of(tx, [period])]
        if any(rows) or _has_documents(tx, period):
            remaining.append(period)
        else:
            tx.exec(delete(PeriodRow).where(col(PeriodRow.id) == period.id))
    tx.flush()
    return remaining


def _has_documents(tx: Transaction, period: PeriodRow) -> bool:
    return tx.exec(select(DocumentRow.id).where(DocumentRow.period_id == period.id).limit(1)).first() is not None


def _placed(tx: Transaction, period: PeriodRow) -> dict[int, tuple[int, int]]:
    """By bucket of which anything is placed: the amount that is, and the movements."""
    rows = tx.exec(
        select(AllocationRow.bucket_id, func.sum(AllocationRow.amount_minor), func.sum(AllocationRow.movement_count))
        .join(BucketRow, col(BucketRow.id) == col(AllocationRow.bucket_id))
        .where(BucketRow.period_id == period.id)
        .group_by(col(AllocationRow.bucket_id))
    )
    return {bucket_id: (int(amount), int(count)) for bucket_id, amount, count in rows}


def _brought_down(tx: Transaction, bucket: BucketRow, placed: tuple[int, int] | None) -> bool:
    """A bucket holds what of it is placed; one of which nothing is placed is forgotten."""
    if placed is None:
        tx.exec(delete(BucketRow).where(col(BucketRow.id) == bucket.id))
        return False
    bucket.amount_minor, bucket.movement_count = placed
    tx.add(bucket)
    return True
