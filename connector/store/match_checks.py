"""What must hold for accepted matches, asked of the database: names of what breaks it, none when all is well."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import case, func
from sqlmodel import col, select

from connector.domain.money import decimal_text
from connector.store.bank_tables import MatchGroupRow, MatchLinkRow
from connector.store.database import Transaction
from connector.store.matches import feeds_into, is_its_own


def over_allocated(tx: Transaction, connection_id: int, now: datetime) -> list[str]:
    """I16: of no bank line and no ledger item is more matched than there is."""
    taken, whole = func.sum(func.abs(MatchLinkRow.amount_minor)), func.max(func.abs(MatchLinkRow.whole_minor))
    rows = tx.exec(
        select(MatchLinkRow.bank_line_id, MatchLinkRow.item, taken, whole)
        .join(MatchGroupRow, col(MatchGroupRow.id) == col(MatchLinkRow.group_id))
        .where(MatchGroupRow.state == "accepted", col(MatchGroupRow.feed_id).in_(feeds_into(tx, connection_id)))
        .where(is_its_own())
        .group_by(col(MatchLinkRow.bank_line_id), col(MatchLinkRow.item))
        .having(taken > whole)
    )
    return sorted(
        f"{_name(line, item)}: {int(matched)} of {int(most)} minor units matched" for line, item, matched, most in rows
    )


def unbalanced_groups(tx: Transaction, connection_id: int, now: datetime) -> list[str]:
    """I17: an accepted match balances (bank lines = items − fee + written off + exchange), and each of its bank lines
    and ledger items is in no other."""
    found = []
    settled = case((col(MatchLinkRow.item) == "", MatchLinkRow.settled_minor), else_=-MatchLinkRow.settled_minor)
    sums = (
        select(MatchGroupRow, func.sum(settled))
        .join(MatchLinkRow, col(MatchLinkRow.group_id) == col(MatchGroupRow.id))
        .where(MatchGroupRow.state == "accepted", col(MatchGroupRow.feed_id).in_(feeds_into(tx, connection_id)))
        .group_by(col(MatchGroupRow.id))
        .order_by(col(MatchGroupRow.id))
    )
    for group, difference in tx.exec(sums):
        off = int(difference) + group.fee_minor - group.residual_minor - group.exchange_minor
        if off:
            found.append(f"match {group.id} is off by {decimal_text(off, group.currency)} {group.currency}")
    twice = (
        select(MatchLinkRow.bank_line_id, MatchLinkRow.item)
        .join(MatchGroupRow, col(MatchGroupRow.id) == col(MatchLinkRow.group_id))
        .where(MatchGroupRow.state == "accepted", col(MatchGroupRow.feed_id).in_(feeds_into(tx, connection_id)))
        .where(is_its_own())
        .group_by(col(MatchLinkRow.bank_line_id), col(MatchLinkRow.item))
        .having(func.count(func.distinct(MatchLinkRow.group_id)) > 1)
    )
    return found + sorted(f"{_name(line, item)} is in more than one match" for line, item in tx.exec(twice))


def _name(line: int | None, item: str) -> str:
    return item if line is None else f"bank line {line}"
