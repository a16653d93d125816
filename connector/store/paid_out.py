"""Payouts and their entries, summed in the database."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from sqlalchemy import BigInteger, ColumnElement, String, cast, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import col, select

from connector.domain.money import decimal_text
from connector.domain.payouts import Payout
from connector.store.database import Transaction
from connector.store.probes import newest_fact
from connector.store.tables import DocumentRow, FactRow, FeedRow, PeriodRow, ShelfRow


def unequal_payouts(tx: Transaction, connection_id: int) -> list[str]:
    """I6: a payout in a document is the sum of its entries, and one that has no entries by its nature has none.

    Asked of what was journalized: what was pulled since is looked at, and held where it does not add up, by the next
    journalizing."""
    feeds = tx.exec(select(FeedRow).where(FeedRow.target_connection_id == connection_id))
    return [name for feed in feeds if _is_up_to_date(tx, feed) for name in _unequal(tx, feed)]


def _is_up_to_date(tx: Transaction, feed: FeedRow) -> bool:
    return feed.journalized.partition("/")[0] == str(newest_fact(tx, feed.source_connection_id))


def _unequal(tx: Transaction, feed: FeedRow) -> list[str]:
    documented, sums = _documented(tx, feed.id or 0), _sums(tx, feed.source_connection_id)
    rows = tx.exec(
        select(FactRow.period_name, FactRow.currency, FactRow.about).where(
            FactRow.connection_id == feed.source_connection_id,
            FactRow.kind == Payout.__name__,
            col(FactRow.is_current).is_(True),
        )
    )
    found = []
    for period, currency, about in rows:
        payout = msgspec.json.decode(about, type=Payout)
        off = (payout.amount if payout.is_explained else 0) - sums.get(period, 0)
        if off and period in documented:
            found.append(f"payout {payout.payout_id} is off by {decimal_text(off, currency)} {currency}")
    return found


def _documented(tx: Transaction, feed_id: int) -> set[str]:
    """Periods of payouts that are in documents; of which something waits is looked after already."""
    mine = select(PeriodRow.name).where(PeriodRow.feed_id == feed_id, col(PeriodRow.name).startswith("payout|"))
    written = tx.exec(mine.join(DocumentRow, col(DocumentRow.period_id) == col(PeriodRow.id)).distinct())
    waiting = tx.exec(mine.join(ShelfRow, col(ShelfRow.period_id) == col(PeriodRow.id)).distinct())
    return set(written) - set(waiting)


def _sums(tx: Transaction, connection_id: int) -> Mapping[str, int]:
    """The sum of the entries of each payout, by its period."""
    net = func.sum(_integer(tx, "net"))
    rows = tx.exec(
        select(FactRow.period_name, net)
        .where(
            FactRow.connection_id == connection_id,
            FactRow.kind == "PayoutEntry",
            col(FactRow.is_current).is_(True),
        )
        .group_by(col(FactRow.period_name))
    )
    return {period: int(total) for period, total in rows}


def _integer(tx: Transaction, name: str) -> ColumnElement[int]:
    """A number within what a fact is about, which lies there as JSON."""
    if tx.connection().dialect.name == "postgresql":
        text = func.convert_from(col(FactRow.about), "UTF8")
        return cast(cast(text, JSONB)[name].astext, BigInteger)
    return cast(func.json_extract(cast(col(FactRow.about), String), f"$.{name}"), BigInteger)
