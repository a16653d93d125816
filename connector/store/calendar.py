"""What the completeness calendar asks: which days and payouts came, and how far each has got."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func
from sqlmodel import col, select

from connector.store.database import Transaction
from connector.store.matches import taken_items
from connector.store.tables import DocumentRow, FactRow, LineRow, PeriodRow, PostingRow, ShelfRow


@dataclass(frozen=True, slots=True, kw_only=True)
class PaidOut:
    """A payout or settlement that the source told of; `is_there` is False where only entries of it came."""

    period: str
    location: str
    day: date
    is_there: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How far the documents of a period have got: in the books with all their parts, or waiting; matched with bank
    lines; the sum of their debits in minor units."""

    posted: bool
    held: bool
    matched: bool
    amount: int
    currency: str


def days_that_came(tx: Transaction, connection_id: int) -> set[tuple[str, date]]:
    """The trading days (location, day) of which anything came. Answered by the index alone."""
    names = tx.exec(
        select(FactRow.period_name)
        .where(FactRow.connection_id == connection_id)
        .where(col(FactRow.period_name) >= "day|", col(FactRow.period_name) < "day}")
        .distinct()
    )
    found = (name.removeprefix("day|").rsplit("|", 2) for name in names)
    return {(location, date.fromisoformat(day)) for location, day, _ in found}


def payouts_that_came(tx: Transaction, connection_id: int) -> list[PaidOut]:
    """Payouts and settlements, by period, with those of which only entries came."""
    found: dict[str, PaidOut] = {}
    for kind in ("payout", "settlement"):
        rows = tx.exec(
            select(FactRow.period_name, FactRow.location, FactRow.kind, func.max(FactRow.business_day))
            .where(FactRow.connection_id == connection_id, col(FactRow.is_current).is_(True))
            .where(col(FactRow.period_name) >= f"{kind}|", col(FactRow.period_name) < f"{kind}}}")
            .group_by(col(FactRow.period_name), col(FactRow.location), col(FactRow.kind))
        )
        for name, location, what, day in rows:
            is_there = what != "PayoutEntry"
            if is_there or name not in found:
                found[name] = PaidOut(period=name, location=location, day=day, is_there=is_there)
    return [found[name] for name in sorted(found)]


def standings(tx: Transaction, feed_id: int, target_id: int) -> dict[str, Standing]:
    """How each period of a feed stands, by its name."""
    rows = tx.connection().execute(
        select(col(PeriodRow.name), col(DocumentRow.mark), col(DocumentRow.currency), col(PostingRow.state))
        .add_columns(_DEBITS)
        .join(DocumentRow, col(DocumentRow.period_id) == col(PeriodRow.id))
        .join(PostingRow, col(PostingRow.document_id) == col(DocumentRow.id))
        .where(col(PeriodRow.feed_id) == feed_id, col(PostingRow.state).not_in(("superseded", "voided")))
    )
    by_period = dict[str, list[tuple[str, str, str, int]]]()
    taken = taken_items(tx, target_id)
    matched = _matched_periods(taken)
    for name, mark, currency, state, debits in rows:
        by_period.setdefault(name, []).append((mark, currency, state, int(debits or 0)))
    held = _held(tx, feed_id)
    found = {
        name: _standing(parts, taken, is_held=name in held, is_matched=name in matched)
        for name, parts in by_period.items()
    }
    nothing = Standing(posted=False, held=True, matched=False, amount=0, currency="")
    return dict.fromkeys(held, nothing) | found


_DEBITS = (
    select(func.sum(LineRow.amount_minor))
    .where(col(LineRow.document_id) == col(DocumentRow.id), col(LineRow.amount_minor) > 0)
    .correlate(DocumentRow)
    .scalar_subquery()
)


def _standing(
    parts: Iterable[tuple[str, str, str, int]], taken: set[str], *, is_held: bool, is_matched: bool
) -> Standing:
    known = list(parts)
    amounts = {mark: debits for mark, _, _, debits in known}
    return Standing(
        posted=all(state in ("posted", "verified", "drifted") for _, _, state, _ in known),
        held=is_held or any(state in ("rejected", "unknown") for _, _, state, _ in known),
        matched=is_matched or any(mark in taken for mark in amounts),
        amount=sum(amounts.values()),
        currency=known[0][1],
    )


def _matched_periods(taken: Iterable[str]) -> set[str]:
    """The periods of matched items that no document has a bank line for: takings of a day, a payout, a settlement."""
    found = set[str]()
    for kind, _, rest in (item.partition("|") for item in taken):
        found |= {rest.partition("|")[2]} if kind == "takings" else {f"{kind}|{rest}"}
        found |= {f"settlement|{rest}"} if kind == "payout" else set()
    return found


def _held(tx: Transaction, feed_id: int) -> set[str]:
    rows = tx.exec(
        select(PeriodRow.name)
        .join(ShelfRow, col(ShelfRow.period_id) == col(PeriodRow.id))
        .where(PeriodRow.feed_id == feed_id, col(ShelfRow.state) != "ignored", col(ShelfRow.code) != "day_open")
        .distinct()
    )
    return set(rows)
