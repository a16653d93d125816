"""Periods, documents, lines, allocations and shelves: the second hand-over, one transaction with the outbox.

Every signed bucket has exactly one live home: a line of a document, or a shelf. Posted documents are never rewritten;
what changes at the source afterwards becomes a new version of the period that holds the difference.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete
from sqlmodel import col, select

from connector.domain.document import Share
from connector.store.buckets import Sums, bucket_rows_of, difference, key_of, new_bucket_rows, stored, sums
from connector.store.database import Transaction
from connector.store.documents import CHANGED, forget_open_parts, shelve, write_documents, write_shelves
from connector.store.plans import FeedPlace, PeriodPlan
from connector.store.tables import AllocationRow, BucketRow, DocumentRow, PeriodRow, PostingRow, ShelfRow


def keep_period(tx: Transaction, place: FeedPlace, plan: PeriodPlan) -> str:
    """Stores what a period calls for: "unchanged", "written", or "changed" where documents are on their way or in the
    books already and the source says something else now."""
    periods = _periods(tx, place.feed_id, plan.name)
    if periods and periods[-1].digest == plan.digest:
        return "unchanged"
    frozen = _frozen(tx, periods)
    if not frozen:
        _forget(tx, periods)
        _write(tx, place, plan, _new_period(tx, place, plan, 1), set())
        return "written"
    if difference(sums(plan.shares), stored(tx, periods)):
        return _holddifference(tx, place, plan, periods)
    return _write_open_parts(tx, place, plan, periods, frozen)


def period_names(tx: Transaction, feed_id: int) -> set[str]:
    """Every period that the feed ever wrote: one that nothing calls for any more must be looked at as well."""
    return set(tx.exec(select(PeriodRow.name).where(PeriodRow.feed_id == feed_id).distinct()))


def _write(tx: Transaction, place: FeedPlace, plan: PeriodPlan, period: PeriodRow, without: set[str]) -> None:
    buckets = new_bucket_rows(tx, period, sums(plan.shares))
    write_documents(tx, place, plan, period, (buckets, without))
    write_shelves(tx, plan, period, buckets)


def _holddifference(tx: Transaction, place: FeedPlace, plan: PeriodPlan, periods: Sequence[PeriodRow]) -> str:
    """The source changed after posting: the difference waits on a shelf, posted documents stay as they are."""
    off = difference(sums(plan.shares), stored(tx, periods))
    period = _new_period(tx, place, plan, periods[-1].version + 1)
    buckets = new_bucket_rows(tx, period, off)
    currency = next(iter(off)).currency
    shelf = ShelfRow(
        period_id=period.id or 0,
        business_key=plan.name,
        state="held",
        code=CHANGED,
        detail="The source changed this period after it went into the books; the difference waits for an adjustment.",
        currency=currency,
    )
    shelve(tx, shelf, [Share(bucket=key, amount=amount, count=count) for key, (amount, count) in off.items()], buckets)
    return "changed"


def _write_open_parts(
    tx: Transaction, place: FeedPlace, plan: PeriodPlan, periods: Sequence[PeriodRow], frozen: set[str]
) -> str:
    """Writes what is not on its way yet, such as a transfer whose bank account was mapped only now."""
    wanted = [planned for planned in plan.documents if planned.document.key not in frozen]
    free = PeriodPlan(name=plan.name, documents=tuple(wanted), held=plan.held, ignored=plan.ignored)
    if difference(sums(free.shares), _unfrozen(tx, periods, frozen)):
        return "unchanged"  # the map changed under posted documents: they keep the version they were made with
    first = periods[0]
    forget_open_parts(tx, periods, frozen)
    buckets = {key_of(row): row.id or 0 for row in bucket_rows_of(tx, [first])}
    write_documents(tx, place, free, first, (buckets, set()))
    write_shelves(tx, free, first, buckets)
    periods[-1].digest = plan.digest
    tx.add(periods[-1])
    return "written"


def _periods(tx: Transaction, feed_id: int, name: str) -> list[PeriodRow]:
    wanted = select(PeriodRow).where(PeriodRow.feed_id == feed_id, PeriodRow.name == name)
    return list(tx.exec(wanted.order_by(col(PeriodRow.version))))


def _new_period(tx: Transaction, place: FeedPlace, plan: PeriodPlan, version: int) -> PeriodRow:
    period = PeriodRow(feed_id=place.feed_id, name=plan.name, version=version, digest=plan.digest)
    tx.add(period)
    tx.flush()
    return period


def _frozen(tx: Transaction, periods: Sequence[PeriodRow]) -> set[str]:
    """Keys of documents that are on their way or in the books: they are never rebuilt."""
    rows = tx.exec(
        select(DocumentRow.business_key)
        .join(PostingRow, col(PostingRow.document_id) == col(DocumentRow.id))
        .where(col(DocumentRow.period_id).in_([period.id for period in periods]))
        .where(col(PostingRow.state).not_in(("planned", "rejected")))
        .distinct()
    )
    return set(rows)


def _forget(tx: Transaction, periods: Sequence[PeriodRow]) -> None:
    forget_open_parts(tx, periods, set())
    ids = [period.id for period in periods]
    tx.exec(delete(BucketRow).where(col(BucketRow.period_id).in_(ids)))
    tx.exec(delete(PeriodRow).where(col(PeriodRow.id).in_(ids)))


def _unfrozen(tx: Transaction, periods: Sequence[PeriodRow], frozen: set[str]) -> Sums:
    """What the period's buckets hold beyond what documents on their way have taken."""
    rows = tx.exec(
        select(BucketRow, AllocationRow.amount_minor, AllocationRow.movement_count)
        .join(AllocationRow, col(AllocationRow.bucket_id) == col(BucketRow.id))
        .join(DocumentRow, col(DocumentRow.id) == col(AllocationRow.document_id))
        .where(col(DocumentRow.period_id).in_([period.id for period in periods]))
        .where(col(DocumentRow.business_key).in_(frozen))
    )
    taken = sums(Share(bucket=key_of(bucket), amount=amount, count=count) for bucket, amount, count in rows)
    return {key: sums for key, sums in difference(stored(tx, periods), taken).items() if sums != (0, 0)}
