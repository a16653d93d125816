"""Rules of matching as an owner made them, and an acquirer's batches; what is retired stays in the history."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import col, select

from connector.errors import Unreadable
from connector.store.bank_tables import AcquirerBatchRow, MatchRuleRow
from connector.store.database import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptRule:
    """A rule with its number and maker; `body` has the sections of a rules file."""

    id: int
    feed_id: int
    body: dict[str, object]
    made_by: str
    made_at: datetime
    retired_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AcquirerBatch:
    """What an acquirer took and kept of the takings that wait on `account`, in minor units; `origin` is the table."""

    account: str
    day: date
    reference: str
    currency: str
    gross: int
    fee: int
    origin: str


def keep_rule(tx: Transaction, feed_id: int, body: dict[str, object], *, by: str, now: datetime) -> int:
    """Keeps a rule and gives its number."""
    row = MatchRuleRow(feed_id=feed_id, body=json.dumps(body, ensure_ascii=False), made_by=by, made_at=now)
    tx.add(row)
    tx.flush()
    return row.id or 0


def retire_rule(tx: Transaction, rule_id: int, *, by: str, now: datetime) -> KeptRule:
    """Takes a rule out of use; raises Unreadable where there is none in use of that number."""
    row = tx.get(MatchRuleRow, rule_id)
    if row is None or row.retired_by:
        raise Unreadable(f"There is no rule {rule_id} in use; connector reconcile match rules lists them.")
    row.retired_by, row.retired_at = by, now
    tx.add(row)
    return _kept(row)


def match_rules(tx: Transaction, feed_id: int, *, retired: bool = False) -> list[KeptRule]:
    """The rules of a feed, oldest first; those in use, unless the `retired` ones are wanted too."""
    rows = tx.exec(select(MatchRuleRow).where(MatchRuleRow.feed_id == feed_id).order_by(col(MatchRuleRow.id)))
    return [_kept(row) for row in rows if retired or not row.retired_by]


def keep_batches(tx: Transaction, feed_id: int, batches: Sequence[AcquirerBatch], now: datetime) -> tuple[int, int]:
    """Keeps an acquirer's batches: how many are new, and how many were known. Raises Unreadable, and keeps nothing,
    where a known one has other amounts."""
    known = {(each.account, each.day, each.reference): each for each in acquirer_batches(tx, feed_id)}
    new = 0
    for batch in batches:
        before = known.get((batch.account, batch.day, batch.reference))
        if before and (before.gross, before.fee) != (batch.gross, batch.fee):
            raise Unreadable(
                f"Batch {batch.reference} of {batch.day} was kept from {before.origin} with other amounts; "
                "nothing was changed."
            )
        if before is None:
            new += 1
            tx.add(_row(feed_id, batch, now))
    tx.flush()
    return new, len(batches) - new


def acquirer_batches(tx: Transaction, feed_id: int) -> list[AcquirerBatch]:
    """Every batch that an acquirer's table told of, by day."""
    rows = tx.exec(
        select(AcquirerBatchRow)
        .where(AcquirerBatchRow.feed_id == feed_id)
        .order_by(col(AcquirerBatchRow.date), col(AcquirerBatchRow.id))
    )
    return [
        AcquirerBatch(
            account=row.account,
            day=row.date,
            reference=row.reference,
            currency=row.currency,
            gross=row.gross_minor,
            fee=row.fee_minor,
            origin=row.origin,
        )
        for row in rows
    ]


def _row(feed_id: int, batch: AcquirerBatch, now: datetime) -> AcquirerBatchRow:
    return AcquirerBatchRow(
        feed_id=feed_id,
        account=batch.account,
        date=batch.day,
        reference=batch.reference,
        currency=batch.currency,
        gross_minor=batch.gross,
        fee_minor=batch.fee,
        origin=batch.origin,
        kept_at=now,
    )


def _kept(row: MatchRuleRow) -> KeptRule:
    return KeptRule(
        id=row.id or 0,
        feed_id=row.feed_id,
        body=json.loads(row.body),
        made_by=row.made_by,
        made_at=row.made_at,
        retired_by=row.retired_by,
    )
