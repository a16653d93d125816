"""What the books themselves tell of the bank: deposits, transfers, receipts and payments on the bank account, whoever
entered them, and which of them a person matched with a line of the bank there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from connector.domain.books import Account, Books
from connector.errors import Unreadable
from connector.mapping.lookup import Missing, slot_account
from connector.store import outbox
from connector.store.feeds import Feed
from connector.sync.house import House
from connector.sync.journalize import rules_of
from connector.sync.match_books import chart_of


@dataclass(frozen=True, slots=True, kw_only=True)
class AtBank:
    """One movement on the bank account in the books, debit positive, in minor units. `coded_to` are the accounts on its
    other side; `is_ours` says that we wrote or adopted it; `is_matched` is None where these books do not tell."""

    kind: str
    target_id: str
    day: date
    amount: int
    currency: str
    mark: str
    coded_to: tuple[str, ...]
    is_ours: bool
    is_matched: bool | None


def at_bank(house: House, feed: Feed, first: date, last: date) -> list[AtBank]:
    """What stands on the feed's bank account from the first to the last day, the oldest first.

    Raises Unreadable before the books were read, or while nobody has decided which account is the bank."""
    chart = chart_of(house, feed)
    if chart is None:
        raise Unreadable(
            f"The books of {feed.target.name} were not read yet; connector journalize {feed.name} does it."
        )
    account = _bank(house, feed, chart)
    found = house.books(feed.target).banked(account, None, first, last)
    with house.database.transaction() as tx:
        ours = {(each.target_kind, each.target_id) for each in outbox.in_books(tx, feed.target.id)}
        marks = outbox.marks(tx, feed.target.id).keys()
    names = {key: each.name for each in chart.accounts for key in (each.account_id, each.number) if key}
    return [
        AtBank(
            kind=each.standing.kind,
            target_id=each.standing.target_id,
            day=each.day,
            amount=each.amount,
            currency=account.currency or chart.currency,
            mark=each.standing.mark,
            coded_to=tuple(names.get(other, other) for other in each.others),
            is_ours=each.standing.mark in marks or (each.standing.kind, each.standing.target_id) in ours,
            is_matched=each.is_matched,
        )
        for each in sorted(found, key=lambda each: (each.day, each.standing.kind, each.standing.target_id))
    ]


def _bank(house: House, feed: Feed, chart: Books) -> Account:
    with house.database.transaction() as tx:
        named = slot_account("bank", rules_of(tx, house, feed, chart), {})
    account = None if isinstance(named, Missing) else chart.account(named.account, named.number)
    if account is None:
        raise Unreadable(f"Nobody has decided which account of {feed.target.name} is the bank: slot bank of the map.")
    return account
