"""What a clearing balance consists of: our documents on the account, and the tenders not yet in a payout."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from connector.domain.facts import Fact
from connector.domain.payouts import PayoutEntry
from connector.domain.sales import Refund, Tender
from connector.store import facts as stored
from connector.store.feeds import Feed
from connector.store.ledger import AccountLine, account_lines
from connector.sync.house import House


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenItem:
    """One thing that waits in a clearing account, in minor units, debit positive."""

    day: date
    text: str
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ClearingBalance:
    """An account's balance by our documents, in the books (None where they do not say), and what it is made of."""

    account: str
    currency: str
    by_documents: int
    in_books: int | None
    lines: tuple[AccountLine, ...]
    open_items: tuple[OpenItem, ...]

    @property
    def unexplained(self) -> int:
        """What the open items do not explain; zero where none are named and all is told by the documents."""
        return self.by_documents - sum(item.amount for item in self.open_items) if self.open_items else 0


def clearing_balances(house: House, feed: Feed) -> list[ClearingBalance]:
    """Each clearing, carry and gift card account that documents of the feed touched, with what its balance is."""
    books = house.books(feed.target).balances()
    with house.database.transaction() as tx:
        lines = account_lines(tx, feed.id, ("clearing", "carry", "gift_card"))
        facts = stored.facts(tx, feed.source.id)
    by_account: dict[str, list[AccountLine]] = {}
    for line in lines:
        by_account.setdefault(line.account, []).append(line)
    settled = {fact.about.settles for fact in facts if isinstance(fact.about, PayoutEntry)}
    return [
        ClearingBalance(
            account=account,
            currency=of[0].currency,
            by_documents=sum(line.amount for line in of),
            in_books=books.get(account),
            lines=tuple(of),
            open_items=_open_items(of, facts, settled),
        )
        for account, of in sorted(by_account.items())
    ]


def _open_items(lines: list[AccountLine], facts: list[Fact], settled: set[str]) -> tuple[OpenItem, ...]:
    """Tenders and refunds on the account that no payout has settled yet, oldest first."""
    keys = {share.bucket for line in lines if line.role == "clearing" for share in line.shares}
    found = []
    for fact in facts:
        name = _name(fact)
        amount = sum(bucket.amount for bucket in fact.buckets if bucket.key in keys)
        if name and amount and name not in settled:
            found.append(OpenItem(day=fact.business_day, text=f"{fact.stream[:-1]} {name}", amount=amount))
    return tuple(sorted(found, key=lambda item: (item.day, item.text)))


def _name(fact: Fact) -> str:
    match fact.about:
        case Tender(tender_id=name) | Refund(refund_id=name):
            return name
        case _:
            return ""
