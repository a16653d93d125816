"""Buckets of a period as rows, and sums of buckets compared."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from sqlmodel import col, select

from connector.domain.document import Share
from connector.domain.facts import BucketKey
from connector.store.database import Transaction
from connector.store.tables import BucketRow, PeriodRow

Sums = dict[BucketKey, tuple[int, int]]  # amount in minor units, count of movements


def sums(shares: Iterable[Share]) -> Sums:
    amounts: Counter[BucketKey] = Counter()
    counts: Counter[BucketKey] = Counter()
    for share in shares:
        amounts[share.bucket] += share.amount
        counts[share.bucket] += share.count
    return {key: (amounts[key], counts[key]) for key in counts.keys() | amounts.keys()}


def difference(wanted: Sums, stored: Sums) -> Sums:
    off: Sums = {}
    for key in sorted(wanted.keys() | stored.keys()):
        amount, count = wanted.get(key, (0, 0))
        before, counted = stored.get(key, (0, 0))
        if (amount, count) != (before, counted):
            off[key] = (amount - before, count - counted)
    return off


def stored(tx: Transaction, periods: Sequence[PeriodRow]) -> Sums:
    return sums(
        Share(bucket=key_of(row), amount=row.amount_minor, count=row.movement_count)
        for row in bucket_rows_of(tx, periods)
    )


def bucket_rows_of(tx: Transaction, periods: Sequence[PeriodRow]) -> list[BucketRow]:
    wanted = select(BucketRow).where(col(BucketRow.period_id).in_([period.id for period in periods]))
    return list(tx.exec(wanted))


def new_bucket_rows(tx: Transaction, period: PeriodRow, sums: Sums) -> dict[BucketKey, int]:
    rows = {}
    for key in sorted(sums):
        row = BucketRow(
            period_id=period.id or 0,
            kind=key.kind,
            code=key.code,
            parent=key.parent,
            tax_code=key.tax_code,
            location=key.location,
            channel=key.channel,
            part=key.period,
            currency=key.currency,
            amount_minor=sums[key][0],
            movement_count=sums[key][1],
        )
        tx.add(row)
        rows[key] = row
    tx.flush()
    return {key: row.id or 0 for key, row in rows.items()}


def key_of(row: BucketRow) -> BucketKey:
    return BucketKey(
        kind=row.kind,
        code=row.code,
        currency=row.currency,
        period=row.part,
        tax_code=row.tax_code,
        parent=row.parent,
        location=row.location,
        channel=row.channel,
    )
